/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cvip_client_report.h"

#include <stdlib.h>

enum { SLOW_MS = 1000 };

static const char *const reasons[REPORT_REASONS] = {"reset", "closed", "timeout", "wrong", "error"};

int report_open(struct report *report, size_t flows, double start_ms)
{
    *report = (struct report){.start_ms = start_ms, .flow_count = flows};
    report->flows = calloc(flows + 1, sizeof(*report->flows));
    return report->flows ? 0 : -1;
}

void report_close(struct report *report)
{
    free(report->flows);
    free(report->connected);
}

void report_connected(struct report *report, double began_ms, double connected_ms)
{
    if (report->count == report->room) {
        size_t room = report->room ? report->room * 2 : 4096;
        double *larger = realloc(report->connected, room * sizeof(double));

        if (!larger) {
            perror("cvip_client");
            exit(EXIT_FAILURE);
        }
        report->connected = larger;
        report->room = room;
    }
    report->connected[report->count++] = connected_ms;
    report->slow += connected_ms - began_ms > SLOW_MS;
    if (connected_ms - began_ms > report->worst_ms)
        report->worst_ms = connected_ms - began_ms;
}

void report_failed(struct report *report, enum report_reason reason)
{
    report->failed[reason]++;
}

void report_answered(struct report *report, unsigned flow, double sent_ms, double now_ms)
{
    struct report_flow *at = &report->flows[flow];

    at->answers++;
    if (now_ms - sent_ms <= at->gap_ms)
        return;
    at->gap_ms = now_ms - sent_ms;
    at->gap_at_ms = sent_ms;
}

void report_lost(struct report *report, unsigned flow, enum report_reason reason)
{
    report->flows[flow].gap_ms = -1;
    report->lost[reason]++;
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static void print_counts(const uint64_t counts[REPORT_REASONS], FILE *out)
{
    const char *comma = "";

    fputc('{', out);
    for (size_t i = 0; i < REPORT_REASONS; i++) {
        if (counts[i] == 0)
            continue;
        fprintf(out, "%s\"%s\": %llu", comma, reasons[i], (unsigned long long)counts[i]);
        comma = ", ";
    }
    fputc('}', out);
}

static void print_new(struct report *report, double end_ms, FILE *out)
{
    double gap = 0, at = report->start_ms, last = report->start_ms;

    if (report->count > 0)
        qsort(report->connected, report->count, sizeof(double), by_value);
    for (size_t i = 0; i <= report->count; i++) {
        double next = i < report->count ? report->connected[i] : end_ms;

        if (next - last > gap) {
            gap = next - last;
            at = last;
        }
        last = next;
    }
    fprintf(out, "{\"new\": {\"begun\": %llu, \"answered\": %zu, \"slow\": %llu, \"worst_ms\": %.1f,\n",
            (unsigned long long)report->begun, report->count, (unsigned long long)report->slow, report->worst_ms);
    fprintf(out, "  \"gap_ms\": %.1f, \"gap_at_ms\": %.1f, \"failed\": ", gap, at);
    print_counts(report->failed, out);
    fputs("},\n", out);
}

void report_print(struct report *report, double end_ms, FILE *out)
{
    print_new(report, end_ms, out);
    fprintf(out, " \"established\": {\"begun\": %zu, \"lost\": ", report->flow_count);
    print_counts(report->lost, out);
    fputs(",\n  \"gaps_ms\": [", out);
    for (size_t i = 0; i < report->flow_count; i++)
        fprintf(out, "%s%.1f", i ? ", " : "", report->flows[i].gap_ms);
    fprintf(out, "]},\n \"start_ms\": %.1f, \"end_ms\": %.1f}\n", report->start_ms, end_ms);
}
