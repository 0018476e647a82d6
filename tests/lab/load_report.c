/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "load_report.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more element; the run ends here when the machine has no memory left. */
static void *make_room(void *array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return array;
    *room = *room ? *room * 2 : 1024;
    array = realloc(array, *room * size);
    if (!array) {
        perror("load");
        exit(EXIT_FAILURE);
    }
    return array;
}

static void count_node(struct report *report, const char *name)
{
    struct report_node *node = report->nodes;

    while (node < report->nodes + report->node_count && strcmp(node->name, name) != 0)
        node++;
    if (node == report->nodes + REPORT_NODES)
        return;
    if (node == report->nodes + report->node_count) {
        snprintf(node->name, sizeof(node->name), "%s", name);
        report->node_count++;
    }
    node->answers++;
}

static void note_gap(struct report *report, double until_ms)
{
    double gap = until_ms - report->last_success_ms;

    if (gap <= report->longest_gap_ms)
        return;
    report->longest_gap_ms = gap;
    report->longest_gap_at_ms = report->last_success_ms;
}

void report_success(struct report *report, double at_ms, double lasted_ms, const char *node)
{
    report->total++;
    count_node(report, node);
    note_gap(report, at_ms + lasted_ms);
    report->last_success_ms = at_ms + lasted_ms;
    report->latencies = make_room(report->latencies, report->latency_count, &report->latency_room, sizeof(double));
    report->latencies[report->latency_count++] = lasted_ms;
    if (lasted_ms >= 1000)
        report->over_1s++;
}

void report_failure(struct report *report, double at_ms, double lasted_ms, const char *reason, const char *address)
{
    report->total++;
    report->failed++;
    report->failures =
        make_room(report->failures, report->failure_count, &report->failure_room, sizeof(*report->failures));
    report->failures[report->failure_count++] =
        (struct report_failure){.at_ms = at_ms, .lasted_ms = lasted_ms, .reason = reason, .address = address};
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static double percentile(const struct report *report, double share)
{
    if (report->latency_count == 0)
        return 0;
    return report->latencies[(size_t)(share * (double)(report->latency_count - 1))];
}

void report_print(struct report *report, double end_ms, FILE *out)
{
    const char *comma = "";

    note_gap(report, end_ms);
    if (report->latency_count > 0)
        qsort(report->latencies, report->latency_count, sizeof(double), by_value);
    fprintf(out, "{\"total\": %llu, \"failed\": %llu, \"over_1s\": %llu,\n", (unsigned long long)report->total,
            (unsigned long long)report->failed, (unsigned long long)report->over_1s);
    fprintf(out, " \"duration_ms\": %.0f, \"longest_gap_ms\": %.0f, \"longest_gap_at_ms\": %.0f,\n", end_ms,
            report->longest_gap_ms, report->longest_gap_at_ms);
    fprintf(out, " \"latency_ms\": {\"p50\": %.2f, \"p99\": %.2f, \"max\": %.2f},\n \"nodes\": {",
            percentile(report, 0.5), percentile(report, 0.99), percentile(report, 1));
    for (size_t i = 0; i < report->node_count; i++, comma = ", ")
        fprintf(out, "%s\"%s\": %llu", comma, report->nodes[i].name, (unsigned long long)report->nodes[i].answers);
    fprintf(out, "},\n \"failures\": [");
    comma = "";
    for (size_t i = 0; i < report->failure_count; i++, comma = ",") {
        const struct report_failure *failure = &report->failures[i];

        fprintf(out, "%s\n  {\"at_ms\": %.0f, \"lasted_ms\": %.0f, \"reason\": \"%s\", \"address\": \"%s\"}", comma,
                failure->at_ms, failure->lasted_ms, failure->reason, failure->address);
    }
    fprintf(out, "]}\n");
}

void report_free(struct report *report)
{
    free(report->failures);
    free(report->latencies);
}
