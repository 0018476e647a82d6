/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rounds of probes: what the answers say about each port of a pair. Pure; the caller starts a round each interval, on
 * both ports at the same moment, so that a target that dies is missed by both in the same round and nobody is blamed.
 *
 * A round is over when the next one starts: then it was answered on a port or not. With `missed` = 2 a port that dies
 * just after an answer is silent when the third round starts: at most 3 intervals later. What a port is changes at
 * the start of a round only, on both ports at once: the first answer that comes by one of them decides nothing. After a
 * silence two rounds must be answered (one with `missed` = 1). */
#ifndef ERD_SIGHT_H
#define ERD_SIGHT_H

#include "pair.h"

struct sight_port {
    bool probed;              /* in the round that is under way */
    bool answered;            /* in it */
    unsigned misses;          /* rounds in a row without an answer; after a silence, one less than made it */
    bool known;               /* a whole round is over since it was reset */
    uint64_t probes, answers; /* rounds, for people */
};

struct sight {
    unsigned missed; /* rounds without an answer that make a port silent; 1 to 100 */
    struct sight_port ports[PAIR_PORTS];
};

void sight_init(struct sight *sight, unsigned missed);

/* A new round starts; probed: whether probes go out of the port now (it has a link, and there is a target). A port that
 * is not probed is forgotten. */
void sight_round(struct sight *sight, const bool probed[PAIR_PORTS]);

/* A target has answered by that port; when none was asked, that says nothing. */
void sight_answer(struct sight *sight, unsigned port);

/* Forgets what is known of a port: its carrier has just come. */
void sight_reset(struct sight *sight, unsigned port);

enum pair_sight sight_of(const struct sight *sight, unsigned port);

#endif
