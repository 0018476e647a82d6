/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold, judged by the simulation's own record and not by what the daemon believes. */
#include "erd_simulation.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define KEPT (sizeof((struct simulation *)0)->failback_at / sizeof(uint64_t))

void simulation_fail(struct simulation *s, const char *format, ...)
{
    va_list args;
    if (s->failure[0] != '\0')
        return; /* the first one counts */
    int used = snprintf(s->failure, sizeof s->failure, "at %llu: ", (unsigned long long)s->now);
    va_start(args, format);
    vsnprintf(s->failure + used, sizeof s->failure - (size_t)used, format, args);
    va_end(args);
    simulation_tell(s, "FAILED: %s", s->failure);
}

static bool is_silent(const struct simulation *s, unsigned port)
{
    return s->ports[port].linked && s->ports[port].lost && s->ports[port].missed_in_row > 0;
}

/* It answered in the last round, and in the one before if it was silent. */
static bool answers(const struct simulation *s, unsigned port)
{
    const struct simulation_port *p = &s->ports[port];
    return p->linked && p->answered_in_row > 0 && !p->lost;
}

static uint32_t limit(const struct simulation *s)
{
    return s->settings.wait_max_ms;
}

/* How many failbacks fit into the maximum wait, when each waits twice as long as the one before. */
static unsigned failbacks_allowed(const struct simulation *s)
{
    uint64_t wait = s->settings.wait_ms, sum = 0;
    unsigned count = 1;
    for (;;) {
        wait = 2 * wait > 1000 ? 2 * wait : 1000;
        sum += wait;
        if (sum >= limit(s))
            return count;
        count++;
    }
}

static void check_rate(struct simulation *s)
{
    unsigned recent = 0;
    s->failback_at[s->failbacks++ % KEPT] = s->now;
    for (unsigned i = 0; i < s->failbacks && i < KEPT; i++)
        recent += s->now - s->failback_at[i] < limit(s);
    if (recent > failbacks_allowed(s))
        simulation_fail(s, "%u failbacks within %u ms, the first wait is %u ms", recent, limit(s), s->settings.wait_ms);
}

static void check_failback(struct simulation *s, const struct pair *before)
{
    const struct simulation_port *primary = &s->ports[PAIR_PRIMARY];
    uint64_t wait = s->settings.wait_ms;
    if (before->active != PAIR_TWIN || !s->settings.failback || s->held)
        simulation_fail(s, "a failback that nobody wants");
    if (!primary->linked || s->now - primary->linked_at < wait)
        simulation_fail(s, "a failback to a primary that has no link, or not for long enough");
    if (primary->missed_in_row > 0 || (primary->lost && primary->answered_in_row == 0))
        simulation_fail(s, "a failback to a primary that does not answer");
    if (primary->silent_at != NEVER && s->now - primary->silent_at < wait)
        simulation_fail(s, "a failback to a primary that was silent %llu ms ago",
                        (unsigned long long)(s->now - primary->silent_at));
    check_rate(s);
}

static void check_forced(struct simulation *s, const struct pair *before, enum pair_reason reason)
{
    const struct simulation_port *left = &s->ports[before->active];
    unsigned other = 1 - before->active;
    enum pair_reason link = !left->present ? PAIR_REASON_GONE : !left->up ? PAIR_REASON_DOWN : PAIR_REASON_CARRIER;
    if (!s->ports[other].linked)
        simulation_fail(s, "moved to a port without a link");
    if (left->linked ? reason != PAIR_REASON_SILENT : reason != link)
        simulation_fail(s, "moved by \"%s\", which is not so", pair_reason_name(reason));
    if (reason == PAIR_REASON_SILENT && !is_silent(s, before->active))
        simulation_fail(s, "moved away from a port that is not silent");
    if (reason == PAIR_REASON_SILENT && !answers(s, other))
        simulation_fail(s, "moved by silence to a port that did not answer");
    if (s->pair.failovers != before->failovers + 1)
        simulation_fail(s, "a failover that is not counted");
    s->held = false;
}

static void check_change(struct simulation *s, const struct pair *before, enum pair_reason reason)
{
    bool changed = s->pair.active != before->active;
    if (changed != (reason != PAIR_REASON_NONE) || s->pair.changes != before->changes + changed)
        simulation_fail(s, "the active port and what is told of it differ");
    if (changed && (s->pair.since != s->now || s->pair.reason != reason))
        simulation_fail(s, "the moment or the reason of the change is wrong");
    if (reason == PAIR_REASON_FAILBACK)
        check_failback(s, before);
    else if (reason == PAIR_REASON_COMMAND)
        simulation_fail(s, "a command that nobody gave");
    else if (reason != PAIR_REASON_NONE)
        check_forced(s, before, reason);
}

/* The port in use must not be dead while the other one could do it. */
static void check_active(struct simulation *s)
{
    unsigned active = s->pair.active, other = 1 - active;
    const struct simulation_port *p = &s->ports[active];
    if (!p->linked && s->ports[other].linked)
        simulation_fail(s, "port %u has no link and is in use", active);
    if (s->pair.no_port != (!p->linked && !s->ports[other].linked))
        simulation_fail(s, "no_port is wrong");
    if (s->interval == 0 || !p->linked || !answers(s, other))
        return;
    uint64_t from = p->answered_at > p->linked_at ? p->answered_at : p->linked_at;
    if (s->now > from + (s->sight.missed + 1) * s->interval)
        simulation_fail(s, "port %u is silent since %llu and in use", active, (unsigned long long)from);
}

/* A primary that is well for longer than the longest wait is used. */
static void check_return(struct simulation *s)
{
    uint64_t from = s->ports[PAIR_PRIMARY].good_since;
    bool wanted = s->pair.active == PAIR_TWIN && s->settings.failback && !s->held;
    if (wanted && from != NEVER && s->now > from + limit(s) + 3 * s->interval)
        simulation_fail(s, "the primary is well since %llu and not in use", (unsigned long long)from);
}

/* Nothing happens by itself before the moment that pair_due tells, and then it does. */
static void check_due(struct simulation *s)
{
    uint64_t due = pair_due(&s->pair);
    struct pair copy = s->pair;
    uint64_t before = due == NEVER ? s->now + ((uint64_t)1 << 40) : due - 1;
    if (due == s->now && s->settings.wait_ms > 0)
        simulation_fail(s, "pair_due is now, and the update has just been");
    if (before >= s->now && pair_update(&copy, s->pair.links, before) != PAIR_REASON_NONE)
        simulation_fail(s, "changes by itself before pair_due");
    copy = s->pair;
    if (due != NEVER && pair_update(&copy, s->pair.links, due) != PAIR_REASON_FAILBACK)
        simulation_fail(s, "pair_due is %llu and nothing happens then", (unsigned long long)due);
}

void simulation_check(struct simulation *s, const struct pair *before, enum pair_reason reason)
{
    check_change(s, before, reason);
    check_active(s);
    check_return(s);
    check_due(s);
    if (s->pair.held != s->held)
        simulation_fail(s, "held is wrong");
    if (s->pair.wait_ms < s->settings.wait_ms || s->pair.wait_ms > limit(s))
        simulation_fail(s, "the wait is %u ms", s->pair.wait_ms);
    for (unsigned i = 0; i < PAIR_PORTS; i++)
        if (pair_works(&s->pair, i) != (s->ports[i].linked && (!is_silent(s, i) || is_silent(s, 1 - i))))
            simulation_fail(s, "whether port %u works is wrong", i);
}

void simulation_check_command(struct simulation *s, const struct pair *before, unsigned port, int rc)
{
    int right = !s->ports[port].linked ? -ENETDOWN : is_silent(s, port) && answers(s, 1 - port) ? -EHOSTUNREACH : 0;
    if (rc != right)
        simulation_fail(s, "the command returned %d, not %d", rc, right);
    if (rc == 0)
        s->held = port == PAIR_TWIN;
    unsigned expected = rc == 0 ? port : before->active;
    if (s->pair.active != expected || s->pair.held != s->held ||
        s->pair.changes != before->changes + (expected != before->active))
        simulation_fail(s, "the command did something else");
}

void simulation_check_restart(struct simulation *s, unsigned active)
{
    bool failback = s->pair.reason == PAIR_REASON_FAILBACK && s->settings.wait_ms == 0;
    if (s->pair.active != active && s->ports[active].linked && !failback)
        simulation_fail(s, "a restart moved traffic");
}
