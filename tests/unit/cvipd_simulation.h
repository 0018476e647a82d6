/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Masters that share buckets, under simulated time: their daemons (the real ownership protocol) and engines, two LANs
 * with loss, delay and cuts, clients, and a model of Corosync with quorum and fencing. Whatever happens, the rules of
 * docs/cvip-protocol.md are checked after each event. All chance comes from one seed. */
#ifndef TEST_CVIPD_SIMULATION_H
#define TEST_CVIPD_SIMULATION_H

#include "ownership.h"

#include <stdio.h>

#define SIMULATION_MEMBERS 5
#define SIMULATION_LANS 2
#define SIMULATION_MS UINT64_C(1000) /* all times in us */
#define SIMULATION_SECOND (1000 * SIMULATION_MS)
#define SIMULATION_NEVER UINT64_MAX

struct simulation_settings {
    unsigned members;
    bool corosync;
    bool fencing;      /* a node that a quorate part loses is powered off, and boots again */
    bool wait_for_all; /* of two, one that booted alone is not quorate */
    bool sees_all;
    uint8_t active;
    uint8_t weights[SIMULATION_MEMBERS]; /* 0 everywhere: 1 each */
    unsigned loss_permille;
    unsigned double_permille;
    uint64_t delay_us, jitter_us; /* of the network */
    uint64_t late_us;             /* a daemon runs so much later than it wanted, at most */
    uint64_t fill_us;             /* a reconstruction takes at most so long */
    uint64_t rejoin_us;
    uint64_t seed;
    bool planned_only; /* no fault is made: there must never be nobody for known connections */
    bool trace;
};

enum simulation_kind {
    SIMULATION_WAKE,     /* the daemon's timer */
    SIMULATION_DATAGRAM, /* a heartbeat arrives */
    SIMULATION_READY,
    SIMULATION_FILLED,
    SIMULATION_WORD, /* Corosync's word reaches a daemon */
    SIMULATION_MAP,  /* a map in Corosync's order reaches a daemon */
    SIMULATION_FENCED,
    SIMULATION_FORM, /* Corosync's nodes look whom they reach */
    SIMULATION_FENCE,
    SIMULATION_CLIENTS,
    SIMULATION_ACTION,
};

struct simulation_word {
    bool quorate, strict;
    uint16_t present, left;
};

struct simulation_event {
    uint64_t at_us, order;
    enum simulation_kind kind;
    unsigned member; /* index, from 0 */
    unsigned from;   /* datagram: sender; word and others: what the kind says */
    unsigned life;   /* of the daemon that it is for */
    uint64_t value;
    union {
        struct wire_heartbeat *heartbeat;
        struct wire_map *map;
        struct simulation_word word;
        struct {
            unsigned what;
            unsigned a, b;
            uint64_t c;
        } action;
    };
};

struct simulation_member {
    struct ownership *ownership; /* NULL: no daemon runs */
    unsigned life;               /* which daemon it is, from 1 */
    bool node_on, node_paused, daemon_paused;
    bool carrier, sees_clients;
    uint64_t boot_us; /* fenced: boots only then, after OWN of the others is over (docs/cvip-protocol.md) */
    bool aside;
    int64_t clock_offset_us;
    int clock_ppm;
    uint64_t sent_us, wake_us, fill_epoch;
    /* the engine */
    uint8_t states[HASH_BUCKETS];
    uint64_t lease_us; /* of this node's clock */
    uint64_t answered_us[HASH_BUCKETS];
    uint64_t frames;
    bool was_leased;
    struct simulation_event *backlog; /* what waits while the daemon is paused */
    size_t backlog_count, backlog_room;
    /* Corosync on this node */
    uint16_t ring;
    uint64_t ring_id;
    bool seen_all;
    uint16_t group;                           /* whom its daemon was told of last … */
    unsigned group_lives[SIMULATION_MEMBERS]; /* … and which daemons these were */
    uint64_t word_us;
    struct simulation_word told; /* … to the daemon … */
    unsigned told_life;          /* … of this life */
};

struct simulation {
    struct simulation_settings settings;
    uint64_t random;
    uint64_t now_us, order;
    struct simulation_event *heap;
    size_t count, room;
    struct simulation_member members[SIMULATION_MEMBERS];
    bool cut[SIMULATION_LANS][SIMULATION_MEMBERS][SIMULATION_MEMBERS]; /* from, to */
    uint64_t apart_us[SIMULATION_MEMBERS][SIMULATION_MEMBERS];         /* Corosync: since when; NEVER: together */
    uint64_t contact_us[SIMULATION_MEMBERS][SIMULATION_MEMBERS];       /* from, to: last heartbeat that counted */
    uint64_t regained_us[SIMULATION_MEMBERS][SIMULATION_MEMBERS];      /* when it counted after a silence */
    unsigned lost[SIMULATION_MEMBERS]
                 [SIMULATION_MEMBERS]; /* from, to: heartbeats lost or late since the last one that counted */
    uint64_t disturbed_us;             /* the last fault began or ended */
    uint64_t ring_count, order_us;
    struct {
        struct wire_map map;
        unsigned from;
        uint64_t ring_id;
    } held[16]; /* maps that wait for a ring that works */
    size_t held_count;
    bool quiet; /* no more faults: what was planned for later is dropped, except what ends one */
    /* found */
    char failure[256]; /* empty: none */
    uint64_t overlaps_apart, overlaps_meeting, overlaps_alarm;
    uint64_t overlap_us[SIMULATION_MEMBERS][SIMULATION_MEMBERS];  /* since when, though not apart; 0: not at all */
    uint64_t minority_us[SIMULATION_MEMBERS][SIMULATION_MEMBERS]; /* likewise, apart, but one is a minority */
    bool overlapping;
    uint64_t checks, datagrams, lapses;
    uint64_t gap_us; /* when the last bucket was without anybody for known connections; 0: never */
};

/* cvipd_simulation.c: time, daemons, what happens to them. */
void simulation_begin(struct simulation *s, const struct simulation_settings *settings);
void simulation_end(struct simulation *s);
void simulation_run(struct simulation *s, uint64_t us);
void simulation_act(struct simulation *s, unsigned member);
uint64_t simulation_clock(const struct simulation *s, unsigned member); /* of that node */
uint64_t simulation_chance(struct simulation *s, uint64_t below);
struct simulation_event *simulation_plan(struct simulation *s, enum simulation_kind kind, unsigned member,
                                         uint64_t in_us);
void simulation_trace(const struct simulation *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* cvipd_simulation_faults.c */
void simulation_boot(struct simulation *s, unsigned member);
void simulation_start_daemon(struct simulation *s, unsigned member);
void simulation_kill_daemon(struct simulation *s, unsigned member);
void simulation_power_off(struct simulation *s, unsigned member);
void simulation_pause_daemon(struct simulation *s, unsigned member);
void simulation_resume_daemon(struct simulation *s, unsigned member);
void simulation_freeze(struct simulation *s, unsigned member);
void simulation_thaw(struct simulation *s, unsigned member);
void simulation_carrier(struct simulation *s, unsigned member, bool up);
void simulation_leave(struct simulation *s, unsigned member);
void simulation_aside(struct simulation *s, unsigned member, bool aside);
void simulation_set_active(struct simulation *s, unsigned member, uint8_t active);
/* lan SIMULATION_LANS: all of them. One way. */
void simulation_cut(struct simulation *s, unsigned lan, unsigned from, unsigned to, bool cut);
void simulation_partition(struct simulation *s, unsigned lan, unsigned group, bool cut); /* group: bits */
void simulation_mend(struct simulation *s);                                              /* ends all faults */

/* cvipd_simulation_network.c */
void simulation_send(struct simulation *s, unsigned member, const struct wire_heartbeat *heartbeat);
void simulation_clients(struct simulation *s);

/* cvipd_simulation_corosync.c */
void simulation_look(struct simulation *s); /* after whom nodes reach has changed */
void simulation_form(struct simulation *s);
void simulation_group_changed(struct simulation *s, uint16_t goodbye, uint16_t part);
void simulation_publish(struct simulation *s, unsigned member, const struct wire_map *map);
void simulation_fence(struct simulation *s, const struct simulation_event *event);

/* cvipd_simulation_check.c */
bool simulation_passes_known(const struct simulation *s, unsigned member, unsigned bucket);
bool simulation_passes_new(const struct simulation *s, unsigned member, unsigned bucket);
void simulation_check(struct simulation *s);
/* NULL when each bucket has exactly one member that takes new connections; else what is wrong. */
const char *simulation_wrong(const struct simulation *s);
void simulation_fail(struct simulation *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
unsigned simulation_owned(const struct simulation *s, unsigned member); /* buckets whose new connections it takes */
struct ownership_view simulation_view(const struct simulation *s, unsigned member);

/* cvipd_simulation_chance.c: a random schedule; false with s->failure set. */
bool simulation_schedule(uint64_t seed, bool trace, struct simulation *out);
void simulation_do(struct simulation *s, const struct simulation_event *event);

#endif
