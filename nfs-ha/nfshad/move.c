/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move.h"

#include "clock.h"
#include "sockets.h"
#include "worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* So long a write may wait for its turn, before what it waits for is ended. */
#define PATIENCE_MS 40
/* A connection to a server that works ends within its round-trip time. */
#define PLANNED_MS 100
/* The kernel tries to connect again and again; each attempt is to be ended before it waits long. */
#define AGAIN_MS 20

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
    struct sockets *sockets;    /* connections to be ended as soon as a transport has its new address; NULL: none */
    struct transport_list list; /* those to be moved */
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

static void start_thread(struct move *move)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, WORKER_STACK);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_mutex_lock(&move->lock);
    move->users++;
    move->writing++;
    int rc = -pthread_create(&thread, &attributes, write_one, move);
    if (rc != 0) {
        move->users--;
        move->writing--;
        move->error = rc;
    }
    pthread_mutex_unlock(&move->lock);
    pthread_attr_destroy(&attributes);
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

static struct move *prepare(const char *root, const struct addr *servers, size_t count, const struct addr *to,
                            bool series, int *rc)
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
    *rc = transport_read(root, &move->list);
    size_t kept = 0;
    for (size_t i = 0; i < move->list.count; i++) {
        const struct transport *transport = &move->list.transports[i];
        for (size_t k = 0; k < count && !addr_equal(&transport->server, to); k++)
            if (addr_equal(&transport->server, &servers[k])) {
                move->list.transports[kept] = *transport;
                move->list.transports[kept++].series &= series;
                break;
            }
    }
    move->list.count = kept;
    return move;
}

/* Writes all, and helps those that do not come to an end. Returns 0 or a negative errno. */
static int write_all(struct move *move, const struct addr *servers, size_t count, bool planned, int *ended)
{
    uint64_t until = clock_ms() + MOVE_TIMEOUT_MS;
    enum sockets_kind kind = SOCKETS_CONNECTED; /* first what is sent to the dead server, then attempts to reach it */
    if (!planned && sockets_open(&move->sockets) == 0)
        find_connections(move->sockets, servers, count, move, SOCKETS_CONNECTED);
    for (size_t i = 0; i < move->list.count; i++)
        start_thread(move);
    bool done = wait_for_writes(move, planned ? PLANNED_MS : PATIENCE_MS);
    while (!done && clock_ms() < until) {
        *ended += end_connections(servers, count, move, kind);
        kind = SOCKETS_ALL;
        done = wait_for_writes(move, AGAIN_MS);
    }
    return done ? 0 : -ETIMEDOUT;
}

int move_transports(const char *root, const struct addr *servers, size_t count, const struct addr *to,
                    struct move_way way, struct move_report *report)
{
    int rc;
    int ended = 0;
    uint64_t began = clock_us();
    *report = (struct move_report){0};
    struct move *move = prepare(root, servers, count, to, way.series, &rc);
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
    if (rc == 0 && move->moved == 0)
        rc = move->error;
    leave(move);
    return rc;
}
