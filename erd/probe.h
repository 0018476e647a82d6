/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes of one port: ARP requests and neighbour solicitations to targets on its LAN, and the answers to them, by a
 * packet socket with a BPF filter. They pass the gate of a port that is not in use (lib/gate): the socket hears a frame
 * before traffic control drops it, and sends past the queueing disciplines.
 *
 * The active port asks with its MAC and one of the node's addresses. The other one asks with a MAC of its own, from
 * 0.0.0.0 (RFC 5227, 2.1.1) or the link-local address of that MAC, so that no switch learns the shared MAC there and no
 * target learns a wrong neighbour. An answer counts when it comes by this port, from a target, to the MAC that asked.
 */
#ifndef ERD_PROBE_H
#define ERD_PROBE_H

#include "addr.h"

#include <qb/qbloop.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_TARGETS_MAX 16

/* A target and from where it is asked: AF_UNSPEC for "not an address of ours" (0.0.0.0, or the MAC's link-local). */
struct probe_target {
    struct addr address;
    struct addr source;
};

/* Since it was opened. */
struct probe_counts {
    uint64_t sent;
    uint64_t unsent;  /* the port refused them: it is down or gone, or its queue was full */
    uint64_t answers; /* valid ones, of targets */
    uint64_t refused; /* they came to our MAC and looked like answers, but were not valid, or of nobody who was asked */
};

struct probe;

/* Opens the socket on that interface. It asks nothing and hears nothing before probe_as. answered is called
 * for each valid answer, and must not close the probe. A port that goes down may come back under the same index; one
 * that is gone needs a new probe. Returns 0 or a negative errno: -ENODEV, -EPERM without CAP_NET_RAW. */
int probe_open(qb_loop_t *loop, int interface, void (*answered)(void *context, const struct addr *target),
               void *context, struct probe **out);
void probe_close(struct probe *probe);

/* From now on the port asks with that MAC; the socket joins it (PACKET_MR_UNICAST), when it is not the port's own, and
 * hears answers to it only. Returns 0 or a negative errno. */
int probe_as(struct probe *probe, const uint8_t mac[6], const uint8_t port_mac[6]);

/* Sends one round to all targets, and expects answers of these from now on. A target that answered the last round is
 * asked directly (RFC 1122, 2.3.2.1; RFC 4861, 7.3.3), so that the LAN is spared; the others by broadcast or multicast.
 * Returns 0 or the negative errno of the last one that could not be sent: -ENETDOWN or -ENOBUFS while the port has no
 * link, -ENODEV when it is gone, -E2BIG for more than PROBE_TARGETS_MAX targets (then none is asked). */
int probe_send(struct probe *probe, const struct probe_target *targets, size_t count);

const struct probe_counts *probe_counts(const struct probe *probe);

#endif
