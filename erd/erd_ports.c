/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "erd.h"

#include "clock.h"
#include "procsys.h"

#include <errno.h>
#include <string.h>

/* A port that came, went, or came back as another interface. */
static void note_presence(struct erd_pair *pair, unsigned which, const struct port *before)
{
    struct erd_port *port = &pair->ports[which];
    bool is_there = port->now.index != 0;
    if (port->now.index != before->index) {
        erd_probes_close(pair, which);
        sight_reset(&pair->sight, which);
        port->fresh = port->made = is_there;
        if (is_there && port->told_missing)
            log_notice("port %s is there again (interface %d)", port->now.name, port->now.index);
        port->told_missing = port->told_down = port->told_mac = false;
    }
    if (is_there || port->told_missing)
        return;
    log_error("port %s is missing: the card is out, its driver is not loaded, or it has another name",
              erd_port_name(pair, which));
    port->told_missing = true;
}

static void note_link(struct erd_pair *pair, unsigned which, const struct port *before)
{
    struct erd_port *port = &pair->ports[which];
    if (port->now.index == 0)
        return;
    if (port->now.carrier ? !before->carrier && port->lost_ms != 0 : before->carrier)
        port->lost_ms = clock_ms();
    if (port->now.up && !before->up)
        port->fresh = true; /* the kernel forgets routes and IPv6 addresses when it is set down */
    if (port->now.carrier && !before->carrier)
        sight_reset(&pair->sight, which);
    if (!pair->started)
        return; /* the twin may be down until we have prepared it */
    if (!port->now.carrier && !port->told_down)
        log_error("port %s %s", port->now.name,
                  port->now.up ? "has no carrier: look at its cable and its switch" : "is set down");
    else if (port->now.carrier && port->told_down)
        log_notice("port %s has its carrier again", port->now.name);
    port->told_down = !port->now.carrier;
}

static void read_port(struct erd_pair *pair, unsigned which)
{
    struct erd_port *port = &pair->ports[which];
    struct port before = port->now;
    uint64_t suppressed;
    int rc = port_read(pair->erd->query, erd_port_name(pair, which), &port->now);
    if (rc != 0) {
        port->now = before;
        if (log_allowed(&pair->errors, clock_ms(), &suppressed))
            log_error("cannot read the state of port %s: %s", erd_port_name(pair, which), strerror(-rc));
        return;
    }
    note_presence(pair, which, &before);
    note_link(pair, which, &before);
}

void erd_ports_read(struct erd_pair *pair)
{
    for (unsigned which = 0; which < PAIR_PORTS; which++)
        read_port(pair, which);
}

void erd_ports_links(const struct erd_pair *pair, struct pair_link links[PAIR_PORTS])
{
    for (unsigned which = 0; which < PAIR_PORTS; which++) {
        const struct port *port = &pair->ports[which].now;
        links[which] = (struct pair_link){.present = port->index != 0,
                                          .up = port->up,
                                          .carrier = port->carrier,
                                          .sight = sight_of(&pair->sight, which)};
    }
}

/* Both ports have one MAC: then a swap is a matter of the switches alone. Where a driver refuses, the announcements
 * tell the neighbours the other one. */
static void give_mac(struct erd_pair *pair, unsigned which)
{
    struct erd_port *port = &pair->ports[which];
    if (!pair->has_mac || memcmp(port->now.mac, pair->mac, sizeof pair->mac) == 0)
        return;
    int rc = port_take_mac(pair->erd->links, &port->now, pair->mac);
    if (rc == 0) {
        memcpy(port->now.mac, pair->mac, sizeof pair->mac);
        port->fresh = true;
        pair->own_macs = false;
        return;
    }
    pair->own_macs = true;
    if (!port->told_mac)
        log_warning("the driver of port %s refuses the MAC of the pair: %s; it keeps its own, and after a failover the "
                    "neighbours learn it from our announcements",
                    port->now.name, strerror(-rc));
    port->told_mac = true;
}

static void give_mtu(struct erd_pair *pair, unsigned which)
{
    const struct port *active = &pair->ports[pair->machine.active].now;
    struct port *port = &pair->ports[which].now;
    if (active->index == 0 || active->mtu == port->mtu || active->mtu == pair->ports[which].refused_mtu)
        return;
    int rc = link_set_mtu(pair->erd->links, port->index, active->mtu);
    pair->ports[which].refused_mtu = rc == 0 ? 0 : active->mtu;
    if (rc == 0)
        port->mtu = active->mtu;
    else if (log_allowed(&pair->errors, clock_ms(), &(uint64_t){0}))
        log_warning("port %s cannot have the MTU of %s, %u: %s", port->name, active->name, active->mtu, strerror(-rc));
}

static void set_up(struct erd_pair *pair, unsigned which)
{
    struct erd_port *port = &pair->ports[which];
    int rc = port->now.up ? 0 : link_set_up(pair->erd->links, port->now.index);
    if (rc != 0)
        log_error("cannot set port %s up: %s", port->now.name, strerror(-rc));
    port->made = false;
}

static int set_gate(struct erd_pair *pair, unsigned which, bool in_use)
{
    const struct port *port = &pair->ports[which].now;
    int rc = (in_use ? gate_open : gate_shut)(pair->erd->gate, port->index);
    if (rc == -ENODEV)
        return 0; /* it has just gone */
    if (rc != 0 && log_allowed(&pair->errors, clock_ms(), &(uint64_t){0}))
        log_error("cannot %s port %s: %s%s", in_use ? "open" : "shut", port->name, strerror(-rc),
                  rc == -EOPNOTSUPP ? "; the kernel needs CONFIG_NET_SCH_INGRESS and CONFIG_NET_CLS_BPF" : "");
    return rc;
}

/* Somebody may have taken the filter away, or it could not be set when it was wanted. */
void erd_ports_gates(struct erd_pair *pair)
{
    for (unsigned which = 0; which < PAIR_PORTS; which++) {
        bool in_use = which == pair->machine.active;
        int index = pair->ports[which].now.index;
        if (index == 0)
            continue;
        if (!in_use && gate_is_shut(pair->erd->gate, index) == 0 && set_gate(pair, which, false) == 0)
            log_warning("port %s was not shut any more, though not in use: it is again", pair->ports[which].now.name);
        else if (in_use)
            (void)set_gate(pair, which, true);
    }
}

/* A port that is not in use is silent before anything else is done to it. */
int erd_ports_prepare(struct erd_pair *pair, unsigned which)
{
    struct erd_port *port = &pair->ports[which];
    bool in_use = which == pair->machine.active;
    if (port->now.index == 0)
        return 0;
    int rc = set_gate(pair, which, in_use);
    if (rc != 0)
        return rc;
    if (!in_use || port->made)
        give_mac(pair, which);
    if (!in_use) {
        give_mtu(pair, which);
        port_copy_sysctls(PROCSYS_ROOT, erd_port_name(pair, 1 - which), port->now.name);
    }
    if (port->made)
        set_up(pair, which);
    return 0;
}

/* The MAC of the pair is that of the port in use. */
void erd_ports_learn_mac(struct erd_pair *pair)
{
    const struct erd_port *active = &pair->ports[pair->machine.active];
    if (active->now.index == 0 || active->made || pair->own_macs)
        return;
    memcpy(pair->mac, active->now.mac, sizeof pair->mac);
    pair->has_mac = true;
}

static void tell_both(struct erd_pair *pair)
{
    if (pair->machine.no_port && !pair->told_no_port)
        log_error("neither %s nor %s has a link: this node is cut off; the first that has one is used",
                  erd_port_name(pair, PAIR_PRIMARY), erd_port_name(pair, PAIR_TWIN));
    else if (!pair->machine.no_port && pair->told_no_port)
        log_notice("%s has a link: this node is connected again", erd_port_name(pair, pair->machine.active));
    pair->told_no_port = pair->machine.no_port;
}

static void set_due(struct erd_pair *pair, uint64_t now)
{
    uint64_t due = pair_due(&pair->machine);
    if (due == UINT64_MAX)
        wake_never(&pair->due);
    else
        wake_in(&pair->due, due > now ? (due - now) * 1000 : 1);
}

/* Whether something about the port is to be done anew. */
static bool needs_care(const struct erd_pair *pair, unsigned which)
{
    const struct erd_port *port = &pair->ports[which], *active = &pair->ports[pair->machine.active];
    if (port->made || port->fresh)
        return true;
    if (port == active || port->now.index == 0)
        return false;
    return (pair->has_mac && !port->told_mac && memcmp(port->now.mac, pair->mac, sizeof pair->mac) != 0) ||
           (active->now.index != 0 && active->now.mtu != port->now.mtu && active->now.mtu != port->refused_mtu);
}

void erd_ports_decide(struct erd_pair *pair)
{
    struct pair_link links[PAIR_PORTS];
    uint64_t now = clock_ms();
    erd_ports_links(pair, links);
    enum pair_reason reason = pair_update(&pair->machine, links, now);
    if (reason != PAIR_REASON_NONE)
        erd_move(pair, reason);
    tell_both(pair);
    set_due(pair, now);
}

void erd_ports_check(struct erd_pair *pair)
{
    erd_ports_read(pair);
    erd_ports_decide(pair);
    erd_ports_learn_mac(pair);
    for (unsigned which = 0; which < PAIR_PORTS; which++) {
        if (!needs_care(pair, which))
            continue;
        (void)erd_ports_prepare(pair, which);
        erd_book_look_soon(pair);
    }
    erd_probes_open(pair);
}

void erd_ports_due(void *context)
{
    erd_ports_decide(context);
}
