/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rpc_socket.h"

#include "clock.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* A server may ask for ports below 1024 (export option "secure"). The kernel's NFS client takes its own from 665 on
 * (sunrpc.min_resvport): what is below is tried first, so that it finds its port free when it connects again. */
#define PORT_FIRST 600
#define PORT_KERNEL 665
#define PORT_END 1024

static bool has_a_service(uint16_t port)
{
    static const uint16_t known[] = {623, 631, 636, 647, 749, 873, 953, 989, 990, 992, 993, 995};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i] == port)
            return true;
    return false;
}

static int bind_port(int fd, sa_family_t family, uint16_t port)
{
    const struct addr any = {.family = family};
    struct sockaddr_storage address;
    socklen_t length = addr_to_sockaddr(&any, port, &address);
    return bind(fd, (const struct sockaddr *)&address, length) == 0 ? 0 : -errno;
}

/* Tries [from, end) in a row that begins somewhere, since several threads do this at once. */
static int bind_between(int fd, sa_family_t family, uint16_t from, uint16_t end)
{
    unsigned count = (unsigned)(end - from), start = 0;
    if (getrandom(&start, sizeof(start), GRND_NONBLOCK) < 0)
        start = (unsigned)clock_us();
    start %= count;
    for (unsigned i = 0; i < count; i++) {
        uint16_t port = (uint16_t)(from + (start + i) % count);
        int result = has_a_service(port) ? -EADDRINUSE : bind_port(fd, family, port);
        if (result != -EADDRINUSE)
            return result;
    }
    return -EADDRINUSE;
}

static int configure(int fd, sa_family_t family)
{
    const int on = 1;
    /* Closed by a reset: each port is free again at once, and there are few. */
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
        return -errno;
    int result = bind_between(fd, family, PORT_FIRST, PORT_KERNEL);
    if (result == -EADDRINUSE)
        result = bind_between(fd, family, PORT_KERNEL, PORT_END);
    return result == -EACCES || result == -EADDRINUSE ? 0 : result;
}

int rpc_socket_wait(int fd, short events, uint64_t deadline_ms)
{
    struct pollfd wait = {.fd = fd, .events = events};
    for (;;) {
        uint64_t now = clock_ms();
        int result = poll(&wait, 1, now < deadline_ms ? (int)(deadline_ms - now) : 0);
        if (result > 0)
            return wait.revents;
        if (result == 0)
            return -ETIMEDOUT;
        if (errno != EINTR)
            return -errno;
    }
}

void rpc_socket_close(int fd)
{
    const struct linger at_once = {.l_onoff = 1};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
}

static int finish_connecting(int fd, uint64_t deadline_ms)
{
    int error = 0, result = rpc_socket_wait(fd, POLLOUT, deadline_ms);
    socklen_t length = sizeof(error);
    if (result < 0)
        return result;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        return -errno;
    return -error;
}

int rpc_socket_open(const struct addr *server, uint16_t port, uint64_t deadline_ms)
{
    struct sockaddr_storage address;
    socklen_t length = addr_to_sockaddr(server, port, &address);
    int fd = socket(server->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    int result = configure(fd, server->family);
    if (result == 0 && connect(fd, (const struct sockaddr *)&address, length) != 0)
        result = errno == EINPROGRESS ? finish_connecting(fd, deadline_ms) : -errno;
    if (result == 0)
        return fd;
    rpc_socket_close(fd);
    return result;
}
