/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SOCK_DESTROY, sock_diag(7): the kernel's NFS client waits for a dead server's answer to its FIN; without its socket
 * it connects to the new address at once. */
#include "transport.h"

#include "nlerror.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

#define STATES_ALL 0xfffU
#define STATES_CONNECTED                                                                                               \
    (1U << TCP_ESTABLISHED | 1U << TCP_FIN_WAIT1 | 1U << TCP_FIN_WAIT2 | 1U << TCP_CLOSE_WAIT | 1U << TCP_LAST_ACK |   \
     1U << TCP_CLOSING)
#define STATES_ENDED (1U << TCP_LISTEN | 1U << TCP_TIME_WAIT | 1U << TCP_CLOSE)

struct search {
    const struct addr *server;
    uint16_t port; /* network byte order */
    uint32_t states;
    size_t count;
    struct inet_diag_sockid found[TRANSPORTS_MAX];
};

static int on_socket(struct nl_msg *message, void *context)
{
    struct search *search = context;
    const struct nlmsghdr *header = nlmsg_hdr(message);
    if (nlmsg_datalen(header) < (int)sizeof(struct inet_diag_msg) || search->count == TRANSPORTS_MAX)
        return NL_OK;
    const struct inet_diag_msg *socket = nlmsg_data(header);
    size_t length = search->server->family == AF_INET ? 4 : 16;
    if (socket->id.idiag_dport == search->port && memcmp(socket->id.idiag_dst, search->server->bytes, length) == 0)
        search->found[search->count++] = socket->id;
    return NL_OK;
}

/* Asks with one message; callbacks take what comes. Returns 0 or a negative errno. */
static int exchange(struct nl_sock *netlink, int type, int flags, const struct inet_diag_req_v2 *request)
{
    int rc = nl_send_simple(netlink, type, flags, (void *)(uintptr_t)request, sizeof *request);
    if (rc >= 0)
        rc = (flags & NLM_F_DUMP) == NLM_F_DUMP ? nl_recvmsgs_default(netlink) : nl_wait_for_ack(netlink);
    return rc < 0 ? nlerror_to_errno(rc) : 0;
}

static int find(struct nl_sock *netlink, struct search *search)
{
    struct inet_diag_req_v2 request = {
        .sdiag_family = (uint8_t)search->server->family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = search->states};
    nl_socket_modify_cb(netlink, NL_CB_VALID, NL_CB_CUSTOM, on_socket, search);
    return exchange(netlink, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &request);
}

static int destroy_found(struct nl_sock *netlink, const struct search *search)
{
    int destroyed = 0;
    int rc = 0;
    for (size_t i = 0; i < search->count; i++) {
        struct inet_diag_req_v2 request = {
            .sdiag_family = (uint8_t)search->server->family, .sdiag_protocol = IPPROTO_TCP, .id = search->found[i]};
        int one = exchange(netlink, SOCK_DESTROY, NLM_F_ACK, &request);
        if (one == 0)
            destroyed++;
        else if (one != -ENOENT) /* else it ended by itself meanwhile */
            rc = one;
    }
    return destroyed > 0 ? destroyed : rc;
}

int sockets_destroy(const struct addr *server, uint16_t port, enum sockets_kind kind)
{
    struct search search = {.server = server, .port = htons(port)};
    search.states = kind == SOCKETS_CONNECTED ? STATES_CONNECTED : STATES_ALL & ~STATES_ENDED;
    struct nl_sock *netlink = nl_socket_alloc();
    if (netlink == NULL)
        return -ENOMEM;
    int rc = nl_connect(netlink, NETLINK_SOCK_DIAG);
    rc = rc < 0 ? nlerror_to_errno(rc) : find(netlink, &search);
    if (rc == 0)
        rc = destroy_found(netlink, &search);
    nl_socket_free(netlink);
    return rc;
}
