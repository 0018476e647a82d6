/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate.h"

#include "nlerror.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Before every other filter of the port (cvipd's engine has 2), under a handle ("GATE") that nobody has by accident. */
#define GATE_PRIORITY 1
#define GATE_HANDLE 0x47415445
#define GATE_NAME "has-gate"

static const uint32_t parents[] = {TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS), TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)};
enum direction { OUT, IN };

struct gate {
    struct nl_sock *socket;
    bool found; /* the kernel's answer was a filter */
};

int gate_connect(struct gate **out)
{
    struct gate *gate = calloc(1, sizeof *gate);
    if (gate == NULL)
        return -ENOMEM;
    gate->socket = nl_socket_alloc();
    int rc = gate->socket == NULL ? -NLE_NOMEM : nl_connect(gate->socket, NETLINK_ROUTE);
    if (rc < 0) {
        gate_disconnect(gate);
        return nlerror_to_errno(rc);
    }
    nl_socket_disable_seq_check(gate->socket); /* libnl counts acknowledgements only; we ask one thing at a time */
    nl_socket_disable_msg_peek(gate->socket);  /* answers are small, and traffic waits for them */
    *out = gate;
    return 0;
}

void gate_disconnect(struct gate *gate)
{
    if (gate == NULL)
        return;
    nl_socket_free(gate->socket);
    free(gate);
}

static struct nl_msg *new_message(uint16_t type, int flags, const struct tcmsg *about, const char *kind)
{
    struct nl_msg *message = nlmsg_alloc_simple(type, flags);
    struct tcmsg copy = *about;
    if (message == NULL)
        return NULL;
    if (nlmsg_append(message, &copy, sizeof copy, NLMSG_ALIGNTO) < 0 || nla_put_string(message, TCA_KIND, kind) < 0) {
        nlmsg_free(message);
        return NULL;
    }
    return message;
}

/* Takes the message. */
static int ask(struct gate *gate, struct nl_msg *message)
{
    return message == NULL ? -ENOMEM : nlerror_to_errno(nl_send_sync(gate->socket, message));
}

static int make_clsact(struct gate *gate, int interface)
{
    const struct tcmsg about = {.tcm_family = AF_UNSPEC,
                                .tcm_ifindex = interface,
                                .tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
                                .tcm_parent = TC_H_CLSACT};
    int rc = ask(gate, new_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &about, "clsact"));
    if (rc == -ENOENT)
        return -EOPNOTSUPP;
    return rc == -EEXIST ? 0 : rc;
}

static struct tcmsg place(int interface, enum direction direction)
{
    return (struct tcmsg){.tcm_family = AF_UNSPEC,
                          .tcm_ifindex = interface,
                          .tcm_handle = GATE_HANDLE,
                          .tcm_parent = parents[direction],
                          .tcm_info = TC_H_MAKE(GATE_PRIORITY << 16, htons(ETH_P_ALL))};
}

static int shut_one(struct gate *gate, int interface, enum direction direction)
{
    const struct sock_filter drop[] = {BPF_STMT(BPF_RET | BPF_K, TC_ACT_SHOT)};
    struct tcmsg about = place(interface, direction);
    struct nl_msg *message = new_message(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &about, "bpf");
    if (message == NULL)
        return -ENOMEM;
    struct nlattr *options = nla_nest_start(message, TCA_OPTIONS);
    nla_put_u16(message, TCA_BPF_OPS_LEN, sizeof drop / sizeof drop[0]);
    nla_put(message, TCA_BPF_OPS, sizeof drop, drop);
    nla_put_string(message, TCA_BPF_NAME, GATE_NAME);
    nla_put_u32(message, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
    nla_nest_end(message, options);
    int rc = ask(gate, message);
    if (rc == -ENOENT)
        return -EOPNOTSUPP;
    return rc == -EEXIST ? 0 : rc;
}

static int open_one(struct gate *gate, int interface, enum direction direction)
{
    struct tcmsg about = place(interface, direction);
    int rc = ask(gate, new_message(RTM_DELTFILTER, 0, &about, "bpf"));
    return rc == -ENOENT || rc == -EINVAL ? 0 : rc; /* no such filter, no clsact */
}

int gate_shut(struct gate *gate, int interface)
{
    int rc = shut_one(gate, interface, OUT);
    if (rc == -EINVAL) { /* no clsact yet */
        rc = make_clsact(gate, interface);
        rc = rc == 0 ? shut_one(gate, interface, OUT) : rc;
    }
    return rc == 0 ? shut_one(gate, interface, IN) : rc;
}

int gate_open(struct gate *gate, int interface)
{
    int in = open_one(gate, interface, IN);
    int out = open_one(gate, interface, OUT);
    return in != 0 ? in : out;
}

static int on_filter(struct nl_msg *message, void *context)
{
    (void)message;
    ((struct gate *)context)->found = true;
    return NL_OK;
}

/* The answer is the filter or an error: no acknowledgement is asked for, which would stay behind it. */
static int ask_for_filter(struct gate *gate, struct nl_msg *message)
{
    int rc =
        message == NULL ? -NLE_NOMEM : nl_socket_modify_cb(gate->socket, NL_CB_VALID, NL_CB_CUSTOM, on_filter, gate);
    gate->found = false;
    if (rc == 0) {
        nl_socket_disable_auto_ack(gate->socket);
        rc = nl_send_auto(gate->socket, message);
        nl_socket_enable_auto_ack(gate->socket);
    }
    if (rc >= 0)
        rc = nl_recvmsgs_default(gate->socket);
    nlmsg_free(message);
    return nlerror_to_errno(rc);
}

/* 1, 0 or a negative errno. */
static int is_shut(struct gate *gate, int interface, enum direction direction)
{
    struct tcmsg about = place(interface, direction);
    int rc = ask_for_filter(gate, new_message(RTM_GETTFILTER, 0, &about, "bpf"));
    if (rc == -ENOENT || rc == -EINVAL)
        return 0;
    return rc == 0 ? gate->found : rc;
}

int gate_is_shut(struct gate *gate, int interface)
{
    int out = is_shut(gate, interface, OUT);
    return out == 1 ? is_shut(gate, interface, IN) : out;
}
