/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "erd.h"

#include "clock.h"

#include <errno.h>
#include <string.h>

/* What comes together is read together. A reading that had something to mend is followed by another one: if that goes
 * on (somebody works against us), it goes on slower. */
#define LOOK_MS 20
#define LOOK_MAX_MS 5000
#define LOOK_DOUBT_MS 200 /* longer than a program takes to clear a port */

/* A program that heard of the loss of the carrier clears the port when the carrier may be back. */
#define STEADY_MS 2000

/* A large table is read less often: this part of the time at most. */
#define LOOK_PART 20

void erd_book_table_ports(const struct erd_pair *pair, struct table_port ports[PAIR_PORTS])
{
    for (unsigned which = 0; which < PAIR_PORTS; which++) {
        ports[which].index = pair->ports[which].now.index;
        memcpy(ports[which].name, pair->config->names[which], sizeof ports[which].name);
    }
}

static const char *step_name(enum book_step step)
{
    static const char *const names[] = {
        [BOOK_ADD_ADDRESS] = "add",     [BOOK_REMOVE_ADDRESS] = "remove",  [BOOK_PUT_ROUTE] = "add",
        [BOOK_REMOVE_ROUTE] = "remove", [BOOK_ADD_COPY] = "add a copy of", [BOOK_REMOVE_COPY] = "remove the copy of"};
    return names[step];
}

struct act {
    struct erd_pair *pair;
    struct table_port ports[PAIR_PORTS];
    unsigned done; /* steps */
    bool came;     /* an address, to the port in use */
};

static int act_one(void *context, enum book_step step, unsigned port, const struct book_entry *entry)
{
    struct act *act = context;
    char text[TABLE_TEXT_MAX];
    uint64_t suppressed;
    int rc = table_act(act->pair->erd->table, act->ports, step, port, entry);
    act->done++;
    if (rc == 0 && step == BOOK_REMOVE_ADDRESS)
        act->pair->ports[port].disturbed = true;
    if (rc == -EACCES && port != act->pair->machine.active) /* somebody has set disable_ipv6 there */
        (void)erd_ports_prepare(act->pair, port);
    if (step == BOOK_ADD_ADDRESS && port == act->pair->machine.active && rc == 0)
        act->came = true;
    log_debug("%s: %s %s: %s", act->ports[port].name, step_name(step), table_text(entry, text), strerror(-rc));
    if (rc != 0 && rc != -ENODEV && !entry->failed && log_allowed(&act->pair->errors, clock_ms(), &suppressed))
        log_error("cannot %s %s on port %s: %s; trying again", step_name(step), table_text(entry, text),
                  act->ports[port].name, strerror(-rc));
    return rc;
}

static struct act new_act(struct erd_pair *pair)
{
    struct act act = {.pair = pair};
    erd_book_table_ports(pair, act.ports);
    return act;
}

unsigned erd_book_activate(struct erd_pair *pair)
{
    struct act act = new_act(pair);
    return book_activate(&pair->book, pair->machine.active, act_one, &act);
}

/* Who puts an address on the port that is shut (IPaddr2 knows the primary only) announces it by that port, which nobody
 * hears: what was copied to the port in use is announced here. */
unsigned erd_book_settle(struct erd_pair *pair)
{
    struct act act = new_act(pair);
    bool there[PAIR_PORTS];
    for (unsigned which = 0; which < PAIR_PORTS; which++)
        there[which] = pair->ports[which].now.index != 0 && pair->ports[which].now.up;
    (void)book_settle(&pair->book, pair->machine.active, there, act_one, &act);
    if (act.came)
        erd_move_announce(pair);
    return act.done;
}

static struct book_look look_of(const struct erd_pair *pair, bool first)
{
    struct book_look look = {.active = pair->machine.active, .first = first};
    uint64_t now = clock_ms();
    for (unsigned which = 0; which < PAIR_PORTS; which++) {
        const struct erd_port *port = &pair->ports[which];
        look.there[which] = port->now.index != 0 && port->now.up;
        look.fresh[which] = port->fresh;
        look.disturbed[which] = port->disturbed;
        look.carrier[which] = port->now.carrier && (port->lost_ms == 0 || now - port->lost_ms >= STEADY_MS);
    }
    return look;
}

/* What the kernel clears when a port goes down is missing in a table that is read then, and the message about the port
 * was there before: it is looked for before anything is believed. */
static int read_table(struct erd_pair *pair, bool first)
{
    struct erd *erd = pair->erd;
    struct table_port ports[PAIR_PORTS];
    erd_book_table_ports(pair, ports);
    pair->ports[0].changed = pair->ports[1].changed = false;
    int rc = table_read(erd->table, ports);
    if (rc != 0)
        return rc;
    erd_events_note(erd);
    if (!first && (pair->ports[0].changed || pair->ports[1].changed)) {
        table_forget(erd->table);
        return -EAGAIN;
    }
    const struct book_look look = look_of(pair, first);
    return table_enter(erd->table, &pair->book, &look);
}

int erd_book_read(struct erd_pair *pair, bool first)
{
    uint64_t suppressed;
    int rc = read_table(pair, first);
    if (rc == 0) {
        for (unsigned which = 0; which < PAIR_PORTS; which++)
            pair->ports[which].fresh = pair->ports[which].disturbed = false;
    } else if (rc != -EINTR && rc != -EAGAIN && log_allowed(&pair->errors, clock_ms(), &suppressed)) {
        log_error("cannot read the addresses and routes of %s and %s: %s", erd_port_name(pair, 0),
                  erd_port_name(pair, 1), strerror(-rc));
    }
    return rc;
}

void erd_book_look_soon(struct erd_pair *pair)
{
    if (pair->look_is_set)
        return;
    pair->look_is_set = true;
    wake_in(&pair->look, (uint64_t)pair->look_ms * 1000);
}

void erd_book_look_after(struct erd_pair *pair)
{
    pair->look_ms = LOOK_MS;
    pair->look_is_set = false;
    erd_book_look_soon(pair);
}

void erd_book_look(void *context)
{
    struct erd_pair *pair = context;
    uint64_t begin = clock_us();
    pair->look_is_set = false;
    int rc = erd_book_read(pair, false);
    bool mended = rc == 0 && erd_book_settle(pair) > 0;
    uint64_t least = LOOK_MS + (clock_us() - begin) * LOOK_PART / 1000;
    if (!mended && (rc == 0 || rc == -EAGAIN))
        pair->look_ms = least < LOOK_MAX_MS ? (uint32_t)least : LOOK_MAX_MS;
    else
        pair->look_ms = pair->look_ms < LOOK_MAX_MS / 2 ? 2 * pair->look_ms : LOOK_MAX_MS;
    if (rc == 0 && book_in_doubt(&pair->book) && pair->look_ms < LOOK_DOUBT_MS)
        pair->look_ms = LOOK_DOUBT_MS;
    if (rc != 0 || mended || book_in_doubt(&pair->book))
        erd_book_look_soon(pair);
    erd_ports_gates(pair);
    erd_events_act(pair->erd);
}
