/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "timer.h"

#include "log.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int32_t ready(int32_t fd, int32_t events, void *data)
{
    struct timer *timer = data;
    uint64_t expirations;
    (void)events;
    /* Nothing to read: it was stopped or set again after the loop had seen it expire. */
    if (read(fd, &expirations, sizeof(expirations)) == (ssize_t)sizeof(expirations))
        timer->function(timer->data);
    return 0;
}

int timer_init(struct timer *timer, qb_loop_t *loop, void (*function)(void *data), void *data)
{
    *timer = (struct timer){.function = function, .data = data};
    timer->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (timer->fd < 0)
        return -errno;
    int result = qb_loop_poll_add(loop, QB_LOOP_HIGH, timer->fd, POLLIN, timer, ready);
    if (result < 0) {
        close(timer->fd);
        return result;
    }
    timer->loop = loop;
    return 0;
}

void timer_close(struct timer *timer)
{
    if (!timer->loop)
        return;
    qb_loop_poll_del(timer->loop, timer->fd);
    close(timer->fd);
    timer->loop = NULL;
}

static void set_time(const struct timer *timer, const struct itimerspec *when)
{
    if (timer->loop && timerfd_settime(timer->fd, 0, when, NULL) < 0)
        log_error("cannot set a timer: %s", strerror(errno));
}

void timer_set(struct timer *timer, uint64_t delay_ms)
{
    struct itimerspec when = {0};
    when.it_value.tv_sec = (time_t)(delay_ms / 1000);
    when.it_value.tv_nsec = (long)(delay_ms % 1000 * 1000000);
    if (delay_ms == 0)
        when.it_value.tv_nsec = 1; /* 0 would stop it */
    set_time(timer, &when);
}

void timer_stop(struct timer *timer)
{
    const struct itimerspec never = {0};
    set_time(timer, &never);
}
