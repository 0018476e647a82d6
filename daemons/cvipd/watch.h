/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the traffic manager of this master is well: it is asked by its control service. Without it the weights here
 * grow stale, so another master should rather own the buckets. */
#ifndef CVIPD_WATCH_H
#define CVIPD_WATCH_H

#include <stdbool.h>

enum watch_answer {
    WATCH_WELL,
    WATCH_SLOW,   /* it is there and did not answer in time: it may only be busy */
    WATCH_ABSENT, /* nobody offers the service */
};

struct watch {
    unsigned absent, slow; /* in a row without an answer */
    bool down;
};

/* Takes one answer into account. Three times absent in a row, or thirty times without an answer, say down; one answer
 * says well. Returns whether down has changed. A manager that hangs is for Pacemaker's monitor to find; it asks with
 * more patience. */
bool watch_take(struct watch *watch, enum watch_answer answer);

/* Asks the service; waits at most 20 ms. */
enum watch_answer watch_ask(const char *service);

#endif
