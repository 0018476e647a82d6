/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "failover_rules.h"

#define FRESH 3 /* so many intervals of comparison what one has found holds */

bool failover_one_at_a_time(const struct failover *failover)
{
    const struct failover_settings *settings = &failover->settings;
    return settings->replication == REPLICATION_STANDBY && settings->writable && settings->compare;
}

bool failover_is_own_copy(const struct failover *failover, size_t server)
{
    return failover_one_at_a_time(failover) && failover->servers[server].beside == FAILOVER_SAME;
}

bool failover_is_lost(const struct failover *failover)
{
    const struct failover_server *current = &failover->servers[failover->current];
    if (current->health == FAILOVER_DOWN)
        return true;
    return failover->settings.compare && current->health == FAILOVER_UP &&
           (current->identity == FAILOVER_NOT_SERVING || current->identity == FAILOVER_DIFFERENT);
}

static uint64_t later_of(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t soon(const struct failover *failover)
{
    const struct failover_settings *settings = &failover->settings;
    return settings->compare_soon_ms < settings->compare_ms ? settings->compare_soon_ms : settings->compare_ms;
}

/* Does what was found of the server (its identity is not UNKNOWN, so it is up) still hold at that time? Where one
 * server serves at a time, what was found while the server in use worked says nothing about who takes over. */
static bool is_known(const struct failover *failover, const struct failover_server *server, uint64_t at)
{
    const struct failover_settings *settings = &failover->settings;
    uint64_t interval = settings->compare_ms;
    if (failover->lost && settings->replication == REPLICATION_STANDBY) {
        interval = soon(failover);
        if (server->asked_ms < failover->lost_ms)
            return false;
    }
    return at <= server->compared_ms + FRESH * interval;
}

static bool can_move(const struct failover *failover, size_t index, uint64_t at)
{
    const struct failover_server *server = &failover->servers[index];
    if (index == failover->current || server->health != FAILOVER_UP)
        return false;
    if (!failover->settings.compare)
        return true;
    return server->identity == FAILOVER_SAME && is_known(failover, server, at) &&
           !failover_is_own_copy(failover, index);
}

static bool can_remount(const struct failover *failover, size_t index, uint64_t at)
{
    const struct failover_server *server = &failover->servers[index];
    if (index == failover->current || !failover->settings.compare || failover->settings.mismatch != MISMATCH_REMOUNT)
        return false;
    if (failover_one_at_a_time(failover) && server->beside != FAILOVER_IDENTITY_UNKNOWN)
        return false;
    return server->identity == FAILOVER_DIFFERENT && is_known(failover, server, at);
}

/* Is a server up of which it will be known soon whether the mounts can move there? Then no remount yet. */
static bool is_asking(const struct failover *failover)
{
    for (size_t i = 0; i < failover->count; i++) {
        const struct failover_server *server = &failover->servers[i];
        if (i != failover->current && server->health == FAILOVER_UP && server->told_ms < failover->lost_ms)
            return true;
    }
    return false;
}

/* When a move may be tried, after one that failed: soon, and twice as late each time that all had their turn. */
static uint64_t move_time(const struct failover *failover)
{
    uint64_t longest = failover->settings.compare_ms;
    uint64_t wait = failover->lost ? soon(failover) : longest;
    if (failover->failed_ms == 0)
        return failover->now_ms;
    size_t others = failover->count > 1 ? failover->count - 1 : 1;
    for (size_t i = others; i < failover->failures && wait < longest; i += others)
        wait *= 2;
    return later_of(failover->now_ms, failover->failed_ms + (wait < longest ? wait : longest));
}

/* The first server that can, in the order of the list, after the one in use, or after the one where it failed. */
static bool pick(const struct failover *failover, uint64_t at, bool (*can)(const struct failover *, size_t, uint64_t),
                 size_t *out)
{
    size_t after = failover->failed_ms != 0 ? failover->failed : failover->current;
    if (failover->wanted && can(failover, failover->target, at)) {
        *out = failover->target;
        return true;
    }
    for (size_t i = 1; i <= failover->count; i++) {
        *out = (after + i) % failover->count;
        if (can(failover, *out, at))
            return true;
    }
    return false;
}

/* The server in use has to be left. */
static uint64_t plan_failover(const struct failover *failover, struct failover_action *out)
{
    uint64_t at = move_time(failover);
    if (pick(failover, at, can_move, &out->server)) {
        out->what = FAILOVER_MOVE;
        return at;
    }
    if (!is_asking(failover) && pick(failover, at, can_remount, &out->server)) {
        out->what = FAILOVER_REMOUNT;
        return at;
    }
    return FAILOVER_NEVER;
}

/* The server in use works: back to the first one? */
static uint64_t plan_return(const struct failover *failover, struct failover_action *out)
{
    const struct failover_server *first = &failover->servers[0];
    uint64_t since = later_of(first->since_ms, first->same_ms);
    uint64_t at = later_of(move_time(failover), since + failover->settings.return_ms);
    *out = (struct failover_action){FAILOVER_MOVE, 0};
    return failover->settings.return_ms > 0 && can_move(failover, 0, at) ? at : FAILOVER_NEVER;
}

/* Where one server serves at a time there are no planned moves while the server in use serves: the mounts follow the
 * data. */
static uint64_t plan_move(const struct failover *failover, struct failover_action *out)
{
    if (failover->lost)
        return plan_failover(failover, out);
    if (failover_one_at_a_time(failover))
        return FAILOVER_NEVER;
    if (!failover->wanted)
        return plan_return(failover, out);
    *out = (struct failover_action){FAILOVER_MOVE, failover->target};
    return can_move(failover, failover->target, failover->now_ms) ? failover->now_ms : FAILOVER_NEVER;
}

/* When the server is to be compared. */
static uint64_t compare_time(const struct failover *failover, size_t index)
{
    const struct failover_server *server = &failover->servers[index];
    const struct failover_settings *settings = &failover->settings;
    if (!settings->compare || server->health != FAILOVER_UP || server->comparing)
        return FAILOVER_NEVER;
    if (server->compare_now || server->asked_ms == 0)
        return failover->now_ms;
    return later_of(failover->now_ms, server->asked_ms + (failover->lost ? soon(failover) : settings->compare_ms));
}

uint64_t failover_plan(const struct failover *failover, struct failover_action *out)
{
    if (failover->state == FAILOVER_MOVING)
        return FAILOVER_NEVER;
    uint64_t first = plan_move(failover, out);
    for (size_t i = 0; i < failover->count; i++) {
        uint64_t at = compare_time(failover, i);
        if (at < first) {
            first = at;
            *out = (struct failover_action){FAILOVER_COMPARE, i};
        }
    }
    return first;
}
