/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Prometheus text file (node_exporter's textfile collector reads it), written whole about once a second. */
#include "manager.h"

#include "clock.h"
#include "file.h"
#include "view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_MAX 128u /* twice a name: every character may need another before it */
_Static_assert(LABEL_MAX == 2 * WIRE_NAME_MAX, "room for any name");

static void head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A label's value: a node's name may hold anything. */
static const char *label(const char *text, char out[LABEL_MAX])
{
    size_t used = 0;
    for (const char *c = text; *c != '\0' && used + 3 < LABEL_MAX; c++) {
        if (*c == '"' || *c == '\\')
            out[used++] = '\\';
        out[used++] = (char)(*c == '\n' ? ' ' : *c);
    }
    out[used] = '\0';
    return out;
}

static void write_reports(FILE *out, const struct manager *manager)
{
    const struct manager_counters *counters = &manager->counters;
    head(out, "has_tmd_reports_accepted_total", "counter", "Load reports that were news");
    fprintf(out, "has_tmd_reports_accepted_total %" PRIu64 "\n", counters->accepted);
    head(out, "has_tmd_reports_duplicate_total", "counter", "Reports that came over a second network too");
    fprintf(out, "has_tmd_reports_duplicate_total %" PRIu64 "\n", counters->judged[ADMISSION_DUPLICATE]);
    head(out, "has_tmd_rejected_total", "counter", "Datagrams that were refused, by reason");
    for (int r = WIRE_OK + 1; r < WIRE_RESULT_COUNT; r++)
        fprintf(out, "has_tmd_rejected_total{reason=\"%s\"} %" PRIu64 "\n", wire_result_name((enum wire_result)r),
                counters->refused_datagrams[r]);
    for (int r = ADMISSION_REPLAYED; r < ADMISSION_RESULT_COUNT; r++)
        fprintf(out, "has_tmd_rejected_total{reason=\"%s\"} %" PRIu64 "\n",
                admission_result_name((enum admission_result)r), counters->judged[r]);
    fprintf(out, "has_tmd_rejected_total{reason=\"unexpected\"} %" PRIu64 "\n", counters->unexpected);
}

static void write_kernel(FILE *out, const struct manager *manager)
{
    struct executor_stats stats;
    executor_stats(manager->executor, &stats);
    head(out, "has_tmd_kernel_writes_total", "counter", "Changes written to the IPVS table");
    fprintf(out, "has_tmd_kernel_writes_total %" PRIu64 "\n", stats.writes);
    head(out, "has_tmd_kernel_repairs_total", "counter", "Changes by others that were undone");
    fprintf(out, "has_tmd_kernel_repairs_total %" PRIu64 "\n", stats.repairs);
    head(out, "has_tmd_kernel_errors_total", "counter", "IPVS requests that the kernel refused");
    fprintf(out, "has_tmd_kernel_errors_total %" PRIu64 "\n", stats.errors);
    head(out, "has_tmd_report_latency_seconds", "gauge", "From a report's reception to the written weight");
    fprintf(out, "has_tmd_report_latency_seconds{quantile=\"0.5\"} %.6f\n",
            (double)latency_percentile(&manager->latency, 50) / 1e6);
    fprintf(out, "has_tmd_report_latency_seconds{quantile=\"0.99\"} %.6f\n",
            (double)latency_percentile(&manager->latency, 99) / 1e6);
}

static void write_states(FILE *out, const struct manager *manager)
{
    unsigned counts[NODE_STATE_COUNT] = {0};
    for (size_t i = 0; i < pool_count(manager->pool); i++)
        counts[node_state(pool_at(manager->pool, i)->condition)]++;
    head(out, "has_tmd_nodes", "gauge", "Traffic nodes, by state");
    for (int s = 0; s < NODE_STATE_COUNT; s++)
        fprintf(out, "has_tmd_nodes{state=\"%s\"} %u\n", node_state_name((enum node_state)s), counts[s]);
}

enum node_value { NODE_VALUE_INDEX, NODE_VALUE_PRESSURE, NODE_VALUE_WEIGHT, NODE_VALUE_CONNECTIONS };

static uint32_t value_of(const struct manager *manager, const struct pool_node *node, enum node_value value)
{
    switch (value) {
    case NODE_VALUE_INDEX:
        return node->index;
    case NODE_VALUE_PRESSURE:
        return node->pressure;
    case NODE_VALUE_WEIGHT:
        return view_weight(manager, node);
    case NODE_VALUE_CONNECTIONS:
    default:
        return node->connections;
    }
}

static void write_nodes(FILE *out, const struct manager *manager)
{
    static const struct {
        const char *name;
        const char *help;
    } values[] = {
        [NODE_VALUE_INDEX] = {"has_tmd_node_index", "The node's load index as last reported; 0: application down"},
        [NODE_VALUE_PRESSURE] = {"has_tmd_node_free_permille", "What of the node is free, as last reported"},
        [NODE_VALUE_WEIGHT] = {"has_tmd_node_weight", "The node's weight"},
        [NODE_VALUE_CONNECTIONS] = {"has_tmd_node_connections", "Its connections, as last reported"},
    };
    char name[LABEL_MAX];
    char address[ADDR_TEXT_MAX];
    for (int v = 0; v <= NODE_VALUE_CONNECTIONS; v++) {
        head(out, values[v].name, "gauge", values[v].help);
        for (size_t i = 0; i < pool_count(manager->pool); i++) {
            const struct pool_node *node = pool_at(manager->pool, i);
            fprintf(out, "%s{node=\"%s\",address=\"%s\"} %u\n", values[v].name, label(node->name, name),
                    addr_format(&node->address, address), value_of(manager, node, (enum node_value)v));
        }
    }
}

void metrics_write(const struct manager *manager)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        return;
    head(out, "has_tmd_uptime_seconds", "gauge", "Since the traffic manager started");
    fprintf(out, "has_tmd_uptime_seconds %.3f\n", (double)(clock_ms() - manager->started_ms) / 1000.0);
    write_states(out, manager);
    write_reports(out, manager);
    write_kernel(out, manager);
    write_nodes(out, manager);
    bool whole = fclose(out) == 0;
    int rc = whole ? file_write(manager->config->metrics, text, length, 0644, 0) : 0;
    if (rc != 0)
        log_debug("cannot write %s: %s", manager->config->metrics, strerror(-rc));
    free(text);
}
