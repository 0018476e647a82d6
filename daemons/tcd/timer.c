/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "timer.h"

#include "log.h"

#include <string.h>

void timer_init(struct timer *timer, qb_loop_t *loop, void (*function)(void *data), void *data)
{
    *timer = (struct timer){.loop = loop, .function = function, .data = data};
}

static void expired(void *data)
{
    struct timer *timer = data;
    timer->armed = false;
    timer->function(timer->data);
}

int timer_set(struct timer *timer, uint64_t delay_ms)
{
    timer_stop(timer);
    int result =
        qb_loop_timer_add(timer->loop, QB_LOOP_HIGH, delay_ms * UINT64_C(1000000), timer, expired, &timer->handle);
    timer->armed = result == 0;
    if (result)
        log_error("cannot set a timer: %s", strerror(-result));
    return result;
}

void timer_stop(struct timer *timer)
{
    if (timer->armed)
        qb_loop_timer_del(timer->loop, timer->handle);
    timer->armed = false;
}
