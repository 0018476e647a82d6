/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection_list.h"

#include "clock.h"
#include "log.h"
#include "reporter_socket.h"
#include "sockets.h"
#include "timer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANSWERS_MAX 8 /* under way at a time: a few masters, two families each */
#define PAUSE_MS 5    /* between bursts */
#define REQUEST_MS 50 /* a master's requests are answered at most so often */
#define CONNECTIONS_MAX 1000000

struct answer {
    bool used, listing;
    bool incomplete; /* not all connections are in the list: no part of it says that it is the last */
    struct connection_list *list;
    struct addr to;
    struct addr node; /* who we are to it */
    uint16_t port;
    uint64_t request;
    uint64_t asked_ms;
    uint32_t rate;
    struct sockets *sockets;
    struct sockets_connection *connections;
    size_t count, room, sent;
    uint32_t part;
    struct timer timer;
};

struct connection_list {
    qb_loop_t *loop;
    const struct tcd_config *config;
    const struct keyring *keys;
    connection_list_send send;
    void *context;
    struct answer answers[ANSWERS_MAX];
};

static bool is_master(const struct tcd_config *config, const struct addr *from)
{
    for (size_t i = 0; i < config->master_count; i++)
        for (size_t j = 0; j < config->masters[i].count; j++)
            if (addr_equal(&config->masters[i].addresses[j].address, from))
                return true;
    return false;
}

static void collect(void *context, const struct sockets_connection *connection)
{
    struct answer *answer = context;
    if (connection->local.family != answer->to.family)
        return;
    if (answer->count >= CONNECTIONS_MAX) {
        answer->incomplete = true;
        return;
    }
    if (answer->count == answer->room) {
        size_t room = answer->room ? 2 * answer->room : 1024;
        struct sockets_connection *more = reallocarray(answer->connections, room, sizeof(*more));
        if (!more) {
            answer->incomplete = true;
            return;
        }
        answer->connections = more;
        answer->room = room;
    }
    answer->connections[answer->count++] = *connection;
}

/* One datagram holds connections of one service. */
static int compare(const void *left, const void *right)
{
    const struct sockets_connection *a = left, *b = right;
    int order = addr_compare(&a->local, &b->local);
    return order != 0 ? order : (a->local_port > b->local_port) - (a->local_port < b->local_port);
}

static void end(struct answer *answer)
{
    timer_close(&answer->timer);
    sockets_close(answer->sockets);
    free(answer->connections);
    uint64_t asked_ms = answer->asked_ms;
    struct addr to = answer->to;
    *answer = (struct answer){.list = answer->list, .asked_ms = asked_ms, .to = to};
}

static void fill(const struct answer *answer, struct wire_connections *part)
{
    size_t room = wire_connections_room(answer->to.family);
    part->request = answer->request;
    part->part = answer->part;
    part->node = answer->node;
    for (size_t i = answer->sent; i < answer->count && part->count < room; i++) {
        const struct sockets_connection *c = &answer->connections[i];
        if (part->count > 0 && compare(c, &answer->connections[answer->sent]) != 0)
            break;
        part->virtual_address = c->local;
        part->virtual_port = c->local_port;
        part->connections[part->count++] = (struct wire_connection){.client = c->peer, .port = c->peer_port};
    }
    if (answer->sent + part->count == answer->count && !answer->incomplete)
        part->flags |= WIRE_CONNECTIONS_LAST;
}

/* Returns how many connections went out, or a negative errno. */
static int send_part(struct answer *answer)
{
    struct wire_message message = {.type = WIRE_CONNECTIONS};
    uint8_t datagram[WIRE_DATAGRAM_MAX];
    fill(answer, &message.connections);
    int length = wire_encode(&message, &answer->list->keys->keys[0], datagram);
    if (length < 0)
        return length;
    int result = answer->list->send(answer->list->context, &answer->to, answer->port, datagram, (size_t)length);
    if (result < 0)
        return result;
    answer->sent += message.connections.count;
    answer->part++;
    return (int)message.connections.count;
}

static void send_burst(void *context)
{
    struct answer *answer = context;
    uint32_t burst = answer->rate * PAUSE_MS / 1000 + 1, sent = 0;
    while (sent < burst) {
        int result = send_part(answer);
        if (result == -EAGAIN || result == -ENOBUFS)
            break; /* the socket is full: go on after the pause */
        if (result < 0 || answer->sent == answer->count) {
            if (result < 0)
                log_debug("cannot tell a master of our connections: %s", strerror(-result));
            end(answer);
            return;
        }
        sent += (uint32_t)result;
    }
    uint64_t pause_ms = (uint64_t)sent * 1000 / answer->rate; /* a datagram may hold more than a burst */
    timer_set(&answer->timer, pause_ms > PAUSE_MS ? pause_ms : PAUSE_MS);
}

static void listed(void *context, bool complete)
{
    struct answer *answer = context;
    answer->incomplete |= !complete;
    answer->listing = false;
    if (answer->count > 0) /* else there is nothing to sort, and no array */
        qsort(answer->connections, answer->count, sizeof(answer->connections[0]), compare);
    timer_set(&answer->timer, 0); /* not from within the reading of the sockets */
}

/* The place for a master's request: where its last one was, else a free one, else the oldest. */
static struct answer *place(struct connection_list *list, const struct addr *from)
{
    struct answer *best = &list->answers[0];
    for (size_t i = 0; i < ANSWERS_MAX; i++) {
        struct answer *answer = &list->answers[i];
        if (addr_equal(&answer->to, from))
            return answer;
        if (answer->asked_ms < best->asked_ms)
            best = answer;
    }
    return best;
}

/* The address by which the managers know us; else that by which we reach this one. */
static struct addr identity(const struct tcd_config *config, const struct addr *to, uint16_t port)
{
    struct addr node = to->family == AF_INET ? config->address : config->address6;
    if (node.family == AF_UNSPEC && reporter_socket_source(to, port, &node) != 0)
        node = *to;
    return node;
}

static int begin(struct answer *answer)
{
    struct connection_list *list = answer->list;
    struct sockets_reader reader = {.each = collect, .done = listed, .context = answer};
    int result = timer_init(&answer->timer, list->loop, send_burst, answer);
    if (result)
        return result;
    answer->used = true;
    result = sockets_open(list->loop, list->config, &reader, &answer->sockets);
    if (result) {
        end(answer);
        answer->used = false;
        return result;
    }
    answer->listing = true;
    sockets_list(answer->sockets);
    return 0;
}

int connection_list_request(struct connection_list *list, const struct addr *from, uint16_t port,
                            const struct wire_connections_request *request)
{
    if (!is_master(list->config, from))
        return -EPERM;
    struct answer *answer = place(list, from);
    uint64_t now_ms = clock_ms();
    if (addr_equal(&answer->to, from) && now_ms < answer->asked_ms + REQUEST_MS)
        return -EBUSY;
    if (answer->used)
        end(answer);
    *answer = (struct answer){.list = list,
                              .to = *from,
                              .node = identity(list->config, from, port),
                              .port = port,
                              .request = request->request,
                              .asked_ms = now_ms,
                              .rate = request->rate};
    return begin(answer);
}

int connection_list_open(qb_loop_t *loop, const struct tcd_config *config, const struct keyring *keys,
                         connection_list_send send, void *context, struct connection_list **out)
{
    struct connection_list *list = calloc(1, sizeof(*list));
    if (!list)
        return -ENOMEM;
    *list = (struct connection_list){.loop = loop, .config = config, .keys = keys, .send = send, .context = context};
    for (size_t i = 0; i < ANSWERS_MAX; i++)
        list->answers[i].list = list;
    *out = list;
    return 0;
}

void connection_list_close(struct connection_list *list)
{
    if (!list)
        return;
    for (size_t i = 0; i < ANSWERS_MAX; i++)
        if (list->answers[i].used)
            end(&list->answers[i]);
    free(list);
}
