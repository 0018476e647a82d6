/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rpc_message.h"

#include "rpc.h"

#include <errno.h>

enum { CALL = 0, REPLY = 1 };
enum { ACCEPTED = 0, DENIED = 1 };
enum { SUCCESS = 0, PROG_UNAVAIL, PROG_MISMATCH, PROC_UNAVAIL, GARBAGE_ARGS, SYSTEM_ERR };
enum { RPC_MISMATCH = 0, AUTH_ERROR = 1 };
enum { AUTH_BADCRED = 1, AUTH_REJECTEDCRED = 2 }; /* auth_stat */
enum { AUTH_NONE = 0, AUTH_SYS = 1 };

#define RPC_VERSION 2
#define VERIFIER_MAX 400

/* stamp, machine, uid 0, gid 0, no more groups */
static void put_root(struct xdr_writer *writer)
{
    static const char machine[] = "has";
    xdr_put_u32(writer, AUTH_SYS);
    xdr_put_u32(writer, 5 * 4 + 4);
    xdr_put_u32(writer, 0);
    xdr_put_text(writer, machine);
    xdr_put_u32(writer, 0);
    xdr_put_u32(writer, 0);
    xdr_put_u32(writer, 0);
    xdr_put_u32(writer, AUTH_NONE);
    xdr_put_u32(writer, 0);
}

void rpc_message_head(struct xdr_writer *writer, const struct rpc_call *call)
{
    xdr_put_u32(writer, call->xid);
    xdr_put_u32(writer, CALL);
    xdr_put_u32(writer, RPC_VERSION);
    xdr_put_u32(writer, call->program);
    xdr_put_u32(writer, call->version);
    xdr_put_u32(writer, call->procedure);
    put_root(writer);
}

static int denied(struct xdr_reader *reader)
{
    uint32_t why = xdr_get_u32(reader);
    uint32_t detail = xdr_get_u32(reader);
    if (reader->bad)
        return -EPROTO;
    if (why != AUTH_ERROR)
        return -EPROTONOSUPPORT;
    /* So the kernel's server answers a host to which it exports nothing at all. */
    return detail == AUTH_BADCRED || detail == AUTH_REJECTEDCRED ? -ENOENT : -EACCES;
}

static int accepted(struct xdr_reader *reader)
{
    size_t length;

    xdr_get_u32(reader); /* the verifier's flavour */
    xdr_get_opaque(reader, VERIFIER_MAX, &length);
    uint32_t status = xdr_get_u32(reader);
    if (reader->bad)
        return -EPROTO;
    switch (status) {
    case SUCCESS:
        return 0;
    case PROG_UNAVAIL:
    case PROG_MISMATCH:
    case PROC_UNAVAIL:
        return -EPROTONOSUPPORT;
    case SYSTEM_ERR:
        return -EREMOTEIO;
    case GARBAGE_ARGS:
    default:
        return -EPROTO;
    }
}

int rpc_reply_head(struct xdr_reader *reader, uint32_t *xid)
{
    *xid = xdr_get_u32(reader);
    uint32_t direction = xdr_get_u32(reader);
    uint32_t status = xdr_get_u32(reader);
    if (reader->bad || direction != REPLY || status > DENIED)
        return -EPROTO;
    return status == ACCEPTED ? accepted(reader) : denied(reader);
}
