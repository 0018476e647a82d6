/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a pair is found when the daemon starts. */
#include "erd.h"

#include "clock.h"

#include <errno.h>
#include <string.h>

/* The gate tells which port was not in use. */
static unsigned find_active(struct erd_pair *pair, bool *adopted)
{
    bool shut[PAIR_PORTS];
    for (unsigned which = 0; which < PAIR_PORTS; which++) {
        int index = pair->ports[which].now.index;
        shut[which] = index != 0 && gate_is_shut(pair->erd->gate, index) == 1;
    }
    *adopted = shut[PAIR_PRIMARY] || shut[PAIR_TWIN];
    return shut[PAIR_PRIMARY] && !shut[PAIR_TWIN] ? PAIR_TWIN : PAIR_PRIMARY;
}

/* An address that the twin has and the primary has not; NULL: none. */
static const struct book_entry *own_address(const struct erd_pair *pair)
{
    for (size_t i = 0; i < pair->book.count; i++) {
        const struct book_entry *entry = pair->book.entries[i];
        if (entry->kind == BOOK_ADDRESS && !entry->link_local && entry->own[PAIR_TWIN] && !entry->own[PAIR_PRIMARY])
            return entry;
    }
    return NULL;
}

/* A twin that carries something of its own is in use for something else. */
static int refuse_own_addresses(const struct erd_pair *pair)
{
    char text[TABLE_TEXT_MAX];
    const struct book_entry *entry = own_address(pair);
    if (entry == NULL)
        return 0;
    log_error("port %s has an %s, which %s has not: a twin must be free. Remove it there, or choose another port",
              erd_port_name(pair, PAIR_TWIN), table_text(entry, text), erd_port_name(pair, PAIR_PRIMARY));
    return -EINVAL;
}

static bool has_addresses(const struct erd_pair *pair, unsigned which)
{
    for (size_t i = 0; i < pair->book.count; i++) {
        const struct book_entry *entry = pair->book.entries[i];
        if (entry->kind == BOOK_ADDRESS && !entry->link_local && entry->own[which])
            return true;
    }
    return false;
}

/* The gate of a primary went with its interface: it is missing, or is back without addresses, or down, and the twin has
 * its MAC, which nobody but an erd has given to it. */
static bool is_left_to_twin(const struct erd_pair *pair)
{
    const struct port *primary = &pair->ports[PAIR_PRIMARY].now, *twin = &pair->ports[PAIR_TWIN].now;
    if (own_address(pair) == NULL)
        return false;
    return primary->index == 0 || (memcmp(primary->mac, twin->mac, sizeof twin->mac) == 0 &&
                                   (!primary->up || !has_addresses(pair, PAIR_PRIMARY)));
}

static int begin_with(struct erd_pair *pair, unsigned active)
{
    pair_init(&pair->machine, &pair->config->failback, active, clock_ms());
    erd_ports_learn_mac(pair);
    book_clear(&pair->book);
    return erd_book_read(pair, true);
}

/* A bridge or a bond has its own idea of the port. A VRF has not. */
static bool has_master(const struct erd_pair *pair, const struct port *port)
{
    struct link_interface own, master;
    if (link_by_index(pair->erd->links, port->index, &own) != 0 || own.master == 0 ||
        link_by_index(pair->erd->links, own.master, &master) != 0 || master.vrf)
        return false;
    log_error("port %s belongs to %s: take it out there (ip link set %s nomaster), or choose another port", port->name,
              master.name, port->name);
    return true;
}

static int refuse_other_kinds(const struct erd_pair *pair)
{
    for (unsigned which = 0; which < PAIR_PORTS; which++) {
        const struct port *port = &pair->ports[which].now;
        if (port->index == 0)
            continue;
        if (!port->ethernet)
            log_error("port %s is no Ethernet", port->name);
        if (!port->ethernet || has_master(pair, port))
            return -EINVAL;
    }
    return 0;
}

int erd_ports_start(struct erd_pair *pair)
{
    bool adopted;
    erd_ports_read(pair);
    unsigned active = find_active(pair, &adopted);
    for (unsigned which = 0; which < PAIR_PORTS; which++)
        pair->ports[which].made = which == PAIR_TWIN && !pair->ports[which].now.up && pair->ports[which].now.index != 0;
    int rc = refuse_other_kinds(pair);
    if (rc == 0)
        rc = begin_with(pair, active);
    if (rc == 0 && !adopted && is_left_to_twin(pair)) {
        adopted = true;
        active = PAIR_TWIN;
        rc = begin_with(pair, active);
    }
    if (rc == 0 && !adopted)
        rc = refuse_own_addresses(pair);
    if (rc == 0)
        rc = erd_ports_prepare(pair, 1 - active);
    if (rc == 0)
        rc = erd_ports_prepare(pair, active);
    if (rc != 0)
        return rc;
    (void)erd_book_settle(pair);
    pair->started = true;
    log_notice("pair %s %s: %s is in use%s, %zu addresses, %zu routes", erd_port_name(pair, PAIR_PRIMARY),
               erd_port_name(pair, PAIR_TWIN), erd_port_name(pair, active),
               adopted ? ", as an earlier erd left it" : "", book_count(&pair->book, BOOK_ADDRESS),
               book_count(&pair->book, BOOK_ROUTE));
    return 0;
}
