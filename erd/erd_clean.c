/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "erd.h"

#include "clock.h"

#include <errno.h>
#include <string.h>

/* The twin must carry nothing when the copies go. */
static int use_primary(struct erd_pair *pair)
{
    struct pair_link links[PAIR_PORTS];
    if (pair->machine.active == PAIR_PRIMARY)
        return 0;
    erd_ports_links(pair, links);
    (void)pair_update(&pair->machine, links, clock_ms());
    int rc = pair_command(&pair->machine, PAIR_PRIMARY, clock_ms());
    if (rc != 0) {
        log_error("%s carries the traffic, and %s has no link: nothing is taken away", erd_port_name(pair, PAIR_TWIN),
                  erd_port_name(pair, PAIR_PRIMARY));
        return rc;
    }
    erd_move(pair, PAIR_REASON_COMMAND);
    (void)erd_book_settle(pair);
    erd_move_announce_end(pair);
    return 0;
}

static void remove_copies(struct erd_pair *pair)
{
    struct table_port ports[PAIR_PORTS];
    erd_book_table_ports(pair, ports);
    for (size_t i = 0; i < pair->book.count; i++) {
        const struct book_entry *entry = pair->book.entries[i];
        if (entry->kind == BOOK_ADDRESS && entry->own[PAIR_TWIN])
            (void)table_act(pair->erd->table, ports, BOOK_REMOVE_ADDRESS, PAIR_TWIN, entry);
        else if (entry->kind == BOOK_ROUTE && entry->copy[PAIR_TWIN])
            (void)table_act(pair->erd->table, ports, BOOK_REMOVE_COPY, PAIR_TWIN, entry);
    }
}

/* Down first: two open ports with one MAC confuse the switches. */
static int free_twin(struct erd_pair *pair)
{
    static const uint8_t none[6];
    const struct port *twin = &pair->ports[PAIR_TWIN].now;
    struct erd *erd = pair->erd;
    if (twin->index == 0)
        return 0;
    remove_copies(pair);
    int rc = link_set_down(erd->links, twin->index);
    if (rc == 0 && memcmp(twin->burnt_in, none, sizeof none) != 0)
        rc = link_set_mac(erd->links, twin->index, twin->burnt_in);
    int opened = gate_open(erd->gate, twin->index);
    if (rc == 0)
        rc = opened;
    if (rc != 0)
        log_error("cannot give %s back as it was: %s", twin->name, strerror(-rc));
    else
        log_notice("%s is free, and down; %s carries on", twin->name, erd_port_name(pair, PAIR_PRIMARY));
    return rc;
}

int erd_clean(struct erd *erd)
{
    int result = 0;
    for (size_t i = 0; i < erd->pair_count; i++) {
        struct erd_pair *pair = &erd->pairs[i];
        int rc = use_primary(pair);
        if (rc == 0)
            rc = free_twin(pair);
        if (rc != 0)
            result = rc;
    }
    return result;
}
