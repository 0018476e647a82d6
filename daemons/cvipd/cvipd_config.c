/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cvipd_config.h"

#include "ownership.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A keyword with one number: its bounds and where it goes. */
static int number(const struct conf_line *line, long min, long max, uint32_t *out, struct conf_error *error)
{
    long value;
    int rc = conf_number(line, 1, min, max, &value, error);
    if (rc == 0)
        *out = (uint32_t)value;
    return rc;
}

static int udp_port(const struct conf_line *line, uint16_t *out, struct conf_error *error)
{
    uint32_t port;
    int rc = number(line, 1024, 65535, &port, error);
    if (rc == 0)
        *out = (uint16_t)port;
    return rc;
}

/* A full path: the daemon's working directory is nobody's business. */
static int path_value(const struct conf_line *line, char *out, struct conf_error *error)
{
    if (line->words[1][0] != '/')
        return conf_fail(error, line, "\"%s\" is not a full path; it must begin with '/'", line->words[1]);
    return conf_string(line, 1, out, CVIPD_PATH_MAX, error);
}

static int name_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct cvipd_config *config = context;
    return conf_string(line, 1, config->name, sizeof config->name, error);
}

static int user_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct cvipd_config *config = context;
    return conf_string(line, 1, config->user, sizeof config->user, error);
}

static int error_log_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct cvipd_config *config = context;
    const char *value = line->words[1];
    if (value[0] != '/' && strcmp(value, "syslog") != 0 && strcmp(value, "stderr") != 0)
        return conf_fail(error, line, "ErrorLog \"%s\" is neither a full path nor \"syslog\" nor \"stderr\"", value);
    return conf_string(line, 1, config->error_log, sizeof config->error_log, error);
}

static int keys_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return path_value(line, ((struct cvipd_config *)context)->keys, error);
}

static int metrics_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return path_value(line, ((struct cvipd_config *)context)->metrics, error);
}

static int manager_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct cvipd_config *config = context;
    config->manager[0] = '\0';
    return strcasecmp(line->words[1], "none") == 0
               ? 0
               : conf_string(line, 1, config->manager, sizeof config->manager, error);
}

static int address_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct cvipd_config *config = context;
    struct addr address;
    int rc = conf_address(line, 1, &address, error);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < config->address_count; i++)
        if (addr_equal(&config->addresses[i], &address))
            return conf_fail(error, line, "address %s is there already; remove this line", line->words[1]);
    if (config->address_count == ENGINE_ADDRESSES_MAX)
        return conf_fail(error, line, "more than %d addresses", ENGINE_ADDRESSES_MAX);
    config->addresses[config->address_count++] = address;
    return 0;
}

static int hash_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    static const char *const choices[] = {"address", "address+port", NULL}; /* in the order of enum engine_hash */
    int choice;
    int rc = conf_choice(line, 1, choices, &choice, error);
    if (rc == 0)
        ((struct cvipd_config *)context)->hash = (enum engine_hash)choice;
    return rc;
}

static int behind_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    static const char *const choices[] = {"ipvs", "sockets", NULL}; /* in the order of enum engine_behind */
    int choice;
    int rc = conf_choice(line, 1, choices, &choice, error);
    if (rc == 0)
        ((struct cvipd_config *)context)->behind = (enum engine_behind)choice;
    return rc;
}

static int seed_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return number(line, 0, UINT32_MAX, &((struct cvipd_config *)context)->seed, error);
}

static int port_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return udp_port(line, &((struct cvipd_config *)context)->port, error);
}

static int traffic_port_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return udp_port(line, &((struct cvipd_config *)context)->traffic_port, error);
}

static int heartbeat_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return number(line, 10, 10000, &((struct cvipd_config *)context)->heartbeat_ms, error);
}

static int dead_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return number(line, 2, 100, &((struct cvipd_config *)context)->dead, error);
}

static int rejoin_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return number(line, 0, 3600000, &((struct cvipd_config *)context)->rejoin_ms, error);
}

static int own_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return number(line, 0, 3600, &((struct cvipd_config *)context)->own_s, error);
}

static int corosync_line(void *context, const struct conf_line *line, struct conf_error *error)
{
    return conf_boolean(line, 1, &((struct cvipd_config *)context)->corosync, error);
}

static const struct conf_keyword keywords[] = {
    {"name", 1, 1, name_line},
    {"user", 1, 1, user_line},
    {"ErrorLog", 1, 1, error_log_line},
    {"keys", 1, 1, keys_line},
    {"metrics", 1, 1, metrics_line},
    {"manager", 1, 1, manager_line},
    {"interface", 1, 2, cvipd_config_interface_line},
    {"address", 1, 1, address_line},
    {"mode", 1, 1, cvipd_config_mode_line},
    {"mac", 1, 2, cvipd_config_mac_line},
    {"hash", 1, 1, hash_line},
    {"seed", 1, 1, seed_line},
    {"behind", 1, 1, behind_line},
    {"port", 1, 1, port_line},
    {"heartbeat", 1, 1, heartbeat_line},
    {"dead", 1, 1, dead_line},
    {"rejoin", 1, 1, rejoin_line},
    {"own", 1, 1, own_line},
    {"corosync", 1, 1, corosync_line},
    {"member", 3, 3 + HEARTBEAT_LANS_MAX, cvipd_config_member_line},
    {"sync", 1, 3, cvipd_config_sync_line},
    {"traffic_port", 1, 1, traffic_port_line},
    {"threshold", 1, 3, cvipd_config_threshold_line},
    {NULL, 0, 0, NULL},
};

static const struct conf_grammar grammar = {.keywords = keywords};

static struct cvipd_config *new_config(void)
{
    struct cvipd_config *config = calloc(1, sizeof *config);
    if (config == NULL)
        return NULL;
    *config = (struct cvipd_config){.user = HAS_USER,
                                    .error_log = "syslog",
                                    .keys = HAS_CONFDIR "/keys",
                                    .manager = "has-tmd",
                                    .active = 1,
                                    .mac_kind = ENGINE_MAC_SHARED,
                                    .port = 5501,
                                    .heartbeat_ms = 30,
                                    .dead = 3,
                                    .rejoin_ms = 2000,
                                    .own_s = 30,
                                    .corosync = true,
                                    .traffic_port = 5500};
    return config;
}

static int finish(int rc, struct cvipd_config *config, const char *path, struct cvipd_config **out,
                  struct conf_error *error)
{
    if (rc == 0)
        rc = cvipd_config_check(config, path, error);
    if (rc != 0)
        cvipd_config_free(config);
    else
        *out = config;
    return rc;
}

int cvipd_config_load(const char *path, struct cvipd_config **out, struct conf_error *error)
{
    struct cvipd_config *config = new_config();
    return config == NULL ? -ENOMEM : finish(conf_read(path, &grammar, config, error), config, path, out, error);
}

int cvipd_config_load_text(const char *path, const char *text, size_t length, struct cvipd_config **out,
                           struct conf_error *error)
{
    struct cvipd_config *config = new_config();
    return config == NULL
               ? -ENOMEM
               : finish(conf_read_text(path, text, length, &grammar, config, error), config, path, out, error);
}

void cvipd_config_free(struct cvipd_config *config)
{
    free(config);
}

uint32_t cvipd_config_digest(const struct cvipd_config *config)
{
    /* Of two members with other times one would take over before the other's lease is over. */
    const uint32_t numbers[] = {(uint32_t)config->address_count,
                                config->mac_kind,
                                config->hash,
                                config->seed,
                                config->behind,
                                config->heartbeat_ms,
                                config->dead};
    crypto_generichash_state state;
    uint8_t hash[crypto_generichash_BYTES];
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint32_t big_endian = htonl(numbers[i]);
        crypto_generichash_update(&state, (const uint8_t *)&big_endian, sizeof big_endian);
    }
    for (size_t i = 0; i < config->address_count; i++) {
        size_t length = config->addresses[i].family == AF_INET ? 4 : 16;
        crypto_generichash_update(&state, config->addresses[i].bytes, length);
    }
    crypto_generichash_update(&state, config->shared_mac, sizeof config->shared_mac);
    crypto_generichash_final(&state, hash, sizeof hash);
    return (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
}

const struct cvipd_member *cvipd_config_member(const struct cvipd_config *config, uint8_t id)
{
    for (size_t i = 0; i < config->member_count; i++)
        if (config->members[i].id == id)
            return &config->members[i];
    return NULL;
}

const struct cvipd_member *cvipd_config_member_named(const struct cvipd_config *config, const char *name)
{
    for (size_t i = 0; i < config->member_count; i++)
        if (strcasecmp(config->members[i].name, name) == 0)
            return &config->members[i];
    return NULL;
}
