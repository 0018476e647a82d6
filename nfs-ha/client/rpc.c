/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rpc.h"

#include "rpc_message.h"
#include "rpc_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define MARK_SIZE 4 /* of a record, RFC 5531 section 11 */
#define MARK_LAST 0x80000000U
#define CALL_MAX (MARK_SIZE + RPC_HEAD_SIZE + RPC_ARGUMENTS_MAX)

struct rpc {
    int fd;
    uint32_t xid; /* of the next call */
    size_t length;
    uint8_t buffer[MARK_SIZE + RPC_REPLY_MAX]; /* what came and was not used */
};

struct exchange {
    uint8_t *calls;
    size_t length;
    size_t sent;
    size_t count;
    size_t open;    /* calls without a reply */
    bool *answered; /* one for each call */
    uint32_t first; /* xid */
    rpc_decode *decode;
    void *context;
};

int rpc_open(const struct addr *server, uint16_t port, uint64_t deadline_ms, struct rpc **out)
{
    struct rpc *rpc = malloc(sizeof(*rpc));
    if (rpc == NULL)
        return -ENOMEM;
    rpc->length = 0;
    if (getrandom(&rpc->xid, sizeof(rpc->xid), GRND_NONBLOCK) != sizeof(rpc->xid))
        rpc->xid = 1;
    rpc->fd = rpc_socket_open(server, port, deadline_ms);
    if (rpc->fd < 0) {
        int result = rpc->fd;
        free(rpc);
        return result;
    }
    *out = rpc;
    return 0;
}

void rpc_close(struct rpc *rpc)
{
    if (rpc == NULL)
        return;
    rpc_socket_close(rpc->fd);
    free(rpc);
}

static uint32_t mark_of(const uint8_t *data)
{
    struct xdr_reader reader = {.data = data, .length = MARK_SIZE};
    return xdr_get_u32(&reader);
}

/* Writes one call behind the others, with its mark. */
static void put_call(struct exchange *exchange, const struct rpc_call *call, const struct xdr_writer *arguments)
{
    struct xdr_writer writer = {.data = exchange->calls + exchange->length, .size = CALL_MAX};
    xdr_put_u32(&writer, MARK_LAST | (uint32_t)(RPC_HEAD_SIZE + arguments->length));
    rpc_message_head(&writer, call);
    xdr_put_bytes(&writer, arguments->data, arguments->length);
    exchange->length += writer.length;
}

static int put_calls(struct rpc *rpc, struct exchange *exchange, struct rpc_call call, rpc_encode *encode)
{
    uint8_t bytes[RPC_ARGUMENTS_MAX];

    exchange->first = rpc->xid;
    for (size_t i = 0; i < exchange->count; i++) {
        struct xdr_writer arguments = {.data = bytes, .size = sizeof(bytes)};
        call.xid = rpc->xid++;
        call.procedure = encode(exchange->context, i, &arguments);
        if (arguments.full)
            return -ENAMETOOLONG;
        put_call(exchange, &call, &arguments);
    }
    return 0;
}

static int send_some(const struct rpc *rpc, struct exchange *exchange)
{
    ssize_t sent = send(rpc->fd, exchange->calls + exchange->sent, exchange->length - exchange->sent, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    exchange->sent += (size_t)sent;
    return 0;
}

/* One whole reply. What does not belong to a call of this exchange is an error: the connection is ours alone. */
static int take_reply(struct exchange *exchange, const uint8_t *data, size_t length)
{
    struct xdr_reader reader = {.data = data, .length = length};
    uint32_t xid;
    int result = rpc_reply_head(&reader, &xid);
    uint32_t index = xid - exchange->first;

    if (reader.bad || index >= exchange->count || exchange->answered[index])
        return -EPROTO;
    exchange->answered[index] = true;
    exchange->open--;
    return result == 0 ? exchange->decode(exchange->context, index, &reader) : result;
}

/* The length of the whole record at the beginning of the buffer, whose fragments are put together on the way: 0 when it
 * is not there yet. *body: bytes of it without the marks. */
static int join_record(struct rpc *rpc, size_t *record, size_t *body)
{
    size_t at = 0, joined = 0;

    *record = 0;
    while (rpc->length - at >= MARK_SIZE) {
        uint32_t mark = mark_of(rpc->buffer + at);
        size_t length = mark & ~MARK_LAST;
        if (length > RPC_REPLY_MAX - joined)
            return -EPROTO;
        if (rpc->length - at - MARK_SIZE < length)
            return 0;
        at += MARK_SIZE + length;
        joined += length;
        if ((mark & MARK_LAST) != 0) {
            *record = at;
            *body = joined;
            return 0;
        }
    }
    return 0;
}

static void drop_marks(uint8_t *record, size_t length)
{
    size_t from = 0, to = 0;
    while (from < length) {
        size_t part = mark_of(record + from) & ~MARK_LAST;
        memmove(record + to, record + from + MARK_SIZE, part);
        from += MARK_SIZE + part;
        to += part;
    }
}

static int take_records(struct rpc *rpc, struct exchange *exchange)
{
    for (;;) {
        size_t record, body = 0;
        int result = join_record(rpc, &record, &body);
        if (result != 0 || record == 0)
            return result;
        drop_marks(rpc->buffer, record);
        result = take_reply(exchange, rpc->buffer, body);
        memmove(rpc->buffer, rpc->buffer + record, rpc->length - record);
        rpc->length -= record;
        if (result != 0)
            return result;
    }
}

static int receive_some(struct rpc *rpc, struct exchange *exchange)
{
    if (rpc->length == sizeof(rpc->buffer))
        return -EPROTO; /* fragments without an end */
    ssize_t got = recv(rpc->fd, rpc->buffer + rpc->length, sizeof(rpc->buffer) - rpc->length, 0);
    if (got == 0)
        return -ECONNRESET;
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    rpc->length += (size_t)got;
    return take_records(rpc, exchange);
}

static int run(struct rpc *rpc, struct exchange *exchange, uint64_t deadline_ms)
{
    int result = 0;
    while (result == 0 && exchange->open > 0) {
        short events = exchange->sent < exchange->length ? POLLIN | POLLOUT : POLLIN;
        int ready = rpc_socket_wait(rpc->fd, events, deadline_ms);
        if (ready < 0)
            return ready;
        if ((ready & POLLOUT) != 0)
            result = send_some(rpc, exchange);
        if (result == 0 && (ready & (POLLIN | POLLHUP | POLLERR)) != 0)
            result = receive_some(rpc, exchange);
    }
    return result;
}

int rpc_exchange(struct rpc *rpc, uint32_t program, uint32_t version, size_t count, rpc_encode *encode,
                 rpc_decode *decode, void *context, uint64_t deadline_ms)
{
    const struct rpc_call call = {.program = program, .version = version};
    struct exchange exchange = {.count = count, .open = count, .decode = decode, .context = context};
    int result = -ENOMEM;

    exchange.calls = malloc(count * CALL_MAX + 1);
    exchange.answered = calloc(count + 1, sizeof(*exchange.answered));
    if (exchange.calls != NULL && exchange.answered != NULL)
        result = put_calls(rpc, &exchange, call, encode);
    if (result == 0)
        result = run(rpc, &exchange, deadline_ms);
    free(exchange.calls);
    free(exchange.answered);
    return result;
}
