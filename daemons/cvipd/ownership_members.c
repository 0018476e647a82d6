/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is there: heard, linked, known, lost, blind, and what follows for ourselves. */
#include "ownership_internal.h"

#define WINDOW_US 150000    /* of sight: client frames are compared over so long, twice */
#define WINDOW_FRAMES 20    /* others saw so many and one saw none: it is blind */
#define EVIDENCE_US 5000000 /* of silence: longer is nobody held to be at work for what clients do */
#define FORGET_US 10000000  /* without Corosync: who was silent so long is not counted any more */
#define NEWCOMER_US 1000000 /* who came to Corosync's group should hear us by then */
#define ALONE_US 1000000    /* who slept so long does not know whether he is alone still */
#define MISMATCH_US 1000000 /* who has other settings is there for so long after each heartbeat */
#define LOSSES_US 60000000  /* losses are remembered so long, and a return waits no longer */

bool ownership_is_heard(const struct ownership *o, uint8_t id, uint64_t now_us)
{
    const struct ownership_member *member = &o->members[id];
    return member->heard_us != 0 && now_us < member->heard_us + o->settings.dead_us;
}

/* An echo is one interval old at the sender and one on its way in the worst case, so it is given that much longer. */
bool ownership_is_linked(const struct ownership *o, uint8_t id, uint64_t now_us)
{
    const struct ownership_member *member = &o->members[id];
    return ownership_is_heard(o, id, now_us) && member->echoed_us != 0 &&
           now_us < member->echoed_us + o->settings.dead_us + 2 * o->settings.interval_us;
}

/* Whom Corosync sees counts, too, though we have not met him yet; who is leaving does not: it echoes no more. */
static bool counts(const struct ownership *o, uint8_t id)
{
    const struct ownership_member *member = &o->members[id];
    bool here = member->known || (o->present >> (id - 1) & 1);
    return id != o->settings.self && here && !(member->flags & WIRE_MEMBER_LEAVING);
}

unsigned ownership_known(const struct ownership *o)
{
    unsigned count = 1;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++)
        count += counts(o, id);
    return count;
}

unsigned ownership_linked(const struct ownership *o, uint64_t now_us)
{
    unsigned count = 1;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++)
        count += ownership_is_linked(o, id, now_us);
    return count;
}

static void note_loss(struct ownership_member *member, uint64_t now_us)
{
    if (now_us - member->lost_us > LOSSES_US)
        member->losses = 0;
    member->losses++;
    member->lost_us = now_us;
    member->ready_us = 0;
}

/* Corosync's word makes it forgotten; without Corosync only time does, and in a pair that changes nothing. */
static void watch_silent(struct ownership *o, struct ownership_member *member, uint64_t now_us)
{
    if (!member->known)
        return;
    if (member->flags & WIRE_MEMBER_LEAVING) {
        member->known = false;
        member->ready_us = 0;
    } else if (!member->lost) {
        member->lost = true;
        note_loss(member, now_us);
    } else if (!o->settings.corosync && now_us > member->heard_us + FORGET_US) {
        member->known = false;
    }
}

/* Corosync's word that somebody left may come before his last heartbeat has grown old, before we are quorate, and
 * before the votes are counted: it is kept until he is back. */
static void watch_departed(const struct ownership *o, struct ownership_member *member, uint64_t now_us)
{
    if (!member->departed || !o->quorate)
        return;
    member->known = false;
    if (!o->strict || member->heard_us == 0 || member->confirmed)
        return;
    member->confirmed = true;
    member->confirmed_us = now_us;
}

/* Who is in Corosync's group but does not hear our heartbeats would take what is ours for nobody's: he gets the map in
 * Corosync's order. */
static void watch_newcomer(struct ownership *o, uint8_t id, uint64_t now_us)
{
    struct ownership_member *member = &o->members[id];
    if (member->came_us == 0 || now_us < member->came_us + NEWCOMER_US)
        return;
    member->came_us = 0;
    if (ownership_is_linked(o, id, now_us) || !o->learned || o->map.epoch == 0 || o->pending.epoch > o->map.epoch)
        return;
    o->pending = o->map;
    o->pending_us = now_us;
    o->publish = true;
}

static void watch_member(struct ownership *o, uint8_t id, uint64_t now_us)
{
    struct ownership_member *member = &o->members[id];
    if (!ownership_is_heard(o, id, now_us)) {
        watch_silent(o, member, now_us);
        watch_departed(o, member, now_us);
        return;
    }
    bool linked = ownership_is_linked(o, id, now_us);
    if (linked)
        member->known = true;
    if (!linked || !(member->flags & WIRE_MEMBER_READY) || !(member->flags & WIRE_MEMBER_PORT_UP))
        member->ready_us = 0;
    else if (member->ready_us == 0)
        member->ready_us = now_us;
}

/* Who sees no client frame while others see many is cut off from the clients. Its count is as old as its heartbeat,
 * ours is not: clients that begin at the end of a window prove nothing, so it takes two windows in a row. */
static void watch_sight(struct ownership *o, uint64_t now_us)
{
    if (!o->settings.sees_all || now_us < o->window_us + WINDOW_US)
        return;
    o->members[o->settings.self].frames = o->frames;
    uint64_t most = 0;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        struct ownership_member *member = &o->members[id];
        bool here = id == o->settings.self || ownership_is_linked(o, id, now_us);
        if (here && member->frames > member->window_frames && member->frames - member->window_frames > most)
            most = member->frames - member->window_frames;
    }
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        struct ownership_member *member = &o->members[id];
        bool whole = id == o->settings.self || (member->session_us != 0 && member->session_us < o->window_us);
        bool nothing = whole && most >= WINDOW_FRAMES && member->frames == member->window_frames;
        member->blind = nothing && member->saw_nothing;
        member->saw_nothing = nothing;
        member->window_frames = member->frames;
    }
    o->window_us = now_us;
}

static void watch_isolation(struct ownership *o, uint64_t now_us)
{
    unsigned known = ownership_known(o);
    bool isolated = known >= 3 && ownership_linked(o, now_us) * 2 < known;
    if (o->isolated && !isolated)
        o->settle_us = now_us + o->settings.dead_us;
    o->isolated = isolated;
}

void ownership_watch_members(struct ownership *o, uint64_t now_us)
{
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++)
        if (id != o->settings.self) {
            watch_member(o, id, now_us);
            watch_newcomer(o, id, now_us);
        }
    struct ownership_member *self = &o->members[o->settings.self];
    if (!o->ready || !o->port_up)
        self->ready_us = 0;
    else if (self->ready_us == 0)
        self->ready_us = now_us;
    watch_sight(o, now_us);
    watch_isolation(o, now_us);
}

/* A client went on with a handshake whose SYN came when the member's next heartbeat was due already: it works. A client
 * could feign that, so it counts for a while only. */
static bool is_seen_at_work(const struct ownership *o, uint8_t id, uint64_t now_us)
{
    uint64_t from = o->members[id].heard_us + o->settings.interval_us * 3 / 2;
    if (now_us > o->members[id].heard_us + EVIDENCE_US)
        return false;
    for (unsigned b = 0; o->settings.sees_all && b < HASH_BUCKETS; b++)
        if (o->map.owners[b] == id && o->answered_us[b] > from && now_us < o->answered_us[b] + 2 * o->settings.dead_us)
            return true;
    return false;
}

/* More than half of those whom we knew; of a pair, one; of two equal halves, the one with the lowest member. */
static bool is_entitled(const struct ownership *o, uint64_t now_us)
{
    unsigned known = ownership_known(o);
    unsigned linked = ownership_linked(o, now_us);
    if (known <= 2 || linked * 2 > known)
        return true;
    if (linked * 2 < known)
        return false;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        if (id == o->settings.self || ownership_is_linked(o, id, now_us))
            return true;
        if (o->members[id].known)
            return false;
    }
    return false;
}

bool ownership_is_gone_for_good(const struct ownership *o, uint8_t id, uint64_t now_us)
{
    if (id == 0)
        return true;
    if (id == o->settings.self || ownership_is_heard(o, id, now_us))
        return !ownership_owns_validly(o, id);
    /* Who was never heard owns by a map that we learned: it is given as long as anybody. */
    bool here = o->present >> (id - 1) & 1;
    if (o->members[id].heard_us == 0 && (here || now_us < o->start_us + 3 * o->settings.dead_us))
        return false;
    return o->members[id].confirmed || (!is_seen_at_work(o, id, now_us) && is_entitled(o, now_us));
}

bool ownership_is_serving(const struct ownership *o, uint64_t now_us)
{
    bool quorum = !o->settings.corosync || (o->connected && o->quorate);
    return quorum && !o->isolated && now_us >= o->settle_us;
}

bool ownership_lets_in(const struct ownership *o, uint64_t now_us)
{
    return ownership_is_serving(o, now_us) && o->port_up && now_us >= o->port_us && !o->thawed;
}

/* We have no map yet, and somebody is there who may have one, and buckets: he is in Corosync's group and was never
 * heard, or his settings are not ours. */
static bool lacks_somebody(const struct ownership *o, uint64_t now_us)
{
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX && !o->learned; id++) {
        const struct ownership_member *member = &o->members[id];
        bool here = o->present >> (id - 1) & 1;
        bool differs = member->mismatch_us != 0 && now_us < member->mismatch_us + MISMATCH_US;
        if (id != o->settings.self && ((here && member->heard_us == 0) || differs))
            return true;
    }
    return false;
}

/* The lowest of those who have been here long enough to know the map. */
bool ownership_is_coordinator(const struct ownership *o, uint64_t now_us)
{
    if (!ownership_is_serving(o, now_us) || o->thawed || now_us < o->start_us + 3 * o->settings.dead_us ||
        lacks_somebody(o, now_us) || now_us < o->yield_us)
        return false;
    for (uint8_t id = 1; id < o->settings.self; id++) {
        const struct ownership_member *member = &o->members[id];
        if (ownership_is_heard(o, id, now_us) && (member->flags & WIRE_MEMBER_QUORATE) &&
            (member->map_epoch >= o->map.epoch || now_us >= member->session_us + 3 * o->settings.dead_us))
            return false;
    }
    return true;
}

bool ownership_rejoined(const struct ownership *o, uint8_t id, uint64_t now_us)
{
    const struct ownership_member *member = &o->members[id];
    if (member->ready_us == 0)
        return false;
    unsigned doublings = member->losses < 5 && now_us - member->lost_us <= LOSSES_US ? member->losses : 0;
    if (member->losses >= 5 && now_us - member->lost_us <= LOSSES_US)
        doublings = 5;
    uint64_t wait = o->settings.rejoin_us << doublings;
    return now_us >= member->ready_us + (wait < LOSSES_US ? wait : LOSSES_US);
}

/* We were late, and heartbeats may lie in the socket: nobody dies within the next half of an interval, once. */
static void be_patient(struct ownership *o, uint64_t before_us, uint64_t now_us)
{
    uint64_t until_us = now_us + o->settings.interval_us / 2;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        struct ownership_member *member = &o->members[id];
        if (!ownership_is_heard(o, id, before_us) || ownership_is_heard(o, id, until_us) || member->excused)
            continue;
        member->heard_us = until_us - o->settings.dead_us;
        member->excused = true;
    }
}

/* Our lease is over: others may have taken what was ours, and we ask before we go on. Alone we need not, unless it was
 * so long that somebody may have come meanwhile. */
static void note_lapse(struct ownership *o, uint64_t slept_us, uint64_t now_us)
{
    if (o->sent_us == 0 || now_us < o->sent_us + o->settings.dead_us - o->settings.interval_us / 2)
        return;
    for (unsigned b = 0; b < HASH_BUCKETS; b++)
        o->buckets[b].lost_owner = 0; /* nothing is beyond doubt any more */
    if (o->thawed || (ownership_known(o) == 1 && slept_us < ALONE_US))
        return;
    o->thawed = true;
    o->thaw_us = now_us;
    o->send = true;
}

/* If we slept, others may have sent what still lies in a buffer, and may have taken what was ours. To be asked first
 * with everything that happens: nothing may be judged by times from before the sleep. */
void ownership_notice_sleep(struct ownership *o, uint64_t now_us)
{
    uint64_t slept = now_us - o->tick_us, before_us = o->tick_us;
    o->tick_us = now_us;
    if (slept <= 2 * o->settings.interval_us) {
        note_lapse(o, slept, now_us);
        if (slept > o->settings.interval_us + o->settings.interval_us / 4)
            be_patient(o, before_us, now_us);
        return;
    }
    if (before_us < o->start_us + 3 * o->settings.dead_us)
        o->start_us += slept; /* we listen for so long, awake */
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        struct ownership_member *member = &o->members[id];
        if (member->heard_us == 0 || member->lost || now_us >= member->heard_us + slept + o->settings.dead_us)
            continue;
        member->heard_us = member->heard_us + slept < now_us ? member->heard_us + slept : now_us;
        member->echoed_us = member->echoed_us != 0 ? member->echoed_us + slept : 0;
    }
    o->window_us = now_us;
    note_lapse(o, slept, now_us);
}
