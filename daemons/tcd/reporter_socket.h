/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UDP sockets of the reporter. */
#ifndef TCD_REPORTER_SOCKET_H
#define TCD_REPORTER_SOCKET_H

#include "addr.h"

/* A non-blocking socket on the port, on the given address (AF_UNSPEC in it: on all of the family). When another
 * program has the port, on any port: answers still come, only the hellos of managers that start do not.
 * Returns the descriptor or a negative errno. */
int reporter_socket_open(sa_family_t family, const struct addr *bind_to, uint16_t port);

/* Takes one error of the network off the socket's queue. Returns its positive errno, with *to the address that it is
 * about; 0 when there is none. */
int reporter_socket_error(int fd, struct addr *to);

/* The address that this node uses towards another one. Returns 0 or a negative errno: no route. */
int reporter_socket_source(const struct addr *to, uint16_t port, struct addr *out);

#endif
