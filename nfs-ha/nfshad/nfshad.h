/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nfshad, the NFS failover daemon: one on each client. Groups of mounts, the probes of their servers, and the threads
 * that compare and move. What is to be done is failover.h's to decide. */
#ifndef NFSHAD_H
#define NFSHAD_H

#include "ctl.h"
#include "export.h"
#include "failover.h"
#include "log.h"
#include "mountinfo.h"
#include "move.h"
#include "nfshad_config.h"
#include "probe.h"
#include "registry.h"
#include "wake.h"
#include "worker.h"

#include <qb/qbloop.h>

#define NFSHAD_GROUPS_MAX 32
#define NFSHAD_MOUNTS_MAX 64 /* of a group */
/* What fails again and again is told so often. */
#define NFSHAD_AGAIN_MS 60000

#define MOUNTINFO_PATH "/proc/self/mountinfo"

struct nfshad;
struct nfshad_group;

/* What the server in use showed; threads that compare use it, too. */
struct nfshad_reference {
    unsigned users; /* counted on the loop only */
    bool recalled;  /* left by an nfshad before us: what the server in use shows now counts more */
    struct export_identity *identity;
};

/* One mount, ours or a foreign one on the same server. */
struct nfshad_mount {
    struct registry_mount ours; /* of a foreign one: directory, path and version only */
    unsigned minor;
    size_t server; /* the kernel says that it uses this one of the group */
    bool foreign;
};

/* A path that is mounted, once for each version. */
struct nfshad_export {
    char path[SOURCE_PATH_MAX];
    unsigned version;
    bool foreign;                       /* by foreign mounts only */
    struct nfshad_reference *reference; /* NULL: not read yet */
};

/* The context of one server's probe. */
struct nfshad_probed {
    struct nfshad_group *group;
    size_t server;
    struct probe *probe;
    struct log_limit limit;
};

struct nfshad_group {
    struct nfshad *nfshad;
    unsigned id; /* answers of threads find it by this */
    struct source source;
    struct failover failover;
    struct wake due;
    struct wake sweep; /* after a move */
    struct nfshad_probed probed[SOURCE_SERVERS_MAX];
    size_t mount_count, export_count;
    struct nfshad_mount mounts[NFSHAD_MOUNTS_MAX];
    struct nfshad_export exports[NFSHAD_MOUNTS_MAX];
    enum failover_state told; /* what the log was told last */
    char told_reason[FAILOVER_REASON_MAX];
    uint64_t told_ms;
    unsigned told_again;           /* messages that say the same in other words */
    int error;                     /* of the last move; 0: it went well */
    uint64_t error_ms;             /* when the log was told */
    bool bringing;                 /* a thread brings stragglers along */
    uint64_t brought_ms;           /* when the log was told; 0: never */
    bool left[SOURCE_SERVERS_MAX]; /* a remount left open files there: their handles are no other server's, so their
                                      transports stay */
    bool held;                     /* the kernel series may have lost its list of servers to us: it does not compare */
    bool wanted;                   /* while groups are read again: it still has mounts */
    uint64_t last_gap_ms;          /* from the loss of the server to the end of the move; 0: none yet */
    struct move_report last_move;
};

struct nfshad {
    qb_loop_t *loop;
    struct ctl_server *control;
    struct worker *worker;
    struct move_writers *writers;
    const char *config_path;
    struct nfshad_config config;
    const char *transports; /* TRANSPORT_DIRECTORY but in tests */
    const char *registry;   /* REGISTRY_DIRECTORY but in tests */
    const char *exports;    /* REFERENCE_DIRECTORY but in tests */
    const char *mounts;     /* MOUNTINFO_PATH but in tests */
    int mountinfo;          /* polled for changes; -1 */
    struct wake look;       /* the kernel's transports and mounts are read again */
    struct wake metrics;
    uint64_t started_ms;
    unsigned last_id;
    size_t group_count;
    struct nfshad_group *groups[NFSHAD_GROUPS_MAX];
};

/* --- life: nfshad.c */
/* Returns 0 or a negative errno after a message. */
int nfshad_open(struct nfshad *nfshad, const char *config_path, const struct nfshad_config *config);
/* After privileges were dropped: the control service, the groups. The same. */
int nfshad_start(struct nfshad *nfshad, const char *control);
void nfshad_close(struct nfshad *nfshad);
/* Reads the configuration and the mounts again. */
void nfshad_reload(struct nfshad *nfshad);

/* --- which groups there are: nfshad_groups.c */
/* Reads the registry and the kernel's mounts, and makes the groups fit. */
void nfshad_groups_read(struct nfshad *nfshad);
void nfshad_groups_close(struct nfshad *nfshad);
struct nfshad_group *nfshad_groups_find(const struct nfshad *nfshad, unsigned id);
/* Settings of a group from the configuration and its mounts. */
struct failover_settings nfshad_groups_settings(const struct nfshad_group *group);

/* --- its mounts: nfshad_mounts.c */
/* Lists what is mounted from the group's servers; keeps the references of paths that stay. entries: of mountinfo.
 * Returns whether there is a path without a reference. */
bool nfshad_mounts_take(struct nfshad_group *group, const struct registry_mount *ours, size_t count,
                        const struct mountinfo_entry *entries, size_t entry_count);
/* The place of an address among the servers, or their count. */
size_t nfshad_mounts_place(const struct nfshad_group *group, const struct addr *address);
void nfshad_mounts_forget(struct nfshad_group *group);

/* --- doing what failover.h says: nfshad_act.c */
/* Does all that is to be done now and sets the timer for the rest. */
void nfshad_act(struct nfshad_group *group);
/* The kernel's transports may have been moved by others: says so to the group, brings stragglers along. */
void nfshad_act_look(struct nfshad_group *group, const struct transport_list *list);

/* Takes the list of servers from the kernel series while a move would not be safe, and gives it back afterwards. */
void nfshad_act_hold(struct nfshad_group *group, const struct transport_list *list);

/* --- comparing: nfshad_compare.c. Returns 0 (the answer comes to failover_compared) or a negative errno. */
int nfshad_compare(struct nfshad_group *group, size_t server);
void nfshad_reference_release(struct nfshad_reference *reference);
/* Gives a path the reference that an nfshad before us left in its file, if there is one. */
void nfshad_reference_recall(const struct nfshad_group *group, struct nfshad_export *export);
/* What is mounted now serves something else, and that is right. */
void nfshad_reference_drop(struct nfshad_group *group);
/* Removes the file. */
void nfshad_reference_forget(const struct nfshad_group *group, const struct nfshad_export *export);

/* --- moving: nfshad_move.c. The same, to failover_moved. */
int nfshad_move(struct nfshad_group *group, size_t server, bool planned);
int nfshad_remount(struct nfshad_group *group, size_t server);
/* The timer after a move, of a group: ends what is left of connections to servers that are not in use, for the kernel
 * would wait for a dead one's answer to its FIN. */
void nfshad_move_sweep(void *context);

/* --- the rest */
json_t *nfshad_control(void *context, const char *command, const json_t *request);
void nfshad_metrics_write(const struct nfshad *nfshad);

#endif
