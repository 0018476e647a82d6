/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon put together: its one context. Events (heartbeats, Corosync, the port, the administrator, time) go into
 * the ownership protocol; what it orders goes to the engine, the members and the traffic nodes. */
#ifndef CVIPD_CVIPD_H
#define CVIPD_CVIPD_H

#include "addresses.h"
#include "announce.h"
#include "cluster.h"
#include "ctl.h"
#include "cvipd_config.h"
#include "engine.h"
#include "fencing.h"
#include "heartbeat.h"
#include "ipvs.h"
#include "key.h"
#include "load.h"
#include "log.h"
#include "ownership.h"
#include "port.h"
#include "port_pair.h"
#include "reconstruct.h"
#include "redundancy.h"
#include "sync.h"
#include "wake.h"
#include "watch.h"

#include <qb/qbloop.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* What was told in the log, so that each change is told once. */
struct cvipd_told {
    struct ownership_view view;
    uint16_t linked;                       /* bits of members */
    char lost[WIRE_NAME_MAX];              /* who was lost last … */
    uint64_t heard_us;                     /* … and when it was heard last */
    bool blocked;                          /* not ready, although it was said why */
    unsigned strays[ENGINE_ADDRESSES_MAX]; /* the interface by which each address answers; 0: the service port */
};

struct cvipd_takeover {
    time_t when; /* wall clock; 0: none yet */
    char reason[2 * WIRE_NAME_MAX];
    uint64_t silent_ms; /* from the lost member's last heartbeat to the new states */
};

struct cvipd_synchronisation {
    char interface[IF_NAMESIZE]; /* by which it is done, and its index */
    unsigned index;
    bool gap;         /* others may have told connections that we did not hear: ask the traffic nodes when it goes on */
    int error;        /* that was told last; 0: none */
    unsigned pause;   /* seconds from one trial to the next */
    unsigned seconds; /* since the last trial, or the last look */
};

struct cvipd_reconstruction {
    bool first_started, first_done; /* the one at the start */
    bool running;
    uint64_t epoch; /* of the one that runs */
    time_t when;    /* wall clock of the last one's end; 0: none yet */
    struct reconstruct_result last;
};

/* The replay under way. */
struct cvipd_replay {
    struct engine_replay state;
    bool wanted[HASH_BUCKETS];
    uint64_t since_ns[HASH_BUCKETS];
    unsigned count; /* taken in so far */
};

struct cvipd_corosync {
    bool connected, quorate, strict_majority;
    uint16_t present;
};

struct cvipd {
    qb_loop_t *loop;
    const char *config_path;
    struct cvipd_config *config;
    struct keyring ring;
    uint64_t started_us; /* all times: CLOCK_BOOTTIME */
    uint64_t sent_us;    /* our last heartbeat */

    struct ownership *ownership;
    struct engine *engine;
    struct announce *announce;
    struct addresses *addresses;
    struct port *port;
    struct port_pair pair;  /* the service port and its twin, as last read */
    struct port *sync_port; /* the pair of the sync LAN, when it is another one; NULL: no such */
    struct port_pair sync_pair;
    struct sync *sync;               /* NULL: off, or not possible yet */
    struct reconstruct *reconstruct; /* likewise */
    struct ipvs *ipvs;               /* to look for servers; NULL: not open yet */
    struct ipvs_table servers;       /* as we last saw them */
    struct cluster *cluster;         /* NULL: a static list of members */
    struct fencing *fencing;         /* NULL: nobody tells who was fenced */
    struct heartbeat *heartbeat;
    struct ctl_server *control;

    struct wake tick_wake;
    struct wake port_wake;   /* when the ports must be read again */
    struct wake sync_wake;   /* when the synchronisation follows the active port */
    struct wake half_wake;   /* each 500 ms */
    struct wake second_wake; /* each second */
    unsigned seconds;        /* how many of them */
    struct wake announce_wake;
    unsigned announce_round;
    struct wake replay_wake;
    struct cvipd_replay replay;

    struct watch manager;
    bool aside; /* the administrator's switchover */
    struct redundancy redundancy;
    struct load_times load;
    struct cvipd_corosync corosync;
    struct cvipd_takeover takeover;
    struct cvipd_synchronisation synchronisation;
    struct cvipd_reconstruction reconstruction;
    struct cvipd_told told;
    struct log_limit mismatches;
    struct log_limit engine_errors;

    bool ready;
    bool announces;
    bool leaving;
    bool failed; /* we end with an error */
    bool acting, act_again;
    uint64_t leave_until_us;
};

/* cvipd.c: takes the configuration over (also on error) and opens what needs root. Returns 0 or a negative errno; the
 * reason is logged. */
int cvipd_open(struct cvipd *cvipd, const char *config_path, struct cvipd_config *config);
/* What need not be root: the control service, the timers. control: its name, see ctl.h. */
int cvipd_start(struct cvipd *cvipd, const char *control);
/* Takes everything away again: first the addresses, then the engine. */
void cvipd_close(struct cvipd *cvipd);
/* Hands everything over to the others, then stops the loop; at the latest after 10 s. A second call stops at once. */
void cvipd_leave(struct cvipd *cvipd);

/* act.c: carries out what the ownership protocol orders. To be called after each event. */
void cvipd_act(struct cvipd *cvipd);
/* A reconstruction has ended. */
void cvipd_reconstructed(void *context, const struct reconstruct_result *result);
/* Wants the traffic nodes' connections for the map of that epoch; 0: for the start. */
void cvipd_reconstruct(struct cvipd *cvipd, uint64_t epoch);

/* events.c: what comes from outside. */
void cvipd_heartbeat_received(void *context, const struct wire_heartbeat *heartbeat);
void cvipd_cluster_changed(void *context, bool connected, bool quorate, bool strict_majority, uint16_t present,
                           uint16_t left);
void cvipd_map_delivered(void *context, const struct wire_map *map);
/* Fencing says that the node is off; what is no other member is of no matter. Returns 0, -ENOENT, or -EBUSY: it is
 * heard, so it is not taken as off. */
int cvipd_fenced(struct cvipd *cvipd, const char *node);
void cvipd_fencing_told(void *context, const char *node);
/* The administrator or the traffic manager's state decide whether others go first. */
void cvipd_apply_aside(struct cvipd *cvipd);

/* ports.c: the service port and its twin. Opens the watch and reads them, before anything is done to them. Returns 0 or
 * a negative errno; the reason is logged. */
int cvipd_ports_open(struct cvipd *cvipd);
/* Something about them may have changed; context is the daemon. */
void cvipd_ports_changed(void *context);
/* The active one's name. */
const char *cvipd_ports_active(const struct cvipd *cvipd);
/* Both, for messages: "eth0" or "eth0/eth1". Returns text. */
#define CVIPD_PORTS_TEXT (2 * IF_NAMESIZE)
const char *cvipd_ports_text(const struct cvipd_config *config, char text[CVIPD_PORTS_TEXT]);

/* replay.c: takes unanswered connection requests of these buckets in again, a part at once and the rest in the loop's
 * next turns. since_us: CLOCK_BOOTTIME, for each bucket. */
void cvipd_replay(struct cvipd *cvipd, const bool wanted[HASH_BUCKETS], const uint64_t since_us[HASH_BUCKETS]);
/* The next part; context is the daemon. */
void cvipd_replay_some(void *context);

/* timers.c */
int cvipd_timers_start(struct cvipd *cvipd);
void cvipd_timers_stop(struct cvipd *cvipd);
/* What the engine has seen on the wire until now. */
void cvipd_look(struct cvipd *cvipd, uint64_t now_us);
/* If we answer for the addresses: tells the neighbours so once more, as when that began. For a member who comes back or
 * a new map: somebody may have answered beside us meanwhile, and neighbours may have believed him. */
void cvipd_announce_again(struct cvipd *cvipd);

/* connections.c: the kernel's sync daemons and the reconstruction; they wait for the interface. To be called each
 * second: it opens what is missing, and what somebody took away. */
void cvipd_connections_open(struct cvipd *cvipd, bool first);
void cvipd_connections_close(struct cvipd *cvipd);
/* The active port of the sync LAN may be another one now; both follow it soon, after what is more urgent. */
void cvipd_connections_moved(struct cvipd *cvipd);
/* They follow it now; context is the daemon. */
void cvipd_connections_move(void *context);
/* The interface by which connections are to be synchronised: of a pair the active port. */
const char *cvipd_connections_interface(const struct cvipd *cvipd);
/* Whether we could serve; told to the ownership protocol, and in the log when it changes. */
void cvipd_judge_readiness(struct cvipd *cvipd);

/* tell.c: one line in the log for each change of what matters to people. */
void cvipd_tell(struct cvipd *cvipd);
/* Warns when answers do not leave by the service port, where the engine stands. */
void cvipd_tell_routes(struct cvipd *cvipd);
const char *cvipd_member_name(const struct cvipd *cvipd, uint8_t id);

/* reload.c: reads configuration and keys again. A bad file is refused, the old settings stay, and the log says why. */
void cvipd_reload(struct cvipd *cvipd);

/* control.c: the control service; view.c: what it shows. */
json_t *cvipd_control(void *context, const char *command, const json_t *request);
json_t *cvipd_view_status(const struct cvipd *cvipd);
json_t *cvipd_view_owners(const struct cvipd *cvipd);
const char *cvipd_mode_name(uint8_t active);

/* metrics.c: the Prometheus text file. */
void cvipd_metrics_write(const struct cvipd *cvipd);

/* clean.c: takes away what a daemon that died left on this machine. Returns 0, or a negative errno when an address
 * could not be removed; what else fails is told only. */
int cvipd_clean(const struct cvipd_config *config);

#endif
