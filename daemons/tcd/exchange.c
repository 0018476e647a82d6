/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exchange.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_STEP ((size_t)4096)

struct exchange {
    qb_loop_t *loop;
    int fd;
    exchange_enough_fn enough;
    exchange_done_fn done;
    void *context;
    bool connected;
    char *request;
    size_t request_length;
    size_t sent;
    size_t answer_max;
    size_t received;
    size_t room;
    char *answer;
};

static int bind_source(int fd, const struct addr *source)
{
    struct sockaddr_storage local;
    socklen_t length = addr_to_sockaddr(source, 0, &local);
    int on = 1;
    if (length == 0)
        return 0;
    /* The port is chosen at connect(), so that many checks from one address do not use the ports up. */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    return bind(fd, (struct sockaddr *)&local, length) < 0 ? -errno : 0;
}

int exchange_connect(const struct addr *address, uint16_t port, const struct addr *source)
{
    struct sockaddr_storage peer;
    socklen_t length = addr_to_sockaddr(address, port, &peer);
    int on = 1;
    int fd = socket(address->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    int result = bind_source(fd, source);
    if (result == 0 && connect(fd, (struct sockaddr *)&peer, length) < 0 && errno != EINPROGRESS)
        result = -errno;
    if (result == 0)
        return fd;
    close(fd);
    return result;
}

static void leave_loop(struct exchange *x)
{
    if (x->fd < 0)
        return;
    qb_loop_poll_del(x->loop, x->fd);
    close(x->fd);
    x->fd = -1;
}

static void finish(struct exchange *x, int error)
{
    leave_loop(x);
    if (x->answer)
        x->answer[x->received] = '\0';
    x->done(x->context, error, x->answer ? x->answer : "", x->received);
}

static int socket_error(int fd)
{
    int error = 0;
    socklen_t length = sizeof(error);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
        return -errno;
    return -error;
}

/* Returns 0 when all is sent, 1 when the socket is full, or a negative errno. */
static int send_request(struct exchange *x)
{
    while (x->sent < x->request_length) {
        ssize_t count = send(x->fd, x->request + x->sent, x->request_length - x->sent, MSG_NOSIGNAL);
        if (count < 0)
            return errno == EAGAIN || errno == EINTR ? 1 : -errno;
        x->sent += (size_t)count;
    }
    return 0;
}

static int make_room(struct exchange *x)
{
    if (x->room - x->received > READ_STEP)
        return 0;
    size_t room = x->room ? x->room * 2 : 2 * READ_STEP;
    char *answer = realloc(x->answer, room + 1);
    if (!answer)
        return -ENOMEM;
    x->answer = answer;
    x->room = room;
    return 0;
}

/* Returns 0 when the answer is over, 1 when more may come, or a negative errno. */
static int receive_answer(struct exchange *x)
{
    if (make_room(x) < 0)
        return -ENOMEM;
    size_t wanted = x->room - x->received;
    if (wanted > x->answer_max - x->received)
        wanted = x->answer_max - x->received;
    ssize_t count = recv(x->fd, x->answer + x->received, wanted, 0);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? 1 : -errno;
    if (count == 0)
        return 0;
    x->received += (size_t)count;
    x->answer[x->received] = '\0';
    return x->received < x->answer_max && !(x->enough && x->enough(x->context, x->answer, x->received));
}

/* The next step. Returns 0 when the exchange is over, 1 when it goes on, or a negative errno. */
static int step(struct exchange *x, int32_t events)
{
    if (!x->connected) {
        int error = socket_error(x->fd);
        if (error)
            return error;
        x->connected = true;
    }
    int result = send_request(x);
    if (result)
        return result;
    if (x->answer_max == 0)
        return 0;
    if (events & (POLLIN | POLLHUP | POLLERR))
        return receive_answer(x);
    return 1;
}

static int32_t ready(int32_t fd, int32_t events, void *data);

static int listen_for(struct exchange *x, bool output)
{
    return qb_loop_poll_mod(x->loop, QB_LOOP_HIGH, x->fd, output ? POLLOUT : POLLIN, x, ready);
}

static int32_t ready(int32_t fd, int32_t events, void *data)
{
    struct exchange *x = data;
    (void)fd;
    int result = step(x, events);
    if (result == 1)
        result = listen_for(x, x->sent < x->request_length) < 0 ? -EIO : 1;
    if (result <= 0)
        finish(x, result); /* may free x */
    return 0;
}

int exchange_start(qb_loop_t *loop, const struct exchange_plan *plan, exchange_enough_fn enough, exchange_done_fn done,
                   void *context, struct exchange **out)
{
    struct exchange *x = calloc(1, sizeof(*x));
    if (!x)
        return -ENOMEM;
    *x = (struct exchange){.loop = loop,
                           .enough = enough,
                           .done = done,
                           .context = context,
                           .request_length = plan->request_length,
                           .answer_max = plan->answer_max};
    x->request = malloc(plan->request_length + 1);
    int result = x->request ? exchange_connect(&plan->address, plan->port, &plan->source) : -ENOMEM;
    x->fd = result;
    if (result >= 0) {
        memcpy(x->request, plan->request ? plan->request : "", plan->request_length);
        result = qb_loop_poll_add(loop, QB_LOOP_HIGH, x->fd, POLLOUT, x, ready);
        if (result < 0)
            close(x->fd);
    }
    if (result < 0) {
        free(x->request);
        free(x);
        return result;
    }
    *out = x;
    return 0;
}

void exchange_stop(struct exchange *x)
{
    if (!x)
        return;
    leave_loop(x);
    free(x->request);
    free(x->answer);
    free(x);
}
