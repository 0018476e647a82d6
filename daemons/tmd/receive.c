/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "receive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Room for the reports of a second of 1,000 nodes, should we be held up. The kernel charges about 1 KB for each. */
#define RECEIVE_BUFFER (16 * 1024 * 1024)
#define CONTROL_MAX 128

struct packet {
    uint8_t data[WIRE_DATAGRAM_MAX + 1]; /* one more, so that too long ones are seen to be so */
    struct iovec part;
    struct sockaddr_storage peer;
    union {
        struct cmsghdr header; /* aligns */
        uint8_t bytes[CONTROL_MAX];
    } control;
};

struct receiver {
    int fd;
    sa_family_t family;
    unsigned replies;
    struct packet in[RECEIVE_BATCH];
    struct packet out[RECEIVE_BATCH];
    struct mmsghdr in_headers[RECEIVE_BATCH];
    struct mmsghdr out_headers[RECEIVE_BATCH];
};

/* What every packet's header says besides; the kernel overwrites lengths, so it is set again for each batch. */
static void prepare_in(struct receiver *receiver)
{
    for (unsigned i = 0; i < RECEIVE_BATCH; i++) {
        struct packet *packet = &receiver->in[i];
        packet->part = (struct iovec){packet->data, sizeof packet->data};
        receiver->in_headers[i].msg_hdr = (struct msghdr){
            .msg_name = &packet->peer,
            .msg_namelen = sizeof packet->peer,
            .msg_iov = &packet->part,
            .msg_iovlen = 1,
            .msg_control = packet->control.bytes,
            .msg_controllen = sizeof packet->control,
        };
    }
}

static void set_options(int fd, sa_family_t family)
{
    int on = 1;
    int size = RECEIVE_BUFFER;
    /* Root may go above the host's limit. None of these is worth ending for. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    if (family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    else
        (void)setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

/* Returns the descriptor or a negative errno. */
static int open_socket(sa_family_t family, uint16_t port)
{
    int off = 0;
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    struct sockaddr_storage any = {.ss_family = family};
    if (family == AF_INET6)
        ((struct sockaddr_in6 *)&any)->sin6_port = htons(port);
    else
        ((struct sockaddr_in *)&any)->sin_port = htons(port);
    if ((family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0) ||
        bind(fd, (struct sockaddr *)&any, sizeof any) != 0) {
        int rc = -errno;
        close(fd);
        return rc;
    }
    set_options(fd, family);
    return fd;
}

int receiver_open(struct receiver **out, uint16_t port)
{
    sa_family_t family = AF_INET6;
    int fd = open_socket(family, port);
    if (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL) {
        family = AF_INET;
        fd = open_socket(family, port);
    }
    if (fd < 0)
        return fd;
    struct receiver *receiver = calloc(1, sizeof *receiver);
    if (receiver == NULL) {
        close(fd);
        return -ENOMEM;
    }
    receiver->fd = fd;
    receiver->family = family;
    *out = receiver;
    return 0;
}

void receiver_close(struct receiver *receiver)
{
    if (receiver == NULL)
        return;
    close(receiver->fd);
    free(receiver);
}

int receiver_descriptor(const struct receiver *receiver)
{
    return receiver->fd;
}

static void from_mapped(const struct in6_addr *in, struct addr *out)
{
    if (IN6_IS_ADDR_V4MAPPED(in)) {
        out->family = AF_INET;
        memcpy(&out->v4, &in->s6_addr[12], sizeof out->v4);
    } else {
        out->family = AF_INET6;
        out->v6 = *in;
    }
}

/* Reads what the kernel says about the packet. */
static void read_control(struct msghdr *header, struct receive_origin *origin)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec time;
            memcpy(&time, CMSG_DATA(c), sizeof time);
            origin->received_ns = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            from_mapped(&info.ipi6_addr, &origin->local);
            if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
                origin->interface = info.ipi6_ifindex;
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            origin->local.family = AF_INET;
            origin->local.v4 = info.ipi_addr;
        }
    }
}

static void send_replies(struct receiver *receiver)
{
    unsigned sent = 0;
    while (sent < receiver->replies) {
        int n = sendmmsg(receiver->fd, receiver->out_headers + sent, receiver->replies - sent, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
            break;                       /* the client asks again */
        sent += n > 0 ? (unsigned)n : 1; /* one that cannot be sent must not hold the others up */
    }
    receiver->replies = 0;
}

int receiver_read(struct receiver *receiver, receive_handler handler, void *context)
{
    prepare_in(receiver);
    int count = recvmmsg(receiver->fd, receiver->in_headers, RECEIVE_BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        struct msghdr *header = &receiver->in_headers[i].msg_hdr;
        struct receive_origin origin = {.peer = receiver->in[i].peer, .peer_length = header->msg_namelen};
        read_control(header, &origin);
        handler(context, receiver->in[i].data, receiver->in_headers[i].msg_len, &origin);
    }
    send_replies(receiver);
    return count > 0 ? count : 0;
}

/* The address that a packet shall leave from: the one that the client wrote to, so that it knows the answer. */
static void *put_control(struct cmsghdr *c, int level, int type, const void *info, size_t size)
{
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(size);
    return memcpy(CMSG_DATA(c), info, size);
}

static size_t set_source(const struct receiver *receiver, struct packet *packet, const struct receive_origin *origin)
{
    if (origin->local.family == AF_UNSPEC)
        return 0;
    memset(&packet->control, 0, sizeof packet->control);
    if (receiver->family == AF_INET) {
        struct in_pktinfo info = {.ipi_spec_dst = origin->local.v4};
        put_control(&packet->control.header, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
        return CMSG_SPACE(sizeof info);
    }
    struct in6_pktinfo info = {.ipi6_ifindex = origin->interface};
    if (origin->local.family == AF_INET6) {
        info.ipi6_addr = origin->local.v6;
    } else {
        info.ipi6_addr.s6_addr[10] = info.ipi6_addr.s6_addr[11] = 0xff;
        memcpy(&info.ipi6_addr.s6_addr[12], &origin->local.v4, sizeof origin->local.v4);
    }
    put_control(&packet->control.header, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    return CMSG_SPACE(sizeof info);
}

void receiver_reply(struct receiver *receiver, const struct receive_origin *origin, const uint8_t *data, size_t length)
{
    if (receiver->replies == RECEIVE_BATCH || length > WIRE_DATAGRAM_MAX)
        return;
    struct packet *packet = &receiver->out[receiver->replies];
    memcpy(packet->data, data, length);
    packet->part = (struct iovec){packet->data, length};
    packet->peer = origin->peer;
    size_t control = set_source(receiver, packet, origin);
    receiver->out_headers[receiver->replies++].msg_hdr = (struct msghdr){
        .msg_name = &packet->peer,
        .msg_namelen = origin->peer_length,
        .msg_iov = &packet->part,
        .msg_iovlen = 1,
        .msg_control = control > 0 ? packet->control.bytes : NULL,
        .msg_controllen = control,
    };
}

int receiver_send(struct receiver *receiver, const struct addr *to, uint16_t port, const uint8_t *data, size_t length)
{
    struct sockaddr_storage peer = {0};
    socklen_t peer_length = addr_to_sockaddr(to, port, &peer);
    if (receiver->family == AF_INET6 && to->family == AF_INET) {
        struct sockaddr_in6 mapped = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
        mapped.sin6_addr.s6_addr[10] = mapped.sin6_addr.s6_addr[11] = 0xff;
        memcpy(&mapped.sin6_addr.s6_addr[12], &to->v4, sizeof to->v4);
        memcpy(&peer, &mapped, sizeof mapped);
        peer_length = sizeof mapped;
    } else if (receiver->family != to->family) {
        return -EAFNOSUPPORT;
    }
    ssize_t sent = sendto(receiver->fd, data, length, MSG_DONTWAIT, (struct sockaddr *)&peer, peer_length);
    return sent < 0 ? -errno : 0;
}
