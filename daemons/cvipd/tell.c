/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people read in the log: one line for each change, none for a heartbeat. */
#include "cvipd.h"

#include "clock.h"
#include "route.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

const char *cvipd_member_name(const struct cvipd *cvipd, uint8_t id)
{
    const struct cvipd_member *member = cvipd_config_member(cvipd->config, id);
    return member != NULL ? member->name : "nobody";
}

static void tell_lost(struct cvipd *cvipd, const struct ownership_member_view *member, uint64_t now_us)
{
    const char *name = cvipd_member_name(cvipd, member->id);
    log_warning("member %s is lost: silent for %llu ms", name, (unsigned long long)(member->silent_us / 1000));
    snprintf(cvipd->told.lost, sizeof cvipd->told.lost, "%s", name);
    cvipd->told.heard_us = now_us - member->silent_us;
}

static void tell_members(struct cvipd *cvipd, uint64_t now_us)
{
    struct ownership_member_view members[WIRE_MEMBERS_MAX];
    size_t count = ownership_members(cvipd->ownership, now_us, members, WIRE_MEMBERS_MAX);
    uint8_t self = cvipd->config->members[cvipd->config->self].id;
    uint16_t linked = 0;
    for (size_t i = 0; i < count; i++) {
        const struct ownership_member_view *member = &members[i];
        uint16_t bit = (uint16_t)(1u << (member->id - 1));
        if (member->id == self)
            continue;
        if (member->linked)
            linked |= bit;
        if (member->linked && (cvipd->told.linked & bit) == 0)
            log_notice("member %s is here", cvipd_member_name(cvipd, member->id));
        else if (!member->linked && (cvipd->told.linked & bit) != 0)
            tell_lost(cvipd, member, now_us);
    }
    cvipd->told.linked = linked;
}

static void tell_map(const struct cvipd *cvipd, const struct ownership_view *view)
{
    uint16_t owned[WIRE_MEMBERS_MAX + 1] = {0};
    const uint8_t *owners = ownership_owners(cvipd->ownership);
    char text[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < HASH_BUCKETS; i++)
        if (owners[i] <= WIRE_MEMBERS_MAX)
            owned[owners[i]]++;
    for (uint8_t id = 0; id <= WIRE_MEMBERS_MAX && used < sizeof text; id++)
        if (owned[id] > 0)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %u", used > 0 ? ", " : "",
                                     cvipd_member_name(cvipd, id), owned[id]);
    log_notice("map %llu of %s: %s", (unsigned long long)view->epoch, cvipd_member_name(cvipd, view->coordinator),
               text);
}

/* Buckets that nobody gave us, without anybody we have heard having been lost, are those of a cold start. */
static void note_takeover(struct cvipd *cvipd, uint64_t now_us)
{
    struct cvipd_takeover *takeover = &cvipd->takeover;
    if (cvipd->told.heard_us == 0)
        return;
    takeover->when = time(NULL);
    takeover->silent_ms = (now_us - cvipd->told.heard_us) / 1000;
    snprintf(takeover->reason, sizeof takeover->reason, "%s was lost", cvipd->told.lost);
    log_notice("take-over: %s; %llu ms after its last heartbeat", takeover->reason,
               (unsigned long long)takeover->silent_ms);
}

void cvipd_tell(struct cvipd *cvipd)
{
    uint64_t now_us = clock_boot_us();
    const struct ownership_view before = cvipd->told.view;
    const uint16_t linked = cvipd->told.linked;
    struct ownership_view view;
    ownership_view(cvipd->ownership, now_us, &view);
    tell_members(cvipd, now_us);
    cvipd->told.view = view;
    bool new_map = view.epoch != before.epoch || view.coordinator != before.coordinator;
    if (new_map)
        tell_map(cvipd, &view);
    if (new_map || (cvipd->told.linked & ~linked) != 0)
        cvipd_announce_again(cvipd);
    if (view.takeovers > before.takeovers)
        note_takeover(cvipd, now_us);
    if (view.false_alarms > before.false_alarms)
        log_warning("a member counted as dead was alive: heartbeats are lost or late; look at the LANs, or make "
                    "heartbeat or dead larger");
    if (view.quorate != before.quorate)
        log_notice("%s", view.quorate ? "with quorum" : "without quorum: nothing is taken in");
    if (view.isolated != before.isolated)
        log_notice("%s", view.isolated ? "less than half of the members is heard: nothing is taken in"
                                       : "enough members are heard");
    if (view.active != before.active && before.active != 0)
        log_notice("mode %s", cvipd_mode_name(view.active));
}

/* stray: the interface that is not the service port; 0: the answers leave by the port, or there is no route. */
static void tell_route(const struct cvipd *cvipd, const struct addr *address, unsigned stray)
{
    const char *port = cvipd_ports_active(cvipd);
    char text[ADDR_TEXT_MAX];
    char name[IF_NAMESIZE] = "?";
    (void)if_indextoname(stray, name);
    addr_format(address, text);
    if (stray != 0)
        log_warning("what %s answers to distant clients leaves by %s, not by the service port %s: resets for the "
                    "connections of other members are not held back there; let the route lead over %s",
                    text, name, port, port);
    else
        log_notice("what %s answers to distant clients leaves by the service port again, or not at all", text);
}

void cvipd_tell_routes(struct cvipd *cvipd)
{
    const struct port_state *ports = cvipd->pair.ports;
    for (size_t i = 0; i < cvipd->config->address_count; i++) {
        const struct addr *address = &cvipd->config->addresses[i];
        struct addr client; /* a stand-in: of the blocks for documentation, so nobody's neighbour */
        unsigned now;
        (void)addr_parse(address->family == AF_INET ? "192.0.2.1" : "2001:db8::1", &client);
        if (route_interface(address, &client, &now) != 0)
            continue;
        bool by_us = now == ports[PORT_PRIMARY].index || now == ports[PORT_TWIN].index;
        unsigned stray = by_us ? 0 : now;
        if (stray != cvipd->told.strays[i])
            tell_route(cvipd, address, stray);
        cvipd->told.strays[i] = stray;
    }
}
