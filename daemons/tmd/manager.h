/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The traffic manager (thesis 3.22.3) put together: what the daemon's one context holds. Reports come in by
 * datagram.c, weights go out by manager_apply, people ask by command.c. */
#ifndef TMD_MANAGER_H
#define TMD_MANAGER_H

#include "configuration.h"
#include "ctl.h"
#include "executor.h"
#include "key.h"
#include "latency.h"
#include "log.h"
#include "override.h"
#include "placement.h"
#include "pool.h"
#include "receive.h"
#include "wake.h"

#include <qb/qbloop.h>
#include <stdbool.h>
#include <stdint.h>

struct manager_counters {
    uint64_t accepted;
    uint64_t refused_datagrams[WIRE_RESULT_COUNT]; /* by enum wire_result */
    uint64_t judged[ADMISSION_RESULT_COUNT];       /* reports, by enum admission_result */
    uint64_t unexpected;                           /* authentic, but nothing that a manager is sent */
    uint64_t overrides;                            /* datagrams of other masters */
    uint64_t acknowledgements;
    uint64_t hellos;
};

struct manager {
    qb_loop_t *loop;
    const char *config_path;
    struct config *config;
    struct keyring ring;
    uint8_t secret[KEY_BYTES]; /* of the cookies; new at every start */
    uint64_t instance;
    uint64_t joins;  /* the admission generation of nodes that join unlisted; new after a reload */
    unsigned copies; /* how often a report may arrive */
    uint64_t started_ms;
    uint64_t stopped_ms; /* 0: running */

    struct pool *pool;
    struct placement *placement;
    struct executor *executor;
    struct receiver *receiver;
    struct override_table overrides;
    int overrides_unsaved; /* 0, or the negative errno that keeps them from the disk */
    struct ctl_server *control;

    struct manager_counters counters;
    struct latency latency;
    uint64_t batch_received_ns[RECEIVE_BATCH]; /* of the reports accepted in this batch */
    unsigned batch_accepted;
    struct log_limit refusals;

    struct wake pause_wake;
    struct wake expiry_wake;
    struct wake balance_wake;
    struct wake repair_wake;
    struct wake second_wake;
    bool isolated;         /* it was logged that no node is heard */
    uint64_t expiry_ms;    /* when the expiry wake is due */
    uint64_t last_read_us; /* when the socket last called */
};

/* manager.c: takes the configuration over (also on error) and opens what needs root: IPVS, the socket. Reads the keys
 * and the overrides. Returns 0 or a negative errno; the reason is logged. */
int manager_open(struct manager *manager, const char *config_path, struct config *config);

/* What need not be root: the control service, the timers, hello to the nodes. control: its name, see ctl.h. */
int manager_start(struct manager *manager, const char *control);

/* Leaves the kernel's table as it is. */
void manager_close(struct manager *manager);

/* Reads configuration and keys again. A bad file is refused, the old settings stay, and the log says why. */
void manager_reload(struct manager *manager);

/* Writes to the kernel what has changed. reread: compare with the kernel's table first. */
void manager_apply(struct manager *manager, bool reread);

/* timers.c */
int timers_start(struct manager *manager);
void timers_stop(struct manager *manager);
void timers_expect(struct manager *manager, uint64_t due_ms); /* look for silent nodes then */

/* datagram.c: takes what waits in the socket; the weights are written when it returns. Returns how many there were. */
int datagram_read(struct manager *manager);

/* share.c: what managers say by themselves. */
enum share_to {
    SHARE_TO_ALL,
    SHARE_TO_UNHEARD, /* nodes that have not reported yet */
    SHARE_TO_SILENT,  /* listed nodes that are out by silence, or would be if any other were heard */
};
void share_hello(struct manager *manager, enum share_to to);
void share_overrides(struct manager *manager);

/* orders.c: the administrator's overrides, ours and those of the other masters. */
void orders_load(struct manager *manager);
void orders_save(struct manager *manager);
void orders_apply(struct manager *manager); /* to the nodes */
int orders_give(struct manager *manager, struct pool_node *node, enum wire_override_kind kind, uint32_t weight);
void orders_merge(struct manager *manager, const struct wire_overrides *overrides);

/* command.c: the control service. */
json_t *command_handle(void *context, const char *command, const json_t *request);

/* metrics.c: the Prometheus text file. */
void metrics_write(const struct manager *manager);

#endif
