/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which port of a pair works, and whether the cluster may count on it. No I/O: what is read comes in, with the time.
 * erd(8) decides; it shuts the other port by lib/gate. A single port is a pair without a twin. */
#ifndef CVIPD_PORT_PAIR_H
#define CVIPD_PORT_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PORT_PRIMARY, PORT_TWIN, PORT_PAIR_PORTS };

/* erd needs some 10 ms to go over to the other port; others would need more to take our clients and give them back. */
#define PORT_PAIR_GRACE_US UINT64_C(150000)
/* A primary that comes back is open until erd shuts it: so long the twin stays the active port. */
#define PORT_PAIR_BOTH_US UINT64_C(1000000)

struct port_state {
    unsigned index; /* of the interface; 0: it is not there */
    bool up;        /* and it has its carrier */
    bool shut;      /* by lib/gate: nothing passes */
};

struct port_pair {
    struct port_state ports[PORT_PAIR_PORTS];
    int active;       /* PORT_PRIMARY or PORT_TWIN: the one that exists and is not shut */
    bool up;          /* that one has its carrier, or the pair is about to change over to one that has */
    uint64_t lost_us; /* since when we wait for that; 0: we do not */
    uint64_t both_us; /* since when both are open though the twin is the active one; 0: they are not */
};

/* What was read at first. */
void port_pair_begin(struct port_pair *pair, const struct port_state states[PORT_PAIR_PORTS]);

/* What was read since, at now_us (any clock that goes on, not 0). When the active port loses its carrier or is removed
 * while the other one has a carrier, the pair is up still for PORT_PAIR_GRACE_US. */
void port_pair_update(struct port_pair *pair, const struct port_state states[PORT_PAIR_PORTS], uint64_t now_us);

/* In how many us it is to be read again, though nothing changed; 0: need not be. */
uint64_t port_pair_wait_us(const struct port_pair *pair, uint64_t now_us);

/* The active port's index; 0: neither is there. */
unsigned port_pair_index(const struct port_pair *pair);

#endif
