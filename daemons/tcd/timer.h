/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A one-shot timer on the loop that may be set and stopped at any time, also from its own function.
 * It is a timerfd: with its own timers libqb's loop spins for the last millisecond before each, which at 20 ms updates
 * costs some percent of a core. */
#ifndef TCD_TIMER_H
#define TCD_TIMER_H

#include <qb/qbloop.h>
#include <stdint.h>

struct timer {
    qb_loop_t *loop; /* NULL: never made */
    void (*function)(void *data);
    void *data;
    int fd;
};

/* Returns 0 or a negative errno; timer_close() is allowed after both, and on a timer of zeros. */
int timer_init(struct timer *timer, qb_loop_t *loop, void (*function)(void *data), void *data);
void timer_close(struct timer *timer);

/* Calls the function once, after delay_ms; a time that was set before is forgotten. */
void timer_set(struct timer *timer, uint64_t delay_ms);

void timer_stop(struct timer *timer);

#endif
