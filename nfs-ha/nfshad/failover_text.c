/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state in words. */
#include "failover_rules.h"

#include <errno.h>
#include <stdio.h>

static int refused(char why[FAILOVER_REASON_MAX], int error, const struct failover_server *server, const char *text)
{
    snprintf(why, FAILOVER_REASON_MAX, "%s %s%s%s", server->name, text, server->why[0] != '\0' ? ": " : "",
             server->why);
    return error;
}

int failover_refuse(const struct failover *failover, size_t index, char why[FAILOVER_REASON_MAX])
{
    why[0] = '\0';
    if (index >= failover->count) {
        snprintf(why, FAILOVER_REASON_MAX, "there is no such server");
        return -EINVAL;
    }
    const struct failover_server *server = &failover->servers[index];
    if (failover->state == FAILOVER_MOVING) {
        snprintf(why, FAILOVER_REASON_MAX, "a move to %s is under way", failover->servers[failover->target].name);
        return -EBUSY;
    }
    if (index == failover->current)
        return refused(why, -EALREADY, server, "is in use already");
    if (server->health != FAILOVER_UP)
        return refused(why, -EHOSTDOWN, server, "does not answer");
    if (!failover->settings.compare)
        return 0;
    if (failover_is_own_copy(failover, index))
        return refused(why, -EXDEV, server, "has a copy of its own, in which what was written may be missing");
    if (server->identity == FAILOVER_NOT_SERVING)
        return refused(why, -ENOENT, server, "does not serve it (move the service of the data there first)");
    if (server->identity == FAILOVER_DIFFERENT)
        return refused(why, -ESTALE, server, "serves it under other file handles");
    return 0;
}

/* Why no move to a server that answers would be safe; NULL: none is known. */
static const char *unsafe(const struct failover *failover, size_t index)
{
    const struct failover_server *server = &failover->servers[index];
    if (index == failover->current || server->health != FAILOVER_UP || !failover->settings.compare)
        return NULL;
    if (failover_is_own_copy(failover, index))
        return "has a copy of its own, in which what was written may be missing";
    if (server->identity != FAILOVER_DIFFERENT)
        return NULL;
    if (failover->settings.mismatch == MISMATCH_REFUSE)
        return "serves it under other file handles";
    if (failover_one_at_a_time(failover) && server->beside != FAILOVER_IDENTITY_UNKNOWN)
        return "has another copy, which it served at the same time";
    return NULL;
}

static const char *waiting(const struct failover *failover, size_t index)
{
    const struct failover_server *server = &failover->servers[index];
    if (index == failover->current)
        return NULL;
    if (server->health != FAILOVER_UP)
        return "does not answer";
    return server->identity == FAILOVER_NOT_SERVING ? "does not serve it yet" : "has not been compared yet";
}

static void add(struct failover *failover, size_t *used, const struct failover_server *server, const char *text)
{
    if (text == NULL || *used >= sizeof failover->reason)
        return;
    *used += (size_t)snprintf(failover->reason + *used, sizeof failover->reason - *used, "; %s %s%s%s", server->name,
                              text, server->why[0] != '\0' ? ": " : "", server->why);
}

/* What is wrong with the server in use; NULL: nothing. */
static const char *trouble(const struct failover *failover)
{
    const struct failover_server *current = &failover->servers[failover->current];
    if (!failover->lost)
        return NULL;
    if (current->health == FAILOVER_DOWN)
        return "does not answer";
    return current->identity == FAILOVER_DIFFERENT ? "serves something else now" : "does not serve it any more";
}

static void describe_move(struct failover *failover)
{
    const char *why = trouble(failover);
    const char *name = failover->servers[failover->current].name;
    if (why != NULL)
        snprintf(failover->reason, sizeof failover->reason, "%s %s", name, why);
    else
        snprintf(failover->reason, sizeof failover->reason, "%s",
                 failover->wanted ? "commanded" : "back to the first server");
}

static void describe_loss(struct failover *failover, bool refused_one)
{
    size_t used = (size_t)snprintf(failover->reason, sizeof failover->reason, "%s %s",
                                   failover->servers[failover->current].name, trouble(failover));
    for (size_t i = 0; i < failover->count; i++)
        add(failover, &used, &failover->servers[i], refused_one ? unsafe(failover, i) : waiting(failover, i));
}

void failover_describe(struct failover *failover)
{
    bool refused_one = false;
    failover->own_copies = false;
    for (size_t i = 0; i < failover->count; i++) {
        failover->own_copies |= i != failover->current && failover_is_own_copy(failover, i);
        refused_one |= unsafe(failover, i) != NULL;
    }
    if (failover->state == FAILOVER_MOVING) {
        describe_move(failover);
    } else if (failover->lost) {
        failover->state = refused_one ? FAILOVER_REFUSED : FAILOVER_WAITING;
        describe_loss(failover, refused_one);
    } else {
        failover->state = FAILOVER_STEADY;
        snprintf(failover->reason, sizeof failover->reason, "%s", failover->note);
    }
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
