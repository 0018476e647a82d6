/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state machine of a traffic node (thesis 3.12): one table, no I/O, no clock.
 *
 * A node is in one of ten conditions; each belongs to one of the thesis' four states and says why the node is in it.
 * Every change of a node's condition goes through node_next(). */
#ifndef TMD_NODE_H
#define TMD_NODE_H

#include <stdbool.h>

enum node_state { NODE_STATE_ACTIVE, NODE_STATE_STANDBY, NODE_STATE_IN_TRANSITION, NODE_STATE_OUT_OF_CLUSTER };
#define NODE_STATE_COUNT 4

enum node_condition {
    NODE_STARTING, /* in-transition: the manager has started, the node has not reported yet; what the kernel has stays
                    */
    NODE_SERVING,  /* active */
    NODE_WAITING,  /* standby: reports, and would serve */
    NODE_LEAVING,  /* in-transition: it says that it is leaving */
    NODE_DRAINING, /* in-transition: the administrator drains it; connections are left */
    NODE_RELEASED, /* in-transition: a standby node is no longer needed; connections are left */
    NODE_DRAINED,  /* out-of-cluster: by the administrator */
    NODE_FAILED,   /* out-of-cluster: its application is down; it may be silent about that */
    NODE_SILENT,   /* out-of-cluster: no report within the timeout, or never one */
    NODE_LEFT,     /* out-of-cluster: silent after it said that it was leaving */
};
#define NODE_CONDITION_COUNT 10

enum node_event {
    NODE_REPORTS,         /* a healthy report */
    NODE_REPORTS_HELD,    /* a healthy report of a node that the administrator drains */
    NODE_REPORTS_DOWN,    /* a report with index 0 */
    NODE_REPORTS_LEAVING, /* a report with WIRE_DRAINING */
    NODE_SILENCE,         /* nothing for `timeout` ms */
    NODE_HELD,            /* the administrator's drain was ordered */
    NODE_FREED,           /* it was lifted */
    NODE_PROMOTED,        /* N+M: it takes the place of a lost active node */
    NODE_DEMOTED,         /* N+M: the active nodes are complete again */
    NODE_IDLE,            /* its last connection has ended */
};
#define NODE_EVENT_COUNT 10

/* The condition after an event. standby: the node's configured role. */
enum node_condition node_next(enum node_condition condition, enum node_event event, bool standby);

enum node_state node_state(enum node_condition condition);
const char *node_state_name(enum node_state state);     /* "active", "standby", "in-transition", "out-of-cluster" */
const char *node_reason(enum node_condition condition); /* why, for people */

/* Whether silence for `timeout` ms means anything: a node that reported index 0 is silent until it is well again, and
 * a silent node cannot become more silent. */
bool node_may_expire(enum node_condition condition);

#endif
