/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills the connection table from the traffic nodes (SASHA's state reconstruction, section 3.4): asks each of them for
 * its connections and enters these into this machine's IPVS table. Whom to ask, the kernel's table tells: every server
 * of a virtual service on one of our addresses that is reached by direct routing or tunnel. */
#ifndef CVIPD_RECONSTRUCT_H
#define CVIPD_RECONSTRUCT_H

#include "addr.h"
#include "key.h"

#include <net/if.h>
#include <qb/qbloop.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reconstruct_settings {
    char sync_interface[IF_NAMESIZE]; /* as sync.h */
    uint8_t sync_id;
    uint16_t port; /* UDP port of the traffic clients */
    size_t address_count;
    struct addr addresses[8]; /* our virtual addresses */
};

struct reconstruct_result {
    uint64_t epoch;
    unsigned nodes_asked, nodes_complete; /* a node counts once for each of its addresses */
    uint64_t connections;
    uint64_t failed; /* entries that the kernel was not given: no memory, or they could not be sent */
    uint64_t took_ms;
    bool complete; /* at least one node was asked, all told everything, and nothing failed */
};

struct reconstruct;

/* done is called once for each start that was not replaced by a newer one. The backup sync daemon must run. ring must
 * outlive it. Returns 0 or a negative errno: -ENODEV no such interface, -ENOENT no IPVS. */
int reconstruct_open(qb_loop_t *loop, const struct reconstruct_settings *settings, const struct keyring *ring,
                     void (*done)(void *context, const struct reconstruct_result *result), void *context,
                     struct reconstruct **out);
void reconstruct_close(struct reconstruct *reconstruct);

/* The backup sync daemon is on another interface now. What was under way may have lost connections on the old one; who
 * waits for it starts it anew. Returns 0 or a negative errno. */
int reconstruct_move(struct reconstruct *reconstruct, const char *interface);

/* Begins, or begins anew. A node that stays silent for three rounds is given up. Returns 0, and done follows, or a
 * negative errno, and it does not. */
int reconstruct_start(struct reconstruct *reconstruct, uint64_t epoch);

/* Whether the kernel's table has a service on one of our addresses, and a server with a weight for one of them. */
bool reconstruct_has_servers(struct reconstruct *reconstruct);

#endif
