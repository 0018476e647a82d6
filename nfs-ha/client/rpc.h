/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls to an ONC RPC server over one TCP connection, RFC 5531: as root (AUTH_SYS), from a reserved port where the
 * process may have one, many at once, each function within a deadline. It blocks; any thread may have connections of
 * its own. */
#ifndef NFSHA_RPC_H
#define NFSHA_RPC_H

#include "addr.h"
#include "xdr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RPC_ARGUMENTS_MAX 2048    /* of one call */
#define RPC_REPLY_MAX (64 * 1024) /* a longer reply is an error */
#define RPC_PROGRAM_RPCBIND 100000
#define RPC_PROGRAM_NFS 100003
#define RPC_PROGRAM_MOUNT 100005
#define RPC_PORT_RPCBIND 111

struct rpc;

/* deadline_ms: of clock_ms(). Returns 0 or a negative errno: -ETIMEDOUT, -ECONNREFUSED, -EHOSTUNREACH… */
int rpc_open(const struct addr *server, uint16_t port, uint64_t deadline_ms, struct rpc **out);
void rpc_close(struct rpc *rpc);

/* Writes the arguments of one of the calls; returns the number of its procedure. */
typedef uint32_t rpc_encode(void *context, size_t index, struct xdr_writer *arguments);
/* Takes the results of one of the calls. Returns 0, or a negative errno, which ends the exchange. */
typedef int rpc_decode(void *context, size_t index, struct xdr_reader *results);

/* Makes `count` calls at once and waits for all replies; decode() gets them in whatever order they come. Returns 0, or
 * a negative errno, after which the connection is of no more use unless it is -EPROTONOSUPPORT and count is 1:
 * -EPROTONOSUPPORT the server has not this program, version or procedure, -ENOENT it does not know this host (it
 * exports nothing to it), -EACCES it wants better credentials, -EPROTO what it sends is no reply, -ETIMEDOUT,
 * -ECONNRESET. */
int rpc_exchange(struct rpc *rpc, uint32_t program, uint32_t version, size_t count, rpc_encode *encode,
                 rpc_decode *decode, void *context, uint64_t deadline_ms);

/* The head of a reply; *xid is the call's. Returns 0, and the reader is at the results, or a negative errno as above.
 * Pure. */
int rpc_reply_head(struct xdr_reader *reader, uint32_t *xid);

#endif
