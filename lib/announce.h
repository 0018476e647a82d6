/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells the LAN where addresses are: gratuitous ARP (RFC 5227, 3) and unsolicited neighbour advertisements (RFC 4861,
 * 7.2.6) out of a port; and its switches which groups are to be heard there. All goes through the port's queue and its
 * filters, as everything else that leaves it. */
#ifndef HAS_ANNOUNCE_H
#define HAS_ANNOUNCE_H

#include "addr.h"

#include <stddef.h>
#include <stdint.h>

struct announce;

/* Opens a packet socket. Returns 0 or a negative errno: -ENODEV, -EPERM without CAP_NET_RAW. */
int announce_open(const char *interface, struct announce **out);
void announce_close(struct announce *announce);

/* What is sent from now on leaves by that interface. Returns 0 or a negative errno: -ENODEV no such interface; then
 * nothing can be sent. */
int announce_use(struct announce *announce, const char *interface);

/* Sends one round for all addresses, with the given MAC (in ARP and ND; the Ethernet source is the port's own, as it is
 * now). One that cannot be sent does not keep the others back. Returns 0 or a negative errno; -ENOBUFS also when a
 * filter of the port holds them back (cvipd: engine_announce comes first). */
int announce_send(struct announce *announce, const struct addr *addresses, size_t count, const uint8_t mac[6]);

/* Tells the switches that the solicited-node groups of the IPv6 addresses are heard by this port (MLDv2, RFC
 * 3810, 5.2). A switch that snoops MLD knows the groups by the port where they were joined. After a failover that is
 * the dead one, and neighbour solicitations for our addresses do not reach the new port before the next general query,
 * two minutes later: whoever does not know our MAC then cannot reach us. (ARP needs no such thing: it is broadcast.)
 * link_local: such an address of the port, or AF_UNSPEC. IPv4 addresses are passed over. Returns as announce_send. */
int announce_groups(struct announce *announce, const struct addr *link_local, const struct addr *addresses,
                    size_t count);

#endif
