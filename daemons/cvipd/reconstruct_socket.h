/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UDP sockets on which traffic nodes are asked for their connections. */
#ifndef CVIPD_RECONSTRUCT_SOCKET_H
#define CVIPD_RECONSTRUCT_SOCKET_H

#include "key.h"
#include "wire.h"

#include <qb/qbloop.h>

struct reconstruct_socket;

/* received gets each authentic answer and who sent it. Returns 0 or a negative errno. */
int reconstruct_socket_open(qb_loop_t *loop, const struct keyring *ring,
                            void (*received)(void *context, const struct addr *from,
                                             const struct wire_connections *part),
                            void *context, struct reconstruct_socket **out);
void reconstruct_socket_close(struct reconstruct_socket *sockets);

/* Signs and sends; what cannot be sent is asked for again by the rounds. */
void reconstruct_socket_send(struct reconstruct_socket *sockets, const struct addr *to, uint16_t port,
                             const struct wire_message *message);

#endif
