/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists the TCP connections to the virtual services on this node, by the kernel's socket diagnosis
 * (NETLINK_SOCK_DIAG, no privileges needed). The answer is read piece by piece in the loop, so that tens of
 * thousands of connections do not hold a report up. */
#ifndef TCD_SOCKETS_H
#define TCD_SOCKETS_H

#include "tcd_config.h"

#include <qb/qbloop.h>
#include <stdbool.h>

struct sockets;

/* A connection: our end is one of the virtual services' addresses. Connections of the node to itself are left out. */
struct sockets_connection {
    struct addr local, peer;
    uint16_t local_port, peer_port;
};

struct sockets_reader {
    void (*each)(void *context, const struct sockets_connection *connection);
    void (*done)(void *context, bool complete); /* false: the kernel did not tell everything */
    void *context;
};

/* Returns 0 or a negative errno. config must outlive it. */
int sockets_open(qb_loop_t *loop, const struct tcd_config *config, const struct sockets_reader *reader,
                 struct sockets **out);
void sockets_close(struct sockets *sockets);

/* Begins a list, unless one is under way. Without TCP services it is done at once. */
void sockets_list(struct sockets *sockets);

#endif
