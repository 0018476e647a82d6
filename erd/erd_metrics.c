/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Prometheus text file (node_exporter's textfile collector reads it), written whole about once a second. */
#include "erd.h"

#include "file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP has_erd_%s %s\n# TYPE has_erd_%s %s\n", name, help, name, type);
}

static void of_pair(FILE *out, const char *name, const struct erd_pair *pair, uint64_t value)
{
    fprintf(out, "has_erd_%s{pair=\"%s\"} %" PRIu64 "\n", name, erd_port_name(pair, PAIR_PRIMARY), value);
}

static void write_pairs(FILE *out, const struct erd *erd)
{
    head(out, "working_ports", "gauge", "Ports of the pair that could carry the traffic");
    for (size_t i = 0; i < erd->pair_count; i++)
        of_pair(out, "working_ports", &erd->pairs[i], pair_working(&erd->pairs[i].machine));
    head(out, "twin_in_use", "gauge", "1: the traffic goes by the twin");
    for (size_t i = 0; i < erd->pair_count; i++)
        of_pair(out, "twin_in_use", &erd->pairs[i], erd->pairs[i].machine.active == PAIR_TWIN);
    head(out, "failovers_total", "counter", "Changes because the port in use failed");
    for (size_t i = 0; i < erd->pair_count; i++)
        of_pair(out, "failovers_total", &erd->pairs[i], erd->pairs[i].machine.failovers);
    head(out, "changes_total", "counter", "Changes of the port in use");
    for (size_t i = 0; i < erd->pair_count; i++)
        of_pair(out, "changes_total", &erd->pairs[i], erd->pairs[i].machine.changes);
}

static void of_ports(FILE *out, const struct erd *erd, const char *name,
                     uint64_t (*value)(const struct erd_pair *, unsigned))
{
    for (size_t i = 0; i < erd->pair_count; i++)
        for (unsigned which = 0; which < PAIR_PORTS; which++)
            fprintf(out, "has_erd_%s{port=\"%s\"} %" PRIu64 "\n", name, erd_port_name(&erd->pairs[i], which),
                    value(&erd->pairs[i], which));
}

static uint64_t carrier_of(const struct erd_pair *pair, unsigned which)
{
    return pair->ports[which].now.carrier;
}

static uint64_t probes_of(const struct erd_pair *pair, unsigned which)
{
    return pair->sight.ports[which].probes;
}

static uint64_t answers_of(const struct erd_pair *pair, unsigned which)
{
    return pair->sight.ports[which].answers;
}

void erd_metrics_write(const struct erd *erd)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        return;
    write_pairs(out, erd);
    head(out, "carrier", "gauge", "1: the port has its carrier");
    of_ports(out, erd, "carrier", carrier_of);
    head(out, "probe_rounds_total", "counter", "Rounds of probes");
    of_ports(out, erd, "probe_rounds_total", probes_of);
    head(out, "probe_answers_total", "counter", "Rounds that were answered");
    of_ports(out, erd, "probe_answers_total", answers_of);
    int rc = fclose(out) == 0 ? file_write(erd->config->metrics, text, length, 0644, 0) : 0;
    if (rc != 0)
        log_debug("cannot write %s: %s", erd->config->metrics, strerror(-rc));
    free(text);
}
