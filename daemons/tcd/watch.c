/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch.h"

#include "check.h"
#include "clock.h"
#include "exchange.h"
#include "http_message.h"
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct watch {
    struct check *check;
    int fd; /* -1: closed */
    bool asks;
    bool asked;   /* the request was sent on this connection */
    bool suspect; /* it lived too short: by the server's habit, or because the server died? */
    uint64_t opened_ms;
    uint64_t pause_ms; /* the next pause */
    uint64_t paused_until_ms;
};

int watch_create(struct check *check, struct watch **out)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    if (!watch)
        return -ENOMEM;
    watch->check = check;
    watch->fd = -1;
    watch->asks = check->config->kind == CHECK_KIND_HTTP;
    watch->pause_ms = WATCH_PAUSE_MS;
    *out = watch;
    return 0;
}

static void close_connection(struct watch *watch)
{
    if (watch->fd < 0)
        return;
    qb_loop_poll_del(watch->check->engine->loop, watch->fd);
    close(watch->fd);
    watch->fd = -1;
}

void watch_destroy(struct watch *watch)
{
    if (!watch)
        return;
    close_connection(watch);
    free(watch);
}

static void pause_watch(struct watch *watch)
{
    watch->paused_until_ms = clock_ms() + watch->pause_ms;
    watch->pause_ms = watch->pause_ms * 2 < WATCH_PAUSE_MAX ? watch->pause_ms * 2 : WATCH_PAUSE_MAX;
}

void watch_suspend(struct watch *watch)
{
    if (!watch || watch->fd < 0)
        return;
    close_connection(watch);
    pause_watch(watch);
}

static void connection_ended(struct watch *watch)
{
    log_debug("check %s: the server closed the watch connection", watch->check->config->name);
    watch->suspect = clock_ms() - watch->opened_ms < WATCH_SHORT_MS;
    if (!watch->suspect)
        watch->pause_ms = WATCH_PAUSE_MS;
    close_connection(watch);
    check_closed(watch->check);
}

/* The server lives, so it closed the connection because it does not like it. */
static void adapt(struct watch *watch)
{
    watch->suspect = false;
    if (watch->asked)
        watch->asks = false;
    else
        pause_watch(watch);
}

void watch_excuse(struct watch *watch)
{
    if (!watch || !watch->suspect)
        return;
    watch->suspect = false;
    watch->asks = watch->check->config->kind == CHECK_KIND_HTTP;
}

/* Reads what came and throws it away. Returns false when the connection has ended. */
static bool drain_input(int fd)
{
    char waste[4096];
    ssize_t count = recv(fd, waste, sizeof(waste), 0);
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

static int32_t ready(int32_t fd, int32_t events, void *data)
{
    struct watch *watch = data;
    if ((events & (POLLIN | POLLERR | POLLHUP)) && !drain_input(fd)) {
        connection_ended(watch);
        return 0;
    }
    if (events & POLLOUT) { /* connected */
        char request[HTTP_REQUEST_MAX];
        size_t length = watch->asks ? http_request(watch->check->config, true, request) : 0;
        watch->asked = length > 0 && send(fd, request, length, MSG_NOSIGNAL) == (ssize_t)length;
        qb_loop_poll_mod(watch->check->engine->loop, QB_LOOP_HIGH, fd, POLLIN, watch, ready);
    }
    return 0;
}

void watch_open(struct watch *watch)
{
    if (!watch || watch->fd >= 0)
        return;
    if (watch->suspect)
        adapt(watch);
    if (clock_ms() < watch->paused_until_ms)
        return;
    const struct check_config *config = watch->check->config;
    int fd = exchange_connect(&config->address, config->port, &config->source);
    if (fd < 0) {
        check_closed(watch->check); /* it died just now */
        return;
    }
    if (qb_loop_poll_add(watch->check->engine->loop, QB_LOOP_HIGH, fd, POLLOUT | POLLIN, watch, ready) < 0) {
        close(fd);
        return;
    }
    watch->fd = fd;
    watch->asked = false;
    watch->opened_ms = clock_ms();
}
