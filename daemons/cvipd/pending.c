/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For a few minutes only: what other parts have not brought yet. Linked last, and only for what is missing. */
#include "ownership.h"
#include "reconstruct.h"
#include "sync.h"

#include <errno.h>
#include <string.h>

#define WEAK __attribute__((weak))

struct ownership {
    struct ownership_settings settings;
};
static struct ownership only;

WEAK struct ownership *ownership_new(const struct ownership_settings *settings, uint64_t now_us)
{
    (void)now_us;
    only.settings = *settings;
    return &only;
}
WEAK void ownership_free(struct ownership *o)
{
    (void)o;
}
WEAK enum ownership_verdict ownership_heartbeat(struct ownership *o, const struct wire_heartbeat *heartbeat,
                                                uint64_t now_us)
{
    (void)o, (void)heartbeat, (void)now_us;
    return OWNERSHIP_NEWS;
}
WEAK void ownership_map(struct ownership *o, const struct wire_map *map, uint64_t now_us)
{
    (void)o, (void)map, (void)now_us;
}
WEAK void ownership_cluster(struct ownership *o, bool connected, bool quorate, bool strict_majority, uint16_t present,
                            uint16_t left, uint64_t now_us)
{
    (void)o, (void)connected, (void)quorate, (void)strict_majority, (void)present, (void)left, (void)now_us;
}
WEAK void ownership_fenced(struct ownership *o, uint8_t member, uint64_t now_us)
{
    (void)o, (void)member, (void)now_us;
}
WEAK void ownership_port(struct ownership *o, bool up, uint64_t now_us)
{
    (void)o, (void)up, (void)now_us;
}
WEAK void ownership_sight(struct ownership *o, const uint64_t answered_us[HASH_BUCKETS], uint64_t frames,
                          uint64_t now_us)
{
    (void)o, (void)answered_us, (void)frames, (void)now_us;
}
WEAK void ownership_ready(struct ownership *o, bool ready, uint64_t now_us)
{
    (void)o, (void)ready, (void)now_us;
}
WEAK void ownership_filled(struct ownership *o, uint64_t epoch, uint64_t now_us)
{
    (void)o, (void)epoch, (void)now_us;
}
WEAK void ownership_aside(struct ownership *o, bool aside, uint64_t now_us)
{
    (void)o, (void)aside, (void)now_us;
}
WEAK void ownership_load(struct ownership *o, uint8_t percent)
{
    (void)o, (void)percent;
}
WEAK void ownership_set_active(struct ownership *o, uint8_t active, uint64_t now_us)
{
    (void)o, (void)active, (void)now_us;
}
WEAK void ownership_leave(struct ownership *o, uint64_t now_us)
{
    (void)o, (void)now_us;
}
WEAK void ownership_tick(struct ownership *o, uint64_t now_us)
{
    (void)o, (void)now_us;
}
WEAK void ownership_take_orders(struct ownership *o, uint64_t now_us, struct ownership_orders *orders)
{
    (void)o;
    memset(orders, 0, sizeof *orders);
    orders->states_changed = true;
    orders->lease_until_us = now_us + 90000;
}
WEAK void ownership_make_heartbeat(struct ownership *o, uint64_t now_us, struct wire_heartbeat *out)
{
    (void)now_us;
    *out = (struct wire_heartbeat){.member = o->settings.self, .session = o->settings.session, .sequence = 1};
}
WEAK uint64_t ownership_next_us(const struct ownership *o, uint64_t now_us)
{
    return now_us + o->settings.interval_us;
}
WEAK bool ownership_is_gone(const struct ownership *o, uint64_t now_us)
{
    (void)o, (void)now_us;
    return true;
}
WEAK size_t ownership_members(const struct ownership *o, uint64_t now_us, struct ownership_member_view *out, size_t max)
{
    (void)o, (void)now_us, (void)out, (void)max;
    return 0;
}
WEAK void ownership_view(const struct ownership *o, uint64_t now_us, struct ownership_view *out)
{
    (void)o, (void)now_us;
    memset(out, 0, sizeof *out);
}
WEAK const uint8_t *ownership_owners(const struct ownership *o)
{
    static const uint8_t nobody[HASH_BUCKETS];
    (void)o;
    return nobody;
}
WEAK int sync_open(const struct sync_settings *settings, struct sync **out)
{
    (void)settings, (void)out;
    return -ENODEV;
}
WEAK void sync_close(struct sync *sync)
{
    (void)sync;
}
WEAK int reconstruct_open(qb_loop_t *loop, const struct reconstruct_settings *settings, const struct keyring *ring,
                          void (*done)(void *context, const struct reconstruct_result *result), void *context,
                          struct reconstruct **out)
{
    (void)loop, (void)settings, (void)ring, (void)done, (void)context, (void)out;
    return -ENODEV;
}
WEAK int reconstruct_start(struct reconstruct *reconstruct, uint64_t epoch)
{
    (void)reconstruct, (void)epoch;
    return -ENODEV;
}
WEAK bool reconstruct_has_servers(struct reconstruct *reconstruct)
{
    (void)reconstruct;
    return false;
}
WEAK void reconstruct_close(struct reconstruct *reconstruct)
{
    (void)reconstruct;
}
