/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ending this host's connections to a server: SOCK_DESTROY, sock_diag(7); CONFIG_INET_DIAG_DESTROY. */
#ifndef NFSHAD_SOCKETS_H
#define NFSHAD_SOCKETS_H

#include "addr.h"

#include <stddef.h>
#include <stdint.h>

struct sockets;

/* Which connections: those that were there once, or also attempts to make one. */
enum sockets_kind { SOCKETS_CONNECTED, SOCKETS_ALL };

/* Returns 0 or a negative errno. */
int sockets_open(struct sockets **out);
void sockets_close(struct sockets *sockets);

/* Adds the TCP connections to that server's port to those to be ended. Returns 0 or a negative errno. */
int sockets_find(struct sockets *sockets, const struct addr *server, uint16_t port, enum sockets_kind kind);

/* Ends what was found, with that port of our own only (0: all); what has ended by itself meanwhile does not count.
 * Returns how many, or a negative errno: -EOPNOTSUPP the kernel cannot. */
int sockets_end(const struct sockets *sockets, uint16_t own_port);

#endif
