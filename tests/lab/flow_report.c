/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "flow_report.h"

#include <stdlib.h>

static const char *const names[FLOW_LOSSES] = {[FLOW_RESET] = "reset",
                                               [FLOW_CLOSED] = "closed",
                                               [FLOW_TIMEOUT] = "timeout",
                                               [FLOW_SILENT] = "silent",
                                               [FLOW_CORRUPT] = "corrupt"};

/* Room for one more element; the run ends here when the machine has no memory left. */
static void *make_room(void *array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return array;
    *room = *room ? *room * 2 : 256;
    array = realloc(array, *room * size);
    if (!array) {
        perror("flow");
        exit(EXIT_FAILURE);
    }
    return array;
}

void flow_report_lost(struct flow_report *report, const struct flow_lost *lost)
{
    report->lost = make_room(report->lost, report->lost_count, &report->lost_room, sizeof(*report->lost));
    report->lost[report->lost_count++] = *lost;
    report->losses[lost->how]++;
}

void flow_report_gap(struct flow_report *report, double gap_ms)
{
    report->gaps = make_room(report->gaps, report->gap_count, &report->gap_room, sizeof(*report->gaps));
    report->gaps[report->gap_count++] = gap_ms;
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static double gap_at(const struct flow_report *report, double share)
{
    return report->gap_count == 0 ? 0 : report->gaps[(size_t)(share * (double)(report->gap_count - 1))];
}

static void print_lost(const struct flow_lost *lost, const char *comma, FILE *out)
{
    fprintf(out,
            "%s\n  {\"at_ms\": %.0f, \"how\": \"%s\", \"mode\": \"%s\", \"address\": \"%s\", \"node\": \"%s\", "
            "\"port\": %u, \"lived_ms\": %.0f, \"silent_ms\": %.0f, \"bytes\": %llu}",
            comma, lost->at_ms, names[lost->how], lost->mode == FLOW_ECHO ? "echo" : "stream", lost->address,
            lost->node, lost->port, lost->lived_ms, lost->silent_ms, (unsigned long long)lost->bytes);
}

void flow_report_print(struct flow_report *report, unsigned open, double end_ms, FILE *out)
{
    if (report->gap_count > 0)
        qsort(report->gaps, report->gap_count, sizeof(double), by_value);
    fprintf(out, "{\"duration_ms\": %.0f, \"opened\": %llu, \"open\": %u, \"ended\": %llu, \"unopened\": %llu,\n",
            end_ms, (unsigned long long)report->opened, open, (unsigned long long)report->ended,
            (unsigned long long)report->unopened);
    fprintf(out, " \"lost\": %llu, \"how\": {", (unsigned long long)report->lost_count);
    for (int how = 0; how < FLOW_LOSSES; how++)
        fprintf(out, "%s\"%s\": %llu", how ? ", " : "", names[how], (unsigned long long)report->losses[how]);
    fprintf(out, "},\n \"bytes\": %llu, \"gap_ms\": {\"median\": %.0f, \"p90\": %.0f, \"max\": %.0f},\n",
            (unsigned long long)report->bytes, gap_at(report, 0.5), gap_at(report, 0.9), gap_at(report, 1));
    fprintf(out, " \"slowest_open_ms\": %.0f,\n \"losses\": [", report->slowest_open_ms);
    for (size_t i = 0; i < report->lost_count; i++)
        print_lost(&report->lost[i], i ? "," : "", out);
    fprintf(out, "]}\n");
}

void flow_report_free(struct flow_report *report)
{
    free(report->lost);
    free(report->gaps);
}
