/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes from outside. Each event goes into the ownership protocol, and then what it orders is done. */
#include "cvipd.h"

#include "clock.h"

#include <string.h>

#include <errno.h>

void cvipd_heartbeat_received(void *context, const struct wire_heartbeat *heartbeat)
{
    struct cvipd *cvipd = context;
    uint64_t now_us = clock_boot_us();
    uint64_t suppressed;
    cvipd_look(cvipd, now_us); /* the others' counts of frames are compared with ours: a late tick must not age it */
    enum ownership_verdict verdict = ownership_heartbeat(cvipd->ownership, heartbeat, now_us);
    if (verdict == OWNERSHIP_MISMATCH && log_allowed(&cvipd->mismatches, now_us / 1000, &suppressed))
        log_error("member %s has other settings: addresses, hash, seed, mac and behind must be the same in %s on all "
                  "members; it counts as lost until they are",
                  cvipd_member_name(cvipd, heartbeat->member), cvipd->config_path);
    if (verdict == OWNERSHIP_NEWS)
        cvipd_act(cvipd);
}

void cvipd_cluster_changed(void *context, bool connected, bool quorate, bool strict_majority, uint16_t present,
                           uint16_t left)
{
    struct cvipd *cvipd = context;
    const struct cvipd_corosync before = cvipd->corosync;
    cvipd->corosync = (struct cvipd_corosync){connected, quorate, strict_majority, present};
    if (connected != before.connected)
        log_notice("%s", connected ? "connected to Corosync" : "the connection to Corosync is lost");
    for (uint8_t id = 1; id <= WIRE_MEMBERS_MAX; id++)
        if ((left & (1u << (id - 1))) != 0)
            log_notice("Corosync says that member %s is gone", cvipd_member_name(cvipd, id));
    ownership_cluster(cvipd->ownership, connected, quorate, strict_majority, present, left, clock_boot_us());
    cvipd_act(cvipd);
}

void cvipd_map_delivered(void *context, const struct wire_map *map)
{
    struct cvipd *cvipd = context;
    ownership_map(cvipd->ownership, map, clock_boot_us());
    cvipd_act(cvipd);
}

void cvipd_apply_aside(struct cvipd *cvipd)
{
    ownership_aside(cvipd->ownership, cvipd->aside || cvipd->manager.down, clock_boot_us());
    cvipd_act(cvipd);
}

int cvipd_fenced(struct cvipd *cvipd, const char *node)
{
    const struct cvipd_member *member = cvipd_config_member_named(cvipd->config, node);
    if (member == NULL || member == &cvipd->config->members[cvipd->config->self])
        return -ENOENT;
    bool believed = ownership_fenced(cvipd->ownership, member->id, clock_boot_us());
    log_notice("fencing says that member %s is off%s", member->name,
               believed ? "" : ", but it is still heard: ignored");
    cvipd_act(cvipd);
    return believed ? 0 : -EBUSY;
}

void cvipd_fencing_told(void *context, const char *node)
{
    (void)cvipd_fenced(context, node); /* the alert agent tells of traffic nodes, too */
}
