/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs_sync.h"

#include "ipvs_exchange.h"

#include <errno.h>
#include <linux/ip_vs.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define STOP_WAIT_US 100000

struct found {
    size_t count;
    struct ipvs_sync_daemon *daemons;
};

static int change(struct ipvs *ipvs, uint8_t command, const struct ipvs_sync_daemon *daemon)
{
    struct nl_msg *message = ipvs_request_new(ipvs, command, NLM_F_ACK);
    struct ipvs_answer answer = {0};
    if (message == NULL)
        return -ENOMEM;
    struct nlattr *nested = nla_nest_start(message, IPVS_CMD_ATTR_DAEMON | NLA_F_NESTED);
    bool whole = nested != NULL && nla_put_u32(message, IPVS_DAEMON_ATTR_STATE, (uint32_t)daemon->role) == 0 &&
                 nla_put_string(message, IPVS_DAEMON_ATTR_MCAST_IFN, daemon->interface) == 0 &&
                 nla_put_u32(message, IPVS_DAEMON_ATTR_SYNC_ID, daemon->id) == 0 &&
                 (daemon->maxlen == 0 || nla_put_u16(message, IPVS_DAEMON_ATTR_SYNC_MAXLEN, daemon->maxlen) == 0) &&
                 nla_nest_end(message, nested) == 0;
    if (!whole) {
        nlmsg_free(message);
        return -ENOMEM;
    }
    return ipvs_exchange(ipvs, message, &answer);
}

int ipvs_sync_start(struct ipvs *ipvs, const struct ipvs_sync_daemon *daemon)
{
    return change(ipvs, IPVS_CMD_NEW_DAEMON, daemon);
}

static int read_daemon(void *context, struct nlattr **message)
{
    struct found *found = context;
    struct nlattr *attributes[IPVS_DAEMON_ATTR_MAX + 1];
    if (message[IPVS_CMD_ATTR_DAEMON] == NULL || found->count == 2 ||
        nla_parse_nested(attributes, IPVS_DAEMON_ATTR_MAX, message[IPVS_CMD_ATTR_DAEMON], NULL) < 0 ||
        attributes[IPVS_DAEMON_ATTR_STATE] == NULL || attributes[IPVS_DAEMON_ATTR_MCAST_IFN] == NULL)
        return -EBADMSG;
    struct ipvs_sync_daemon *daemon = &found->daemons[found->count++];
    *daemon = (struct ipvs_sync_daemon){.role = (enum ipvs_sync_role)nla_get_u32(attributes[IPVS_DAEMON_ATTR_STATE])};
    nla_strlcpy(daemon->interface, attributes[IPVS_DAEMON_ATTR_MCAST_IFN], sizeof daemon->interface);
    if (attributes[IPVS_DAEMON_ATTR_SYNC_ID] != NULL)
        daemon->id = (uint8_t)nla_get_u32(attributes[IPVS_DAEMON_ATTR_SYNC_ID]);
    if (attributes[IPVS_DAEMON_ATTR_SYNC_MAXLEN] != NULL)
        daemon->maxlen = nla_get_u16(attributes[IPVS_DAEMON_ATTR_SYNC_MAXLEN]);
    return 0;
}

int ipvs_sync_read(struct ipvs *ipvs, struct ipvs_sync_daemon daemons[2])
{
    struct found found = {.daemons = daemons};
    struct ipvs_answer answer = {.message = read_daemon, .context = &found};
    struct nl_msg *message = ipvs_request_new(ipvs, IPVS_CMD_GET_DAEMON, NLM_F_DUMP);
    if (message == NULL)
        return -ENOMEM;
    int rc = ipvs_exchange(ipvs, message, &answer);
    return rc == 0 ? (int)found.count : rc;
}

static void limit_wait(const struct ipvs *ipvs, suseconds_t us)
{
    const struct timeval wait = {.tv_usec = us};
    (void)setsockopt(nl_socket_get_fd(ipvs->socket), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
}

static bool is_running(struct ipvs *ipvs, enum ipvs_sync_role role)
{
    struct ipvs_sync_daemon running[2];
    int count = ipvs_sync_read(ipvs, running);
    for (int i = 0; i < count; i++)
        if (running[i].role == role)
            return true;
    return count < 0;
}

/* When the daemon's thread has not run yet the kernel stops it with -EINTR, and netlink does not answer a request that
 * ended so: without a limit we would wait for ever. All other answers are there when the request has been sent. */
int ipvs_sync_stop(struct ipvs *ipvs, const struct ipvs_sync_daemon *daemon)
{
    limit_wait(ipvs, STOP_WAIT_US);
    int rc = change(ipvs, IPVS_CMD_DEL_DAEMON, daemon);
    limit_wait(ipvs, 0);
    if (rc == -EAGAIN)
        rc = is_running(ipvs, daemon->role) ? -EINTR : 0;
    return rc;
}
