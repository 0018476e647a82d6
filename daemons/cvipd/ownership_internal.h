/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the ownership protocol share; nobody else includes it. */
#ifndef CVIPD_OWNERSHIP_INTERNAL_H
#define CVIPD_OWNERSHIP_INTERNAL_H

#include "ownership.h"

#define OWNERSHIP_SENT 64 /* heartbeats of ours whose send time is remembered */

/* Where a bucket of ours stands in a move. */
enum ownership_phase {
    PHASE_NONE,    /* another's */
    PHASE_MINE,    /* ours */
    PHASE_WAITING, /* ours, until the old owner has released it */
    PHASE_KEEPING, /* given away, until the new owner has taken the map */
    PHASE_GIVING,  /* given away: known connections only, until the new owner's table is filled */
};

struct ownership_member {
    bool configured;
    uint64_t session, sequence;                   /* what was accepted last; session 0: nothing yet */
    uint64_t stranger_session, stranger_sequence; /* a session that has not yet shown that it hears us */
    uint64_t heard_us;                            /* 0: never */
    bool excused;                                 /* we were late once since: be_patient() */
    uint64_t session_us;                          /* when this session was first accepted */
    uint64_t echoed_us;                           /* when we sent the last heartbeat that it echoed; 0: none */
    uint8_t flags, weight, load;
    uint64_t frames, released, filled;
    uint64_t map_epoch;   /* the map it has adopted */
    uint64_t void_epoch;  /* maps up to this one were made for an earlier life of it */
    uint64_t came_us;     /* since when it is in Corosync's group, until it has our map; 0: it has */
    uint64_t mismatch_us; /* last heartbeat with other settings */
    bool known;           /* counts when we ask whether we are many */
    bool lost;            /* was known and fell silent */
    bool departed;        /* Corosync says that it left; counts as soon as it is silent */
    bool confirmed;       /* …and Corosync or fencing says that it is off */
    bool blind;
    bool saw_nothing; /* in the last window of sight, while others saw much */
    bool fenced;      /* … by fencing: Corosync's votes do not matter */
    uint64_t confirmed_us;
    uint64_t ready_us;      /* since when it is linked and ready; 0: it is not */
    uint64_t lost_us;       /* last loss */
    unsigned losses;        /* within the last minute */
    uint64_t window_frames; /* frames at the start of the window of sight */
};

struct ownership_bucket {
    enum ownership_phase phase;
    uint8_t other;      /* whom we wait for, or to whom it goes */
    uint8_t lost_owner; /* whom it was taken from when he was lost; 0: nobody */
    uint64_t epoch;     /* of the map that began the phase */
    uint64_t since_us;
};

struct ownership {
    struct ownership_settings settings;
    struct ownership_member members[WIRE_MEMBERS_MAX + 1]; /* by id; our own: what we say of ourselves */
    struct ownership_bucket buckets[HASH_BUCKETS];
    struct wire_map map;
    uint64_t own_void_epoch; /* maps up to this one were made before we started */
    bool learned;            /* a map of others was seen, or one of ours was made */
    uint64_t highest_epoch;

    uint64_t start_us, tick_us, sent_us, thaw_us, settle_us;
    uint64_t sequence;
    uint64_t sent_times[OWNERSHIP_SENT];
    bool thawed; /* asleep for long: no lease before we know what happened */
    bool connected, quorate, strict;
    bool isolated; /* three or more are known and we hear less than half */
    bool port_up, ready, aside, leaving;
    uint64_t port_us; /* from then on the port counts as up: others may have made a map without us */
    uint16_t present; /* in Corosync's group, by its word */
    uint8_t active, active_origin;
    uint64_t active_stamp;
    bool active_by_load;
    uint64_t frames, released, filled;
    uint64_t answered_us[HASH_BUCKETS];
    uint64_t window_us; /* when the window of sight began */

    struct wire_map pending; /* a planned map on its way through Corosync */
    uint64_t pending_us;
    unsigned pending_tries;
    uint64_t yield_us; /* a lower member whom we do not hear makes maps: until then we do not */

    uint8_t states[HASH_BUCKETS]; /* as the engine has them */
    bool states_known;
    bool replay[HASH_BUCKETS];
    uint64_t replay_since_us[HASH_BUCKETS];
    bool send, publish, reconstruct;
    uint64_t reconstruct_epoch;
    uint64_t partial_epoch; /* up to there the table could not be filled wholly */
    bool was_ready;         /* once since we started */
    uint64_t takeovers, moves, false_alarms;
};

/* ownership_members.c: who is there. */
bool ownership_is_heard(const struct ownership *o, uint8_t id, uint64_t now_us);
bool ownership_is_linked(const struct ownership *o, uint8_t id, uint64_t now_us);
unsigned ownership_known(const struct ownership *o);
unsigned ownership_linked(const struct ownership *o, uint64_t now_us); /* with ourselves */
/* To be called first, whatever happened: what we missed asleep is not counted against others. */
void ownership_notice_sleep(struct ownership *o, uint64_t now_us);
/* Follows who fell silent, came back, became ready, is known, is blind, and whether we are isolated. */
void ownership_watch_members(struct ownership *o, uint64_t now_us);
/* Whether its buckets may be given to others now: silent, not seen at work on the wire, and we are entitled. */
bool ownership_is_gone_for_good(const struct ownership *o, uint8_t id, uint64_t now_us);
bool ownership_is_coordinator(const struct ownership *o, uint64_t now_us);
bool ownership_is_serving(const struct ownership *o, uint64_t now_us); /* quorum, port, company: may own anything */
bool ownership_lets_in(const struct ownership *o, uint64_t now_us);    /* … and does so now */
bool ownership_rejoined(const struct ownership *o, uint8_t id, uint64_t now_us);

/* ownership_assign.c: the coordinator's work. */
void ownership_coordinate(struct ownership *o, uint64_t now_us);
bool ownership_owns_validly(const struct ownership *o, uint8_t id);

/* ownership_move.c: the map and the phases of our buckets. */
bool ownership_map_is_newer(const struct ownership *o, const struct wire_map *map);
void ownership_adopt(struct ownership *o, const struct wire_map *map, uint64_t now_us);
void ownership_advance(struct ownership *o, uint64_t now_us);
void ownership_compute_states(const struct ownership *o, uint64_t now_us, uint8_t states[HASH_BUCKETS]);
uint64_t ownership_doubt_us(const struct ownership *o, uint8_t id);
uint64_t ownership_lease(const struct ownership *o, uint64_t now_us);

#endif
