/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of the long transfers, and its summary as JSON. Times are ms since the run's start. */
#ifndef LAB_FLOW_REPORT_H
#define LAB_FLOW_REPORT_H

#include "flow_pattern.h"

#include <stdint.h>
#include <stdio.h>

/* How an established flow was lost. */
enum flow_loss { FLOW_RESET, FLOW_CLOSED, FLOW_TIMEOUT, FLOW_SILENT, FLOW_CORRUPT, FLOW_LOSSES };

struct flow_lost {
    double at_ms, lived_ms, silent_ms; /* when it was noticed, how long after it was open, after its last byte */
    enum flow_loss how;
    char mode;
    const char *address;
    char node[FLOW_NAME]; /* that served it */
    uint16_t port;        /* the client's, as a help to find it in other places */
    uint64_t bytes;
};

struct flow_report {
    uint64_t opened;   /* flows that were established: the server's name has come */
    uint64_t ended;    /* in order, at the end of their lives */
    uint64_t unopened; /* attempts that did not come so far */
    uint64_t bytes;    /* received and right */
    uint64_t lost_count, losses[FLOW_LOSSES];
    struct flow_lost *lost;
    size_t lost_room;
    double *gaps; /* the longest one of each flow, in any order */
    size_t gap_count, gap_room;
    double slowest_open_ms; /* from the first attempt to the server's name */
};

void flow_report_lost(struct flow_report *report, const struct flow_lost *lost);
/* A flow has ended, in whatever way, or still lives at the end of the run: its longest time between two receipts. */
void flow_report_gap(struct flow_report *report, double gap_ms);
/* open: flows that still live. */
void flow_report_print(struct flow_report *report, unsigned open, double end_ms, FILE *out);
void flow_report_free(struct flow_report *report);

#endif
