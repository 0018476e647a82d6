/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state in words. */
#include "failover_rules.h"

#include <stdio.h>

/* Why no move to a server that answers would be safe; NULL: none is known. */
static const char *refusal(const struct failover *failover, size_t index)
{
    const struct failover_server *server = &failover->servers[index];
    if (index == failover->current || server->health != FAILOVER_UP)
        return NULL;
    if (failover_is_own_copy(failover, index))
        return "served at the same time: it has a copy of its own, and what was written may be missing there";
    if (server->identity != FAILOVER_DIFFERENT)
        return NULL;
    if (failover->settings.mismatch == MISMATCH_REMOUNT && server->beside == FAILOVER_IDENTITY_UNKNOWN)
        return NULL;
    return "serves other file handles";
}

static const char *waiting(const struct failover *failover, size_t index)
{
    const struct failover_server *server = &failover->servers[index];
    if (index == failover->current)
        return NULL;
    if (server->health != FAILOVER_UP)
        return "does not answer";
    return server->identity == FAILOVER_NOT_SERVING ? "answers and does not serve it yet" : "has not been compared yet";
}

static void add(struct failover *failover, size_t *used, const struct failover_server *server, const char *text)
{
    if (text == NULL || *used >= sizeof failover->reason)
        return;
    *used += (size_t)snprintf(failover->reason + *used, sizeof failover->reason - *used, "; %s %s%s%s", server->name,
                              text, server->why[0] != '\0' ? ": " : "", server->why);
}

void failover_describe(struct failover *failover)
{
    const struct failover_server *current = &failover->servers[failover->current];
    bool refused = false;
    failover->own_copies = false;
    failover->reason[0] = '\0';
    for (size_t i = 0; i < failover->count; i++) {
        failover->own_copies |= i != failover->current && failover_is_own_copy(failover, i);
        refused |= refusal(failover, i) != NULL;
    }
    if (failover->state == FAILOVER_MOVING)
        return;
    failover->state = FAILOVER_STEADY;
    if (!failover->lost)
        return;
    failover->state = refused ? FAILOVER_REFUSED : FAILOVER_WAITING;
    size_t used = (size_t)snprintf(failover->reason, sizeof failover->reason, "%s %s", current->name,
                                   current->health == FAILOVER_DOWN ? "does not answer" : "does not serve any more");
    for (size_t i = 0; i < failover->count; i++)
        add(failover, &used, &failover->servers[i], refused ? refusal(failover, i) : waiting(failover, i));
}

const char *failover_state_name(enum failover_state state)
{
    static const char *const names[] = {"steady", "waiting", "refused", "moving"};
    return names[state];
}

const char *failover_health_name(enum failover_health health)
{
    static const char *const names[] = {"unknown", "up", "down"};
    return names[health];
}

const char *failover_identity_name(enum failover_identity identity)
{
    static const char *const names[] = {"unknown", "same", "different", "not serving"};
    return names[identity];
}
