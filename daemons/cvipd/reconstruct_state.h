/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which traffic nodes have told all their connections. Pure: time is passed in (ms, any monotonic clock), no sockets.
 */
#ifndef CVIPD_RECONSTRUCT_STATE_H
#define CVIPD_RECONSTRUCT_STATE_H

#include "addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECONSTRUCT_NODES_MAX 4096
#define RECONSTRUCT_PARTS_MAX 8192 /* of one node's answer: more than a million connections */
#define RECONSTRUCT_SILENT_MS 150  /* no news for so long: ask again */
#define RECONSTRUCT_ROUNDS 3

struct reconstruct_node {
    struct addr address;
    uint64_t request; /* 0: not asked yet */
    unsigned round;   /* times asked */
    uint64_t news_ms; /* asked, or last part */
    bool complete, given_up;
    uint32_t parts;       /* that came */
    uint32_t last;        /* number of the last part + 1; 0: not known */
    uint64_t connections; /* in this round's parts; the caller counts */
    uint8_t seen[RECONSTRUCT_PARTS_MAX / 8];
};

struct reconstruct_state {
    size_t count;
    struct reconstruct_node *nodes;
};

/* Adds a node once. Returns 0, -ENOMEM or -ENOSPC. */
int reconstruct_state_add(struct reconstruct_state *state, const struct addr *address);
void reconstruct_state_clear(struct reconstruct_state *state);

/* The next node to be asked now, with a new request number, or NULL; gives up on those that were silent in all rounds.
 */
struct reconstruct_node *reconstruct_state_next(struct reconstruct_state *state, uint64_t now_ms, uint64_t request);
/* When that should be asked again. */
uint64_t reconstruct_state_wait_ms(const struct reconstruct_state *state, uint64_t now_ms);

/* A part came. It says itself of which node it is; a node that does not know its address is known by where it sends
 * from. Returns the node when the part is wanted and new, else NULL. */
struct reconstruct_node *reconstruct_state_part(struct reconstruct_state *state, const struct addr *address,
                                                const struct addr *from, uint64_t request, uint32_t part, bool last,
                                                uint64_t now_ms);

/* All nodes are complete or given up. */
bool reconstruct_state_is_done(const struct reconstruct_state *state);
unsigned reconstruct_state_complete(const struct reconstruct_state *state);
uint64_t reconstruct_state_connections(const struct reconstruct_state *state);

#endif
