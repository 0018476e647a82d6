/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "configuration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const policies[] = {"rr", "has", "pressure", NULL}; /* in the order of enum policy_kind */
static const char *const joins[] = {"listed", "any", NULL};

/* A keyword with one number: bounds and where it goes. */
static int number(const struct conf_line *line, long min, long max, uint32_t *out, struct conf_error *error)
{
    long value;
    int rc = conf_number(line, 1, min, max, &value, error);
    if (rc == 0)
        *out = (uint32_t)value;
    return rc;
}

static int master_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return config_master_line(context, line, error);
}

static int traffic_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return config_traffic_line(context, line, error);
}

static int standby_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return config_standby_line(context, line, error);
}

static int service_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return config_service_line(context, line, error);
}

static int sorry_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return config_sorry_line(context, line, error);
}

static int port_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    uint32_t port;
    int rc = number(line, 1024, 65535, &port, error);
    if (rc == 0)
        config->port = (uint16_t)port;
    return rc;
}

static int error_log_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    const char *value = line->words[1];
    if (value[0] != '/' && strcmp(value, "syslog") != 0 && strcmp(value, "stderr") != 0)
        return conf_fail(error, line, "ErrorLog \"%s\" is neither a full path nor \"syslog\" nor \"stderr\"", value);
    return conf_string(line, 1, config->error_log, sizeof config->error_log, error);
}

/* A full path: the daemon's working directory is nobody's business. */
static int path_value(const struct conf_line *line, char *out, size_t size, struct conf_error *error)
{
    if (line->words[1][0] != '/')
        return conf_fail(error, line, "\"%s\" is not a full path; it must begin with '/'", line->words[1]);
    return conf_string(line, 1, out, size, error);
}

static int keys_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return path_value(line, config->keys, sizeof config->keys, error);
}

static int metrics_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return path_value(line, config->metrics, sizeof config->metrics, error);
}

static int state_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return path_value(line, config->state, sizeof config->state, error);
}

static int user_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return conf_string(line, 1, config->user, sizeof config->user, error);
}

static int timeout_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return number(line, 50, 600000, &config->timeout_ms, error);
}

static int isolation_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return number(line, 0, 3600000, &config->isolation_ms, error);
}

static int drain_timeout_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return number(line, 0, 86400000, &config->drain_timeout_ms, error);
}

static int repair_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return number(line, 100, 60000, &config->repair_ms, error);
}

static int policy_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    int kind;
    int rc = conf_choice(line, 1, policies, &kind, error);
    if (rc == 0)
        config->policy.kind = (enum policy_kind)kind;
    return rc;
}

static int weight_max_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return number(line, 1, POLICY_WEIGHT_LIMIT, &config->policy.weight_max, error);
}

static int weight_min_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return number(line, 1, POLICY_WEIGHT_LIMIT, &config->policy.weight_min, error);
}

static int smoothing_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return number(line, 0, 600000, &config->policy.smoothing_ms, error);
}

static int slow_start_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return number(line, 0, 3600000, &config->policy.slow_start_ms, error);
}

static int minimum_pool_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return number(line, 0, 100, &config->policy.minimum_pool, error);
}

static int quiesce_below_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return number(line, 0, 99, &config->policy.quiesce_below, error);
}

static int minimum_change_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return number(line, 0, 100, &config->policy.minimum_change, error);
}

static int join_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    int choice;
    int rc = conf_choice(line, 1, joins, &choice, error);
    if (rc == 0)
        config->join_any = choice == 1;
    return rc;
}

static int sysctls_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct config *config = context;
    return conf_boolean(line, 1, &config->set_sysctls, error);
}

static const struct conf_keyword keywords[] = {
    {"master#", 1, CONFIG_ADDRESSES_MAX, master_line},
    {"traffic#", 1, 4, traffic_line},
    {"port", 1, 1, port_line},
    {"ErrorLog", 1, 1, error_log_line},
    {"timeout", 1, 1, timeout_line},
    {"isolation", 1, 1, isolation_line},
    {"keys", 1, 1, keys_line},
    {"user", 1, 1, user_line},
    {"metrics", 1, 1, metrics_line},
    {"state", 1, 1, state_line},
    {"service", 4, 9, service_line},
    {"sorry", 2, 4, sorry_line},
    {"policy", 1, 1, policy_line},
    {"weight_max", 1, 1, weight_max_line},
    {"weight_min", 1, 1, weight_min_line},
    {"smoothing", 1, 1, smoothing_line},
    {"slow_start", 1, 1, slow_start_line},
    {"minimum_pool", 1, 1, minimum_pool_line},
    {"quiesce_below", 1, 1, quiesce_below_line},
    {"minimum_change", 1, 1, minimum_change_line},
    {"drain_timeout", 1, 1, drain_timeout_line},
    {"repair", 1, 1, repair_line},
    {"join", 1, 1, join_line},
    {"sysctls", 1, 1, sysctls_line},
    {NULL, 0, 0, NULL},
};

static const struct conf_grammar grammar = {keywords, standby_line};

static struct config *config_new(void)
{
    struct config *config = calloc(1, sizeof *config);
    if (config == NULL)
        return NULL;
    strcpy(config->error_log, "syslog");
    strcpy(config->keys, HAS_CONFDIR "/keys");
    strcpy(config->state, HAS_STATEDIR "/overrides");
    strcpy(config->user, HAS_USER);
    config->port = 5500;
    config->timeout_ms = 400;
    config->isolation_ms = 5000;
    config->drain_timeout_ms = 60000;
    config->repair_ms = 1000;
    config->set_sysctls = true;
    policy_defaults(&config->policy);
    return config;
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    free(config->nodes);
    free(config);
}

static const struct config_node *node_with(const struct config *config, const struct addr *address)
{
    for (size_t i = 0; i < config->node_count; i++)
        if (addr_equal(&config->nodes[i].address, address) || addr_equal(&config->nodes[i].address6, address))
            return &config->nodes[i];
    return NULL;
}

/* One address cannot be both in the kernel's table: a sorry server would be taken for the node that is out. */
static int check_sorry_servers(const struct conf_line *whole, const struct config *config, struct conf_error *error)
{
    for (size_t i = 0; i < config->service_count; i++) {
        const struct config_service *service = &config->services[i];
        const struct config_node *node = service->sorry.set ? node_with(config, &service->sorry.address) : NULL;
        char address[ADDR_TEXT_MAX];
        if (node != NULL)
            return conf_fail(error, whole,
                             "the sorry server %s of service \"%s\" is traffic node \"%s\"; choose another machine",
                             addr_format(&service->sorry.address, address), service->name, node->name);
    }
    return 0;
}

/* What no single line can show. */
static int config_check(const char *path, const struct config *config, struct conf_error *error)
{
    struct conf_line whole = {.path = path};
    if (config->policy.weight_min > config->policy.weight_max)
        return conf_fail(error, &whole, "weight_min %u is above weight_max %u; lower the one or raise the other",
                         config->policy.weight_min, config->policy.weight_max);
    if (config->node_count == 0 && !config->join_any)
        return conf_fail(error, &whole, "there is no traffic node; add a line \"traffic1 ADDRESS\", or \"join any\"");
    return check_sorry_servers(&whole, config, error);
}

/* Ends a reading, good or bad. */
static int finish(int rc, const char *path, struct config *config, struct config **out, struct conf_error *error)
{
    if (rc == 0)
        rc = config_check(path, config, error);
    if (rc == 0)
        *out = config;
    else
        config_free(config);
    return rc;
}

int config_read(const char *path, struct config **out, struct conf_error *error)
{
    struct config *config = config_new();
    if (config == NULL)
        return -ENOMEM;
    return finish(conf_read(path, &grammar, config, error), path, config, out, error);
}

int config_read_text(const char *path, const char *text, size_t length, struct config **out, struct conf_error *error)
{
    struct config *config = config_new();
    if (config == NULL)
        return -ENOMEM;
    return finish(conf_read_text(path, text, length, &grammar, config, error), path, config, out, error);
}
