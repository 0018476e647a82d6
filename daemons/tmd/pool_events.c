/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to the nodes of the pool: reports, silence, overrides, and the replacement of lost active nodes. */
#include "pool_internal.h"

#include <stdlib.h>
#include <string.h>

static bool starting(const struct pool_node *node)
{
    return node->condition == NODE_STARTING;
}

/* Keeps the list of those that may expire in step with the condition. */
static void watch(struct pool *pool, struct pool_node *node, enum node_condition from)
{
    if (node_may_expire(from) == node_may_expire(node->condition))
        return;
    if (node_may_expire(node->condition))
        pool_link_newest(pool, node);
    else
        pool_unlink(pool, node);
}

/* Feeds the state machine and does what follows from a change. Returns true when the condition changed. */
static bool feed(struct pool *pool, struct pool_node *node, enum node_event event, uint64_t now_ms)
{
    enum node_condition from = node->condition;
    node->condition = node_next(from, event, node->standby);
    if (node->condition == from)
        return false;
    bool warm = node->adopted != NULL;
    if (node->condition == NODE_SERVING)
        policy_join(&node->policy, &pool->config->policy, warm, now_ms);
    else /* the time in which it was silent already was no service */
        policy_leave(&node->policy, &pool->config->policy, event == NODE_SILENCE ? node->last_ms : now_ms);
    watch(pool, node, from);
    pool->changed = true;
    if (pool->listener != NULL)
        pool->listener(pool->context, node, from);
    return true;
}

/* --- N+M (thesis 3.7.2): standby nodes in the place of lost active ones */

static bool takes_place(const struct pool_node *node)
{
    if (node->condition == NODE_SERVING)
        return true;
    return starting(node) && (!node->standby || node->adopted != NULL); /* innocent until silent */
}

/* The next standby node to serve. One that is just being released is still warm; else the order of the
 * configuration decides, so that all masters choose the same one. */
static struct pool_node *choose_standby(const struct pool *pool)
{
    struct pool_node *waiting = NULL;
    for (size_t i = 0; i < pool->count; i++) {
        struct pool_node *node = pool->nodes[i];
        if (!node->standby)
            continue;
        if (node->condition == NODE_RELEASED)
            return node;
        if (node->condition == NODE_WAITING && waiting == NULL)
            waiting = node;
    }
    return waiting;
}

static void promote(struct pool *pool, uint64_t now_ms)
{
    size_t wanted = 0;
    size_t serving = 0;
    for (size_t i = 0; i < pool->count; i++) {
        const struct pool_node *node = pool->nodes[i];
        wanted += node->listed && !node->standby;
        serving += node->listed && takes_place(node);
    }
    while (serving < wanted) {
        struct pool_node *node = choose_standby(pool);
        if (node == NULL)
            return;
        feed(pool, node, NODE_PROMOTED, now_ms);
        serving++;
    }
}

/* Make before break: a standby node is released only when the returned active node has ended its slow start. */
static void demote(struct pool *pool, uint64_t now_ms)
{
    size_t wanted = 0;
    size_t serving = 0;
    struct pool_node *last = NULL;
    for (size_t i = 0; i < pool->count; i++) {
        struct pool_node *node = pool->nodes[i];
        if (!node->listed)
            continue;
        wanted += !node->standby;
        if (node->condition != NODE_SERVING)
            continue;
        serving += node->standby || policy_ramped(&node->policy, &pool->config->policy, now_ms);
        if (node->standby)
            last = node;
    }
    if (serving > wanted && last != NULL && feed(pool, last, NODE_DEMOTED, now_ms))
        demote(pool, now_ms);
}

/* --- weights */

/* Adopted weights hold until every node has reported or is silent: then all are weighed on one scale. */
static void end_adoption(struct pool *pool)
{
    for (size_t i = 0; i < pool->count; i++)
        if (starting(pool->nodes[i]))
            return;
    for (size_t i = 0; i < pool->count; i++) {
        if (pool->nodes[i]->adopted == NULL)
            continue;
        free(pool->nodes[i]->adopted);
        pool->nodes[i]->adopted = NULL;
        pool->changed = true;
    }
}

void pool_balance(struct pool *pool, uint64_t now_ms)
{
    const struct policy_settings *settings = &pool->config->policy;
    promote(pool, now_ms);
    demote(pool, now_ms);
    end_adoption(pool);
    policy_balance(&pool->policy, settings, pool->policies, pool->count, now_ms);
    for (size_t i = 0; i < pool->count; i++)
        if (policy_decide(pool->policies[i], settings, &pool->policy, now_ms))
            pool->changed = true;
}

uint32_t pool_weight(const struct pool_node *node)
{
    return node->override_kind == WIRE_OVERRIDE_WEIGHT ? node->override_weight : node->policy.weight;
}

/* --- events */

static uint64_t services_down(const struct config *config, const struct wire_report *report)
{
    uint64_t down = 0;
    for (size_t i = 0; i < report->service_count; i++) {
        if (report->services[i].up)
            continue;
        for (size_t k = 0; k < config->service_count; k++)
            if (strcmp(config->services[k].name, report->services[i].name) == 0)
                down |= UINT64_C(1) << k;
    }
    return down;
}

static enum node_event event_of(const struct pool_node *node, const struct wire_report *report)
{
    if ((report->flags & WIRE_DRAINING) != 0)
        return NODE_REPORTS_LEAVING;
    if (report->index == 0)
        return NODE_REPORTS_DOWN;
    if (node->override_kind == WIRE_OVERRIDE_DRAIN)
        return NODE_REPORTS_HELD;
    /* A standby node that the kernel had when we started was serving in somebody's place; it goes on. */
    if (starting(node) && node->standby && node->adopted != NULL)
        return NODE_PROMOTED;
    return NODE_REPORTS;
}

static void note(struct pool *pool, struct pool_node *node, const struct wire_report *report, uint64_t now_ms)
{
    node->reported = true;
    node->last_ms = now_ms;
    node->index = report->index;
    node->pressure = report->pressure;
    node->connections = report->connections;
    uint64_t down = services_down(pool->config, report);
    if (down != node->services_down)
        pool->changed = true;
    node->services_down = down;
    if (node_may_expire(node->condition)) {
        pool_unlink(pool, node);
        pool_link_newest(pool, node);
    }
}

/* One node is heard again; the others may need a moment, and their silence until now says nothing. */
static void end_isolation(struct pool *pool, uint64_t now_ms)
{
    if (pool->isolated && pool->oldest != NULL)
        pool_forgive(pool, now_ms - pool->oldest->last_ms, now_ms);
    pool->isolated = false;
    pool->heard_ms = now_ms;
}

void pool_report(struct pool *pool, struct pool_node *node, const struct wire_report *report, uint64_t now_ms)
{
    const struct policy_settings *settings = &pool->config->policy;
    end_isolation(pool, now_ms);
    note(pool, node, report, now_ms);
    if (report->index != 0) /* 0 is a state, not a load */
        policy_report(&node->policy, settings, report->index, report->pressure, now_ms);
    if (feed(pool, node, event_of(node, report), now_ms))
        pool_balance(pool, now_ms);
    else if (policy_decide(&node->policy, settings, &pool->policy, now_ms))
        pool->changed = true;
}

/* --- silence */

static bool takes_connections(const struct pool_node *node)
{
    return node->condition == NODE_SERVING || (starting(node) && node->adopted != NULL);
}

static bool anybody_takes_connections(const struct pool *pool)
{
    for (size_t i = 0; i < pool->count; i++)
        if (takes_connections(pool->nodes[i]))
            return true;
    return false;
}

/* Whether the silence is likely our own fault, so that it takes nobody out; then *next_ms is when to look again.
 * Nodes that we stop hearing together do not fall silent in the same millisecond. So while nobody was heard for half
 * of the timeout, the first of them waits for what becomes of the others. */
static bool hold(struct pool *pool, uint64_t now_ms, uint64_t *next_ms)
{
    uint64_t timeout_ms = pool->config->timeout_ms;
    uint64_t end_ms = pool->heard_ms + pool->config->isolation_ms;
    if (now_ms < pool->heard_ms + timeout_ms / 2 || now_ms >= end_ms || !anybody_takes_connections(pool))
        return false;
    pool->isolated = now_ms >= pool->heard_ms + timeout_ms;
    *next_ms = pool->isolated ? end_ms : now_ms + timeout_ms / 8;
    return true;
}

bool pool_isolated(const struct pool *pool)
{
    return pool->isolated;
}

bool pool_is_silent(const struct pool *pool, const struct pool_node *node, uint64_t now_ms)
{
    bool due = node_may_expire(node->condition) && now_ms >= node->last_ms + pool->config->timeout_ms;
    return due || node->condition == NODE_SILENT;
}

uint64_t pool_expire(struct pool *pool, uint64_t now_ms)
{
    uint64_t next_ms;
    bool due = pool->oldest != NULL && now_ms >= pool->oldest->last_ms + pool->config->timeout_ms;
    if (due && hold(pool, now_ms, &next_ms))
        return next_ms;
    bool any = false;
    while (pool->oldest != NULL && now_ms >= pool->oldest->last_ms + pool->config->timeout_ms) {
        any = true;
        if (!feed(pool, pool->oldest, NODE_SILENCE, now_ms))
            pool_unlink(pool, pool->oldest); /* cannot be, but must not loop */
    }
    if (any)
        pool_balance(pool, now_ms);
    return pool->oldest != NULL ? pool->oldest->last_ms + pool->config->timeout_ms : UINT64_MAX;
}

void pool_forgive(struct pool *pool, uint64_t lost_ms, uint64_t now_ms)
{
    pool->heard_ms = pool->heard_ms + lost_ms < now_ms ? pool->heard_ms + lost_ms : now_ms;
    for (struct pool_node *node = pool->oldest; node != NULL; node = node->newer) {
        node->last_ms += lost_ms;
        if (node->last_ms > now_ms)
            node->last_ms = now_ms;
    }
}

void pool_override(struct pool *pool, struct pool_node *node, enum wire_override_kind kind, uint32_t weight,
                   uint64_t now_ms)
{
    bool held = node->override_kind == WIRE_OVERRIDE_DRAIN;
    node->override_kind = (uint8_t)kind;
    node->override_weight = weight;
    pool->changed = true;
    if (kind == WIRE_OVERRIDE_DRAIN)
        feed(pool, node, NODE_HELD, now_ms);
    else if (held)
        feed(pool, node, NODE_FREED, now_ms);
    pool_balance(pool, now_ms);
}

void pool_idle(struct pool *pool, struct pool_node *node, uint64_t now_ms)
{
    if (feed(pool, node, NODE_IDLE, now_ms))
        pool_balance(pool, now_ms);
}

void pool_adopt(struct pool *pool, struct pool_node *node, size_t service, uint32_t weight)
{
    if (!starting(node) || service >= pool->config->service_count)
        return;
    if (node->adopted == NULL) {
        node->adopted = malloc(pool->config->service_count * sizeof(int32_t));
        if (node->adopted == NULL)
            return;
        for (size_t i = 0; i < pool->config->service_count; i++)
            node->adopted[i] = -1;
    }
    node->adopted[service] = (int32_t)weight;
    pool->changed = true;
}

bool pool_take_changes(struct pool *pool)
{
    bool changed = pool->changed;
    pool->changed = false;
    return changed;
}
