/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold. */
#include "nfshad_simulation.h"

#include <stdarg.h>
#include <stdio.h>

void simulation_fail(struct simulation *s, const char *format, ...)
{
    va_list args;
    if (s->failure[0] != '\0')
        return;
    va_start(args, format);
    vsnprintf(s->failure, sizeof s->failure, format, args);
    va_end(args);
    simulation_tell(s, "WRONG: %s", s->failure);
}

/* No acknowledged write is ever missing on the server in use. */
void simulation_check_write(struct simulation *s)
{
    const struct simulated_server *at = &s->servers[s->mounted];
    if (s->settings.writable && at->data != s->written)
        simulation_fail(s, "%zu has %llu of %llu acknowledged writes", s->mounted, (unsigned long long)at->data,
                        (unsigned long long)s->written);
}

static void check_target(struct simulation *s, size_t server)
{
    const struct simulated_server *one = &s->servers[server];
    uint64_t interval = s->settings.replication == REPLICATION_STANDBY ? s->interval : s->settings.compare_ms;
    if (one->last != FAILOVER_SAME || one->same_at == 0)
        simulation_fail(s, "a move to %zu, which was not found to be the same", server);
    else if (s->now - one->same_at > 3 * interval + 300)
        simulation_fail(s, "a move to %zu, which was compared long ago", server);
    /* Its disk can have been changed only while it was seen to be down. */
    if (one->handles != s->handles)
        simulation_fail(s, "a move to %zu, with other handles", server);
}

void simulation_check_action(struct simulation *s, const struct failover_action *action)
{
    if (s->moving)
        simulation_fail(s, "an action during a move");
    if (s->failover.servers[action->server].health != FAILOVER_UP)
        simulation_fail(s, "an action for %zu, which is not up", action->server);
    if (action->what == FAILOVER_COMPARE) {
        if (s->servers[action->server].comparing)
            simulation_fail(s, "two comparisons of %zu at once", action->server);
        return;
    }
    if (action->server == s->mounted)
        simulation_fail(s, "a move to %zu, which is in use", action->server);
    if (action->what == FAILOVER_MOVE)
        check_target(s, action->server);
    else if (s->settings.mismatch != MISMATCH_REMOUNT || s->servers[action->server].last != FAILOVER_DIFFERENT)
        simulation_fail(s, "a remount at %zu", action->server);
    if (s->settings.replication == REPLICATION_STANDBY && s->failover.own_copies && s->kind == WORLD_OWN)
        simulation_fail(s, "a move to %zu, an own copy", action->server);
}

/* When there is nothing to do now, there is something at the time that is told, and not before. */
void simulation_check_due(struct simulation *s)
{
    static struct failover copy;
    struct failover_action action;
    uint64_t due = failover_due(&s->failover);
    if (due <= s->now)
        simulation_fail(s, "due at %llu, which is past", (unsigned long long)due);
    if (due == NEVER || simulation_random(s, 8) != 0)
        return;
    copy = s->failover;
    if (failover_next(&copy, due - 1, &action))
        simulation_fail(s, "something to do before it is due");
    copy = s->failover;
    if (!failover_next(&copy, due, &action))
        simulation_fail(s, "nothing to do when it is due");
}

/* Where one server at a time has the data, nothing is an own copy. */
void simulation_check_always(struct simulation *s)
{
    if (s->kind == WORLD_CLUSTER && s->failover.own_copies)
        simulation_fail(s, "own copies are seen where there are none");
    if (s->failover.current != s->mounted && !s->moving)
        simulation_fail(s, "%zu is not in use", s->failover.current);
    s->counts.own_copies += s->failover.own_copies;
    s->counts.refused += s->failover.state == FAILOVER_REFUSED;
    s->counts.waits += s->failover.state == FAILOVER_WAITING;
}

/* Is there a server that serves what the client has mounted? */
static bool can_be_served(const struct simulation *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->servers[i].link && simulation_serves(s, i) && s->servers[i].handles == s->handles)
            return true;
    return false;
}

/* Nothing has happened for long: the client is where it should be. */
void simulation_check_quiet(struct simulation *s)
{
    const struct simulated_server *at = &s->servers[s->mounted];
    if (s->kind == WORLD_OWN && !s->failover.own_copies)
        simulation_fail(s, "own copies are not seen");
    if (s->kind == WORLD_UNFENCED && s->failover.own_copies)
        return; /* safe, and for people to repair */
    if (!can_be_served(s))
        return;
    if (s->failover.state != FAILOVER_STEADY && !(s->moving && !s->failover.lost))
        simulation_fail(s, "still %s: %s", failover_state_name(s->failover.state), s->failover.reason);
    if (!at->link || !simulation_serves(s, s->mounted) || at->handles != s->handles)
        simulation_fail(s, "still at %zu, which does not serve", s->mounted);
    bool returns = s->settings.return_ms > 0 && (s->kind == WORLD_SHARED || s->kind == WORLD_COPIES);
    if (returns && s->loss == 0 && s->servers[0].handles == s->handles && s->mounted != 0 && s->written > 0)
        simulation_fail(s, "not returned to the first server");
}
