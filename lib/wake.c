/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wake.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int32_t on_wake(int32_t fd, int32_t events, void *data)
{
    (void)events;
    struct wake *wake = data;
    uint64_t times;
    /* Nothing to read: it was set anew since it rang. */
    if (read(fd, &times, sizeof times) == (ssize_t)sizeof times)
        wake->function(wake->context);
    return 0;
}

int wake_open(struct wake *wake, qb_loop_t *loop, enum qb_loop_priority priority, void (*function)(void *context),
              void *context)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    *wake = (struct wake){.loop = loop, .function = function, .context = context, .fd = fd};
    int rc = qb_loop_poll_add(loop, priority, fd, POLLIN, wake, on_wake);
    if (rc != 0)
        wake_close(wake);
    return rc;
}

void wake_close(struct wake *wake)
{
    if (wake->loop == NULL || wake->fd < 0)
        return;
    (void)qb_loop_poll_del(wake->loop, wake->fd);
    close(wake->fd);
    wake->fd = -1;
}

static void set(struct wake *wake, uint64_t us, uint64_t again_us)
{
    struct itimerspec time = {
        .it_value = {.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000},
        .it_interval = {.tv_sec = (time_t)(again_us / 1000000), .tv_nsec = (long)(again_us % 1000000) * 1000},
    };
    (void)timerfd_settime(wake->fd, 0, &time, NULL);
}

void wake_in(struct wake *wake, uint64_t us)
{
    set(wake, us > 0 ? us : 1, 0); /* 0 would switch it off */
}

void wake_each(struct wake *wake, uint64_t us)
{
    set(wake, us, us);
}

void wake_never(struct wake *wake)
{
    set(wake, 0, 0);
}
