/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move.h"

#include "clock.h"
#include "sockets.h"
#include "thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* So long a write may wait for its turn, before what it waits for is ended. */
#define PATIENCE_MS 40
/* A connection to a server that works ends within its round-trip time. */
#define PLANNED_MS 100
/* The kernel tries to connect again and again; each attempt is to be ended before it waits long. */
#define AGAIN_MS 20
/* When some have moved, the others are waited for so long; they are brought along later. */
#define REST_MS 1000

/* Shared with the threads that write; freed by the last one. */
struct move {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned users;
    unsigned writing;
    unsigned moved;
    int error;
    int ended;
    struct addr to;
    struct sockets *sockets;      /* connections to be ended as soon as a transport has its new address; NULL: none */
    struct move_writers *writers; /* NULL: not looked at */
    struct transport_list list;   /* those to be moved: first those that nobody writes to yet */
    size_t fresh;                 /* how many these are */
    size_t next;
};

static void leave(struct move *move)
{
    bool last = --move->users == 0;
    pthread_mutex_unlock(&move->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&move->lock);
    pthread_cond_destroy(&move->changed);
    sockets_close(move->sockets);
    free(move);
}

/* Before the kernel's worker sends a FIN to the dead server: those who come while it waits for the answer, and are
 * woken by the end of that connection, wait for 3 s (ECONNABORTED while connecting: call_connect_status() in
 * net/sunrpc/clnt.c). With the lock held. */
static void end_found(struct move *move, const struct transport *transport)
{
    int rc = move->sockets != NULL && transport->own_port != 0 ? sockets_end(move->sockets, transport->own_port) : 0;
    move->ended += rc > 0 ? rc : 0;
}

/* The write blocks for as long as the kernel holds the transport, so each has a thread of its own. */
static void *write_one(void *context)
{
    struct move *move = context;
    pthread_mutex_lock(&move->lock);
    const struct transport *transport = &move->list.transports[move->next++];
    pthread_mutex_unlock(&move->lock);
    int rc = transport_move(transport, &move->to);
    move_writers_end(move->writers, transport->path);
    pthread_mutex_lock(&move->lock);
    if (rc == 0) {
        move->moved++;
        end_found(move, transport);
    }
    if (rc != 0 && rc != -ENOENT) /* the latter: its mount is gone */
        move->error = rc;
    move->writing--;
    pthread_cond_signal(&move->changed);
    leave(move);
    return NULL;
}

/* Returns whether there is one; else that transport's place is free again. */
static bool start_thread(struct move *move)
{
    pthread_mutex_lock(&move->lock);
    move->users++;
    move->writing++;
    int rc = thread_start(write_one, move);
    if (rc != 0) {
        move->users--;
        move->writing--;
        move->error = rc;
        move_writers_end(move->writers, move->list.transports[--move->fresh].path);
    }
    pthread_mutex_unlock(&move->lock);
    return rc == 0;
}

/* Waits until all writes are done, at most that long. Returns whether they are. */
static bool wait_for_writes(struct move *move, unsigned ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&move->lock);
    while (move->writing > 0 && pthread_cond_timedwait(&move->changed, &move->lock, &until) == 0)
        continue;
    bool done = move->writing == 0;
    pthread_mutex_unlock(&move->lock);
    return done;
}

static void find_connections(struct sockets *sockets, const struct addr *servers, size_t count, const struct move *move,
                             enum sockets_kind kind)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t last = 0;
        for (size_t k = 0; k < move->list.count && !addr_equal(&servers[i], &move->to); k++) {
            uint16_t port = move->list.transports[k].port == 0 ? TRANSPORT_NFS_PORT : move->list.transports[k].port;
            if (port != last)
                (void)sockets_find(sockets, &servers[i], port, kind);
            last = port;
        }
    }
}

/* Returns how many. */
static int end_connections(const struct addr *servers, size_t count, const struct move *move, enum sockets_kind kind)
{
    struct sockets *sockets;
    int rc = sockets_open(&sockets);
    if (rc != 0)
        return 0;
    find_connections(sockets, servers, count, move, kind);
    rc = sockets_end(sockets, 0);
    sockets_close(sockets);
    return rc > 0 ? rc : 0;
}

static bool is_of_group(const struct transport *transport, const struct addr *servers, size_t count,
                        const struct addr *to)
{
    for (size_t i = 0; i < count && !addr_equal(&transport->server, to); i++)
        if (addr_equal(&transport->server, &servers[i]))
            return true;
    return false;
}

/* Keeps the transports of the group, those that wait for an earlier write at the end. */
static void choose(struct move *move, const struct addr *servers, size_t count, bool series)
{
    struct transport_list *list = &move->list;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (!is_of_group(&list->transports[i], servers, count, &move->to))
            continue;
        struct transport transport = list->transports[i];
        transport.series &= series;
        list->transports[i] = list->transports[kept];
        list->transports[kept] = transport;
        if (move_writers_begin(move->writers, transport.path)) {
            list->transports[kept] = list->transports[move->fresh];
            list->transports[move->fresh++] = transport;
        }
        kept++;
    }
    list->count = kept;
}

static struct move *prepare(const char *root, const struct addr *servers, size_t count, const struct addr *to,
                            struct move_way way, int *rc)
{
    struct move *move = calloc(1, sizeof *move);
    if (move == NULL) {
        *rc = -ENOMEM;
        return NULL;
    }
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&move->lock, NULL);
    pthread_cond_init(&move->changed, &clock);
    pthread_condattr_destroy(&clock);
    move->users = 1;
    move->to = *to;
    move->writers = way.writers;
    *rc = transport_read(root, &move->list);
    choose(move, servers, count, way.series);
    return move;
}

static bool some_moved(struct move *move)
{
    pthread_mutex_lock(&move->lock);
    bool some = move->moved > 0;
    pthread_mutex_unlock(&move->lock);
    return some;
}

/* For those that wait since an earlier move. Returns how many connections were ended. */
static int help_waiting(struct move *move, const struct addr *servers, size_t count)
{
    uint64_t until = clock_ms() + REST_MS;
    struct timespec again = {.tv_nsec = AGAIN_MS * 1000000L};
    int ended = 0;
    while (move_writers_any(move->writers, &move->list) && clock_ms() < until) {
        ended += end_connections(servers, count, move, SOCKETS_ALL);
        nanosleep(&again, NULL);
    }
    return ended;
}

/* Writes all, and helps those that do not come to an end. Returns 0 or a negative errno. */
static int write_all(struct move *move, const struct addr *servers, size_t count, bool planned, int *ended)
{
    uint64_t began = clock_ms();
    uint64_t until = began + MOVE_TIMEOUT_MS;
    enum sockets_kind kind = SOCKETS_CONNECTED; /* first what is sent to the dead server, then attempts to reach it */
    if (!planned && sockets_open(&move->sockets) == 0)
        find_connections(move->sockets, servers, count, move, SOCKETS_CONNECTED);
    size_t waiting = move->list.count - move->fresh;
    for (size_t started = 0; started < move->fresh;)
        started += start_thread(move);
    bool done = wait_for_writes(move, planned ? PLANNED_MS : PATIENCE_MS);
    while (!done && clock_ms() < until) {
        *ended += end_connections(servers, count, move, kind);
        kind = SOCKETS_ALL;
        done = wait_for_writes(move, AGAIN_MS);
        if (some_moved(move) && clock_ms() - began >= REST_MS)
            return -ETIMEDOUT;
    }
    if (waiting > 0)
        *ended += help_waiting(move, servers, count);
    return done && waiting == 0 ? 0 : -ETIMEDOUT;
}

int move_transports(const char *root, const struct addr *servers, size_t count, const struct addr *to,
                    struct move_way way, struct move_report *report)
{
    int rc;
    int ended = 0;
    uint64_t began = clock_us();
    *report = (struct move_report){0};
    struct move *move = prepare(root, servers, count, to, way, &rc);
    if (move == NULL)
        return rc;
    bool series = move->list.count > 0 && move->list.transports[0].series;
    if (rc == 0 && move->list.count > 0)
        rc = write_all(move, servers, count, way.planned || series, &ended);
    report->duration_us = clock_us() - began;
    pthread_mutex_lock(&move->lock);
    report->moved = move->moved;
    report->failed = (unsigned)move->list.count - move->moved;
    report->ended = (unsigned)(ended + move->ended);
    if (move->moved > 0)
        rc = 0;
    else if (rc == 0)
        rc = move->error;
    leave(move);
    return rc;
}
