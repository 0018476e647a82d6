/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cvip_client saw, and its summary as JSON. All times are ms of CLOCK_MONOTONIC. */
#ifndef BENCH_CVIP_CLIENT_REPORT_H
#define BENCH_CVIP_CLIENT_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum report_reason { REPORT_RESET, REPORT_CLOSED, REPORT_TIMEOUT, REPORT_WRONG, REPORT_ERROR, REPORT_REASONS };

struct report_flow {
    double gap_ms, gap_at_ms; /* the longest from a request to its answer, and when that request was sent */
    uint64_t answers;
};

struct report {
    double start_ms;
    uint64_t begun;    /* new connections */
    uint64_t slow;     /* of them connected, but only after more than a second */
    double worst_ms;   /* the longest connect */
    double *connected; /* when each success was connected */
    size_t count, room;
    uint64_t failed[REPORT_REASONS];
    struct report_flow *flows;
    size_t flow_count;
    uint64_t lost[REPORT_REASONS];
};

/* Returns 0, or -1 with errno set. */
int report_open(struct report *report, size_t flows, double start_ms);
void report_close(struct report *report);

/* A new connection was connected then, and got its answer. */
void report_connected(struct report *report, double began_ms, double connected_ms);
void report_failed(struct report *report, enum report_reason reason);

/* An established connection got an answer. */
void report_answered(struct report *report, unsigned flow, double sent_ms, double now_ms);
void report_lost(struct report *report, unsigned flow, enum report_reason reason);

/* Prints the summary of a run that ended then; a time without success at its end is a gap as well. */
void report_print(struct report *report, double end_ms, FILE *out);

#endif
