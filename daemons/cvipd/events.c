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

/* The engine hangs on the interface that was there at the start: another one of the same name is not filtered. */
static void port_is_gone(struct cvipd *cvipd)
{
    log_error("the service port %s has been removed, and the engine with it; start cvipd again when it is back",
              cvipd->config->interface);
    cvipd->failed = true;
    qb_loop_stop(cvipd->loop);
}

/* Without the engine this machine answers for everybody: then rather without the addresses, and so without us. */
static void check_engine(struct cvipd *cvipd)
{
    const char *interface = cvipd->config->interface;
    int rc = engine_check(cvipd->engine);
    if (rc > 0)
        log_error("the engine was removed from %s, and is there again: nobody but cvipd may remove clsact there",
                  interface);
    if (rc >= 0)
        return;
    log_error("the engine was removed from %s and cannot be attached again: %s; ending", interface, strerror(-rc));
    cvipd->failed = true;
    qb_loop_stop(cvipd->loop);
}

static void check_addresses(struct cvipd *cvipd)
{
    const char *interface = cvipd->config->interface;
    uint64_t suppressed;
    int added = addresses_check(cvipd->addresses);
    if (added > 0)
        log_warning("%d cluster addresses were missing on %s and are there again: nobody but cvipd may remove them",
                    added, interface);
    else if (added < 0 && log_allowed(&cvipd->engine_errors, clock_boot_us() / 1000, &suppressed))
        log_error("a cluster address is missing on %s and cannot be added: %s", interface, strerror(-added));
}

static void check_carrier(struct cvipd *cvipd, bool up)
{
    const char *interface = cvipd->config->interface;
    if (up == cvipd->port_up)
        return;
    cvipd->port_up = up;
    if (up)
        log_notice("the service port %s has its carrier", interface);
    else
        log_error("the service port %s has no carrier: look at the cable and the switch", interface);
    ownership_port(cvipd->ownership, up, clock_boot_us());
    cvipd_act(cvipd);
}

void cvipd_port_changed(void *context)
{
    struct cvipd *cvipd = context;
    struct port_state state;
    port_read(cvipd->port, &state);
    if (!state.present) {
        port_is_gone(cvipd);
        return;
    }
    check_engine(cvipd);
    check_carrier(cvipd, state.up);
    check_addresses(cvipd);
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
