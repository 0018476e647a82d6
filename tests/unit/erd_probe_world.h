/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A probe of a port at one end of a cable, and what its tests share. */
#ifndef HAS_ERD_PROBE_WORLD_H
#define HAS_ERD_PROBE_WORLD_H

#include "unit.h"

#include "probe.h"
#include "veth.h"
#include "wake.h"

#define WORLD_ROUNDS_MAX 250 /* of a wait for an answer: a test that gets there has failed */
#define WORLD_ARP_BYTES 42

#define TARGET4 "10.77.0.254"
#define TARGET6 "fd77::fe"
#define FAR_ADDRESSES                                                                                                  \
    "ip addr add " TARGET4 "/24 dev " VETH_FAR " && ip addr add " TARGET6 "/64 dev " VETH_FAR                          \
    " nodad && ip addr add fe80::fe/64 dev " VETH_FAR " nodad"
#define OUR_ADDRESSES                                                                                                  \
    "ip addr add 10.77.0.1/24 dev " VETH_PORT " && ip addr add fd77::1/64 dev " VETH_PORT                              \
    " nodad && ip addr add fe80::1/64 dev " VETH_PORT " nodad"

struct world {
    struct veth veth;
    qb_loop_t *loop;
    struct wake rounds;
    struct probe *probe;
    struct probe_target targets[PROBE_TARGETS_MAX];
    size_t target_count;
    uint8_t spare[6];
    unsigned answers[PROBE_TARGETS_MAX]; /* of each target */
    unsigned wanted;                     /* the loop ends when so many targets have answered */
    unsigned round;
    bool sends; /* each round, not the first one alone */
};

/* Setup and teardown of a test: a new cable, a new probe. */
int world_make(void **state);
int world_end(void **state);
#define WORLD_TEST(function, world) cmocka_unit_test_prestate_setup_teardown(function, world_make, world_end, world)

/* NULL: none. */
struct addr world_addr(const char *text);

/* Adds a target. source: NULL for no address of ours. */
void world_ask_for(struct world *world, const char *target, const char *source);

/* Runs the loop until so many targets have answered; sends: a round each 20 ms, as the daemon does. */
void world_until_answered(struct world *world, unsigned targets, bool sends);

/* Runs the loop for a moment: what is there to be read is read. */
void world_turn(struct world *world);

/* A valid answer, as the target's kernel makes it. */
void world_put_answer(uint8_t frame[WORLD_ARP_BYTES], const uint8_t from[6], const struct addr *target,
                      const uint8_t to[6]);

#endif
