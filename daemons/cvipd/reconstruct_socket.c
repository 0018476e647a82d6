/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconstruct_socket.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECEIVE_BUFFER (8 * 1024 * 1024)
#define DATAGRAMS_MAX 32 /* read in a row: heartbeats must not wait */

struct reconstruct_socket {
    qb_loop_t *loop;
    const struct keyring *ring;
    void (*received)(void *context, const struct addr *from, const struct wire_connections *part);
    void *context;
    int fds[2]; /* IPv4, IPv6; -1: not in this kernel */
    struct log_limit refusals;
};

static void refuse(struct reconstruct_socket *s, const struct addr *from, const char *reason)
{
    uint64_t suppressed;
    char text[ADDR_TEXT_MAX];
    if (log_allowed(&s->refusals, clock_ms(), &suppressed))
        log_warning("an answer from %s about its connections is refused: %s (%llu more such)", addr_format(from, text),
                    reason, (unsigned long long)suppressed);
}

static void take(struct reconstruct_socket *s, const struct addr *from, const uint8_t *data, size_t length)
{
    struct wire_message message;
    enum wire_result result = wire_decode(data, length, s->ring, &message);
    if (result != WIRE_OK)
        refuse(s, from, wire_result_name(result));
    else if (message.type == WIRE_CONNECTIONS)
        s->received(s->context, from, &message.connections);
}

static int32_t readable(int32_t fd, int32_t events, void *data)
{
    struct reconstruct_socket *s = data;
    (void)events;
    for (int i = 0; i < DATAGRAMS_MAX; i++) {
        struct sockaddr_storage peer;
        socklen_t peer_length = sizeof peer;
        uint8_t datagram[WIRE_DATAGRAM_MAX + 1];
        struct addr from;
        uint16_t port;
        ssize_t length = recvfrom(fd, datagram, sizeof datagram, 0, (struct sockaddr *)&peer, &peer_length);
        if (length < 0 && errno == ECONNREFUSED)
            continue; /* what ICMP said about a request: no traffic client there */
        if (length < 0)
            break;
        if (addr_from_sockaddr(&peer, &from, &port) == 0)
            take(s, &from, datagram, (size_t)length);
    }
    return 0;
}

static int open_one(struct reconstruct_socket *s, int family)
{
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int size = RECEIVE_BUFFER, only = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    int rc = qb_loop_poll_add(s->loop, QB_LOOP_LOW, fd, POLLIN, s, readable);
    if (rc != 0) {
        close(fd);
        return rc;
    }
    return fd;
}

int reconstruct_socket_open(qb_loop_t *loop, const struct keyring *ring,
                            void (*received)(void *context, const struct addr *from,
                                             const struct wire_connections *part),
                            void *context, struct reconstruct_socket **out)
{
    struct reconstruct_socket *s = calloc(1, sizeof *s);
    if (s == NULL)
        return -ENOMEM;
    *s = (struct reconstruct_socket){.loop = loop, .ring = ring, .received = received, .context = context};
    s->fds[0] = open_one(s, AF_INET);
    s->fds[1] = open_one(s, AF_INET6);
    if (s->fds[0] < 0 && s->fds[1] < 0) {
        int rc = s->fds[0];
        free(s);
        return rc;
    }
    *out = s;
    return 0;
}

void reconstruct_socket_close(struct reconstruct_socket *s)
{
    for (int i = 0; i < 2; i++) {
        if (s->fds[i] < 0)
            continue;
        (void)qb_loop_poll_del(s->loop, s->fds[i]);
        close(s->fds[i]);
    }
    free(s);
}

void reconstruct_socket_send(struct reconstruct_socket *s, const struct addr *to, uint16_t port,
                             const struct wire_message *message)
{
    uint8_t datagram[WIRE_DATAGRAM_MAX];
    struct sockaddr_storage peer;
    socklen_t peer_length = addr_to_sockaddr(to, port, &peer);
    int fd = s->fds[to->family == AF_INET ? 0 : 1];
    int length = wire_encode(message, &s->ring->keys[0], datagram);
    if (length < 0 || fd < 0)
        return;
    for (int tries = 0; tries < 2; tries++) /* the first may only tell an older ICMP error */
        if (sendto(fd, datagram, (size_t)length, MSG_NOSIGNAL, (struct sockaddr *)&peer, peer_length) >= 0)
            return;
    char text[ADDR_TEXT_MAX];
    log_info("cannot ask %s for its connections: %s", addr_format(to, text), strerror(errno));
}
