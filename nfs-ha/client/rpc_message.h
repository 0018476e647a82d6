/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The head of a call, RFC 5531 section 9, with the credentials of root (AUTH_SYS, appendix A). Pure. */
#ifndef NFSHA_RPC_MESSAGE_H
#define NFSHA_RPC_MESSAGE_H

#include "xdr.h"

struct rpc_call {
    uint32_t xid;
    uint32_t program;
    uint32_t version;
    uint32_t procedure;
};

#define RPC_HEAD_SIZE 64 /* what rpc_message_head() writes */

void rpc_message_head(struct xdr_writer *writer, const struct rpc_call *call);

#endif
