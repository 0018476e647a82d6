/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reporter_socket.h"

#include "log.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/ip.h>
#include <string.h>
#include <unistd.h>

static int bind_to_port(int fd, sa_family_t family, const struct addr *bind_to, uint16_t port)
{
    struct sockaddr_storage local;
    struct addr any = {.family = family};
    socklen_t length = addr_to_sockaddr(bind_to->family == AF_UNSPEC ? &any : bind_to, port, &local);
    return bind(fd, (struct sockaddr *)&local, length) < 0 ? -errno : 0;
}

static void set_options(int fd, sa_family_t family)
{
    int on = 1;
    int control = IPTOS_CLASS_CS6; /* reports are network control: they must get through when the LAN is full */
    if (family == AF_INET) {
        setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
        setsockopt(fd, IPPROTO_IP, IP_TOS, &control, sizeof(control));
    } else {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
        setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
        setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &control, sizeof(control));
    }
}

int reporter_socket_open(sa_family_t family, const struct addr *bind_to, uint16_t port)
{
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    set_options(fd, family);
    int result = bind_to_port(fd, family, bind_to, port);
    if (result == -EADDRINUSE) {
        log_warning("port %u is taken, by a tmd on this node? Another one is used: a manager that starts is then "
                    "found by the next retry, not by its hello",
                    port);
        result = bind_to_port(fd, family, bind_to, 0);
    }
    if (result == 0)
        return fd;
    close(fd);
    return result;
}

static int extended_error(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        bool v4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
        bool v6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
        struct sock_extended_err error;
        if (!v4 && !v6)
            continue;
        memcpy(&error, CMSG_DATA(c), sizeof(error));
        return error.ee_errno ? (int)error.ee_errno : EIO;
    }
    return EIO;
}

int reporter_socket_error(int fd, struct addr *to)
{
    struct sockaddr_storage peer = {0};
    char byte;
    _Alignas(struct cmsghdr) char control[512];
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_name = &peer,
                             .msg_namelen = sizeof(peer),
                             .msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    uint16_t port;
    if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return 0;
    if (addr_from_sockaddr(&peer, to, &port) != 0)
        to->family = AF_UNSPEC;
    return extended_error(&message);
}

int reporter_socket_source(const struct addr *to, uint16_t port, struct addr *out)
{
    struct sockaddr_storage peer;
    struct sockaddr_storage local = {0};
    socklen_t local_length = sizeof(local);
    socklen_t length = addr_to_sockaddr(to, port, &peer);
    int fd = socket(to->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int result = 0;
    uint16_t own_port;
    if (connect(fd, (struct sockaddr *)&peer, length) < 0 ||
        getsockname(fd, (struct sockaddr *)&local, &local_length) < 0)
        result = -errno;
    close(fd);
    return result ? result : addr_from_sockaddr(&local, out, &own_port);
}
