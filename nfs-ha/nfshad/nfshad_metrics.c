/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Prometheus text file (node_exporter's textfile collector reads it), written whole about once a second. */
#include "nfshad.h"

#include "file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP has_nfs_%s %s\n# TYPE has_nfs_%s %s\n", name, help, name, type);
}

/* A group is named by its first mount. A label escapes what ends it. */
static void put_mount(FILE *out, const struct nfshad_group *group)
{
    const char *directory = group->mount_count > 0 ? group->mounts[0].ours.directory : "";
    for (const char *c = directory; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\' || *c == '\n')
            fputc('\\', out);
        fputc(*c == '\n' ? 'n' : *c, out);
    }
}

static void of_groups(FILE *out, const struct nfshad *nfshad, const char *name,
                      uint64_t (*value)(const struct nfshad_group *group))
{
    for (size_t i = 0; i < nfshad->group_count; i++) {
        const struct nfshad_group *group = nfshad->groups[i];
        fprintf(out, "has_nfs_%s{mount=\"", name);
        put_mount(out, group);
        fprintf(out, "\"} %" PRIu64 "\n", value(group));
    }
}

static void of_servers(FILE *out, const struct nfshad *nfshad, const char *name,
                       uint64_t (*value)(const struct nfshad_group *group, size_t server))
{
    for (size_t i = 0; i < nfshad->group_count; i++) {
        const struct nfshad_group *group = nfshad->groups[i];
        for (size_t k = 0; k < group->source.count; k++) {
            fprintf(out, "has_nfs_%s{mount=\"", name);
            put_mount(out, group);
            fprintf(out, "\",server=\"%s\"} %" PRIu64 "\n", group->source.servers[k].name, value(group, k));
        }
    }
}

static uint64_t moves_of(const struct nfshad_group *group)
{
    return group->failover.moves;
}

static uint64_t works_in(const struct nfshad_group *group)
{
    return group->failover.state == FAILOVER_STEADY;
}

static uint64_t refused_in(const struct nfshad_group *group)
{
    return group->failover.state == FAILOVER_REFUSED;
}

static uint64_t up_of(const struct nfshad_group *group, size_t server)
{
    return group->failover.servers[server].health == FAILOVER_UP;
}

static uint64_t in_use(const struct nfshad_group *group, size_t server)
{
    return group->failover.current == server;
}

static uint64_t same_of(const struct nfshad_group *group, size_t server)
{
    return group->failover.servers[server].identity == FAILOVER_SAME;
}

static uint64_t misses_of(const struct nfshad_group *group, size_t server)
{
    return group->failover.servers[server].misses;
}

static void write_all(FILE *out, const struct nfshad *nfshad)
{
    head(out, "steady", "gauge", "1: the server in use works");
    of_groups(out, nfshad, "steady", works_in);
    head(out, "refused", "gauge", "1: the server in use is down, and a move would not be safe");
    of_groups(out, nfshad, "refused", refused_in);
    head(out, "moves_total", "counter", "Moves to another server");
    of_groups(out, nfshad, "moves_total", moves_of);
    head(out, "server_up", "gauge", "1: the server answers");
    of_servers(out, nfshad, "server_up", up_of);
    head(out, "server_in_use", "gauge", "1: the mounts use this server");
    of_servers(out, nfshad, "server_in_use", in_use);
    head(out, "server_same", "gauge", "1: it serves the same data under the same handles");
    of_servers(out, nfshad, "server_same", same_of);
    head(out, "server_missed_total", "counter", "Probes without an answer");
    of_servers(out, nfshad, "server_missed_total", misses_of);
}

void nfshad_metrics_write(const struct nfshad *nfshad)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        return;
    write_all(out, nfshad);
    int rc = fclose(out) == 0 ? file_write(nfshad->config.metrics, text, length, 0644, 0) : 0;
    if (rc != 0)
        log_debug("cannot write %s: %s", nfshad->config.metrics, strerror(-rc));
    free(text);
}
