/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "erd_config.h"

#include "erd_config_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct erd_pair_config pair_defaults = {
    .probe_ms = 100,
    .missed = 2,
    .gateways = true,
    .failback = {.failback = true, .wait_ms = 10000, .wait_max_ms = 300000},
    .announce_count = 5,
    .announce_ms = 200,
};

static int begin(struct erd_config_reader *reader, const char *path, struct conf_error *error)
{
    const struct conf_line file = {.path = path};
    *reader = (struct erd_config_reader){.config = calloc(1, sizeof *reader->config), .general = pair_defaults};
    if (reader->config == NULL) {
        conf_fail(error, &file, "there is no memory for it");
        return -ENOMEM;
    }
    *reader->config = (struct erd_config){.user = HAS_USER, .error_log = "syslog", .poll_ms = 100};
    reader->current = &reader->general;
    return 0;
}

/* The pairs that count: those of the command line before those of the file. */
static int choose_pairs(struct erd_config_reader *reader, const char *path, char *const ports[PAIR_PORTS],
                        struct conf_error *error)
{
    const struct conf_line command = {.path = "command line"};
    const struct conf_line file = {.path = path};
    if (ports != NULL) {
        memset(reader->config->pairs, 0, sizeof reader->config->pairs);
        reader->config->pair_count = 0;
        return erd_config_pair(reader, ports[PAIR_PRIMARY], ports[PAIR_TWIN], &command, error);
    }
    if (reader->config->pair_count == 0)
        return conf_fail(error, &file, "there is no pair: add a line such as \"pair eth0 eth1\"");
    return 0;
}

static int finish(int rc, struct erd_config_reader *reader, struct erd_config **out)
{
    if (rc != 0)
        erd_config_free(reader->config);
    else
        *out = reader->config;
    return rc;
}

static bool may_be_missing(const char *path)
{
    return strcmp(path, ERD_CONFIG_PATH) == 0 && access(path, F_OK) != 0 && errno == ENOENT;
}

int erd_config_load(const char *path, char *const ports[PAIR_PORTS], struct erd_config **out, struct conf_error *error)
{
    static char primary[] = "eth0", twin[] = "eth1"; /* thesis 3.23.1 */
    char *const usual[PAIR_PORTS] = {primary, twin};
    struct erd_config_reader reader;
    int rc = begin(&reader, path, error);
    if (rc != 0)
        return rc;
    if (may_be_missing(path))
        ports = ports != NULL ? ports : usual;
    else
        rc = conf_read(path, &erd_config_grammar, &reader, error);
    if (rc == 0)
        rc = choose_pairs(&reader, path, ports, error);
    return finish(rc, &reader, out);
}

int erd_config_load_text(const char *path, const char *text, size_t length, char *const ports[PAIR_PORTS],
                         struct erd_config **out, struct conf_error *error)
{
    struct erd_config_reader reader;
    int rc = begin(&reader, path, error);
    if (rc != 0)
        return rc;
    rc = conf_read_text(path, text, length, &erd_config_grammar, &reader, error);
    if (rc == 0)
        rc = choose_pairs(&reader, path, ports, error);
    return finish(rc, &reader, out);
}

void erd_config_free(struct erd_config *config)
{
    free(config);
}
