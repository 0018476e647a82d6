/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "node.h"

/* In the table below: no change, and "where its role puts it" (active nodes serve, standby nodes wait). */
#define STAY (-1)
#define HOME (-2)

static const short next[NODE_CONDITION_COUNT][NODE_EVENT_COUNT] = {
    [NODE_STARTING] =
        {
            [NODE_REPORTS] = HOME,
            [NODE_REPORTS_HELD] = NODE_DRAINING,
            [NODE_REPORTS_DOWN] = NODE_FAILED,
            [NODE_REPORTS_LEAVING] = NODE_LEAVING,
            [NODE_SILENCE] = NODE_SILENT,
            [NODE_HELD] = NODE_DRAINING,
            [NODE_FREED] = STAY,
            [NODE_PROMOTED] = NODE_SERVING,
            [NODE_DEMOTED] = STAY,
            [NODE_IDLE] = STAY,
        },
    [NODE_SERVING] =
        {
            [NODE_REPORTS] = STAY,
            [NODE_REPORTS_HELD] = NODE_DRAINING,
            [NODE_REPORTS_DOWN] = NODE_FAILED,
            [NODE_REPORTS_LEAVING] = NODE_LEAVING,
            [NODE_SILENCE] = NODE_SILENT,
            [NODE_HELD] = NODE_DRAINING,
            [NODE_FREED] = STAY,
            [NODE_PROMOTED] = STAY,
            [NODE_DEMOTED] = NODE_RELEASED,
            [NODE_IDLE] = STAY,
        },
    [NODE_WAITING] =
        {
            [NODE_REPORTS] = HOME, /* a reload may have made it an active node */
            [NODE_REPORTS_HELD] = NODE_DRAINED,
            [NODE_REPORTS_DOWN] = NODE_FAILED,
            [NODE_REPORTS_LEAVING] = NODE_LEAVING,
            [NODE_SILENCE] = NODE_SILENT,
            [NODE_HELD] = NODE_DRAINED,
            [NODE_FREED] = STAY,
            [NODE_PROMOTED] = NODE_SERVING,
            [NODE_DEMOTED] = STAY,
            [NODE_IDLE] = STAY,
        },
    [NODE_LEAVING] =
        {
            [NODE_REPORTS] = HOME,
            [NODE_REPORTS_HELD] = NODE_DRAINING,
            [NODE_REPORTS_DOWN] = NODE_FAILED,
            [NODE_REPORTS_LEAVING] = STAY,
            [NODE_SILENCE] = NODE_LEFT,
            [NODE_HELD] = STAY,
            [NODE_FREED] = STAY,
            [NODE_PROMOTED] = STAY,
            [NODE_DEMOTED] = STAY,
            [NODE_IDLE] = STAY,
        },
    [NODE_DRAINING] =
        {
            [NODE_REPORTS] = STAY,
            [NODE_REPORTS_HELD] = STAY,
            [NODE_REPORTS_DOWN] = NODE_FAILED,
            [NODE_REPORTS_LEAVING] = NODE_LEAVING,
            [NODE_SILENCE] = NODE_SILENT,
            [NODE_HELD] = STAY,
            [NODE_FREED] = HOME,
            [NODE_PROMOTED] = STAY,
            [NODE_DEMOTED] = STAY,
            [NODE_IDLE] = NODE_DRAINED,
        },
    [NODE_RELEASED] =
        {
            [NODE_REPORTS] = STAY,
            [NODE_REPORTS_HELD] = NODE_DRAINING,
            [NODE_REPORTS_DOWN] = NODE_FAILED,
            [NODE_REPORTS_LEAVING] = NODE_LEAVING,
            [NODE_SILENCE] = NODE_SILENT,
            [NODE_HELD] = NODE_DRAINING,
            [NODE_FREED] = STAY,
            [NODE_PROMOTED] = NODE_SERVING,
            [NODE_DEMOTED] = STAY,
            [NODE_IDLE] = NODE_WAITING,
        },
    [NODE_DRAINED] =
        {
            [NODE_REPORTS] = STAY,
            [NODE_REPORTS_HELD] = STAY,
            [NODE_REPORTS_DOWN] = NODE_FAILED,
            [NODE_REPORTS_LEAVING] = NODE_LEAVING,
            [NODE_SILENCE] = NODE_SILENT,
            [NODE_HELD] = STAY,
            [NODE_FREED] = HOME,
            [NODE_PROMOTED] = STAY,
            [NODE_DEMOTED] = STAY,
            [NODE_IDLE] = STAY,
        },
    [NODE_FAILED] =
        {
            [NODE_REPORTS] = HOME,
            [NODE_REPORTS_HELD] = NODE_DRAINING,
            [NODE_REPORTS_DOWN] = STAY,
            [NODE_REPORTS_LEAVING] = NODE_LEAVING,
            [NODE_SILENCE] = STAY,
            [NODE_HELD] = STAY,
            [NODE_FREED] = STAY,
            [NODE_PROMOTED] = STAY,
            [NODE_DEMOTED] = STAY,
            [NODE_IDLE] = STAY,
        },
    [NODE_SILENT] =
        {
            [NODE_REPORTS] = HOME,
            [NODE_REPORTS_HELD] = NODE_DRAINED,
            [NODE_REPORTS_DOWN] = NODE_FAILED,
            [NODE_REPORTS_LEAVING] = NODE_LEAVING,
            [NODE_SILENCE] = STAY,
            [NODE_HELD] = STAY,
            [NODE_FREED] = STAY,
            [NODE_PROMOTED] = STAY,
            [NODE_DEMOTED] = STAY,
            [NODE_IDLE] = STAY,
        },
    [NODE_LEFT] =
        {
            [NODE_REPORTS] = HOME,
            [NODE_REPORTS_HELD] = NODE_DRAINED,
            [NODE_REPORTS_DOWN] = NODE_FAILED,
            [NODE_REPORTS_LEAVING] = NODE_LEAVING,
            [NODE_SILENCE] = STAY,
            [NODE_HELD] = STAY,
            [NODE_FREED] = STAY,
            [NODE_PROMOTED] = STAY,
            [NODE_DEMOTED] = STAY,
            [NODE_IDLE] = STAY,
        },
};

enum node_condition node_next(enum node_condition condition, enum node_event event, bool standby)
{
    int to = next[condition][event];
    if (to == STAY)
        return condition;
    if (to == HOME)
        return standby ? NODE_WAITING : NODE_SERVING;
    return (enum node_condition)to;
}

enum node_state node_state(enum node_condition condition)
{
    static const enum node_state states[NODE_CONDITION_COUNT] = {
        [NODE_STARTING] = NODE_STATE_IN_TRANSITION, [NODE_SERVING] = NODE_STATE_ACTIVE,
        [NODE_WAITING] = NODE_STATE_STANDBY,        [NODE_LEAVING] = NODE_STATE_IN_TRANSITION,
        [NODE_DRAINING] = NODE_STATE_IN_TRANSITION, [NODE_RELEASED] = NODE_STATE_IN_TRANSITION,
        [NODE_DRAINED] = NODE_STATE_OUT_OF_CLUSTER, [NODE_FAILED] = NODE_STATE_OUT_OF_CLUSTER,
        [NODE_SILENT] = NODE_STATE_OUT_OF_CLUSTER,  [NODE_LEFT] = NODE_STATE_OUT_OF_CLUSTER,
    };
    return states[condition];
}

const char *node_state_name(enum node_state state)
{
    static const char *const names[NODE_STATE_COUNT] = {"active", "standby", "in-transition", "out-of-cluster"};
    return names[state];
}

const char *node_reason(enum node_condition condition)
{
    static const char *const reasons[NODE_CONDITION_COUNT] = {
        [NODE_STARTING] = "the manager has just started",   [NODE_SERVING] = "reports",
        [NODE_WAITING] = "reports, ready to take over",     [NODE_LEAVING] = "the node is leaving",
        [NODE_DRAINING] = "draining for the administrator", [NODE_RELEASED] = "the active nodes are complete again",
        [NODE_DRAINED] = "drained by the administrator",    [NODE_FAILED] = "application down",
        [NODE_SILENT] = "no report within the timeout",     [NODE_LEFT] = "has left",
    };
    return reasons[condition];
}

bool node_may_expire(enum node_condition condition)
{
    return condition != NODE_FAILED && condition != NODE_SILENT && condition != NODE_LEFT;
}
