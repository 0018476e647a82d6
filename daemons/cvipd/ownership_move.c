/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map, the phases of our buckets in a move, the states for the engine, the lease. */
#include "ownership_internal.h"

#include <string.h>

#define YIELD_US                                                                                                       \
    1000000               /* two that do not hear each other, but a third one, would outdo each other's maps for ever  \
                           */
#define RELEASE_US 300000 /* an old owner that is there but does not release is not waited for any longer */

bool ownership_map_is_newer(const struct ownership *o, const struct wire_map *map)
{
    if (map->epoch != o->map.epoch)
        return map->epoch > o->map.epoch;
    if (map->coordinator != o->map.coordinator)
        return map->coordinator > o->map.coordinator;
    /* A coordinator that was restarted may take a number again that it had given to a map which it never heard of
     * afterwards. Then any order will do that is the same for all. */
    int order = memcmp(map->owners, o->map.owners, sizeof map->owners);
    return order > 0 || (order == 0 && memcmp(map->previous, o->map.previous, sizeof map->previous) > 0);
}

static void enter(struct ownership_bucket *bucket, enum ownership_phase phase, uint8_t other, uint64_t epoch,
                  uint64_t now_us)
{
    *bucket = (struct ownership_bucket){
        .phase = phase, .other = other, .epoch = epoch, .since_us = now_us, .lost_owner = bucket->lost_owner};
}

/* A SYN that the member before us may have passed on must not be replayed: another server could answer it a second
 * time. After a loss that is what came before his next heartbeat was due, or was seen to be answered. */
static uint64_t unanswered_since(const struct ownership *o, unsigned b, uint8_t before, uint64_t now_us)
{
    if (before == 0 || before == o->settings.self || !o->members[before].configured)
        return 0;
    const struct ownership_member *member = &o->members[before];
    if (ownership_is_heard(o, before, now_us))
        return now_us > o->settings.interval_us ? now_us - o->settings.interval_us : 0;
    uint64_t since = member->heard_us == 0 ? 0 : member->heard_us + o->settings.interval_us;
    return since > o->answered_us[b] ? since : o->answered_us[b];
}

static void become_owner(struct ownership *o, unsigned b, uint8_t before, uint64_t now_us)
{
    struct ownership_bucket *bucket = &o->buckets[b];
    uint8_t previous = o->map.previous[b];
    bucket->lost_owner = previous == 0 && before != o->settings.self ? before : 0;
    if (previous != 0 && previous != o->settings.self && ownership_is_heard(o, previous, now_us)) {
        enter(bucket, PHASE_WAITING, previous, o->map.epoch, now_us);
        o->moves++;
    } else {
        enter(bucket, PHASE_MINE, 0, o->map.epoch, now_us);
        o->replay[b] = true;
        o->replay_since_us[b] = unanswered_since(o, b, before, now_us);
        o->takeovers += bucket->lost_owner != 0;
    }
    o->reconstruct = true;
    o->reconstruct_epoch = o->map.epoch;
}

static void give_up(struct ownership *o, unsigned b, uint64_t now_us)
{
    struct ownership_bucket *bucket = &o->buckets[b];
    uint8_t next = o->map.owners[b];
    bool planned = o->map.previous[b] == o->settings.self && next != 0;
    bucket->lost_owner = 0;
    if (planned && (bucket->phase == PHASE_MINE || bucket->phase == PHASE_KEEPING))
        enter(bucket, PHASE_KEEPING, next, o->map.epoch, now_us);
    else if (planned && (bucket->phase == PHASE_WAITING || bucket->phase == PHASE_GIVING))
        enter(bucket, PHASE_GIVING, next, o->map.epoch, now_us);
    else
        enter(bucket, PHASE_NONE, 0, o->map.epoch, now_us);
}

/* We wait already: what was released under an earlier map says nothing about this one. */
static void wait_on(struct ownership *o, unsigned b, uint64_t now_us)
{
    struct ownership_bucket *bucket = &o->buckets[b];
    uint8_t previous = o->map.previous[b];
    if (previous != 0 && previous != o->settings.self && ownership_is_heard(o, previous, now_us)) {
        bucket->other = previous;
        bucket->epoch = o->map.epoch;
    }
}

static void follow_map(struct ownership *o, unsigned b, bool becomes_ours, uint8_t before, uint64_t now_us)
{
    enum ownership_phase phase = o->buckets[b].phase;
    bool is_ours = phase == PHASE_MINE || phase == PHASE_WAITING;
    bool is_given = phase == PHASE_KEEPING || phase == PHASE_GIVING;
    if (becomes_ours && is_given && o->map.previous[b] == 0)
        enter(&o->buckets[b], PHASE_NONE, 0, o->map.epoch, now_us); /* who was to get it is lost */
    if (becomes_ours && !is_ours)
        become_owner(o, b, before, now_us);
    else if (becomes_ours && phase == PHASE_WAITING)
        wait_on(o, b, now_us);
    else if (!becomes_ours && (is_ours || (is_given && o->map.owners[b] != o->buckets[b].other)))
        give_up(o, b, now_us); /* perhaps to somebody else than we were told before */
}

void ownership_adopt(struct ownership *o, const struct wire_map *map, uint64_t now_us)
{
    uint8_t before[WIRE_BUCKETS];
    memcpy(before, o->map.owners, sizeof before);
    o->map = *map;
    if (map->epoch > o->highest_epoch)
        o->highest_epoch = map->epoch;
    if (!o->learned)
        o->own_void_epoch = map->epoch; /* made before anybody knew us: it means an earlier life of ours */
    else if (map->coordinator < o->settings.self && !ownership_is_heard(o, map->coordinator, now_us))
        o->yield_us = now_us + YIELD_US;
    if (map->coordinator <= WIRE_MEMBERS_MAX && o->members[map->coordinator].map_epoch < map->epoch)
        o->members[map->coordinator].map_epoch = map->epoch; /* it may come by Corosync first */
    o->learned = true;
    bool valid = ownership_owns_validly(o, o->settings.self);
    for (unsigned b = 0; b < HASH_BUCKETS; b++)
        follow_map(o, b, valid && map->owners[b] == o->settings.self, before[b], now_us);
    if (o->filled >= o->reconstruct_epoch && o->reconstruct_epoch < map->epoch && o->filled < map->epoch)
        o->filled = map->epoch; /* it gave us nothing new */
    if (o->pending.epoch <= map->epoch)
        o->pending_tries = 0;
    o->send = true;
}

/* It has the map, and takes what that gives it for its own. */
static bool has_adopted(const struct ownership *o, uint8_t id, uint64_t epoch)
{
    return o->members[id].map_epoch >= epoch && ownership_owns_validly(o, id);
}

static void wait_for_release(struct ownership *o, unsigned b, uint64_t now_us)
{
    struct ownership_bucket *bucket = &o->buckets[b];
    bool released = o->members[bucket->other].released >= bucket->epoch;
    bool alone = !ownership_is_heard(o, bucket->other, now_us);
    if (!released && !alone && now_us < bucket->since_us + RELEASE_US)
        return;
    bucket->phase = PHASE_MINE;
    o->replay[b] = true;
    o->replay_since_us[b] = bucket->since_us; /* held since then; what came in the instant before the release may have
                                                 been passed on, and is cancelled by its client's next segment */
}

/* Who is lost on the way to the bucket is the coordinator's matter: we keep what we have until a map says otherwise. */
static void let_go(struct ownership *o, unsigned b, uint64_t now_us)
{
    struct ownership_bucket *bucket = &o->buckets[b];
    bool adopted = has_adopted(o, bucket->other, bucket->epoch);
    bool late = now_us >= bucket->since_us + RELEASE_US / 2; /* soon it does not wait for us any longer */
    if (bucket->phase == PHASE_KEEPING && (adopted || late)) {
        bucket->phase = PHASE_GIVING;
        bucket->since_us = now_us;
    }
    bool filled = adopted && o->members[bucket->other].filled >= bucket->epoch;
    if (bucket->phase == PHASE_GIVING && (filled || now_us >= bucket->since_us + o->settings.grace_us))
        bucket->phase = PHASE_NONE;
}

void ownership_advance(struct ownership *o, uint64_t now_us)
{
    bool keeping = false;
    for (unsigned b = 0; b < HASH_BUCKETS; b++) {
        if (o->buckets[b].phase == PHASE_WAITING)
            wait_for_release(o, b, now_us);
        else if (o->buckets[b].phase == PHASE_KEEPING || o->buckets[b].phase == PHASE_GIVING)
            let_go(o, b, now_us);
        keeping = keeping || o->buckets[b].phase == PHASE_KEEPING;
    }
    /* 0 tells the others that the map means an earlier life of ours, whether they knew that one or not. */
    if (!keeping && o->released < o->map.epoch && ownership_owns_validly(o, o->settings.self)) {
        o->released = o->map.epoch;
        o->send = true;
    }
}

/* From then on the member may have taken us for lost. */
uint64_t ownership_doubt_us(const struct ownership *o, uint8_t id)
{
    return o->members[id].echoed_us + o->settings.dead_us - o->settings.interval_us / 2;
}

/* In Corosync's group, or known and not confirmed to be off. */
static bool is_accountable(const struct ownership *o, uint8_t id)
{
    const struct ownership_member *member = &o->members[id];
    bool here = o->present >> (id - 1) & 1;
    return id != o->settings.self && (here || (member->known && !member->confirmed));
}

/* All that we ever knew and that is not confirmed to be off is linked. */
static bool is_everybody_accounted_for(const struct ownership *o, uint64_t now_us)
{
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        bool silent = !ownership_is_linked(o, id, now_us) || now_us >= ownership_doubt_us(o, id);
        if (is_accountable(o, id) && silent)
            return false;
    }
    return true;
}

static bool is_beyond_doubt(const struct ownership *o, const struct ownership_bucket *bucket, uint64_t now_us)
{
    if (bucket->phase != PHASE_MINE || bucket->lost_owner == 0 || o->filled < bucket->epoch ||
        o->partial_epoch >= bucket->epoch || !o->ready)
        return false;
    const struct ownership_member *lost = &o->members[bucket->lost_owner];
    return lost->confirmed && (lost->fenced || o->strict) && !ownership_is_heard(o, bucket->lost_owner, now_us) &&
           now_us >= lost->confirmed_us + o->settings.dead_us && /* others may have heard it until then */
           now_us < lost->confirmed_us + o->settings.own_us;
}

void ownership_compute_states(const struct ownership *o, uint64_t now_us, uint8_t states[HASH_BUCKETS])
{
    memset(states, BUCKET_FOREIGN, HASH_BUCKETS);
    if (!ownership_lets_in(o, now_us))
        return;
    /* Before the dispatcher has servers it would refuse what is new: better held for a while. */
    const uint8_t ours = o->was_ready ? BUCKET_SILENT : BUCKET_SILENT | BUCKET_HOLD_SYN;
    bool certain = o->settings.corosync && is_everybody_accounted_for(o, now_us);
    for (unsigned b = 0; b < HASH_BUCKETS; b++) {
        const struct ownership_bucket *bucket = &o->buckets[b];
        if (bucket->phase == PHASE_MINE || bucket->phase == PHASE_KEEPING)
            states[b] = certain && is_beyond_doubt(o, bucket, now_us) ? BUCKET_OWN : ours;
        else if (bucket->phase == PHASE_WAITING || bucket->phase == PHASE_GIVING)
            states[b] = BUCKET_SILENT | BUCKET_HOLD_SYN;
    }
}

/* When more than half of us, ourselves included, had last heard of us for certain. */
static uint64_t heard_by_majority(const struct ownership *o)
{
    unsigned needed = ownership_known(o) / 2; /* others */
    uint64_t best = 0;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        unsigned at_least = 0;
        for (uint8_t other = 1; other <= WIRE_MEMBERS_MAX; other++)
            at_least += o->members[other].known && o->members[other].echoed_us >= o->members[id].echoed_us;
        if (o->members[id].known && at_least >= needed && o->members[id].echoed_us > best)
            best = o->members[id].echoed_us;
    }
    return best;
}

/* The others count from when our last heartbeat arrived, we from when it left: so we stop first. Of three and more we
 * also stop when most do not hear us; an echo is up to two intervals old, hence the longer time. */
/* While a bucket is OWN the lease ends before anybody can have taken us for lost, even if we are frozen meanwhile. */
static uint64_t limit_by_doubt(const struct ownership *o, uint64_t lease_us)
{
    if (memchr(o->states, BUCKET_OWN, sizeof o->states) == NULL)
        return lease_us;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        bool counts = is_accountable(o, id);
        if (counts && ownership_doubt_us(o, id) < lease_us)
            lease_us = ownership_doubt_us(o, id);
    }
    return lease_us;
}

uint64_t ownership_lease(const struct ownership *o, uint64_t now_us)
{
    if (o->thawed || o->sent_us == 0 || !ownership_is_serving(o, now_us))
        return 0;
    uint64_t lease = o->sent_us + o->settings.dead_us - o->settings.interval_us / 2;
    if (ownership_known(o) < 3)
        return limit_by_doubt(o, lease);
    uint64_t company = heard_by_majority(o) + o->settings.dead_us + o->settings.interval_us / 2;
    return limit_by_doubt(o, company < lease ? company : lease);
}
