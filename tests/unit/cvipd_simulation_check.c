/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold at every instant. Effective is what lets packets in: the node runs, and its lease is not over.
 *
 * 1. Never is a bucket effectively OWN at one member while another one takes new connections of it. (That one may hold
 *    them: it is about to get the bucket by a planned move, and has none of its connections.)
 * 2. At most one member takes new connections of a bucket. Two do so only
 *    - apart: when no heartbeat got through between them, one way at least, for nearly the dead time, by the network's
 *      fault (who was paused must give way by himself); for at most MINORITY_US when one of them is in a minority;
 *    - meeting: after the first heartbeat got through again, until the map arrives, for at most MEETING_US;
 *    - by a false alarm: two others do not hear each other, or one of these, and one made a map without the other:
 * until the map arrives, for at most MEETING_US.
 * 3. Without a fault there is always somebody who lets known connections in (planned_only). */
#include "cvipd_simulation.h"

#include <stdarg.h>
#include <string.h>

#define APART_US (85 * SIMULATION_MS)
#define MINORITY_US (60 * SIMULATION_MS) /* half an interval, and what is seen late of it */
#define MEETING_US (150 * SIMULATION_MS)

void simulation_fail(struct simulation *s, const char *format, ...)
{
    va_list arguments;
    if (s->failure[0] != '\0')
        return;
    int length = snprintf(s->failure, sizeof s->failure, "at %.3f ms: ", (double)s->now_us / 1000);
    va_start(arguments, format);
    vsnprintf(s->failure + length, sizeof s->failure - (size_t)length, format, arguments);
    va_end(arguments);
    simulation_trace(s, "%s", s->failure);
}

static bool is_effective(const struct simulation *s, unsigned member)
{
    const struct simulation_member *m = &s->members[member];
    return m->node_on && !m->node_paused && m->lease_us > simulation_clock(s, member);
}

bool simulation_passes_known(const struct simulation *s, unsigned member, unsigned bucket)
{
    return is_effective(s, member) && s->members[member].states[bucket] != BUCKET_FOREIGN;
}

bool simulation_passes_new(const struct simulation *s, unsigned member, unsigned bucket)
{
    uint8_t state = s->members[member].states[bucket];
    return is_effective(s, member) && state != BUCKET_FOREIGN && !(state & BUCKET_HOLD_SYN);
}

/* By the network's fault: who was paused must give way by himself. */
static bool is_silent(const struct simulation *s, unsigned from, unsigned to)
{
    if (s->contact_us[from][to] == 0)
        return true; /* never met in this life */
    return s->lost[from][to] > 0 && s->now_us - s->contact_us[from][to] >= APART_US;
}

static bool just_met(const struct simulation *s, unsigned i, unsigned j)
{
    return s->now_us - s->regained_us[i][j] <= MEETING_US || s->now_us - s->regained_us[j][i] <= MEETING_US;
}

/* Somewhere two do not hear each other, or just begin to: one of them may have made a map without the other. */
static bool is_alarm(const struct simulation *s)
{
    for (unsigned k = 0; k < s->settings.members; k++)
        for (unsigned l = 0; l < s->settings.members; l++) {
            /* Of a daemon that was killed the engine goes on until its lease ends. */
            bool both = k != l && (s->members[k].ownership != NULL || is_effective(s, k)) &&
                        (s->members[l].ownership != NULL || is_effective(s, l));
            if (both && (is_silent(s, k, l) || just_met(s, k, l)))
                return true;
        }
    return false;
}

/* Of three or more whom it met and who run still, it is in touch with less than half. */
static bool is_minority(const struct simulation *s, unsigned member)
{
    unsigned known = 1, linked = 1;
    for (unsigned k = 0; k < s->settings.members; k++) {
        bool met = s->contact_us[k][member] != 0 && s->contact_us[member][k] != 0;
        if (k == member || !met || s->members[k].ownership == NULL)
            continue;
        known++;
        linked += !is_silent(s, k, member) && !is_silent(s, member, k);
    }
    return known >= 3 && 2 * linked < known;
}

static void judge_minority(struct simulation *s, unsigned i, unsigned j, unsigned bucket)
{
    uint64_t *since_us = &s->minority_us[i][j];
    if (!is_minority(s, i) && !is_minority(s, j))
        *since_us = 0;
    else if (*since_us == 0)
        *since_us = s->now_us;
    else if (s->now_us - *since_us > MINORITY_US)
        simulation_fail(s, "m%u and m%u both take new connections of bucket %u, one in a minority", i + 1, j + 1,
                        bucket);
}

static void judge_overlap(struct simulation *s, unsigned i, unsigned j, unsigned bucket)
{
    uint64_t *since_us = &s->overlap_us[i][j];
    bool goes_on = *since_us != 0 && s->now_us - *since_us <= MEETING_US;
    s->overlapping = true;
    if (is_silent(s, i, j) || is_silent(s, j, i)) {
        s->overlaps_apart++;
        judge_minority(s, i, j, bucket);
        return;
    }
    if (!goes_on && (*since_us != 0 || (!just_met(s, i, j) && !is_alarm(s))))
        simulation_fail(s, "m%u and m%u both take new connections of bucket %u, since %.3f ms", i + 1, j + 1, bucket,
                        (double)*since_us / 1000);
    if (*since_us == 0)
        *since_us = s->now_us;
    s->overlaps_alarm += !just_met(s, i, j);
    s->overlaps_meeting += just_met(s, i, j);
}

static void check_pair(struct simulation *s, unsigned i, unsigned j)
{
    bool judged = false;
    for (unsigned b = 0; b < HASH_BUCKETS; b++) {
        uint8_t one = s->members[i].states[b], two = s->members[j].states[b];
        if (one == BUCKET_FOREIGN || two == BUCKET_FOREIGN)
            continue;
        if ((one & BUCKET_HOLD_SYN) || (two & BUCKET_HOLD_SYN))
            continue;
        if (one == BUCKET_OWN || two == BUCKET_OWN)
            simulation_fail(s, "m%u and m%u: bucket %u is OWN (states %u and %u)", i + 1, j + 1, b, one, two);
        if (judged)
            continue;
        judged = true;
        judge_overlap(s, i, j, b);
    }
    if (!judged)
        s->overlap_us[i][j] = s->minority_us[i][j] = 0;
}

static void check_nobody(struct simulation *s)
{
    for (unsigned b = 0; b < HASH_BUCKETS; b++) {
        bool anybody = false;
        for (unsigned i = 0; i < s->settings.members; i++)
            anybody = anybody || simulation_passes_known(s, i, b);
        if (!anybody) {
            simulation_trace(s, "nobody for bucket %u", b);
            s->gap_us = s->now_us;
            return;
        }
    }
}

void simulation_check(struct simulation *s)
{
    bool effective[SIMULATION_MEMBERS];
    s->checks++;
    s->overlapping = false;
    for (unsigned i = 0; i < s->settings.members; i++)
        effective[i] = is_effective(s, i);
    for (unsigned i = 0; i < s->settings.members; i++)
        for (unsigned j = 0; j < i; j++)
            if (effective[i] && effective[j])
                check_pair(s, i, j);
            else
                s->overlap_us[i][j] = s->minority_us[i][j] = 0;
    if (s->settings.planned_only)
        check_nobody(s);
}

const char *simulation_wrong(const struct simulation *s)
{
    static char text[128];
    for (unsigned b = 0; b < HASH_BUCKETS; b++) {
        unsigned taking = 0, known = 0;
        for (unsigned i = 0; i < s->settings.members; i++) {
            taking += simulation_passes_new(s, i, b);
            known += simulation_passes_known(s, i, b);
        }
        snprintf(text, sizeof text, "bucket %u: %u take new connections, %u known ones", b, taking, known);
        if (taking != 1)
            return text;
    }
    return NULL;
}

unsigned simulation_owned(const struct simulation *s, unsigned member)
{
    unsigned count = 0;
    for (unsigned b = 0; b < HASH_BUCKETS; b++)
        count += simulation_passes_new(s, member, b);
    return count;
}

struct ownership_view simulation_view(const struct simulation *s, unsigned member)
{
    struct ownership_view view;
    memset(&view, 0, sizeof view);
    if (s->members[member].ownership != NULL)
        ownership_view(s->members[member].ownership, simulation_clock(s, member), &view);
    return view;
}
