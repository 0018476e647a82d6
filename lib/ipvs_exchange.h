/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request to the IPVS generic netlink family and its answer. Only lib/ipvs*.c use this. */
#ifndef HAS_IPVS_EXCHANGE_H
#define HAS_IPVS_EXCHANGE_H

#include "ipvs.h"

#include <netlink/msg.h>
#include <stdbool.h>

struct ipvs {
    struct nl_sock *socket;
    int family;
};

/* What one exchange with the kernel came to. */
struct ipvs_answer {
    uint32_t sequence; /* the request's number */
    int error;         /* the kernel's own negative errno; libnl's codes lose some */
    bool done;
    int (*message)(void *context, struct nlattr **attributes); /* one message of a dump */
    void *context;
};

/* A message with its headers, or NULL when there is no memory. */
struct nl_msg *ipvs_request_new(const struct ipvs *ipvs, uint8_t command, int flags);

/* Sends the message and receives until the kernel's final word. Frees the message. Returns 0 or a negative errno. */
int ipvs_exchange(struct ipvs *ipvs, struct nl_msg *message, struct ipvs_answer *answer);

#endif
