/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of the requests of a load run, and its summary as JSON. Times are ms since the run's start. */
#ifndef LAB_LOAD_REPORT_H
#define LAB_LOAD_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { REPORT_NODES = 256, REPORT_NAME = 64 };

struct report_node {
    char name[REPORT_NAME];
    uint64_t answers;
};

struct report_failure {
    double at_ms, lasted_ms;
    const char *reason; /* static text */
    const char *address;
};

struct report {
    uint64_t total, failed;
    uint64_t over_1s;                         /* successes that took so long: the first SYN was lost */
    double last_success_ms;                   /* end of the latest success, 0 before the first one */
    double longest_gap_ms, longest_gap_at_ms; /* between the ends of two successes */
    struct report_node nodes[REPORT_NODES];
    size_t node_count;
    struct report_failure *failures;
    size_t failure_count, failure_room;
    double *latencies; /* of the successes */
    size_t latency_count, latency_room;
};

/* A request that began at at_ms was answered by node within lasted_ms. */
void report_success(struct report *report, double at_ms, double lasted_ms, const char *node);

/* A request that began at at_ms failed. reason and address must stay valid. */
void report_failure(struct report *report, double at_ms, double lasted_ms, const char *reason, const char *address);

/* Prints the summary of a run that lasted end_ms; the time after the last success counts as a gap too. */
void report_print(struct report *report, double end_ms, FILE *out);

void report_free(struct report *report);

#endif
