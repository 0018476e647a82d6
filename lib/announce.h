/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells the LAN where addresses are: gratuitous ARP (RFC 5227, 3) and unsolicited neighbour advertisements (RFC 4861,
 * 7.2.6) out of a port. */
#ifndef HAS_ANNOUNCE_H
#define HAS_ANNOUNCE_H

#include "addr.h"

#include <stddef.h>
#include <stdint.h>

struct announce;

/* Opens a packet socket. Returns 0 or a negative errno. */
int announce_open(const char *interface, struct announce **out);
void announce_close(struct announce *announce);

/* What is sent from now on leaves by that interface, and with the MAC that it has now. Returns 0 or a negative errno:
 * -ENODEV no such interface. */
int announce_use(struct announce *announce, const char *interface);

/* Sends one round for all addresses, with the given MAC (in ARP and ND; the Ethernet source is the port's own).
 * Returns 0 or a negative errno; -ENOBUFS also when a filter of the port holds them back (cvipd: engine_announce comes
 * first). */
int announce_send(struct announce *announce, const struct addr *addresses, size_t count, const uint8_t mac[6]);

#endif
