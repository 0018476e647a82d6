/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sockets.h"

#include "nlerror.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOCKETS_MAX 256
#define STATES_ALL 0xfffU
#define STATES_CONNECTED                                                                                               \
    (1U << TCP_ESTABLISHED | 1U << TCP_FIN_WAIT1 | 1U << TCP_FIN_WAIT2 | 1U << TCP_CLOSE_WAIT | 1U << TCP_LAST_ACK |   \
     1U << TCP_CLOSING)
#define STATES_ENDED (1U << TCP_LISTEN | 1U << TCP_TIME_WAIT | 1U << TCP_CLOSE)

struct sockets {
    struct nl_sock *netlink;
    const struct addr *server; /* while they are searched */
    uint16_t port;             /* network byte order */
    uid_t user;                /* ours */
    size_t count;
    struct {
        uint8_t family;
        struct inet_diag_sockid id;
    } found[SOCKETS_MAX];
};

static int on_socket(struct nl_msg *message, void *context)
{
    struct sockets *sockets = context;
    const struct nlmsghdr *header = nlmsg_hdr(message);
    if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY || nlmsg_datalen(header) < (int)sizeof(struct inet_diag_msg) ||
        sockets->count == SOCKETS_MAX)
        return NL_OK;
    const struct inet_diag_msg *socket = nlmsg_data(header);
    if (sockets->user != 0 && socket->idiag_uid == sockets->user)
        return NL_OK; /* our own probes and comparisons; the kernel's are root's */
    size_t length = sockets->server->family == AF_INET ? 4 : 16;
    if (socket->id.idiag_dport != sockets->port || memcmp(socket->id.idiag_dst, sockets->server->bytes, length) != 0)
        return NL_OK;
    sockets->found[sockets->count].family = socket->idiag_family;
    sockets->found[sockets->count++].id = socket->id;
    return NL_OK;
}

int sockets_open(struct sockets **out)
{
    struct sockets *sockets = calloc(1, sizeof *sockets);
    if (sockets == NULL)
        return -ENOMEM;
    sockets->netlink = nl_socket_alloc();
    int rc = sockets->netlink != NULL ? nl_connect(sockets->netlink, NETLINK_SOCK_DIAG) : -NLE_NOMEM;
    if (rc < 0) {
        sockets_close(sockets);
        return nlerror_to_errno(rc);
    }
    nl_socket_modify_cb(sockets->netlink, NL_CB_VALID, NL_CB_CUSTOM, on_socket, sockets);
    sockets->user = geteuid();
    *out = sockets;
    return 0;
}

void sockets_close(struct sockets *sockets)
{
    if (sockets == NULL)
        return;
    nl_socket_free(sockets->netlink);
    free(sockets);
}

int sockets_find(struct sockets *sockets, const struct addr *server, uint16_t port, enum sockets_kind kind)
{
    struct inet_diag_req_v2 request = {.sdiag_family = (uint8_t)server->family,
                                       .sdiag_protocol = IPPROTO_TCP,
                                       .idiag_states =
                                           kind == SOCKETS_CONNECTED ? STATES_CONNECTED : STATES_ALL & ~STATES_ENDED,
                                       /* the kernel leaves out the rest: a busy host has very many */
                                       .id = {.idiag_dport = htons(port)}};
    sockets->server = server;
    sockets->port = htons(port);
    int rc = nl_send_simple(sockets->netlink, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &request, sizeof request);
    if (rc >= 0)
        rc = nl_recvmsgs_default(sockets->netlink);
    return rc < 0 ? nlerror_to_errno(rc) : 0;
}

int sockets_end(const struct sockets *sockets, uint16_t own_port)
{
    int ended = 0;
    int error = 0;
    for (size_t i = 0; i < sockets->count; i++) {
        struct inet_diag_req_v2 request = {
            .sdiag_family = sockets->found[i].family, .sdiag_protocol = IPPROTO_TCP, .id = sockets->found[i].id};
        if (own_port != 0 && request.id.idiag_sport != htons(own_port))
            continue;
        int rc = nl_send_simple(sockets->netlink, SOCK_DESTROY, NLM_F_ACK, &request, sizeof request);
        if (rc >= 0)
            rc = nl_wait_for_ack(sockets->netlink);
        rc = rc < 0 ? nlerror_to_errno(rc) : 0;
        if (rc == 0)
            ended++;
        else if (rc != -ENOENT)
            error = rc;
    }
    return ended > 0 ? ended : error;
}
