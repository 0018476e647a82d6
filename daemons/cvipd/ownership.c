/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ownership_internal.h"

#include <stdlib.h>
#include <string.h>

struct ownership *ownership_new(const struct ownership_settings *settings, uint64_t now_us)
{
    struct ownership *o = calloc(1, sizeof *o);
    if (o == NULL)
        return NULL;
    o->settings = *settings;
    o->start_us = o->tick_us = o->window_us = now_us;
    o->active = settings->active;
    o->active_origin = settings->self;
    o->quorate = !settings->corosync;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++)
        o->members[id].configured = settings->members & (1U << (id - 1));
    return o;
}

void ownership_free(struct ownership *o)
{
    free(o);
}

/* What follows from whatever happened. */
static void settle(struct ownership *o, uint64_t now_us)
{
    ownership_watch_members(o, now_us);
    ownership_coordinate(o, now_us);
    ownership_advance(o, now_us);
}

static const struct wire_echo *echo_of_us(const struct ownership *o, const struct wire_heartbeat *heartbeat)
{
    for (size_t i = 0; i < heartbeat->echo_count; i++)
        if (heartbeat->echoes[i].member == o->settings.self && heartbeat->echoes[i].session == o->settings.session)
            return &heartbeat->echoes[i];
    return NULL;
}

/* It does not know us yet: its session is repeated in our echoes, so that it may see that we hear it. */
static enum ownership_verdict take_stranger(struct ownership *o, struct ownership_member *member,
                                            const struct wire_heartbeat *heartbeat)
{
    if (member->stranger_session == heartbeat->session && heartbeat->sequence <= member->stranger_sequence)
        return OWNERSHIP_OLD;
    if (member->stranger_session != heartbeat->session)
        o->send = true;
    member->stranger_session = heartbeat->session;
    member->stranger_sequence = heartbeat->sequence;
    return OWNERSHIP_NEWS;
}

static void begin_session(struct ownership *o, struct ownership_member *member, const struct wire_heartbeat *heartbeat,
                          uint64_t now_us)
{
    if (member->session != 0) { /* it was restarted: what it owned is nobody's */
        member->void_epoch = o->map.epoch;
        member->ready_us = 0;
        member->released = member->filled = member->map_epoch = 0;
    }
    member->session = heartbeat->session;
    member->session_us = now_us;
    member->echoed_us = 0;
    member->stranger_session = 0;
    member->window_frames = heartbeat->frames;
}

static void take_fields(struct ownership *o, struct ownership_member *member, const struct wire_heartbeat *heartbeat,
                        const struct wire_echo *echo, uint64_t now_us)
{
    if (member->lost && member->session == heartbeat->session && !member->confirmed)
        o->false_alarms++;
    member->lost = member->confirmed = member->fenced = false;
    member->sequence = heartbeat->sequence;
    member->heard_us = now_us;
    member->excused = false;
    member->flags = heartbeat->flags;
    member->weight = heartbeat->weight;
    member->load = heartbeat->load;
    member->frames = heartbeat->frames;
    member->released = heartbeat->released;
    member->filled = heartbeat->filled;
    member->map_epoch = heartbeat->map.epoch;
    if (heartbeat->released == 0 && heartbeat->map.epoch > member->void_epoch)
        member->void_epoch = heartbeat->map.epoch; /* its word counts, whichever life of it we knew */
    else if (heartbeat->released > 0 && heartbeat->map.epoch >= member->void_epoch)
        member->void_epoch = 0;
    if (echo->sequence != 0 && echo->sequence <= o->sequence && o->sequence - echo->sequence < OWNERSHIP_SENT)
        member->echoed_us = o->sent_times[echo->sequence % OWNERSHIP_SENT];
    if (o->thawed && member->echoed_us >= o->thaw_us)
        o->thawed = false;
}

static void merge_active(struct ownership *o, const struct wire_heartbeat *heartbeat)
{
    if (heartbeat->active_stamp < o->active_stamp ||
        (heartbeat->active_stamp == o->active_stamp && heartbeat->active_origin <= o->active_origin))
        return;
    if (heartbeat->active_stamp == 0)
        return; /* nobody ordered anything: each keeps its configuration */
    o->active = heartbeat->active;
    o->active_stamp = heartbeat->active_stamp;
    o->active_origin = heartbeat->active_origin;
    o->active_by_load = heartbeat->flags & WIRE_ACTIVE_BY_LOAD;
}

enum ownership_verdict ownership_heartbeat(struct ownership *o, const struct wire_heartbeat *heartbeat, uint64_t now_us)
{
    uint8_t id = heartbeat->member;
    if (id == 0 || id > WIRE_MEMBERS_MAX || id == o->settings.self || !o->members[id].configured)
        return OWNERSHIP_STRANGER;
    ownership_notice_sleep(o, now_us);
    struct ownership_member *member = &o->members[id];
    if (heartbeat->digest != o->settings.digest) {
        member->mismatch_us = now_us;
        return OWNERSHIP_MISMATCH;
    }
    if (heartbeat->session == member->session && heartbeat->sequence <= member->sequence)
        return OWNERSHIP_OLD;
    const struct wire_echo *echo = echo_of_us(o, heartbeat);
    if (echo == NULL)
        return take_stranger(o, member, heartbeat);
    if (heartbeat->session != member->session)
        begin_session(o, member, heartbeat, now_us);
    take_fields(o, member, heartbeat, echo, now_us);
    merge_active(o, heartbeat);
    if (heartbeat->map.epoch > o->highest_epoch)
        o->highest_epoch = heartbeat->map.epoch;
    if (ownership_map_is_newer(o, &heartbeat->map))
        ownership_adopt(o, &heartbeat->map, now_us);
    settle(o, now_us);
    return OWNERSHIP_NEWS;
}

void ownership_map(struct ownership *o, const struct wire_map *map, uint64_t now_us)
{
    ownership_notice_sleep(o, now_us);
    bool here =
        map->coordinator == o->settings.self || (map->coordinator > 0 && (o->present >> (map->coordinator - 1) & 1));
    if (here && ownership_map_is_newer(o, map)) /* who is gone does not decide any more */
        ownership_adopt(o, map, now_us);
    settle(o, now_us);
}

void ownership_cluster(struct ownership *o, bool connected, bool quorate, bool strict_majority, uint16_t present,
                       uint16_t left, uint64_t now_us)
{
    ownership_notice_sleep(o, now_us);
    bool before = o->connected && o->quorate;
    o->connected = connected;
    o->quorate = connected && quorate;
    o->strict = strict_majority;
    uint16_t before_present = o->present;
    o->present = connected ? present : 0;
    if (o->settings.corosync && !before && o->quorate)
        o->settle_us = now_us + o->settings.dead_us; /* the others may have a newer map: hear them first */
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        struct ownership_member *member = &o->members[id];
        bool is_here = present >> (id - 1) & 1, was_here = before_present >> (id - 1) & 1;
        member->departed = !is_here && (member->departed || (left >> (id - 1) & 1));
        if (is_here && !was_here)
            member->came_us = now_us;
    }
    settle(o, now_us);
}

bool ownership_fenced(struct ownership *o, uint8_t id, uint64_t now_us)
{
    ownership_notice_sleep(o, now_us);
    if (id == 0 || id > WIRE_MEMBERS_MAX || id == o->settings.self || ownership_is_heard(o, id, now_us))
        return false; /* it runs again already */
    o->members[id].confirmed = o->members[id].fenced = true;
    o->members[id].confirmed_us = now_us;
    o->members[id].known = false;
    settle(o, now_us);
    return true;
}

void ownership_port(struct ownership *o, bool up, uint64_t now_us)
{
    ownership_notice_sleep(o, now_us);
    o->send = o->send || o->port_up != up;
    if (up && !o->port_up && ownership_linked(o, now_us) > 1)
        o->port_us = now_us + o->settings.dead_us;
    o->port_up = up;
    settle(o, now_us);
}

void ownership_sight(struct ownership *o, const uint64_t answered_us[HASH_BUCKETS], uint64_t frames, uint64_t now_us)
{
    ownership_notice_sleep(o, now_us);
    memcpy(o->answered_us, answered_us, sizeof o->answered_us);
    o->frames = frames;
    settle(o, now_us);
}

void ownership_ready(struct ownership *o, bool ready, uint64_t now_us)
{
    ownership_notice_sleep(o, now_us);
    o->send = o->send || o->ready != ready;
    o->ready = ready;
    if (ready && !o->was_ready) {
        o->was_ready = true;
        for (unsigned b = 0; b < HASH_BUCKETS; b++) /* what was held until now; nobody else owned it */
            o->replay[b] = o->replay[b] || o->buckets[b].phase == PHASE_MINE;
    }
    settle(o, now_us);
}

static void note_filled(struct ownership *o, uint64_t epoch, bool wholly, uint64_t now_us)
{
    ownership_notice_sleep(o, now_us);
    if (epoch >= o->reconstruct_epoch && epoch < o->map.epoch)
        epoch = o->map.epoch; /* the maps since then gave us nothing new */
    if (!wholly)
        o->partial_epoch = epoch;
    else if (epoch >= o->partial_epoch)
        o->partial_epoch = 0;
    if (epoch > o->filled) {
        o->filled = epoch;
        o->send = true;
    }
    settle(o, now_us);
}

void ownership_filled(struct ownership *o, uint64_t epoch, uint64_t now_us)
{
    note_filled(o, epoch, true, now_us);
}

void ownership_filled_partly(struct ownership *o, uint64_t epoch, uint64_t now_us)
{
    note_filled(o, epoch, false, now_us);
}

void ownership_aside(struct ownership *o, bool aside, uint64_t now_us)
{
    ownership_notice_sleep(o, now_us);
    o->send = o->send || o->aside != aside;
    o->aside = aside;
    settle(o, now_us);
}

void ownership_load(struct ownership *o, uint8_t percent)
{
    o->members[o->settings.self].load = percent <= 100 ? percent : 100;
}

void ownership_set_weight(struct ownership *o, uint8_t weight, uint64_t now_us)
{
    ownership_notice_sleep(o, now_us);
    o->settings.weight = weight;
    o->members[o->settings.self].weight = weight;
    o->send = true;
    settle(o, now_us);
}

static void order_active(struct ownership *o, uint8_t active, bool by_load, uint64_t now_us)
{
    ownership_notice_sleep(o, now_us);
    o->active = active;
    o->active_by_load = by_load;
    o->active_stamp++;
    o->active_origin = o->settings.self;
    o->send = true;
    settle(o, now_us);
}

void ownership_set_active(struct ownership *o, uint8_t active, uint64_t now_us)
{
    order_active(o, active, false, now_us);
}

void ownership_set_active_by_load(struct ownership *o, uint8_t active, uint64_t now_us)
{
    order_active(o, active, true, now_us);
}

void ownership_leave(struct ownership *o, uint64_t now_us)
{
    ownership_notice_sleep(o, now_us);
    o->leaving = true;
    o->send = true;
    settle(o, now_us);
}

void ownership_tick(struct ownership *o, uint64_t now_us)
{
    ownership_notice_sleep(o, now_us);
    if (o->thawed && now_us >= o->thaw_us + 2 * o->settings.dead_us)
        o->thawed = false;
    if (o->sent_us == 0 || now_us >= o->sent_us + o->settings.interval_us)
        o->send = true;
    settle(o, now_us);
}
