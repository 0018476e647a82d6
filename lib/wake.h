/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A timer as a descriptor on libqb's loop. libqb's own timers wait in whole milliseconds and turn the loop without a
 * pause through the last one: with a few timers a daemon burns several percent of a processor for nothing. */
#ifndef HAS_WAKE_H
#define HAS_WAKE_H

#include <qb/qbloop.h>
#include <stdint.h>

struct wake {
    qb_loop_t *loop;
    void (*function)(void *context);
    void *context;
    int fd; /* -1: not open */
};

/* Returns 0 or a negative errno. */
int wake_open(struct wake *wake, qb_loop_t *loop, enum qb_loop_priority priority, void (*function)(void *context),
              void *context);
void wake_close(struct wake *wake);

/* Calls the function once in that many microseconds (at least 1), instead of what was set before. */
void wake_in(struct wake *wake, uint64_t us);

/* Calls it again and again, each us. */
void wake_each(struct wake *wake, uint64_t us);

/* Does not call it until it is set again. */
void wake_never(struct wake *wake);

#endif
