/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"

static void print_traffic_node(const struct model *model, const struct node *node, FILE *out)
{
    const struct addr *ipv4 = model_server_address(model, node, AF_INET);
    const struct addr *ipv6 = model_server_address(model, node, AF_INET6);
    char text[ADDR_TEXT_MAX];

    fputs(addr_format(ipv4 ? ipv4 : ipv6, text), out);
    if (ipv4 && ipv6)
        fprintf(out, " %s", addr_format(ipv6, text));
    fprintf(out, " name=%s", node->name);
    if (node->weight)
        fprintf(out, " weight=%ld", node->weight);
    fputc('\n', out);
}

/* Active nodes are numbered; the thesis' bare lines are the standby nodes. */
static void print_traffic_nodes(const struct model *model, enum node_role role, FILE *out)
{
    unsigned number = 0;

    for (size_t i = 0; i < model->node_count; i++) {
        if (model->nodes[i].role != role)
            continue;
        if (role == ROLE_ACTIVE)
            fprintf(out, "traffic%u ", ++number);
        print_traffic_node(model, &model->nodes[i], out);
    }
}

static void print_service_options(const struct service *service, FILE *out)
{
    fprintf(out, " scheduler=%s", service->scheduler);
    if (service->persistence)
        fprintf(out, " persistence=%ld", service->persistence);
    if (service->netmask)
        fprintf(out, " netmask=%ld", service->netmask);
    fprintf(out, " forward=%s", forward_names[service->forward]);
    if (service->server_port)
        fprintf(out, " server_port=%ld", service->server_port);
    fputc('\n', out);
}

static bool has_family(const struct service *service, sa_family_t family)
{
    for (size_t i = 0; i < service->cvip->address_count; i++)
        if (service->cvip->addresses[i].family == family)
            return true;
    return false;
}

static void print_service(const struct service *service, FILE *out)
{
    static const sa_family_t families[] = {AF_INET, AF_INET6};
    char text[ADDR_TEXT_MAX];

    for (size_t i = 0; i < 2 && service->protocol == PROTOCOL_FWMARK; i++) {
        if (!has_family(service, families[i]))
            continue;
        fprintf(out, "service %s fwmark %ld %s", service->name, service->fwmark, i == 0 ? "ipv4" : "ipv6");
        print_service_options(service, out);
    }
    for (size_t i = 0; i < service->cvip->address_count && service->protocol != PROTOCOL_FWMARK; i++) {
        fprintf(out, "service %s %s %s %ld", service->name, protocol_names[service->protocol],
                addr_format(&service->cvip->addresses[i], text), service->port);
        print_service_options(service, out);
    }
}

static void print_sorry(const struct service *service, FILE *out)
{
    const struct sorry *sorry = &service->sorry;
    char text[ADDR_TEXT_MAX];

    for (size_t i = 0; i < sorry->address_count; i++) {
        fprintf(out, "sorry %s %s", service->name, addr_format(&sorry->addresses[i], text));
        if (sorry->port)
            fprintf(out, " %ld", sorry->port);
        fprintf(out, " forward=%s\n", forward_names[sorry->forward]);
    }
}

void render_tmd(const struct model *model, FILE *out)
{
    fprintf(out, "%s\n# Traffic manager, the same on every master node: tmd.conf(5)\n", RENDER_NOTICE);
    render_masters(model, out);
    print_traffic_nodes(model, ROLE_ACTIVE, out);
    print_traffic_nodes(model, ROLE_STANDBY, out);
    render_settings(model, FILE_TMD, out);
    for (size_t i = 0; i < model->service_count; i++)
        print_service(&model->services[i], out);
    for (size_t i = 0; i < model->service_count; i++)
        print_sorry(&model->services[i], out);
}
