/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where answers go out. The engine stands on the service port alone: what leaves by another interface it cannot hold
 * back. */
#ifndef CVIPD_ROUTE_H
#define CVIPD_ROUTE_H

#include "addr.h"

/* Asks the kernel for the interface by which a packet from source to destination (of one family) would leave.
 * *interface: its index; 0: there is no such route, so that nothing leaves. A source that is no address of this machine
 * is an error or has no route. Does not wait, nor need any right. Returns 0 or a negative errno. */
int route_interface(const struct addr *source, const struct addr *destination, unsigned *interface);

#endif
