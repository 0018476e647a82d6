/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TCP connection of rpc.h. */
#ifndef NFSHA_RPC_SOCKET_H
#define NFSHA_RPC_SOCKET_H

#include "addr.h"

#include <stdint.h>

/* Connects from a reserved port (where the process may: else from any), without blocking longer than the deadline.
 * Returns the socket, which does not block, or a negative errno. */
int rpc_socket_open(const struct addr *server, uint16_t port, uint64_t deadline_ms);

/* Waits for poll(2) events. Returns those that came, or a negative errno, -ETIMEDOUT when the deadline is over. */
int rpc_socket_wait(int fd, short events, uint64_t deadline_ms);

/* By a reset: a connection that ended in order would keep its reserved port for a minute, and there are few of them. */
void rpc_socket_close(int fd);

#endif
