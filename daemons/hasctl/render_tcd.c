/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"

#include <stdlib.h>

static void print_addresses(const struct model *model, const struct node *node, FILE *out)
{
    const struct addr *ipv4 = model_server_address(model, node, AF_INET);
    const struct addr *ipv6 = model_server_address(model, node, AF_INET6);
    char text[ADDR_TEXT_MAX];

    fputs("address", out);
    if (ipv4)
        fprintf(out, " %s", addr_format(ipv4, text));
    if (ipv6)
        fprintf(out, " %s", addr_format(ipv6, text));
    fputc('\n', out);
}

/* Whether an address of the family stands before this one. */
static bool family_was_there(const struct cvip *cvip, size_t address)
{
    for (size_t i = 0; i < address; i++)
        if (cvip->addresses[i].family == cvip->addresses[address].family)
            return true;
    return false;
}

static void print_service_line(const struct service *service, const struct addr *address, long port, FILE *out)
{
    char text[ADDR_TEXT_MAX];

    fprintf(out, "service %s %s %s %ld\n", service->name, service->protocol == PROTOCOL_UDP ? "udp" : "tcp",
            addr_format(address, text), port);
}

/* Where the node's connections end: at the CVIP, but with NAT at its own address and the server's port. */
static void print_service(const struct model *model, const struct node *node, const struct service *service, FILE *out)
{
    /* A service known by a mark alone has no address that tcd could count connections on. */
    if (service->port == 0)
        return;
    for (size_t i = 0; i < service->cvip->address_count; i++) {
        const struct addr *cvip = &service->cvip->addresses[i];
        const struct addr *own =
            service->forward == FORWARD_NAT ? model_server_address(model, node, cvip->family) : NULL;

        if (!own) /* also without an address of the family: no request comes, but checks speak for the service */
            print_service_line(service, cvip, service->port, out);
        else if (!family_was_there(service->cvip, i))
            print_service_line(service, own, service->server_port ? service->server_port : service->port, out);
    }
}

static void print_option(const char *name, const char *value, FILE *out)
{
    char *word;

    if (asprintf(&word, "%s=%s", name, value) < 0)
        return;
    fputc(' ', out);
    render_word(word, out);
    free(word);
}

static void print_check(const struct check *check, const struct service *service, FILE *out)
{
    char port[16];

    fprintf(out, "check %s %s", check->name, check_kind_names[check->kind]);
    if (!check->options[CHECK_PORT].text && check->kind != CHECK_PROGRAM && service) {
        snprintf(port, sizeof(port), "%ld", service->server_port ? service->server_port : service->port);
        print_option("port", port, out);
    }
    for (size_t i = 0; i < CHECK_OPTION_COUNT; i++) {
        const char *text = check->options[i].text;

        if ((i == CHECK_VERIFY || i == CHECK_WATCH) && text)
            text = check->options[i].number ? "yes" : "no";
        if (text)
            print_option(check_option_names[i], text, out);
    }
    if (service && service->port != 0)
        print_option("service", service->name, out);
    fputc('\n', out);
}

void render_tcd(const struct model *model, const struct node *node, FILE *out)
{
    fprintf(out, "%s\n# Traffic client of %s: tcd.conf(5)\n", RENDER_NOTICE, node->name);
    render_masters(model, out);
    fprintf(out, "name %s\n", node->name);
    print_addresses(model, node, out);
    render_settings(model, FILE_TCD, out);
    for (size_t i = 0; i < model->service_count; i++)
        print_service(model, node, &model->services[i], out);
    for (size_t i = 0; i < model->service_count; i++)
        for (size_t j = 0; j < model->services[i].check_count; j++)
            print_check(&model->services[i].checks[j], &model->services[i], out);
    for (size_t i = 0; i < model->check_count; i++)
        print_check(&model->checks[i], NULL, out);
}
