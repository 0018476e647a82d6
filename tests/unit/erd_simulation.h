/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A node's two ports and what may happen to them, under simulated time: interfaces, carriers, the way to a target
 * behind the switch, the target itself. erd/sight.c and erd/pair.c look at it as the daemon would. What must hold is
 * checked by records of the simulation's own. */
#ifndef ERD_SIMULATION_H
#define ERD_SIMULATION_H

#include "sight.h"

#include <stddef.h>

#define NEVER UINT64_MAX

struct simulation_port {
    bool present, up, carrier;
    bool path;          /* frames reach the target and come back */
    uint64_t answer;    /* when the answer that is under way arrives */
    bool linked;        /* as the daemon saw it last */
    uint64_t linked_at; /* since when */
    /* the record of its rounds */
    bool asked, answered;
    unsigned missed_in_row, answered_in_row;
    bool lost;            /* missed too often, and not answered as it must be since */
    uint64_t answered_at; /* the last answer */
    uint64_t silent_at;   /* the last round after which it was silent; NEVER: none */
    uint64_t good_since;  /* linked, and no round missed; NEVER: not good */
};

struct simulation_counts {
    unsigned long looks, rounds, by_link, by_silence, failbacks, commands, refusals, restarts, no_port, back_offs;
};

struct simulation {
    uint64_t seed, random, now, end;
    bool trace;
    char failure[200]; /* empty: none */
    uint64_t digest;   /* of all that the daemon did */

    /* the world */
    struct simulation_port ports[PAIR_PORTS];
    bool target;
    unsigned loss;         /* percent of the answers */
    uint64_t fault, round; /* the next ones */
    unsigned fault_ms;     /* between faults, about */
    unsigned flap;         /* so many times more ... */
    unsigned flap_port;    /* ... this port's carrier changes */

    /* the daemon */
    unsigned interval; /* between rounds; 0: none */
    struct pair_settings settings;
    struct sight sight;
    struct pair pair;
    uint64_t known_since; /* its start */
    bool held;
    uint64_t failback_at[64]; /* the last ones */
    unsigned failbacks;
    struct simulation_counts counts;
};

/* Runs the schedule of that seed. Returns whether all held; else s->failure tells what did not. */
bool simulation_run(struct simulation *s, uint64_t seed, bool trace);

/* erd_simulation_world.c: what happens to the ports. */
void simulation_world_begin(struct simulation *s);
void simulation_world_fault(struct simulation *s);
bool simulation_linked(const struct simulation *s, unsigned port);
uint64_t simulation_random(struct simulation *s, uint64_t below);
void simulation_tell(struct simulation *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* erd_simulation_check.c: what must hold. before: as it was before the update that returned that. */
void simulation_check(struct simulation *s, const struct pair *before, enum pair_reason reason);
void simulation_check_command(struct simulation *s, const struct pair *before, unsigned port, int rc);
void simulation_check_restart(struct simulation *s, unsigned active);
void simulation_fail(struct simulation *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The daemon's part (erd_simulation.c), for faults that are done to it. */
void simulation_command(struct simulation *s, unsigned port);
void simulation_restart(struct simulation *s);
void simulation_look(struct simulation *s);

#endif
