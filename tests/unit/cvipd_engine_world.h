/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A service port with the engine on it, in a network namespace of the test's own: "port0" has our addresses, what is
 * sent from its other end "wire0" comes from the LAN. One processor, so that frames are taken in the order of their
 * sending. */
#ifndef CVIPD_ENGINE_WORLD_H
#define CVIPD_ENGINE_WORLD_H

#include "unit.h"

#include "cvipd_engine_frames.h"
#include "engine.h"
#include "engine_private.h"

#define SECOND 1000000000ULL

/* Tests' state. */
struct world {
    struct engine *engine;
    struct engine_settings settings;
    int wire; /* packet socket on wire0 */
};

/* 0, or -1 where the kernel or we ourselves may not. */
int world_make(struct world *world);

/* A packet socket that sends to a port from its other end, and hears it; -1: none. */
int world_open_wire(const char *interface);

/* The engine anew (after the settings were changed), every bucket in that state, with a lease of a minute. */
void world_start(struct world *world, uint8_t state);
void world_stop(struct world *world);
void world_set(struct world *world, uint8_t state);
uint64_t world_now(void); /* ns, CLOCK_BOOTTIME */

enum world_verdict {
    WORLD_PASS = -1,
    WORLD_DROP = 2,
    WORLD_REDIRECT = 7,
};
/* One run of the program over a frame; out, unless NULL, becomes the frame after it. mark: of the frame. */
int world_run_in(struct world *world, const struct frame *frame);
int world_run_out(struct world *world, const struct frame *frame, uint32_t mark, struct frame *out);
/* ns a run takes on average */
unsigned world_cost(struct world *world, const struct frame *frame, bool outgoing);

uint64_t world_count(struct world *world, enum engine_counter counter);

/* A frame from the LAN. */
void world_send(struct world *world, const struct frame *frame);
enum world_frame {
    WORLD_TCP,
    WORLD_ARP,
    WORLD_ND, /* ICMPv6 135 and 136 */
};
/* The next frame of that kind that our machine sends to the LAN. False: none in 3 seconds. */
bool world_receive(struct world *world, enum world_frame kind, struct frame *frame);
/* Whether our machine sent no TCP segment until it answered an ARP request that is asked now. */
bool world_is_silent(struct world *world);
/* Reads what our machine has sent until now. */
void world_drain(struct world *world);

extern const sa_family_t world_families[2];

#endif
