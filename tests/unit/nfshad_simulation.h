/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers with data, the cluster that manages them, a client that writes to the server in use, and nfshad's decisions
 * in between, all under simulated time. What must hold is checked by records of the simulation's own. */
#ifndef NFSHAD_SIMULATION_H
#define NFSHAD_SIMULATION_H

#include "failover.h"

#define NEVER UINT64_MAX
#define NONE SIZE_MAX
#define MISSES_MAX 64

enum world_kind {
    WORLD_CLUSTER,  /* one set of data, which the cluster lets one server serve, and fences */
    WORLD_UNFENCED, /* the same, and a server that was replaced while it was frozen goes on when it can */
    WORLD_OWN,      /* declared as the former; each server has a copy of its own, and serves it */
    WORLD_SHARED,   /* one set of data, all serve it */
    WORLD_COPIES,   /* each its copy, read-only; one that comes back may have another one */
    WORLD_KINDS
};

/* How a server that has not the data looks to clients. */
enum standby_look { LOOK_SILENT, LOOK_NOT_SERVING, LOOK_DIFFERENT, STANDBY_LOOKS };

struct simulated_server {
    bool alive, link, frozen;
    bool service; /* its NFS service works */
    bool stale;   /* replaced while it was frozen, and does not know */
    uint64_t returns_at, thaws_at, link_at, service_at;
    uint64_t synced_at; /* when it has all the data again */
    uint64_t data;      /* so many of the client's writes it has */
    unsigned handles;
    /* probes without an answer, whose time is not over */
    uint64_t misses[MISSES_MAX];
    unsigned miss_first, miss_count;
    /* the comparison */
    bool comparing;
    uint64_t sample_at, told_at;
    enum failover_identity found;
    /* the record */
    uint64_t same_at, asked_at; /* when it was last found to serve the same, and when that was asked; 0: not since it
                                   was last told down */
    enum failover_identity last;
};

struct simulation_counts {
    unsigned long events, moves, remounts, failed, writes, refused, own_copies, commands, found, restarts, comparisons,
        waits;
};

struct simulation {
    uint64_t seed, random, now, end;
    bool trace;
    char failure[200];
    uint64_t digest;
    enum world_kind kind;
    enum standby_look look;
    size_t count;
    struct simulated_server servers[SOURCE_SERVERS_MAX];
    /* the cluster */
    size_t active; /* NONE: nobody serves */
    size_t next_active;
    uint64_t promote_at;
    /* the client */
    size_t mounted;   /* where its transports lead */
    unsigned handles; /* what it holds */
    uint64_t written; /* acknowledged writes */
    uint64_t write_at;
    /* the schedule */
    unsigned loss, fault_ms;
    uint64_t fault_at, quiet_at, quiet_end;
    /* the daemon */
    struct failover failover;
    struct failover_settings settings;
    unsigned interval, timeout;
    uint64_t tick_at, move_at, move_begun;
    bool moving, move_remounts;
    size_t move_to;
    struct simulation_counts counts;
};

bool simulation_run(struct simulation *s, uint64_t seed, bool trace);

/* nfshad_simulation_world.c */
void simulation_world_begin(struct simulation *s);
void simulation_world_step(struct simulation *s);
uint64_t simulation_world_due(const struct simulation *s);
bool simulation_serves(const struct simulation *s, size_t server);
bool simulation_answers(const struct simulation *s, size_t server);
enum failover_identity simulation_sample(const struct simulation *s, size_t server);
uint64_t simulation_random(struct simulation *s, uint64_t below);
void simulation_tell(struct simulation *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* nfshad_simulation.c: the daemon's part. */
void simulation_act(struct simulation *s);
void simulation_command(struct simulation *s);
void simulation_found(struct simulation *s);
void simulation_restart(struct simulation *s);

/* nfshad_simulation_check.c: what must hold. */
void simulation_check_write(struct simulation *s);
void simulation_check_action(struct simulation *s, const struct failover_action *action);
void simulation_check_due(struct simulation *s);
void simulation_check_quiet(struct simulation *s);
void simulation_check_always(struct simulation *s);
void simulation_fail(struct simulation *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
