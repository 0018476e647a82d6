/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A model of Corosync: rings of nodes that reach each other by any LAN, told apart after the token's timeout; quorum;
 * the group of daemons with messages in one order; and fencing of who was lost. */
#include "cvipd_simulation.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN_US (1500 * SIMULATION_MS)
#define MERGE_US (100 * SIMULATION_MS)
#define WORD_US (1 * SIMULATION_MS)

static unsigned count_bits(unsigned bits)
{
    return (unsigned)__builtin_popcount(bits);
}

static bool runs(const struct simulation *s, unsigned i)
{
    return s->members[i].node_on && !s->members[i].node_paused;
}

static bool reaches(const struct simulation *s, unsigned i, unsigned j)
{
    bool port = s->members[i].carrier && s->members[j].carrier;
    for (unsigned lan = 0; lan < SIMULATION_LANS; lan++)
        if ((lan > 0 || port) && !s->cut[lan][i][j] && !s->cut[lan][j][i])
            return runs(s, i) && runs(s, j);
    return false;
}

void simulation_look(struct simulation *s)
{
    if (!s->settings.corosync)
        return;
    for (unsigned i = 0; i < s->settings.members; i++)
        for (unsigned j = 0; j < s->settings.members; j++)
            if (i == j || reaches(s, i, j))
                s->apart_us[i][j] = SIMULATION_NEVER;
            else if (s->apart_us[i][j] == SIMULATION_NEVER)
                s->apart_us[i][j] = s->now_us;
    simulation_plan(s, SIMULATION_FORM, 0, MERGE_US + simulation_chance(s, 400 * SIMULATION_MS));
    simulation_plan(s, SIMULATION_FORM, 0, TOKEN_US + simulation_chance(s, 200 * SIMULATION_MS));
}

/* A node that was lost is missed only after the token's timeout. */
static bool counts_as_there(const struct simulation *s, unsigned i, unsigned j)
{
    if (i == j || reaches(s, i, j))
        return true;
    bool ring = s->members[i].ring_id == s->members[j].ring_id;
    return ring && s->apart_us[i][j] != SIMULATION_NEVER && s->now_us < s->apart_us[i][j] + TOKEN_US;
}

static uint16_t part_of(const struct simulation *s, unsigned member)
{
    unsigned part = 1U << member, before = 0;
    while (part != before) {
        before = part;
        for (unsigned i = 0; i < s->settings.members; i++)
            for (unsigned j = 0; j < s->settings.members; j++)
                if ((part >> i & 1) && counts_as_there(s, i, j))
                    part |= 1U << j;
    }
    return (uint16_t)part;
}

static bool is_quorate(const struct simulation *s, unsigned member, bool *strict)
{
    const struct simulation_member *m = &s->members[member];
    unsigned here = count_bits(m->ring), all = s->settings.members;
    *strict = here * 2 > all;
    return *strict || (all == 2 && m->seen_all);
}

static bool is_whole(const struct simulation *s, unsigned member)
{
    const struct simulation_member *m = &s->members[member];
    for (unsigned i = 0; i < s->settings.members; i++)
        for (unsigned j = 0; j < s->settings.members; j++)
            if (i != j && (m->ring >> i & 1) && (m->ring >> j & 1) &&
                (!reaches(s, i, j) || s->members[i].ring_id != s->members[j].ring_id))
                return false;
    return true;
}

static void tell(struct simulation *s, unsigned member, uint16_t group, uint16_t left)
{
    struct simulation_member *m = &s->members[member];
    struct simulation_word word = {.present = group, .left = left};
    word.quorate = is_quorate(s, member, &word.strict);
    if (m->told_life == m->life && left == 0 && m->told.present == group && m->told.quorate == word.quorate &&
        m->told.strict == word.strict)
        return;
    m->told = word;
    m->told_life = m->life;
    simulation_trace(s, "Corosync to m%u: present %#x, left %#x, quorate %d, strict %d", member + 1, group, left,
                     word.quorate, word.strict);
    uint64_t at_us = s->now_us + WORD_US + simulation_chance(s, 8 * SIMULATION_MS);
    if (at_us <= m->word_us)
        at_us = m->word_us + 1;
    m->word_us = at_us;
    simulation_plan(s, SIMULATION_WORD, member, at_us - s->now_us)->word = word;
}

/* A node that went off is in the group until the ring is formed anew. */
static bool hears_of(const struct simulation *s, unsigned i, unsigned j, bool formed)
{
    return i == j || formed || (s->members[i].ring_id == s->members[j].ring_id && reaches(s, i, j));
}

static bool is_in_group(const struct simulation *s, unsigned i, unsigned j, bool formed)
{
    const struct simulation_member *m = &s->members[i], *other = &s->members[j];
    if (!hears_of(s, i, j, formed))
        return m->group >> j & 1;
    return (m->ring >> j & 1) && m->ring_id == other->ring_id && other->ownership != NULL;
}

/* Tells the daemons of a change of the group. goodbye: who left in order, and is not told as lost.
 * part: of a ring that was formed anew, and who hears of it; 0: only who reaches each other hears of it. */
void simulation_group_changed(struct simulation *s, uint16_t goodbye, uint16_t part)
{
    for (unsigned i = 0; s->settings.corosync && i < s->settings.members; i++) {
        struct simulation_member *m = &s->members[i];
        bool formed = part >> i & 1;
        if (!runs(s, i) || m->ownership == NULL || (part != 0 && !formed))
            continue;
        if (m->group_lives[i] != m->life && !formed && !is_whole(s, i))
            continue; /* its joining is a message in the order, too */
        if (m->group_lives[i] != m->life)
            m->group = 0; /* a new daemon knows nobody */
        unsigned group = 0, left = 0;
        for (unsigned j = 0; j < s->settings.members; j++) {
            const struct simulation_member *other = &s->members[j];
            bool same = hears_of(s, i, j, formed);
            bool here = is_in_group(s, i, j, formed), was = m->group >> j & 1;
            group |= here ? 1U << j : 0;
            left |= was && (!here || (same && m->group_lives[j] != other->life)) ? 1U << j : 0;
            if (same)
                m->group_lives[j] = other->life;
        }
        m->group = (uint16_t)group;
        tell(s, i, (uint16_t)group, (uint16_t)(left & ~(unsigned)goodbye));
    }
}

static void plan_fencing(struct simulation *s, unsigned lost, uint16_t part, uint64_t ring_id)
{
    unsigned all = s->settings.members;
    bool quorate = count_bits(part) * 2 > all || all == 2;
    for (unsigned j = 0; s->settings.fencing && quorate && j < all; j++) {
        if (!(lost >> j & 1))
            continue;
        uint64_t in_us = 300 * SIMULATION_MS + simulation_chance(s, 2 * SIMULATION_SECOND);
        simulation_plan(s, SIMULATION_FENCE, j, in_us)->value = ring_id;
    }
}

static void release_held(struct simulation *s, uint64_t before, unsigned from)
{
    for (size_t i = 0; i < s->held_count;) {
        if (s->held[i].ring_id != before || s->held[i].from != from) {
            i++;
            continue;
        }
        struct wire_map map = s->held[i].map;
        memmove(&s->held[i], &s->held[i + 1], (s->held_count - i - 1) * sizeof s->held[0]);
        s->held_count--;
        simulation_publish(s, from, &map);
    }
}

static void form_ring(struct simulation *s, uint16_t part)
{
    uint64_t id = ++s->ring_count, before[SIMULATION_MEMBERS] = {0};
    unsigned lost = 0, all = s->settings.members;
    for (unsigned i = 0; i < all; i++) {
        struct simulation_member *m = &s->members[i];
        if (!(part >> i & 1) || !runs(s, i))
            continue;
        before[i] = m->ring_id;
        lost |= m->ring & ~(unsigned)part;
        m->ring = part;
        m->ring_id = id;
        m->seen_all = m->seen_all || count_bits(part) == all;
    }
    simulation_trace(s, "Corosync: ring %llu of %#x", (unsigned long long)id, part);
    plan_fencing(s, lost, part, id);
    simulation_group_changed(s, 0, part);
    for (unsigned i = 0; i < all; i++)
        if (before[i] != 0)
            release_held(s, before[i], i);
}

void simulation_form(struct simulation *s)
{
    unsigned done = 0;
    for (unsigned i = 0; i < s->settings.members; i++) {
        if (!runs(s, i) || (done >> i & 1))
            continue;
        uint16_t part = part_of(s, i);
        bool same = true;
        for (unsigned j = 0; j < s->settings.members; j++)
            if ((part >> j & 1) && runs(s, j))
                same = same && s->members[j].ring == part && s->members[j].ring_id == s->members[i].ring_id;
        if (!same)
            form_ring(s, part);
        done |= part;
    }
    simulation_group_changed(s, 0, 0); /* who waited for a ring that works */
}

void simulation_publish(struct simulation *s, unsigned member, const struct wire_map *map)
{
    const struct simulation_member *m = &s->members[member];
    if (m->group == 0 || !(m->group >> member & 1))
        return; /* not connected yet */
    if (!is_whole(s, member)) {
        if (s->held_count == sizeof s->held / sizeof s->held[0])
            return;
        s->held[s->held_count].map = *map;
        s->held[s->held_count].from = member;
        s->held[s->held_count++].ring_id = m->ring_id;
        return;
    }
    uint64_t at_us = s->now_us + 1 + simulation_chance(s, 15 * SIMULATION_MS);
    if (at_us <= s->order_us)
        at_us = s->order_us + 1;
    s->order_us = at_us;
    for (unsigned i = 0; i < s->settings.members; i++) {
        if (!(m->group >> i & 1))
            continue;
        struct wire_map *copy = malloc(sizeof *copy);
        if (copy == NULL)
            abort();
        *copy = *map;
        simulation_plan(s, SIMULATION_MAP, i, at_us - s->now_us)->map = copy;
    }
}

/* Powers the lost node off, unless it is back, or nobody of those who wanted that is left. */
void simulation_fence(struct simulation *s, const struct simulation_event *event)
{
    unsigned lost = event->member;
    unsigned asking = 0;
    for (unsigned i = 0; i < s->settings.members; i++)
        if (i != lost && runs(s, i) && s->members[i].ring_id == event->value)
            asking |= 1U << i;
    if (asking == 0 || s->members[lost].ring_id == event->value)
        return;
    simulation_trace(s, "m%u is fenced", lost + 1);
    bool was_on = s->members[lost].node_on;
    simulation_power_off(s, lost);
    s->members[lost].boot_us = s->now_us + 1300 * SIMULATION_MS;
    if (was_on) {
        struct simulation_event *boot =
            simulation_plan(s, SIMULATION_ACTION, lost, SIMULATION_SECOND + simulation_chance(s, SIMULATION_SECOND));
        boot->action.what = 0;
    }
    for (unsigned i = 0; i < s->settings.members; i++)
        if (asking >> i & 1)
            simulation_plan(s, SIMULATION_FENCED, i, simulation_chance(s, 300 * SIMULATION_MS))->from = lost;
}
