/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A one-shot timer on the loop that may be set and stopped at any time, also from its own function. */
#ifndef TCD_TIMER_H
#define TCD_TIMER_H

#include <qb/qbloop.h>
#include <stdbool.h>
#include <stdint.h>

struct timer {
    qb_loop_t *loop;
    void (*function)(void *data);
    void *data;
    qb_loop_timer_handle handle;
    bool armed;
};

void timer_init(struct timer *timer, qb_loop_t *loop, void (*function)(void *data), void *data);

/* Calls the function once, after delay_ms; a time that was set before is forgotten. Returns 0 or a negative errno. */
int timer_set(struct timer *timer, uint64_t delay_ms);

void timer_stop(struct timer *timer);

#endif
