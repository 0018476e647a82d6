/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcd_config.h"

#include "health.h"

#include <config.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static int apply_master(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct tcd_config *config = context;
    struct report_master master = {0};
    int result = conf_string(line, 0, master.name, sizeof(master.name), error);
    for (size_t i = 0; result == 0 && i < config->master_count; i++)
        if (strcasecmp(config->masters[i].name, master.name) == 0)
            return conf_fail(error, line, "%s is there already: put all its addresses on one line", master.name);
    if (result == 0 && config->master_count == REPORT_MASTERS_MAX)
        return conf_fail(error, line, "more than %d masters", REPORT_MASTERS_MAX);
    for (int i = 1; result == 0 && i < line->count; i++)
        result = conf_address(line, i, &master.addresses[master.count++].address, error);
    if (result == 0)
        config->masters[config->master_count++] = master;
    return result;
}

static int number_of(const struct conf_line *line, long min, long max, uint32_t *out, struct conf_error *error)
{
    long value;
    int result = conf_number(line, 1, min, max, &value, error);
    if (result == 0)
        *out = (uint32_t)value;
    return result;
}

static int apply_port(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct tcd_config *config = context;
    long port;
    int result = conf_number(line, 1, 1024, 65535, &port, error);
    if (result == 0)
        config->port = (uint16_t)port;
    return result;
}

static int apply_updates(void *context, const struct conf_line *line, struct conf_error *error)
{
    return number_of(line, 20, 60000, &((struct tcd_config *)context)->updates_ms, error);
}

static int apply_retry(void *context, const struct conf_line *line, struct conf_error *error)
{
    return number_of(line, 100, 600000, &((struct tcd_config *)context)->retry_ms, error);
}

static int apply_drain_timeout(void *context, const struct conf_line *line, struct conf_error *error)
{
    return number_of(line, 0, 86400000, &((struct tcd_config *)context)->drain_timeout_ms, error);
}

static int apply_log(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct tcd_config *config = context;
    const char *target = line->words[1];
    if (*target != '/' && strcmp(target, "syslog") != 0 && strcmp(target, "stderr") != 0)
        return conf_fail(error, line, "ErrorLog is \"%s\": give the full path of a file, or syslog, or stderr", target);
    return conf_string(line, 1, config->log_target, sizeof(config->log_target), error);
}

static int apply_ram(void *context, const struct conf_line *line, struct conf_error *error)
{
    long value;
    int result = conf_number(line, 1, 1, 1073741824, &value, error);
    if (result == 0)
        ((struct tcd_config *)context)->smallest_mb = (uint64_t)value;
    return result;
}

static int apply_name(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct tcd_config *config = context;
    return conf_string(line, 1, config->name, sizeof(config->name), error);
}

/* One address of each family at most. */
static int address_pair(const struct conf_line *line, struct addr *v4, struct addr *v6, struct conf_error *error)
{
    *v4 = *v6 = (struct addr){.family = AF_UNSPEC};
    for (int i = 1; i < line->count; i++) {
        struct addr address;
        int result = conf_address(line, i, &address, error);
        if (result)
            return result;
        struct addr *place = address.family == AF_INET ? v4 : v6;
        if (place->family != AF_UNSPEC)
            return conf_fail(error, line, "%s: give one IPv4 and one IPv6 address at most", line->words[0]);
        *place = address;
    }
    return 0;
}

static int apply_address(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct tcd_config *config = context;
    return address_pair(line, &config->address, &config->address6, error);
}

static int apply_bind(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct tcd_config *config = context;
    return address_pair(line, &config->bind, &config->bind6, error);
}

static int apply_keys(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct tcd_config *config = context;
    return conf_string(line, 1, config->keys, sizeof(config->keys), error);
}

static int apply_user(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct tcd_config *config = context;
    return conf_string(line, 1, config->user, sizeof(config->user), error);
}

static int apply_formula(void *context, const struct conf_line *line, struct conf_error *error)
{
    static const char *const choices[] = {"has", "pressure", NULL};
    int choice;
    int result = conf_choice(line, 1, choices, &choice, error);
    if (result == 0)
        ((struct tcd_config *)context)->formula = (enum tcd_formula)choice;
    return result;
}

static int apply_memory(void *context, const struct conf_line *line, struct conf_error *error)
{
    static const char *const choices[] = {"available", "free", NULL};
    int choice;
    int result = conf_choice(line, 1, choices, &choice, error);
    if (result == 0)
        ((struct tcd_config *)context)->memory = (enum tcd_memory)choice;
    return result;
}

static int apply_bogomips(void *context, const struct conf_line *line, struct conf_error *error)
{
    const char *text = line->words[1];
    char *end = NULL;
    double value = strtod(text, &end);
    if (text[strspn(text, "0123456789.")] != '\0' || *end != '\0' || value < 0.01 || value > 1e10)
        return conf_fail(error, line, "bogomips is \"%s\": give a number above 0, such as 3358.72", text);
    ((struct tcd_config *)context)->bogomips = (uint64_t)(value * 100 + 0.5);
    return 0;
}

static int apply_network(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct tcd_config *config = context;
    if (strchr(line->words[1], '/'))
        return conf_fail(error, line, "network is \"%s\": give the name of an interface, such as eth0", line->words[1]);
    return conf_string(line, 1, config->network, sizeof(config->network), error);
}

static int apply_agent_check(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct tcd_config *config = context;
    long port;
    int result = conf_number(line, 1, 1, 65535, &port, error);
    if (result == 0 && line->count > 2)
        result = conf_address(line, 2, &config->agent_check_address, error);
    if (result == 0)
        config->agent_check_port = (uint16_t)port;
    return result;
}

static int apply_metrics(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct tcd_config *config = context;
    if (strcasecmp(line->words[1], "none") == 0) {
        config->metrics[0] = '\0';
        return 0;
    }
    return conf_string(line, 1, config->metrics, sizeof(config->metrics), error);
}

static int find_service(const struct tcd_config *config, const char *name)
{
    for (size_t i = 0; i < config->service_count; i++)
        if (strcmp(config->services[i], name) == 0)
            return (int)i;
    return HEALTH_NODE;
}

static int apply_service(void *context, const struct conf_line *line, struct conf_error *error)
{
    static const char *const protocols[] = {"tcp", "udp", NULL};
    struct tcd_config *config = context;
    struct service_address entry = {0};
    char name[WIRE_NAME_MAX];
    int protocol = 0;
    long port = 0;
    if (config->service_address_count == TCD_SERVICE_ADDRESSES_MAX)
        return conf_fail(error, line, "more than %d service lines", TCD_SERVICE_ADDRESSES_MAX);
    if (conf_string(line, 1, name, sizeof(name), error) || conf_choice(line, 2, protocols, &protocol, error) ||
        conf_address(line, 3, &entry.address, error) || conf_number(line, 4, 1, 65535, &port, error))
        return -EINVAL;
    entry.service = find_service(config, name);
    if (entry.service == HEALTH_NODE) {
        if (config->service_count == WIRE_SERVICES_MAX)
            return conf_fail(error, line, "more than %d virtual services", WIRE_SERVICES_MAX);
        entry.service = (int)config->service_count;
        memcpy(config->services[config->service_count++], name, sizeof(name));
    }
    entry.protocol = protocol == 0 ? IPPROTO_TCP : IPPROTO_UDP;
    entry.port = (uint16_t)port;
    config->service_addresses[config->service_address_count++] = entry;
    return 0;
}

static const struct conf_keyword keywords[] = {
    {"master#", 1, REPORT_ADDRESSES_MAX, apply_master},
    {"port", 1, 1, apply_port},
    {"updates", 1, 1, apply_updates},
    {"ErrorLog", 1, 1, apply_log},
    {"RAM", 1, 1, apply_ram},
    {"name", 1, 1, apply_name},
    {"address", 1, 2, apply_address},
    {"bind", 1, 2, apply_bind},
    {"keys", 1, 1, apply_keys},
    {"user", 1, 1, apply_user},
    {"formula", 1, 1, apply_formula},
    {"memory", 1, 1, apply_memory},
    {"bogomips", 1, 1, apply_bogomips},
    {"network", 1, 1, apply_network},
    {"retry", 1, 1, apply_retry},
    {"drain_timeout", 1, 1, apply_drain_timeout},
    {"agent_check", 1, 2, apply_agent_check},
    {"metrics", 1, 1, apply_metrics},
    {"service", 4, 4, apply_service},
    {"check", 2, CONF_WORDS_MAX - 1, check_config_apply},
    {NULL, 0, 0, NULL},
};

static const struct conf_grammar grammar = {.keywords = keywords};

static struct tcd_config *new_config(void)
{
    struct tcd_config *config = calloc(1, sizeof(*config));
    if (!config)
        return NULL;
    config->port = 5500;
    config->updates_ms = 100;
    config->retry_ms = 5000;
    config->drain_timeout_ms = 30000;
    config->smallest_mb = 256;
    strcpy(config->log_target, "syslog");
    strcpy(config->keys, HAS_CONFDIR "/keys");
    strcpy(config->user, HAS_USER);
    if (gethostname(config->name, sizeof(config->name) - 1) != 0 || config->name[0] == '\0')
        strcpy(config->name, "traffic");
    config->name[strcspn(config->name, ".")] = '\0';
    return config;
}

/* What can only be judged when the whole file is read. */
static int check_whole(struct tcd_config *config, const char *path, struct conf_error *error)
{
    struct conf_line line = {.path = path, .number = 1};
    if (config->master_count == 0)
        return conf_fail(error, &line, "no master: give at least \"master1 ADDRESS\"");
    for (size_t i = 0; i < config->check_count; i++) {
        struct check_config *check = &config->checks[i];
        check->service = HEALTH_NODE;
        if (check->service_name[0] == '\0')
            continue;
        check->service = find_service(config, check->service_name);
        line.number = check->line;
        if (check->service == HEALTH_NODE)
            return conf_fail(error, &line, "check %s is for service %s, which has no service line", check->name,
                             check->service_name);
    }
    return 0;
}

static int finish(int result, struct tcd_config *config, const char *path, struct tcd_config **out,
                  struct conf_error *error)
{
    if (result == 0)
        result = check_whole(config, path, error);
    if (result)
        tcd_config_free(config);
    else
        *out = config;
    return result;
}

int tcd_config_load(const char *path, struct tcd_config **out, struct conf_error *error)
{
    struct tcd_config *config = new_config();
    if (!config)
        return -ENOMEM;
    return finish(conf_read(path, &grammar, config, error), config, path, out, error);
}

int tcd_config_load_text(const char *path, const char *text, size_t length, struct tcd_config **out,
                         struct conf_error *error)
{
    struct tcd_config *config = new_config();
    if (!config)
        return -ENOMEM;
    return finish(conf_read_text(path, text, length, &grammar, config, error), config, path, out, error);
}

void tcd_config_free(struct tcd_config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->check_count; i++)
        if (config->checks[i].has_match)
            regfree(&config->checks[i].match);
    free(config);
}
