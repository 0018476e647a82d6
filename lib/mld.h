/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports of multicast listeners (MLDv2, RFC 3810). Pure. */
#ifndef HAS_MLD_H
#define HAS_MLD_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#define MLD_GROUPS_MAX 60 /* in one report: it fits into IPv6's smallest MTU, 1280 bytes */
#define MLD_FRAME_MAX (14 + 40 + 8 + 8 + 20 * MLD_GROUPS_MAX)

/* The frame of a report (RFC 3810, 5.2) that a node wants to hear these groups from now on, whoever sends to them: as
 * when it has just joined them. count: 1 to MLD_GROUPS_MAX. source: a link-local address of the port; the unspecified
 * one, which snooping switches take as well (RFC 3590, 4), when it has none. Returns the length. */
size_t mld_report(uint8_t frame[MLD_FRAME_MAX], const uint8_t mac[6], const struct in6_addr *source,
                  const struct in6_addr *groups, size_t count);

#endif
