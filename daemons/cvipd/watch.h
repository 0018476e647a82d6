/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the traffic manager of this master is well: it is asked by its control service. Without it the weights here
 * grow stale, so another master should rather own the buckets. */
#ifndef CVIPD_WATCH_H
#define CVIPD_WATCH_H

#include <stdbool.h>

struct watch {
    unsigned misses; /* in a row */
    bool down;
};

/* Takes one answer (or none) into account. Three misses in a row say down, one answer says well. Returns whether down
 * has changed. */
bool watch_take(struct watch *watch, bool answered);

/* Asks the service; waits at most 20 ms. */
bool watch_ask(const char *service);

#endif
