/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people and tests see. */
#include "ownership_internal.h"

#include <string.h>

uint64_t ownership_next_us(const struct ownership *o, uint64_t now_us)
{
    uint64_t next = o->sent_us + o->settings.interval_us;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        uint64_t dies = o->members[id].heard_us + o->settings.dead_us;
        uint64_t doubt = ownership_doubt_us(o, id);
        if (o->members[id].heard_us != 0 && dies > now_us && dies < next)
            next = dies;
        if (o->members[id].echoed_us != 0 && doubt > now_us && doubt < next)
            next = doubt;
    }
    return next > now_us ? next : now_us + 1;
}

bool ownership_is_gone(const struct ownership *o, uint64_t now_us)
{
    if (!o->leaving)
        return false;
    bool empty = true;
    for (unsigned b = 0; b < HASH_BUCKETS; b++)
        empty = empty && o->buckets[b].phase == PHASE_NONE;
    if (empty || ownership_linked(o, now_us) == 1)
        return true;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++)
        if (id != o->settings.self && ownership_is_linked(o, id, now_us) &&
            (o->members[id].flags & WIRE_MEMBER_PORT_UP) && !(o->members[id].flags & WIRE_MEMBER_LEAVING))
            return false;
    return true; /* nobody is there to take it */
}

static unsigned count_owned(const struct ownership *o, uint8_t id)
{
    unsigned count = 0;
    for (unsigned b = 0; b < HASH_BUCKETS; b++)
        count += o->map.owners[b] == id && ownership_owns_validly(o, id);
    return count;
}

static void view_self(const struct ownership *o, struct ownership_member_view *view)
{
    view->heard = view->linked = true;
    view->ready = o->ready;
    view->aside = o->aside;
    view->port_up = o->port_up;
    view->weight = o->settings.weight;
}

static void view_other(const struct ownership *o, uint8_t id, uint64_t now_us, struct ownership_member_view *view)
{
    const struct ownership_member *member = &o->members[id];
    view->heard = ownership_is_heard(o, id, now_us);
    view->linked = ownership_is_linked(o, id, now_us);
    view->ready = view->heard && (member->flags & WIRE_MEMBER_READY);
    view->aside = member->flags & WIRE_MEMBER_ASIDE;
    view->port_up = member->flags & WIRE_MEMBER_PORT_UP;
    view->confirmed_lost = member->confirmed;
    view->weight = member->weight;
    view->silent_us = member->heard_us == 0 ? UINT64_MAX : now_us - member->heard_us;
}

size_t ownership_members(const struct ownership *o, uint64_t now_us, struct ownership_member_view *out, size_t max)
{
    size_t count = 0;
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX && count < max; id++) {
        if (!o->members[id].configured)
            continue;
        struct ownership_member_view *view = &out[count++];
        *view = (struct ownership_member_view){
            .id = id,
            .blind = o->members[id].blind,
            .load = o->members[id].load,
            .owned = (uint16_t)count_owned(o, id),
        };
        if (id == o->settings.self)
            view_self(o, view);
        else
            view_other(o, id, now_us, view);
    }
    return count;
}

void ownership_view(const struct ownership *o, uint64_t now_us, struct ownership_view *out)
{
    uint8_t states[HASH_BUCKETS];
    ownership_compute_states(o, now_us, states);
    *out = (struct ownership_view){
        .epoch = o->map.epoch,
        .coordinator = o->map.coordinator,
        .active = o->active,
        .ordered = o->active_stamp != 0 && !o->active_by_load,
        .owned = (uint16_t)count_owned(o, o->settings.self),
        .quorate = o->quorate,
        .isolated = o->isolated,
        .leaving = o->leaving,
        .aside = o->aside,
        .takeovers = o->takeovers,
        .moves = o->moves,
        .false_alarms = o->false_alarms,
    };
    for (unsigned b = 0; b < HASH_BUCKETS; b++) {
        if (states[b] == BUCKET_SILENT)
            out->silent++;
        else if (states[b] == BUCKET_OWN)
            out->own++;
        else if (states[b] & BUCKET_HOLD_SYN)
            out->holding++;
    }
}

const uint8_t *ownership_owners(const struct ownership *o)
{
    return o->map.owners;
}
