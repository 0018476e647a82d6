/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "convert.h"

#include "convert_values.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECTED_MAX 160

static const char *const schedulers[] = {"rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh",
                                         "mh", "sed", "nq", "fo",  "ovf",  "twos",  NULL};
static const char *const traffic_roles[] = {"active", "standby", NULL};

/* What an option of a check may be; the daemon checks more (regular expressions, ranges of states). */
static const struct setting_description check_options[CHECK_OPTION_COUNT] = {
    [CHECK_ADDRESS] = {.section = "check", .name = "address", .kind = KIND_TEXT},
    [CHECK_PORT] = {.section = "check", .name = "port", .kind = KIND_NUMBER, .min = 1, .max = 65535},
    [CHECK_PATH] = {.section = "check", .name = "path", .kind = KIND_PATH},
    [CHECK_HOST] = {.section = "check", .name = "host", .kind = KIND_TEXT},
    [CHECK_STATUS] = {.section = "check", .name = "status", .kind = KIND_TEXT},
    [CHECK_MATCH] = {.section = "check", .name = "match", .kind = KIND_TEXT},
    [CHECK_SEND] = {.section = "check", .name = "send", .kind = KIND_TEXT},
    [CHECK_COMMAND] = {.section = "check", .name = "command", .kind = KIND_PATH},
    [CHECK_VERIFY] = {.section = "check", .name = "verify", .kind = KIND_SWITCH},
    [CHECK_CAFILE] = {.section = "check", .name = "cafile", .kind = KIND_PATH},
    [CHECK_WATCH] = {.section = "check", .name = "watch", .kind = KIND_SWITCH},
    [CHECK_SOURCE] = {.section = "check", .name = "source", .kind = KIND_TEXT},
    [CHECK_INTERVAL] =
        {.section = "check", .name = "interval", .kind = KIND_NUMBER, .min = 20, .max = 3600000, .unit = "ms"},
    [CHECK_TIMEOUT] =
        {.section = "check", .name = "timeout", .kind = KIND_NUMBER, .min = 10, .max = 600000, .unit = "ms"},
    [CHECK_RISE] = {.section = "check", .name = "rise", .kind = KIND_NUMBER, .min = 1, .max = 1000},
    [CHECK_FALL] = {.section = "check", .name = "fall", .kind = KIND_NUMBER, .min = 1, .max = 1000},
};

void convert_setting(const struct setting_description *description, const char *text, unsigned line,
                     struct value *value, struct problems *problems)
{
    char expected[EXPECTED_MAX];

    value->line = line;
    value->text = strdup(text);
    if (!value->text)
        problem_error(problems, line, "there is not enough memory");
    else if (!setting_parse(description, text, &value->number, expected, sizeof(expected)))
        problem_error(problems, line, "%s%s%s = \"%.64s\": %s", description->section,
                      description->section[0] ? ": " : "", description->name, text, expected);
}

void convert_name(const struct source *source, cfg_t *section, char name[MODEL_NAME_MAX])
{
    const struct setting_description description = {.name = "name", .kind = KIND_NAME};
    char expected[EXPECTED_MAX];
    long unused;

    snprintf(name, MODEL_NAME_MAX, "%s", cfg_title(section));
    if (!setting_parse(&description, cfg_title(section), &unused, expected, sizeof(expected)))
        problem_error(source->problems, source_section_line(source, section), "%s \"%.64s\": as a name, %s",
                      cfg_name(section), cfg_title(section), expected);
}

static void convert_port(const struct source *source, cfg_t *section, const char *option, char name[IF_NAMESIZE])
{
    const char *text = source_text(section, option);

    if (text && (strlen(text) >= IF_NAMESIZE || !*text || strpbrk(text, " /:\t\n")))
        problem_error(source->problems, source_line(source, section, option),
                      "network \"%.64s\": %s = \"%.64s\": a name such as \"eth0\" is wanted", cfg_title(section),
                      option, text);
    else if (text)
        snprintf(name, IF_NAMESIZE, "%s", text);
}

void convert_network(const struct source *source, cfg_t *section, struct network *network)
{
    network->line = source_section_line(source, section);
    network->twin_line = source_line(source, section, "twin");
    convert_name(source, section, network->name);
    option_prefix(source, section, "ipv4", AF_INET, &network->ipv4);
    option_prefix(source, section, "ipv6", AF_INET6, &network->ipv6);
    network->link = option_switch(source, section, "corosync", true);
    convert_port(source, section, "interface", network->interface);
    convert_port(source, section, "twin", network->twin);
}

void convert_node(const struct source *source, cfg_t *section, enum node_role role, struct node *node)
{
    node->line = source_section_line(source, section);
    node->role = role;
    convert_name(source, section, node->name);
    node->address_count = option_addresses(source, section, "addresses", node->addresses, MODEL_ADDRESSES_MAX);
    if (role == ROLE_MASTER) {
        node->weight = option_number(source, section, "weight", 1, 100, 1);
        return;
    }
    if (option_choice(source, section, "role", traffic_roles, 0) == 1)
        node->role = ROLE_STANDBY;
    node->weight = option_number(source, section, "weight", 1, 65535, 0);
}

void convert_cvip(const struct source *source, cfg_t *section, struct cvip *cvip)
{
    cvip->line = source_section_line(source, section);
    convert_name(source, section, cvip->name);
    cvip->address_count = option_addresses(source, section, "addresses", cvip->addresses, MODEL_ADDRESSES_MAX);
}

void convert_check(const struct source *source, cfg_t *section, struct check *check)
{
    check->line = source_section_line(source, section);
    if (cfg_title(section))
        convert_name(source, section, check->name);
    check->kind = (enum check_kind)option_choice(source, section, "kind", check_kind_names, CHECK_TCP);
    if (!source_text(section, "kind"))
        problem_error(source->problems, check->line, "check: say which kind: tcp, http, https or program");
    for (size_t i = 0; i < CHECK_OPTION_COUNT; i++) {
        const char *text = source_text(section, check_options[i].name);

        if (text)
            convert_setting(&check_options[i], text, source_line(source, section, check_options[i].name),
                            &check->options[i], source->problems);
    }
}

static void convert_sorry(const struct source *source, cfg_t *section, struct sorry *sorry)
{
    sorry->line = source_section_line(source, section);
    sorry->address_count = option_addresses(source, section, "addresses", sorry->addresses, 2);
    sorry->port = option_number(source, section, "port", 1, 65535, 0);
    sorry->forward = (enum forward)option_choice(source, section, "forward", forward_names, FORWARD_DIRECT);
}

static void convert_service_checks(const struct source *source, cfg_t *section, struct service *service)
{
    unsigned count = cfg_size(section, "check");

    if (count > MODEL_CHECKS_MAX) {
        problem_error(source->problems, service->line, "service \"%s\": more than %d checks", service->name,
                      MODEL_CHECKS_MAX);
        count = MODEL_CHECKS_MAX;
    }
    for (unsigned i = 0; i < count; i++) {
        struct check *check = &service->checks[service->check_count++];
        char number[16] = "";

        convert_check(source, cfg_getnsec(section, "check", i), check);
        if (i > 0)
            snprintf(number, sizeof(number), "-%u", i + 1);
        snprintf(check->name, sizeof(check->name), "%.50s%s", cfg_title(section), number);
    }
}

void convert_service(const struct source *source, cfg_t *section, struct service *service)
{
    long scheduler = option_choice(source, section, "scheduler", schedulers, 1);

    service->line = source_section_line(source, section);
    convert_name(source, section, service->name);
    option_name(source, section, "cvip", service->cvip_name);
    service->protocol = (enum protocol)option_choice(source, section, "protocol", protocol_names, PROTOCOL_TCP);
    service->port = option_number(source, section, "port", 1, 65535, 0);
    service->fwmark = option_number(source, section, "fwmark", 1, UINT_MAX, 0);
    snprintf(service->scheduler, sizeof(service->scheduler), "%s", schedulers[scheduler]);
    service->persistence = option_number(source, section, "persistence", 0, 86400, 0);
    service->netmask = option_number(source, section, "netmask", 1, 128, 0);
    service->server_port = option_number(source, section, "server_port", 1, 65535, 0);
    service->forward = (enum forward)option_choice(source, section, "forward", forward_names, FORWARD_DIRECT);
    convert_sorry(source, cfg_getsec(section, "sorry"), &service->sorry);
    convert_service_checks(source, section, service);
}

static int convert_parameters(cfg_t *section, struct agent *agent)
{
    unsigned count = cfg_num(section);

    agent->parameters = calloc((size_t)count + 1, sizeof(*agent->parameters));
    if (!agent->parameters)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++) {
        cfg_opt_t *option = cfg_getnopt(section, i);
        struct parameter *parameter = &agent->parameters[agent->parameter_count++];

        parameter->name = strdup(option->name);
        parameter->value = strdup(cfg_opt_size(option) > 0 ? cfg_opt_getnstr(option, 0) : "");
        if (!parameter->name || !parameter->value)
            return -ENOMEM;
    }
    return 0;
}

int convert_agent(const struct source *source, cfg_t *section, const char *fallback, struct agent *agent)
{
    const char *name = source_text(section, "agent");

    agent->line = source_section_line(source, section);
    agent->start = option_number(source, section, "start", 1, 86400, 0);
    agent->stop = option_number(source, section, "stop", 1, 86400, 0);
    agent->monitor = option_number(source, section, "monitor", 1, 86400, 0);
    agent->timeout = option_number(source, section, "timeout", 1, 86400, 0);
    name = name ? name : fallback;
    if (name) {
        agent->name = strdup(name);
        if (!agent->name)
            return -ENOMEM;
    }
    return convert_parameters(cfg_getsec(section, "parameters"), agent);
}
