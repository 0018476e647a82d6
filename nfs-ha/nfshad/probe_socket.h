/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection of a probe. */
#ifndef NFSHAD_PROBE_SOCKET_H
#define NFSHAD_PROBE_SOCKET_H

#include <sys/socket.h>

/* Begins to connect, without waiting. What is sent goes out at once (TCP_NODELAY), and closing the socket leaves
 * nothing behind: no dead connection that the kernel goes on to repeat. Returns the socket or a negative errno. */
int probe_socket_connect(const struct sockaddr_storage *server, socklen_t length);

#endif
