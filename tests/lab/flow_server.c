/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server of long transfers in the lab's traffic nodes; see flow_pattern.h. It never closes a connection first. */
#include "config.h"

#include "flow_pattern.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <unistd.h>

enum { ROOM = 8192 };

struct transfer {
    struct transfer *previous, *next;
    int fd;
    struct flow_greeting greeting;
    size_t greeted;  /* bytes of the greeting that are here */
    uint64_t offset; /* of the pattern, in a stream: what was put into `out` */
    size_t pending;  /* bytes in `out` */
    uint8_t out[ROOM];
};

struct server {
    int epoll, listener, timer;
    char name[FLOW_NAME];
    struct transfer *all;
};

static void forget(struct server *server, struct transfer *transfer)
{
    if (transfer->previous)
        transfer->previous->next = transfer->next;
    else
        server->all = transfer->next;
    if (transfer->next)
        transfer->next->previous = transfer->previous;
    close(transfer->fd);
    free(transfer);
}

/* Asks for what the transfer waits for: room to send, or bytes to echo while there is room for them. */
static void await(const struct server *server, struct transfer *transfer)
{
    struct epoll_event event = {.data.ptr = transfer};

    if (transfer->pending > 0)
        event.events |= EPOLLOUT;
    if (transfer->pending < ROOM)
        event.events |= EPOLLIN;
    epoll_ctl(server->epoll, EPOLL_CTL_MOD, transfer->fd, &event);
}

/* Returns whether the transfer still lives. */
static bool flush(struct server *server, struct transfer *transfer)
{
    ssize_t n = send(transfer->fd, transfer->out, transfer->pending, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN) {
        forget(server, transfer);
        return false;
    }
    if (n > 0) {
        transfer->pending -= (size_t)n;
        memmove(transfer->out, transfer->out + n, transfer->pending);
    }
    await(server, transfer);
    return true;
}

static void greet(struct server *server, struct transfer *transfer)
{
    const struct flow_greeting *greeting = &transfer->greeting;

    if (memcmp(greeting->magic, FLOW_MAGIC, sizeof(FLOW_MAGIC)) != 0) {
        forget(server, transfer);
        return;
    }
    memcpy(transfer->out, server->name, FLOW_NAME);
    transfer->pending = FLOW_NAME;
    flush(server, transfer);
}

static void receive(struct server *server, struct transfer *transfer)
{
    bool greeting = transfer->greeted < sizeof(transfer->greeting);
    uint8_t *to = greeting ? (uint8_t *)&transfer->greeting + transfer->greeted : transfer->out + transfer->pending;
    size_t room = greeting ? sizeof(transfer->greeting) - transfer->greeted : ROOM - transfer->pending;
    ssize_t n = recv(transfer->fd, to, room, 0);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        forget(server, transfer);
        return;
    }
    if (!greeting) {
        transfer->pending += (size_t)n;
        flush(server, transfer);
        return;
    }
    transfer->greeted += (size_t)n;
    if (transfer->greeted == sizeof(transfer->greeting))
        greet(server, transfer);
}

static void handle(struct server *server, struct transfer *transfer, uint32_t events)
{
    if (events & EPOLLOUT && transfer->pending > 0 && !flush(server, transfer))
        return;
    if (events & (EPOLLERR | EPOLLHUP))
        forget(server, transfer);
    else if (events & EPOLLIN && transfer->pending < ROOM)
        receive(server, transfer);
}

/* Each stream's next block, unless the client takes none. */
static void pace(struct server *server)
{
    uint64_t ticks = 0;
    struct transfer *next;

    if (read(server->timer, &ticks, sizeof(ticks)) != sizeof(ticks))
        return;
    for (struct transfer *transfer = server->all; transfer; transfer = next) {
        next = transfer->next;
        if (transfer->greeted < sizeof(transfer->greeting) || transfer->greeting.mode != FLOW_STREAM ||
            transfer->pending + FLOW_BLOCK > ROOM)
            continue;
        flow_fill(transfer->out + transfer->pending, FLOW_BLOCK, transfer->greeting.seed, transfer->offset);
        transfer->pending += FLOW_BLOCK;
        transfer->offset += FLOW_BLOCK;
        flush(server, transfer);
    }
}

static void welcome(struct server *server)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct transfer *transfer;
    int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return;
    transfer = calloc(1, sizeof(*transfer));
    if (!transfer) {
        close(fd);
        return;
    }
    transfer->fd = fd;
    transfer->next = server->all;
    if (server->all)
        server->all->previous = transfer;
    server->all = transfer;
    event.data.ptr = transfer;
    if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        forget(server, transfer);
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_ANY_INIT};
    int on = 1;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
        bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0 || listen(fd, 1024) < 0)
        return -1;
    return fd;
}

static bool watch(struct server *server, int fd, int *mark)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};

    *mark = fd;
    return fd >= 0 && epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

int main(void)
{
    static struct server server;
    const struct itimerspec every = {{0, FLOW_PACE_MS * 1000000L}, {0, 1}};

    gethostname(server.name, sizeof(server.name) - 1);
    server.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server.epoll < 0 || !watch(&server, listen_on(FLOW_PORT), &server.listener) ||
        !watch(&server, timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), &server.timer) ||
        timerfd_settime(server.timer, 0, &every, NULL) < 0) {
        perror("flow_server");
        return EX_OSERR;
    }
    for (;;) {
        /* One event at a time: what one event ends, no later one of the same harvest can mean. */
        struct epoll_event event;

        if (epoll_wait(server.epoll, &event, 1, -1) != 1)
            continue;
        if (event.data.ptr == &server.listener)
            welcome(&server);
        else if (event.data.ptr == &server.timer)
            pace(&server);
        else
            handle(&server, event.data.ptr, event.events);
    }
}
