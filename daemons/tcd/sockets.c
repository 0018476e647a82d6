/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sockets.h"

#include "log.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* States in which the client still has something to get from us or to tell us. In FIN_WAIT2 only as long as the server
 * listens to it: then the socket has an inode. */
#define OPEN_STATES                                                                                                    \
    (1U << TCP_ESTABLISHED | 1U << TCP_SYN_RECV | 1U << TCP_FIN_WAIT1 | 1U << TCP_FIN_WAIT2 | 1U << TCP_CLOSE_WAIT |   \
     1U << TCP_CLOSING | 1U << TCP_LAST_ACK)

/* One question to the kernel: the sockets of a family with a local port. */
struct query {
    uint8_t family;
    uint16_t port;
};

struct sockets {
    qb_loop_t *loop;
    const struct tcd_config *config;
    struct sockets_reader reader;
    int fd;
    bool running;
    bool incomplete; /* a question of this list failed */
    uint32_t sequence;
    size_t current; /* query under way */
    size_t query_count;
    struct query queries[2 * TCD_SERVICE_ADDRESSES_MAX];
};

static void add_query(struct sockets *sockets, uint8_t family, uint16_t port)
{
    for (size_t i = 0; i < sockets->query_count; i++)
        if (sockets->queries[i].family == family && sockets->queries[i].port == port)
            return;
    sockets->queries[sockets->query_count++] = (struct query){.family = family, .port = port};
}

/* An IPv4 connection that an IPv6 socket accepted is listed among those of IPv6, so both families are asked. */
static void make_queries(struct sockets *sockets)
{
    for (size_t i = 0; i < sockets->config->service_address_count; i++) {
        const struct service_address *service = &sockets->config->service_addresses[i];
        if (service->protocol != IPPROTO_TCP)
            continue;
        add_query(sockets, AF_INET6, service->port);
        if (service->address.family == AF_INET)
            add_query(sockets, AF_INET, service->port);
    }
}

static int send_query(struct sockets *sockets)
{
    const struct query *query = &sockets->queries[sockets->current];
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 request;
    } message = {0};
    message.header.nlmsg_len = sizeof(message);
    message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    message.header.nlmsg_seq = ++sockets->sequence;
    message.request.sdiag_family = query->family;
    message.request.sdiag_protocol = IPPROTO_TCP;
    message.request.idiag_states = OPEN_STATES;
    message.request.id.idiag_sport = htons(query->port);
    message.request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    message.request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return send(sockets->fd, &message, sizeof(message), 0) < 0 ? -errno : 0;
}

static bool is_service(const struct tcd_config *config, const struct addr *address, uint16_t port)
{
    for (size_t i = 0; i < config->service_address_count; i++) {
        const struct service_address *service = &config->service_addresses[i];
        if (service->protocol == IPPROTO_TCP && service->port == port && addr_equal(&service->address, address))
            return true;
    }
    return false;
}

static struct addr read_address(uint8_t family, const void *words)
{
    struct addr address = {.family = AF_INET};
    const struct in6_addr *v6 = words;
    if (family == AF_INET) {
        memcpy(&address.v4, words, sizeof(address.v4));
    } else if (IN6_IS_ADDR_V4MAPPED(v6)) {
        memcpy(&address.v4, &v6->s6_addr[12], sizeof(address.v4));
    } else {
        address.family = AF_INET6;
        memcpy(&address.v6, v6, sizeof(address.v6));
    }
    return address;
}

/* A connection of the node to itself is no client's: our own checks are such. */
static void read_socket(struct sockets *sockets, const struct inet_diag_msg *socket)
{
    struct sockets_connection connection = {
        .local = read_address(socket->idiag_family, socket->id.idiag_src),
        .peer = read_address(socket->idiag_family, socket->id.idiag_dst),
        .local_port = ntohs(socket->id.idiag_sport),
        .peer_port = ntohs(socket->id.idiag_dport),
    };
    if (socket->idiag_state == TCP_FIN_WAIT2 && socket->idiag_inode == 0)
        return;
    if (!addr_equal(&connection.local, &connection.peer) &&
        is_service(sockets->config, &connection.local, connection.local_port))
        sockets->reader.each(sockets->reader.context, &connection);
}

static void next_query(struct sockets *sockets);

/* NLMSG_DONE and NLMSG_ERROR both begin with an error number. A kernel without IPv6, or without the diagnosis of its
 * sockets, has no such sockets; any other error may have come in the middle. */
static bool ends_well(const struct nlmsghdr *h)
{
    int32_t error = 0;
    if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(error)))
        memcpy(&error, NLMSG_DATA(h), sizeof(error));
    return error >= 0 || error == -EAFNOSUPPORT || error == -ENOENT || error == -EOPNOTSUPP;
}

/* Returns true when the answer to the query has ended. */
static bool read_messages(struct sockets *sockets, const char *buffer, size_t size)
{
    size_t offset = 0;
    while (size - offset >= sizeof(struct nlmsghdr)) {
        const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)(buffer + offset);
        if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > size - offset) {
            sockets->incomplete = true;
            return true;
        }
        if (h->nlmsg_seq == sockets->sequence) {
            if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) {
                if (!ends_well(h))
                    sockets->incomplete = true;
                return true;
            }
            if (h->nlmsg_type == SOCK_DIAG_BY_FAMILY && h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
                read_socket(sockets, NLMSG_DATA(h));
        }
        offset += NLMSG_ALIGN(h->nlmsg_len);
        if (offset > size)
            return false;
    }
    return false;
}

static int32_t ready(int32_t fd, int32_t events, void *data)
{
    struct sockets *sockets = data;
    _Alignas(struct nlmsghdr) char buffer[32768];
    (void)events;
    ssize_t size = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (size <= 0)
        sockets->incomplete = true; /* -ENOBUFS: messages were lost */
    bool ended = size <= 0 || read_messages(sockets, buffer, (size_t)size);
    if (ended && sockets->running) {
        sockets->current++;
        next_query(sockets);
    }
    return 0;
}

static void next_query(struct sockets *sockets)
{
    while (sockets->current < sockets->query_count) {
        int result = send_query(sockets);
        if (result == 0)
            return;
        log_debug("cannot ask for connections: %s", strerror(-result));
        sockets->incomplete = true;
        sockets->current++;
    }
    sockets->running = false;
    sockets->reader.done(sockets->reader.context, !sockets->incomplete);
}

void sockets_list(struct sockets *sockets)
{
    if (sockets->running)
        return;
    sockets->running = true;
    sockets->incomplete = false;
    sockets->current = 0;
    next_query(sockets);
}

int sockets_open(qb_loop_t *loop, const struct tcd_config *config, const struct sockets_reader *reader,
                 struct sockets **out)
{
    struct sockets *sockets = calloc(1, sizeof(*sockets));
    if (!sockets)
        return -ENOMEM;
    sockets->loop = loop;
    sockets->config = config;
    sockets->reader = *reader;
    make_queries(sockets);
    sockets->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
    int result = sockets->fd < 0 ? -errno : qb_loop_poll_add(loop, QB_LOOP_LOW, sockets->fd, POLLIN, sockets, ready);
    if (result < 0) {
        if (sockets->fd >= 0)
            close(sockets->fd);
        free(sockets);
        return result;
    }
    *out = sockets;
    return 0;
}

void sockets_close(struct sockets *sockets)
{
    if (!sockets)
        return;
    qb_loop_poll_del(sockets->loop, sockets->fd);
    close(sockets->fd);
    free(sockets);
}
