/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include "clock.h"
#include "probe_calls.h"
#include "probe_message.h"
#include "probe_socket.h"
#include "wake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So many attempts to connect may be under way. The kernel repeats its first segment after a second only; a new attempt
 * sends one at once, and an older one is not given up for it: the way to the server may be long. */
#define CONNECTS 8
#define US 1000

struct attempt {
    int fd; /* -1: none */
    uint64_t at_us;
};

struct probe {
    qb_loop_t *loop;
    struct sockaddr_storage server;
    socklen_t server_length;
    struct probe_settings settings;
    probe_result *result;
    void *context;
    struct wake tick, deadline;
    bool ticking; /* the first tick comes at once */
    int fd;       /* the connection; -1: none */
    struct attempt attempts[CONNECTS];
    size_t next_attempt;
    struct probe_reader reader;
    uint64_t heard_us; /* the last reply, or since when it is connected */
    uint32_t xid;
    struct probe_calls calls;
    unsigned busy; /* callbacks that are running */
    bool closed;   /* one of them called probe_close() */
};

/* A result may be told only between these: the one who is told may close the probe. */
static void enter(struct probe *probe)
{
    probe->busy++;
}

static void leave(struct probe *probe)
{
    if (--probe->busy > 0 || !probe->closed)
        return;
    probe_calls_free(&probe->calls);
    free(probe);
}

static void tell(struct probe *probe, bool answered, int error)
{
    if (!probe->closed)
        probe->result(probe->context, answered, error);
}

static uint64_t timeout_us(const struct probe *probe)
{
    return (uint64_t)probe->settings.timeout_ms * US;
}

static void end_attempt(struct probe *probe, struct attempt *attempt)
{
    if (attempt->fd < 0)
        return;
    (void)qb_loop_poll_del(probe->loop, attempt->fd);
    close(attempt->fd);
    attempt->fd = -1;
}

static void end_attempts(struct probe *probe)
{
    for (size_t i = 0; i < CONNECTS; i++)
        end_attempt(probe, &probe->attempts[i]);
}

/* What has been asked on it has to be asked again on another one. */
static void end_connection(struct probe *probe)
{
    if (probe->fd < 0)
        return;
    (void)qb_loop_poll_del(probe->loop, probe->fd);
    close(probe->fd);
    probe->fd = -1;
    probe->reader.length = 0;
    probe_calls_unsent(&probe->calls);
}

/* Sets the timer to the moment when the oldest call or attempt has had its time. */
static void set_deadline(struct probe *probe)
{
    uint64_t oldest = UINT64_MAX, now = clock_us();
    if (probe->closed)
        return;
    if (probe->calls.count > 0)
        oldest = probe_calls_at(&probe->calls, 0)->at_us;
    for (size_t i = 0; i < CONNECTS; i++)
        if (probe->attempts[i].fd >= 0 && probe->attempts[i].at_us < oldest)
            oldest = probe->attempts[i].at_us;
    if (oldest == UINT64_MAX)
        wake_never(&probe->deadline);
    else
        wake_in(&probe->deadline, oldest + timeout_us(probe) > now ? oldest + timeout_us(probe) - now : 1);
}

/* The server, or what is between, has ended it. One failure, however many calls were under way; the next interval
 * begins a new connection. */
static void fail(struct probe *probe, int error)
{
    bool asked = probe->calls.count > 0;
    end_connection(probe);
    end_attempts(probe);
    probe->calls.count = 0;
    if (asked)
        tell(probe, false, error);
}

/* Sends a call. One that the kernel has no room for is not repeated: it has its deadline like any other. */
static void send_call(struct probe *probe, struct probe_call *call)
{
    uint8_t message[PROBE_CALL_SIZE];
    probe_message_call(message, call->xid, probe->settings.version);
    ssize_t sent = send(probe->fd, message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL);
    call->sent = true;
    if (sent == (ssize_t)sizeof message || (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)))
        return;
    fail(probe, sent < 0 ? -errno : -EPIPE);
}

static void on_reply(void *context, uint32_t xid)
{
    struct probe *probe = context;
    probe->heard_us = clock_us();
    if (probe_calls_answered(&probe->calls, xid))
        tell(probe, true, 0);
}

/* Takes what has arrived. */
static void receive(struct probe *probe)
{
    while (probe->fd >= 0 && !probe->closed) {
        uint8_t data[4096];
        ssize_t got = recv(probe->fd, data, sizeof data, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
            return;
        if (got <= 0) {
            fail(probe, got < 0 ? -errno : -ECONNRESET);
            return;
        }
        if (probe_reader_take(&probe->reader, data, (size_t)got, on_reply, probe) != 0)
            fail(probe, -EPROTO);
    }
}

static int32_t on_readable(int32_t fd, int32_t events, void *data)
{
    struct probe *probe = data;
    (void)fd;
    (void)events;
    enter(probe);
    receive(probe);
    set_deadline(probe);
    leave(probe);
    return 0;
}

static void connected(struct probe *probe, struct attempt *attempt)
{
    int fd = attempt->fd;
    (void)qb_loop_poll_del(probe->loop, fd);
    attempt->fd = -1;
    end_attempts(probe);
    int rc = qb_loop_poll_add(probe->loop, QB_LOOP_HIGH, fd, POLLIN, probe, on_readable);
    if (rc != 0) {
        close(fd);
        fail(probe, rc);
        return;
    }
    probe->fd = fd;
    probe->heard_us = clock_us(); /* it has time to answer from now on */
    for (size_t i = 0; i < probe->calls.count && probe->fd >= 0; i++)
        send_call(probe, probe_calls_at(&probe->calls, i));
}

static int32_t on_connect(int32_t fd, int32_t events, void *data)
{
    struct probe *probe = data;
    int error = 0;
    socklen_t length = sizeof error;
    (void)events;
    enter(probe);
    for (size_t i = 0; i < CONNECTS; i++) {
        struct attempt *attempt = &probe->attempts[i];
        if (attempt->fd != fd)
            continue;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
            error = errno;
        error == 0 ? connected(probe, attempt) : fail(probe, -error);
        break;
    }
    set_deadline(probe);
    leave(probe);
    return 0;
}

/* Begins to connect, in place of the oldest attempt if there are too many. */
static void begin_connect(struct probe *probe)
{
    struct attempt *attempt = &probe->attempts[probe->next_attempt];
    end_attempt(probe, attempt);
    int fd = probe_socket_connect(&probe->server, probe->server_length);
    int rc = fd < 0 ? fd : qb_loop_poll_add(probe->loop, QB_LOOP_HIGH, fd, POLLOUT, probe, on_connect);
    if (rc != 0) {
        if (fd >= 0)
            close(fd);
        fail(probe, rc);
        return;
    }
    *attempt = (struct attempt){.fd = fd, .at_us = clock_us()};
    probe->next_attempt = (probe->next_attempt + 1) % CONNECTS;
}

/* Has the last attempt been given its share of the time? So the oldest of them can have all of it. */
static bool may_connect(const struct probe *probe)
{
    const struct attempt *last = &probe->attempts[(probe->next_attempt + CONNECTS - 1) % CONNECTS];
    return last->fd < 0 || clock_us() - last->at_us >= timeout_us(probe) / CONNECTS;
}

static void on_tick(void *context)
{
    struct probe *probe = context;
    enter(probe);
    if (!probe->ticking)
        wake_each(&probe->tick, (uint64_t)probe->settings.interval_ms * US);
    probe->ticking = true;
    struct probe_call *call = probe_calls_add(&probe->calls, ++probe->xid, clock_us());
    if (probe->fd >= 0 && call != NULL)
        send_call(probe, call);
    else if (probe->fd < 0 && may_connect(probe))
        begin_connect(probe);
    set_deadline(probe);
    leave(probe);
}

/* The oldest calls have had their time. Returns whether the connection is dead: nothing was heard since one of them. */
static bool expire_calls(struct probe *probe, uint64_t now)
{
    bool dead = false;
    while (probe->calls.count > 0 && !probe->closed &&
           now - probe_calls_at(&probe->calls, 0)->at_us >= timeout_us(probe)) {
        dead = dead || probe->heard_us < probe_calls_at(&probe->calls, 0)->at_us;
        probe_calls_drop_oldest(&probe->calls);
        tell(probe, false, -ETIMEDOUT);
    }
    return dead;
}

static void on_deadline(void *context)
{
    struct probe *probe = context;
    enter(probe);
    receive(probe); /* when we were late ourselves, the answers are there */
    uint64_t now = clock_us();
    for (size_t i = 0; i < CONNECTS; i++)
        if (probe->attempts[i].fd >= 0 && now - probe->attempts[i].at_us >= timeout_us(probe))
            end_attempt(probe, &probe->attempts[i]);
    if (expire_calls(probe, now) && probe->fd >= 0) {
        end_connection(probe);
        begin_connect(probe);
    }
    set_deadline(probe);
    leave(probe);
}

/* Room for all calls that can be under way. */
static int make_room(struct probe *probe)
{
    return probe_calls_resize(&probe->calls, probe->settings.timeout_ms / probe->settings.interval_ms + 2);
}

static void stop(struct probe *probe)
{
    end_connection(probe);
    end_attempts(probe);
    wake_close(&probe->tick);
    wake_close(&probe->deadline);
}

int probe_open(qb_loop_t *loop, const struct addr *server, const struct probe_settings *settings, probe_result *result,
               void *context, struct probe **out)
{
    struct probe *probe = calloc(1, sizeof *probe);
    if (probe == NULL)
        return -ENOMEM;
    *probe = (struct probe){.loop = loop,
                            .settings = *settings,
                            .result = result,
                            .context = context,
                            .fd = -1,
                            .tick = {.fd = -1},
                            .deadline = {.fd = -1},
                            .xid = (uint32_t)clock_us()};
    for (size_t i = 0; i < CONNECTS; i++)
        probe->attempts[i].fd = -1;
    probe->server_length = addr_to_sockaddr(server, settings->port, &probe->server);
    int rc = probe->server_length > 0 ? make_room(probe) : -EAFNOSUPPORT;
    if (rc == 0)
        rc = wake_open(&probe->tick, loop, QB_LOOP_HIGH, on_tick, probe);
    if (rc == 0)
        rc = wake_open(&probe->deadline, loop, QB_LOOP_HIGH, on_deadline, probe);
    if (rc != 0) {
        probe_close(probe);
        return rc;
    }
    wake_in(&probe->tick, 1);
    *out = probe;
    return 0;
}

void probe_close(struct probe *probe)
{
    if (probe == NULL || probe->closed)
        return;
    enter(probe);
    stop(probe);
    probe->closed = true;
    leave(probe);
}

void probe_change(struct probe *probe, const struct probe_settings *settings)
{
    struct probe_settings before = probe->settings;
    probe->settings.interval_ms = settings->interval_ms;
    probe->settings.timeout_ms = settings->timeout_ms;
    (void)make_room(probe); /* without memory some calls are left out */
    if (probe->ticking && settings->interval_ms != before.interval_ms)
        wake_each(&probe->tick, (uint64_t)settings->interval_ms * US);
    set_deadline(probe);
}
