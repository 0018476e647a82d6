/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The coordinator's work: who should own what, with as few moves as possible. */
#include "ownership_internal.h"

#include <string.h>

#define PENDING_US 1000000 /* a planned map that Corosync has not delivered is given to it again after so long */
#define PENDING_TRIES 3    /* and after so many times does without Corosync */
#define MOVE_US 10000000   /* a move that is not over by then does not hold the next one up */

/* How gladly a member is given buckets. */
enum rank { RANK_NEVER, RANK_UNREADY, RANK_ASIDE, RANK_GOOD };

struct assignment {
    enum rank ranks[WIRE_MEMBERS_MAX + 1];
    bool fixed[WIRE_MEMBERS_MAX + 1]; /* keeps what it has: alive, or not known to be gone, but out of reach */
    bool chosen[WIRE_MEMBERS_MAX + 1];
    unsigned owned[WIRE_MEMBERS_MAX + 1];
    unsigned target[WIRE_MEMBERS_MAX + 1];
    unsigned kept[WIRE_MEMBERS_MAX + 1];
};

bool ownership_owns_validly(const struct ownership *o, uint8_t id)
{
    uint64_t since = id == o->settings.self ? o->own_void_epoch : o->members[id].void_epoch;
    return o->map.epoch > since;
}

static uint8_t flags_of(const struct ownership *o, uint8_t id)
{
    if (id != o->settings.self)
        return o->members[id].flags;
    return (uint8_t)((o->ready ? WIRE_MEMBER_READY : 0) | (o->port_up ? WIRE_MEMBER_PORT_UP : 0) |
                     (o->aside ? WIRE_MEMBER_ASIDE : 0) | (o->leaving ? WIRE_MEMBER_LEAVING : 0) | WIRE_MEMBER_QUORATE);
}

static bool is_cold(const struct ownership *o, uint64_t now_us)
{
    for (unsigned b = 0; b < HASH_BUCKETS; b++)
        if (!ownership_is_gone_for_good(o, o->map.owners[b], now_us))
            return false;
    return true;
}

static enum rank rank_of(const struct ownership *o, uint8_t id, unsigned owned, bool cold, uint64_t now_us)
{
    uint8_t flags = flags_of(o, id);
    if (id != o->settings.self && !ownership_is_linked(o, id, now_us))
        return RANK_NEVER;
    if ((flags & WIRE_MEMBER_LEAVING) || !(flags & WIRE_MEMBER_PORT_UP) || !(flags & WIRE_MEMBER_QUORATE))
        return RANK_NEVER;
    bool settled = cold || owned > 0 || ownership_rejoined(o, id, now_us);
    if (!(flags & WIRE_MEMBER_READY) || o->members[id].blind || !settled)
        return RANK_UNREADY;
    return flags & WIRE_MEMBER_ASIDE ? RANK_ASIDE : RANK_GOOD;
}

static void survey(const struct ownership *o, struct assignment *a, uint64_t now_us)
{
    memset(a, 0, sizeof *a);
    bool cold = is_cold(o, now_us);
    for (unsigned b = 0; b < HASH_BUCKETS; b++)
        if (ownership_owns_validly(o, o->map.owners[b]))
            a->owned[o->map.owners[b]]++;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        if (!o->members[id].configured)
            continue;
        a->ranks[id] = rank_of(o, id, a->owned[id], cold, now_us);
        bool within_reach = id == o->settings.self || ownership_is_linked(o, id, now_us);
        a->fixed[id] = a->owned[id] > 0 && !within_reach && !ownership_is_gone_for_good(o, id, now_us);
    }
}

/* The best rank that anybody has; of these so many as are to be active, who owns something first, then the lowest. */
static unsigned choose(const struct ownership *o, struct assignment *a)
{
    enum rank best = RANK_NEVER;
    unsigned fixed = 0, count = 0;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        if (a->ranks[id] > best)
            best = a->ranks[id];
        fixed += a->fixed[id];
    }
    unsigned wanted = o->active == OWNERSHIP_ALL ? WIRE_MEMBERS_MAX : o->active;
    wanted = wanted > fixed ? wanted - fixed : 1;
    for (int round = 0; best != RANK_NEVER && round < 2; round++)
        for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX && count < wanted; id++)
            if (a->ranks[id] == best && !a->chosen[id] && (round == 1 || a->owned[id] > 0)) {
                a->chosen[id] = true;
                count++;
            }
    return count;
}

static unsigned weight_of(const struct ownership *o, uint8_t id)
{
    return id == o->settings.self ? o->settings.weight : o->members[id].weight;
}

/* Shares by weight, largest remainder first. */
static void share(const struct ownership *o, struct assignment *a, unsigned buckets)
{
    unsigned total = 0, given = 0, remainder[WIRE_MEMBERS_MAX + 1] = {0};
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++)
        total += a->chosen[id] ? weight_of(o, id) : 0;
    bool equal = total == 0;
    for (uint8_t id = 1; equal && id <= WIRE_MEMBERS_MAX; id++)
        total += a->chosen[id];
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        if (!a->chosen[id])
            continue;
        unsigned product = buckets * (equal ? 1 : weight_of(o, id));
        a->target[id] = product / total;
        remainder[id] = product % total + 1;
        given += a->target[id];
    }
    while (given < buckets) {
        uint8_t next = 0;
        for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) /* who has more already is favoured: fewer moves */
            if (a->chosen[id] && (next == 0 || remainder[id] > remainder[next] ||
                                  (remainder[id] == remainder[next] && a->owned[id] > a->owned[next])))
                next = id;
        a->target[next]++;
        remainder[next] = 0;
        given++;
    }
}

static uint8_t next_owner(const struct assignment *a)
{
    uint8_t best = 0;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++)
        if (a->chosen[id] && a->kept[id] < a->target[id] &&
            (best == 0 || a->target[id] - a->kept[id] > a->target[best] - a->kept[best]))
            best = id;
    return best;
}

static bool may_release(const struct ownership *o, uint8_t id, uint64_t now_us)
{
    if (id == 0 || !ownership_owns_validly(o, id))
        return false;
    if (id == o->settings.self)
        return o->port_up;
    return ownership_is_linked(o, id, now_us) && (o->members[id].flags & WIRE_MEMBER_PORT_UP);
}

/* It is there, but its clients get nothing: what it has cannot wait for Corosync's order. */
static bool is_useless(const struct ownership *o, uint8_t id)
{
    return o->members[id].blind || (id != o->settings.self && !(o->members[id].flags & WIRE_MEMBER_QUORATE));
}

/* Returns how many buckets change; *urgent: one of them has nobody now. */
static unsigned assign(const struct ownership *o, struct assignment *a, struct wire_map *map, bool *urgent,
                       uint64_t now_us)
{
    bool keep[HASH_BUCKETS];
    unsigned changes = 0;
    for (unsigned b = 0; b < HASH_BUCKETS; b++) {
        uint8_t id = o->map.owners[b];
        bool valid = ownership_owns_validly(o, id);
        keep[b] = valid && (a->fixed[id] || (a->chosen[id] && a->kept[id] < a->target[id]));
        a->kept[id] += keep[b];
    }
    for (unsigned b = 0; b < HASH_BUCKETS; b++) {
        uint8_t id = o->map.owners[b];
        if (keep[b]) {
            map->previous[b] = may_release(o, map->previous[b], now_us) ? map->previous[b] : 0;
            continue;
        }
        map->owners[b] = next_owner(a);
        a->kept[map->owners[b]]++;
        if (may_release(o, id, now_us))
            map->previous[b] = id;
        else if (!may_release(o, map->previous[b], now_us)) /* else it was on its way, and he may have it still */
            map->previous[b] = 0;
        if (map->previous[b] == map->owners[b])
            map->previous[b] = 0;
        changes++;
        if (map->previous[b] == 0 || is_useless(o, id))
            *urgent = true;
    }
    return changes;
}

static bool is_move_under_way(const struct ownership *o, uint64_t now_us)
{
    for (unsigned b = 0; b < HASH_BUCKETS; b++) {
        uint8_t from = o->map.previous[b], to = o->map.owners[b];
        if (from == 0 || now_us > o->buckets[b].since_us + MOVE_US)
            continue;
        uint64_t released = from == o->settings.self ? o->released : o->members[from].released;
        uint64_t filled = to == o->settings.self ? o->filled : o->members[to].filled;
        bool waiting = from == o->settings.self || ownership_is_linked(o, from, now_us);
        if (waiting && (released < o->map.epoch || filled < o->map.epoch))
            return true;
    }
    return false;
}

static bool is_pending(struct ownership *o, uint64_t now_us)
{
    return o->pending.epoch > o->map.epoch && now_us < o->pending_us + PENDING_US;
}

static void propose(struct ownership *o, struct wire_map *map, bool urgent, uint64_t now_us)
{
    /* Never the number of one that is still on its way, and never one that another coordinator may take. */
    o->highest_epoch += WIRE_MEMBERS_MAX - (o->highest_epoch - o->settings.self) % WIRE_MEMBERS_MAX;
    map->epoch = o->highest_epoch;
    map->coordinator = o->settings.self;
    o->learned = true;
    if (urgent || !o->settings.corosync || o->pending_tries >= PENDING_TRIES) {
        o->pending_tries = 0;
        ownership_adopt(o, map, now_us);
    }
    if (!o->settings.corosync)
        return;
    if (o->map.epoch != map->epoch)
        o->pending_tries++;
    o->pending = *map;
    o->pending_us = now_us;
    o->publish = true;
}

void ownership_coordinate(struct ownership *o, uint64_t now_us)
{
    if (!ownership_is_coordinator(o, now_us))
        return;
    struct assignment a;
    survey(o, &a, now_us);
    unsigned buckets = HASH_BUCKETS;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++)
        buckets -= a.fixed[id] ? a.owned[id] : 0;
    if (buckets == 0 || choose(o, &a) == 0)
        return;
    share(o, &a, buckets);
    struct wire_map map = o->map;
    bool urgent = false;
    if (assign(o, &a, &map, &urgent, now_us) == 0)
        return;
    if (urgent || (!is_move_under_way(o, now_us) && !is_pending(o, now_us)))
        propose(o, &map, urgent, now_us);
}
