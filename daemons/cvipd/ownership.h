/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who owns which bucket: the protocol between the masters' cvipds, without any I/O. Time is passed in (microseconds of
 * CLOCK_BOOTTIME), what came in is passed in, what is to be done is read out. docs/cvip-protocol.md tells it in words.
 *
 * Members hear each other's heartbeats. The lowest linked member is the coordinator: it makes the map of buckets. A map
 * has an epoch; of two maps the one with the higher (epoch, coordinator) counts. The map is in every heartbeat, so
 * nobody misses it. Loss: who was silent for dead_us, and is not seen to answer clients on the wire, loses its buckets
 * to the others. Planned move: the new owner lets known segments in (HOLD_SYN), the old one stops taking SYNs
 * (HOLD_SYN) and says so (released), the new one takes SYNs and replays those held; when its table is filled the old
 * one lets go. */
#ifndef CVIPD_OWNERSHIP_H
#define CVIPD_OWNERSHIP_H

#include "engine_table.h"
#include "hash.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

struct ownership_settings {
    uint8_t self;         /* our member id, 1 to WIRE_MEMBERS_MAX; ids are Corosync's node ids */
    uint16_t members;     /* bit (id - 1) set for each configured member, self among them */
    uint8_t weight;       /* our share in a split, 1 to 100; 0: only when nobody else is left */
    uint8_t active;       /* how many masters are active at a time until an administrator says otherwise:
                             1 standby, OWNERSHIP_ALL split, between: N+M */
    bool corosync;        /* whether Corosync says who is a member; else the list is static */
    bool sees_all;        /* shared MAC: every member sees every frame (evidence on the wire, replay) */
    uint32_t digest;      /* of all that must be the same everywhere: addresses, seed, hash, MAC */
    uint64_t interval_us; /* heartbeat, default 30 ms */
    uint64_t dead_us;     /* silent for so long: dead, default 3 intervals */
    uint64_t rejoin_us;   /* ready for so long before it gets buckets, default 2 s; doubles with each loss */
    uint64_t own_us;      /* OWN lasts so long after a confirmed loss, default 30 s */
    uint64_t grace_us;    /* an old owner keeps known connections at most so long after a move, default 5 s */
    uint64_t session;     /* random, made at start */
};
#define OWNERSHIP_ALL 255

struct ownership; /* opaque to the glue; the simulation looks through the functions below */

struct ownership *ownership_new(const struct ownership_settings *settings, uint64_t now_us);
void ownership_free(struct ownership *o);

/* --- what happened ---------------------------------------------------------------------------------------- */

/* An authentic heartbeat arrived (by either LAN; doubles are expected). */
enum ownership_verdict {
    OWNERSHIP_NEWS = 0,
    OWNERSHIP_OLD,      /* a double or a replay */
    OWNERSHIP_STRANGER, /* no configured member, or ourselves */
    OWNERSHIP_MISMATCH, /* the digest differs: configurations are not the same */
};
enum ownership_verdict ownership_heartbeat(struct ownership *o, const struct wire_heartbeat *heartbeat,
                                           uint64_t now_us);

/* A map was delivered in Corosync's order. */
void ownership_map(struct ownership *o, const struct wire_map *map, uint64_t now_us);

/* Corosync's word: quorate, who is in the process group now (bits), and who left it since the last call. connected
 * false: Corosync is gone. */
void ownership_cluster(struct ownership *o, bool connected, bool quorate, bool strict_majority, uint16_t present,
                       uint16_t left, uint64_t now_us);

/* Fencing confirmed that the member is off. Returns whether that is believed: who is heard runs (again). */
bool ownership_fenced(struct ownership *o, uint8_t id, uint64_t now_us);

/* The service port has its carrier or not. */
void ownership_port(struct ownership *o, bool up, uint64_t now_us);

/* What the engine saw: the times of answered SYNs in buckets (us), and the count of client frames. */
void ownership_sight(struct ownership *o, const uint64_t answered_us[HASH_BUCKETS], uint64_t frames, uint64_t now_us);

/* Whether we could serve: the connection table is filled and the dispatcher has somewhere to send to. */
void ownership_ready(struct ownership *o, bool ready, uint64_t now_us);
/* The connection table has been filled from all traffic nodes for what the map of that epoch gave us. */
void ownership_filled(struct ownership *o, uint64_t epoch, uint64_t now_us);
/* Likewise, but not all of them answered: nothing of ours is beyond doubt. */
void ownership_filled_partly(struct ownership *o, uint64_t epoch, uint64_t now_us);
/* We would rather not (administrator's switchover, the traffic manager is down): others first. */
void ownership_aside(struct ownership *o, bool aside, uint64_t now_us);
/* Our processors' load in percent. */
void ownership_load(struct ownership *o, uint8_t percent);
/* Our share in a split has changed, 0 to 100. */
void ownership_set_weight(struct ownership *o, uint8_t weight, uint64_t now_us);
/* The administrator wants that many active masters. */
void ownership_set_active(struct ownership *o, uint8_t active, uint64_t now_us);
/* Likewise the threshold of load. */
void ownership_set_active_by_load(struct ownership *o, uint8_t active, uint64_t now_us);
/* We end: give everything away. ownership_is_gone() says when. */
void ownership_leave(struct ownership *o, uint64_t now_us);

/* Time went on; to be called at least each interval. A caller that comes late by more than an interval after the last
 * call has been asleep: what it missed is not counted against others. */
void ownership_tick(struct ownership *o, uint64_t now_us);

/* --- what is to be done (after every call above) ---------------------------------------------------------- */

struct ownership_orders {
    bool states_changed;          /* write the states to the engine */
    uint8_t states[HASH_BUCKETS]; /* BUCKET_… with flags */
    uint64_t lease_until_us;      /* write it always */
    bool announces;               /* we answer for the addresses; a change from false to true: announce them */
    bool send;                    /* send a heartbeat now, do not wait for the interval */
    bool publish;                 /* send publish_map in Corosync's order */
    struct wire_map publish_map;
    bool replay[HASH_BUCKETS]; /* replay the SYNs of these buckets, after the states are written */
    bool replay_any;
    uint64_t replay_since_us[HASH_BUCKETS]; /* only SYNs that came then or later: nobody can have answered these */
    bool reconstruct; /* ask the traffic nodes for their connections; report by ownership_filled */
    uint64_t reconstruct_epoch;
};
/* Reads the orders and takes them as carried out: what is to be done once is said once. */
void ownership_take_orders(struct ownership *o, uint64_t now_us, struct ownership_orders *orders);

/* Our heartbeat, to be signed and sent to all members; counts the sequence up. */
void ownership_make_heartbeat(struct ownership *o, uint64_t now_us, struct wire_heartbeat *out);

/* When ownership_tick must be called at the latest. */
uint64_t ownership_next_us(const struct ownership *o, uint64_t now_us);

/* After ownership_leave: nothing is ours any more, and the others are filled (or nobody is there to take it). */
bool ownership_is_gone(const struct ownership *o, uint64_t now_us);

/* --- for status and tests --------------------------------------------------------------------------------- */

struct ownership_member_view {
    uint8_t id;
    bool heard, linked, ready, aside, port_up, confirmed_lost, blind;
    uint8_t weight, load;
    uint16_t owned; /* buckets in the map */
    uint64_t silent_us;
};
size_t ownership_members(const struct ownership *o, uint64_t now_us, struct ownership_member_view *out, size_t max);
struct ownership_view {
    uint64_t epoch;
    uint8_t coordinator, active;
    bool ordered;                         /* active by a person's order, not by the configuration or the load */
    uint16_t owned, silent, own, holding; /* our buckets by state */
    bool quorate, isolated, leaving, aside;
    uint64_t takeovers, moves, false_alarms;
};
void ownership_view(const struct ownership *o, uint64_t now_us, struct ownership_view *out);
const uint8_t *ownership_owners(const struct ownership *o); /* HASH_BUCKETS member ids, 0 nobody */

#endif
