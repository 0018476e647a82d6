/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "validate_services.h"

#include "wire.h"

#include <string.h>

static bool cvip_has(const struct cvip *cvip, sa_family_t family)
{
    for (size_t i = 0; i < cvip->address_count; i++)
        if (cvip->addresses[i].family == family)
            return true;
    return false;
}

static void check_identity(const struct service *service, struct problems *problems)
{
    if (!service->cvip_name[0])
        problem_error(problems, service->line, "service \"%s\": say at which cvip it is served", service->name);
    else if (!service->cvip)
        problem_error(problems, service->line, "service \"%s\": there is no cvip \"%s\"", service->name,
                      service->cvip_name);
    if (service->protocol == PROTOCOL_FWMARK && service->fwmark == 0)
        problem_error(problems, service->line, "service \"%s\": protocol = fwmark needs fwmark = NUMBER",
                      service->name);
    if (service->protocol != PROTOCOL_FWMARK && service->fwmark != 0)
        problem_error(problems, service->line, "service \"%s\": fwmark = %ld needs protocol = fwmark", service->name,
                      service->fwmark);
    if (service->protocol != PROTOCOL_FWMARK && service->port == 0)
        problem_error(problems, service->line, "service \"%s\": it has no port", service->name);
}

static void check_forwarding(const struct service *service, struct problems *problems)
{
    if (service->forward == FORWARD_LOCAL)
        problem_error(problems, service->line,
                      "service \"%s\": forward = local is for sorry servers; direct, nat or tunnel is wanted",
                      service->name);
    if (service->server_port && service->server_port != service->port && service->forward != FORWARD_NAT)
        problem_error(problems, service->line,
                      "service \"%s\": server_port (%ld) differs from port (%ld): only forward = nat can change a port",
                      service->name, service->server_port, service->port);
    if (service->netmask && service->persistence == 0)
        problem_error(problems, service->line, "service \"%s\": netmask is of use with persistence only",
                      service->name);
    if (service->cvip && service->netmask > 32 && cvip_has(service->cvip, AF_INET))
        problem_error(problems, service->line,
                      "service \"%s\": netmask = %ld does not fit the IPv4 address of its cvip (at most 32)",
                      service->name, service->netmask);
}

static void check_twins(const struct model *model, const struct service *service, struct problems *problems)
{
    for (const struct service *other = model->services; other < service; other++) {
        bool same_mark = service->fwmark != 0 && service->fwmark == other->fwmark;
        bool same_port = service->cvip && service->fwmark == 0 && other->fwmark == 0 && service->cvip == other->cvip &&
                         service->port == other->port && service->protocol == other->protocol;

        if (same_mark || same_port)
            problem_error(problems, service->line, "service \"%s\": service \"%s\" has the same %s", service->name,
                          other->name, same_mark ? "mark" : "cvip, protocol and port");
    }
}

static void check_sorry_node(const struct model *model, const struct service *service, const struct addr *address,
                             struct problems *problems)
{
    for (size_t i = 0; i < model->node_count; i++) {
        const struct node *node = &model->nodes[i];
        bool same = false;

        for (size_t j = 0; j < node->address_count; j++)
            same = same || addr_equal(&node->addresses[j], address);
        if (same && node->role != ROLE_MASTER)
            problem_error(problems, service->sorry.line,
                          "service \"%s\": its sorry server is traffic node \"%s\"; another machine is wanted",
                          service->name, node->name);
    }
}

static void check_sorry(const struct model *model, const struct service *service, struct problems *problems)
{
    const struct sorry *sorry = &service->sorry;

    for (size_t i = 0; i < sorry->address_count; i++)
        check_sorry_node(model, service, &sorry->addresses[i], problems);

    if (sorry->address_count == 2 && sorry->addresses[0].family == sorry->addresses[1].family)
        problem_error(problems, sorry->line, "service \"%s\": its sorry server has two addresses of one family",
                      service->name);
    if (sorry->line && sorry->address_count == 0)
        problem_error(problems, sorry->line, "service \"%s\": its sorry server has no addresses", service->name);
}

static void check_option_address(const struct check *check, enum check_option option, struct problems *problems)
{
    struct addr address;
    const char *text = check->options[option].text;

    if (text && addr_parse(text, &address) != 0)
        problem_error(problems, check->options[option].line,
                      "check \"%s\": %s = \"%.64s\" is not an address in numbers", check->name,
                      check_option_names[option], text);
}

/* Whether an option means something for a kind. */
static bool option_fits(enum check_kind kind, enum check_option option)
{
    bool http = kind == CHECK_HTTP || kind == CHECK_HTTPS;

    switch (option) {
    case CHECK_PATH:
    case CHECK_HOST:
    case CHECK_STATUS:
        return http;
    case CHECK_VERIFY:
    case CHECK_CAFILE:
        return kind == CHECK_HTTPS;
    case CHECK_SEND:
        return kind == CHECK_TCP;
    case CHECK_COMMAND:
        return kind == CHECK_PROGRAM;
    case CHECK_ADDRESS:
    case CHECK_PORT:
    case CHECK_SOURCE:
    case CHECK_MATCH:
    case CHECK_WATCH:
        return kind != CHECK_PROGRAM;
    default:
        return true;
    }
}

static void check_check(const struct check *check, const struct service *service, struct problems *problems)
{
    bool program = check->kind == CHECK_PROGRAM;

    check_option_address(check, CHECK_ADDRESS, problems);
    check_option_address(check, CHECK_SOURCE, problems);
    for (enum check_option i = 0; i < CHECK_OPTION_COUNT; i++)
        if (check->options[i].text && !option_fits(check->kind, i))
            problem_error(problems, check->options[i].line, "check \"%s\": %s makes no sense for kind = %s",
                          check->name, check_option_names[i], check_kind_names[check->kind]);
    if (program && !check->options[CHECK_COMMAND].text)
        problem_error(problems, check->line, "check \"%s\": kind = program needs command = \"/path …\"", check->name);
    if (!program && !check->options[CHECK_PORT].text && !(service && (service->server_port || service->port)))
        problem_error(problems, check->line, "check \"%s\": say which port it asks", check->name);
}

static void check_server_families(const struct model *model, const struct service *service, struct problems *problems)
{
    static const sa_family_t families[] = {AF_INET, AF_INET6};

    for (size_t i = 0; i < 2 && service->cvip; i++) {
        size_t without = 0;

        for (size_t j = 0; j < model->node_count; j++)
            without +=
                model->nodes[j].role != ROLE_MASTER && !model_server_address(model, &model->nodes[j], families[i]);
        if (without > 0 && cvip_has(service->cvip, families[i]))
            problem_warning(problems, service->line,
                            "service \"%s\": %zu traffic node%s no %s address and will not serve that family",
                            service->name, without, without == 1 ? " has" : "s have", i == 0 ? "IPv4" : "IPv6");
    }
}

/* What the daemons' files have room for. */
static void check_room(const struct model *model, struct problems *problems)
{
    size_t lines = 0;
    size_t checks = model->check_count;

    for (size_t i = 0; i < model->service_count; i++) {
        lines += model->services[i].cvip ? model->services[i].cvip->address_count : 0;
        checks += model->services[i].check_count;
    }
    if (lines > MODEL_SERVICE_LINES_MAX)
        problem_error(problems, 0, "all services together have %zu addresses; at most %d fit", lines,
                      MODEL_SERVICE_LINES_MAX);
    if (checks > MODEL_ALL_CHECKS_MAX)
        problem_error(problems, 0, "there are %zu checks; at most %d fit", checks, MODEL_ALL_CHECKS_MAX);
}

void validate_services(const struct model *model, struct problems *problems)
{
    check_room(model, problems);
    if (model->service_count > WIRE_SERVICES_MAX)
        problem_error(problems, model->services[WIRE_SERVICES_MAX].line, "there may be at most %d services",
                      WIRE_SERVICES_MAX);
    for (size_t i = 0; i < model->service_count; i++) {
        const struct service *service = &model->services[i];

        check_identity(service, problems);
        check_forwarding(service, problems);
        check_twins(model, service, problems);
        check_sorry(model, service, problems);
        check_server_families(model, service, problems);
        for (size_t j = 0; j < service->check_count; j++)
            check_check(&service->checks[j], service, problems);
        if (service->check_count == 0 && model->check_count == 0)
            problem_warning(problems, service->line,
                            "service \"%s\": nothing checks it, so a dead server is found only when its node is silent",
                            service->name);
    }
    for (size_t i = 0; i < model->check_count; i++)
        check_check(&model->checks[i], NULL, problems);
}
