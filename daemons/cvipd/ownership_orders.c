/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the protocol orders, and what it tells the others. */
#include "ownership_internal.h"

#include <string.h>

static bool announces_now(const struct ownership *o, const uint8_t states[HASH_BUCKETS])
{
    for (unsigned b = 0; b < HASH_BUCKETS; b++)
        if ((states[b] & BUCKET_STATE_MASK) != BUCKET_FOREIGN && o->buckets[b].phase != PHASE_GIVING)
            return true;
    return false;
}

void ownership_take_orders(struct ownership *o, uint64_t now_us, struct ownership_orders *orders)
{
    memset(orders, 0, sizeof *orders);
    ownership_notice_sleep(o, now_us);
    ownership_compute_states(o, now_us, orders->states);
    orders->states_changed = !o->states_known || memcmp(o->states, orders->states, sizeof o->states) != 0;
    memcpy(o->states, orders->states, sizeof o->states);
    o->states_known = true;
    orders->lease_until_us = ownership_lease(o, now_us);
    orders->announces = announces_now(o, orders->states);
    orders->send = o->send;
    orders->publish = o->publish;
    if (o->publish)
        orders->publish_map = o->pending;
    for (unsigned b = 0; b < HASH_BUCKETS; b++) {
        if (!o->replay[b] || orders->states[b] == BUCKET_FOREIGN)
            continue; /* said when the bucket really lets something in */
        orders->replay[b] = orders->replay_any = true;
        orders->replay_since_us[b] = o->replay_since_us[b];
        o->replay[b] = false;
    }
    orders->reconstruct = o->reconstruct;
    orders->reconstruct_epoch = o->reconstruct_epoch;
    o->send = o->publish = o->reconstruct = false;
}

static void write_echoes(const struct ownership *o, struct wire_heartbeat *out)
{
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++) {
        const struct ownership_member *member = &o->members[id];
        if (member->stranger_session != 0 && !ownership_is_heard(o, id, o->tick_us))
            out->echoes[out->echo_count++] = (struct wire_echo){.member = id, .session = member->stranger_session};
        else if (member->session != 0)
            out->echoes[out->echo_count++] =
                (struct wire_echo){.member = id, .session = member->session, .sequence = member->sequence};
    }
}

void ownership_make_heartbeat(struct ownership *o, uint64_t now_us, struct wire_heartbeat *out)
{
    ownership_notice_sleep(o, now_us);
    *out = (struct wire_heartbeat){
        .member = o->settings.self,
        .session = o->settings.session,
        .sequence = ++o->sequence,
        .digest = o->settings.digest,
        .weight = o->settings.weight,
        .load = o->members[o->settings.self].load,
        .active = o->active,
        .active_stamp = o->active_stamp,
        .active_origin = o->active_origin,
        .frames = o->frames,
        .released = o->released,
        .filled = ownership_lets_in(o, now_us) ? o->filled : 0, /* nobody lets go before we let in */
        .map = o->map,
    };
    out->flags = (uint8_t)((o->ready ? WIRE_MEMBER_READY : 0) | (o->port_up ? WIRE_MEMBER_PORT_UP : 0) |
                           (o->aside ? WIRE_MEMBER_ASIDE : 0) | (o->leaving ? WIRE_MEMBER_LEAVING : 0));
    if ((!o->settings.corosync || (o->connected && o->quorate)) && !o->isolated)
        out->flags |= WIRE_MEMBER_QUORATE;
    if (o->active_by_load)
        out->flags |= WIRE_ACTIVE_BY_LOAD;
    write_echoes(o, out);
    o->sent_times[o->sequence % OWNERSHIP_SENT] = now_us;
    o->sent_us = now_us;
}
