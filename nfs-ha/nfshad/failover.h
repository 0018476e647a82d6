/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which server a group of mounts uses: pure decisions, with the time passed in. A group is all mounts with the same
 * list of servers; they share the kernel's transports, so they move together (thesis 3.15, 4.8.2).
 *
 * The caller tells what probes and comparisons found, asks failover_next() for what is to be done until it returns
 * false, and tells how that ended. Nothing is moved to a server that has not been found to serve the same data under
 * the same handles (unless compare is off), nor, with REPLICATION_STANDBY and a mount that can be written to, to a
 * server that served at the same time as the one in use: then both have a copy of their own, and a write that one
 * acknowledged would be missing on the other. */
#ifndef NFSHAD_FAILOVER_H
#define NFSHAD_FAILOVER_H

#include "registry.h"

#define FAILOVER_REASON_MAX 256

enum failover_health { FAILOVER_HEALTH_UNKNOWN, FAILOVER_UP, FAILOVER_DOWN };

enum failover_identity {
    FAILOVER_IDENTITY_UNKNOWN,
    FAILOVER_SAME,       /* serves the data under the same handles */
    FAILOVER_DIFFERENT,  /* serves something, under other handles */
    FAILOVER_NOT_SERVING /* answers, and does not serve the path: a standby server */
};

enum failover_state {
    FAILOVER_STEADY,  /* the server in use works */
    FAILOVER_WAITING, /* it is lost, and no other one can take over yet */
    FAILOVER_REFUSED, /* it is lost, and another server answers, but a move would not be safe; see reason */
    FAILOVER_MOVING   /* a move or a remount is under way */
};

struct failover_settings {
    enum replication replication;
    enum mismatch mismatch;
    bool compare;
    bool writable;            /* is any mount of the group mounted for writing? */
    unsigned fall;            /* probes in a row without an answer: down */
    unsigned rise;            /* probes in a row with one: up */
    unsigned compare_ms;      /* servers that are up are compared that often */
    unsigned compare_soon_ms; /* the same while the server in use is down */
    unsigned return_ms; /* back to the first server when it was up and the same for that long; 0: on command only */
};

/* Do two servers serve at the same time? Where one serves at a time, a server that is found to serve shows that the one
 * in use has stopped. Only when that is found to serve afterwards, and the other one again after that, do both. */
enum failover_proof {
    FAILOVER_PROOF_NONE,
    FAILOVER_PROOF_WANTED,  /* the other was compared; the server in use is to be asked */
    FAILOVER_PROOF_ASKED,   /* it has been asked */
    FAILOVER_PROOF_AGAIN,   /* it serves; the other is to be asked again */
    FAILOVER_PROOF_CHECKING /* it has been asked again */
};

#define FAILOVER_NAME_MAX 64

struct failover_server {
    char name[FAILOVER_NAME_MAX]; /* for people; "server 2" unless failover_name() was called */
    enum failover_health health;
    unsigned row; /* probes in a row that say otherwise than health */
    enum failover_identity identity;
    uint64_t since_ms;    /* of health */
    uint64_t same_ms;     /* since when it has been found the same without a break; 0: it is not */
    uint64_t asked_ms;    /* the last comparison was asked for; 0: never */
    uint64_t told_ms;     /* the last comparison ended, whatever it found; 0: never */
    uint64_t compared_ms; /* when identity was found; 0: never */
    bool comparing;       /* asked for by failover_next, not answered yet */
    bool outdated;        /* what that comparison finds does not count */
    bool compare_now;     /* without waiting for its time */
    enum failover_proof proof;
    enum failover_identity beside; /* what it served at the same time as the server in use: SAME, DIFFERENT, or UNKNOWN
                                      for nothing */
    char why[FAILOVER_REASON_MAX];
    uint64_t answers, misses;
};

struct failover {
    struct failover_settings settings;
    size_t count;
    size_t current; /* the server in use */
    size_t target;  /* while moving */
    enum failover_state state;
    bool lost;                  /* the server in use is down, or answers and does not serve, or something else */
    bool own_copies;            /* a server was seen to serve at the same time as the one in use, where that is wrong */
    bool wanted;                /* a move was commanded, to `target` */
    bool remounting;            /* while moving: by a remount */
    uint64_t now_ms;            /* the latest time that was told */
    uint64_t lost_ms, moved_ms; /* when the server in use was lost, when the last move ended; 0: never */
    uint64_t failed_ms;         /* when a move failed last, to `failed`; 0: not since one succeeded */
    size_t failed;
    unsigned failures; /* in a row */
    unsigned moves;
    char note[FAILOVER_REASON_MAX];   /* why the move that was commanded last has not been made */
    char reason[FAILOVER_REASON_MAX]; /* of the state, for people */
    struct failover_server servers[SOURCE_SERVERS_MAX];
};

enum failover_do { FAILOVER_COMPARE, FAILOVER_MOVE, FAILOVER_REMOUNT };

struct failover_action {
    enum failover_do what;
    size_t server;
};

void failover_start(struct failover *failover, const struct failover_settings *settings, size_t count, size_t current,
                    uint64_t now_ms);
/* How people call it. */
void failover_name(struct failover *failover, size_t server, const char *name);
/* New settings (the file was read again, a mount was added); what is known stays. */
void failover_change(struct failover *failover, const struct failover_settings *settings);

/* What a probe of a server found. */
void failover_answered(struct failover *failover, size_t server, uint64_t now_ms);
void failover_missed(struct failover *failover, size_t server, uint64_t now_ms);
/* What a comparison found; why: for people, or NULL. UNKNOWN: it could not be made.
 * Of the server in use, too: SAME as long as it serves what it did, however much of that has changed (the caller then
 * reads a new reference for the others from it); DIFFERENT when it is another root: the data has gone from there. */
void failover_compared(struct failover *failover, size_t server, enum failover_identity identity, const char *why,
                       uint64_t now_ms);
/* What was found by comparisons no longer holds: the caller compares with something else from now on (other exports
 * are mounted). A remount does this by itself. */
void failover_forget(struct failover *failover);
/* How a move or remount ended: 0, or a negative errno (it is tried again after compare_soon_ms, when all servers had
 * their turn after twice that, and so on, up to compare_ms). */
void failover_moved(struct failover *failover, int result, uint64_t now_ms);
/* The transports were found to use another server than `current` (the kernel series moved them, or another program). */
void failover_found(struct failover *failover, size_t server, uint64_t now_ms);

/* A planned move, commanded. Returns 0 when it will be made (if what the target serves has not been found lately, it is
 * compared first; failover->wanted until that has been decided, and `reason` tells when it was not made), else a
 * negative errno with the reason in why:
 * -EALREADY there already, -EHOSTDOWN, -ENOENT not serving (move the data's service first), -ESTALE other handles,
 * -EXDEV own copies, -EBUSY a move is under way. */
int failover_switch(struct failover *failover, size_t server, uint64_t now_ms, char why[FAILOVER_REASON_MAX]);

/* The next thing to do now. Returns false when there is nothing. There is never more than one comparison of a server
 * under way, nor more than one move or remount, and no comparison is begun during these. */
bool failover_next(struct failover *failover, uint64_t now_ms, struct failover_action *out);
/* When failover_next() is to be asked again without news, ms of the same clock; UINT64_MAX: not before news. */
uint64_t failover_due(const struct failover *failover);

const char *failover_state_name(enum failover_state state);          /* "steady", "waiting", "refused", "moving" */
const char *failover_health_name(enum failover_health health);       /* "unknown", "up", "down" */
const char *failover_identity_name(enum failover_identity identity); /* "unknown", "same", "different", "not serving" */

#endif
