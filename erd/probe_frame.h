/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of probes: made and judged. Pure. */
#ifndef ERD_PROBE_FRAME_H
#define ERD_PROBE_FRAME_H

#include "addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_FRAME_MAX 128

/* An ARP request (RFC 826, RFC 5227) or a neighbour solicitation (RFC 4861, 4.3) for the target, from that MAC and
 * source address (AF_UNSPEC: 0.0.0.0, or the link-local address of the MAC). to: the target's MAC when it is known;
 * NULL: to everyone. Returns its length. */
size_t probe_frame_make(uint8_t frame[PROBE_FRAME_MAX], const uint8_t mac[6], const uint8_t *to,
                        const struct addr *source, const struct addr *target);

/* Whether the frame is an answer to such a question of that MAC: an ARP reply to the MAC, or a solicited neighbour
 * advertisement to it with hop limit 255 and a right checksum. Then *target is who answered. */
bool probe_frame_read(const uint8_t *frame, size_t length, const uint8_t mac[6], struct addr *target);

/* The link-local address of a MAC (RFC 4291, appendix A). */
void probe_frame_link_local(const uint8_t mac[6], struct addr *out);

/* A MAC that nobody else has, for a port that must not use its own: locally administered, made from the shared MAC and
 * the port's number. */
void probe_frame_spare_mac(const uint8_t shared[6], unsigned port, uint8_t out[6]);

#endif
