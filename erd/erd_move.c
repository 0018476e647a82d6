/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "erd.h"

#include "clock.h"

#include <errno.h>
#include <string.h>

#define ADDRESSES_MAX 256 /* announced at a time */

static void set_gate(struct erd_pair *pair, unsigned which, bool open)
{
    int index = pair->ports[which].now.index;
    int rc = index == 0 ? 0 : (open ? gate_open : gate_shut)(pair->erd->gate, index);
    if (rc != 0 && rc != -ENODEV)
        log_error("cannot %s port %s: %s", open ? "open" : "shut", erd_port_name(pair, which), strerror(-rc));
}

static void tell(const struct erd_pair *pair, enum pair_reason reason, unsigned failed, uint64_t took_us)
{
    const char *from = erd_port_name(pair, 1 - pair->machine.active), *to = erd_port_name(pair, pair->machine.active);
    size_t addresses = book_count(&pair->book, BOOK_ADDRESS), routes = book_count(&pair->book, BOOK_ROUTE);
    if (reason == PAIR_REASON_FAILBACK || reason == PAIR_REASON_COMMAND)
        log_notice("%s from %s to %s: %zu addresses and %zu routes in %llu us",
                   reason == PAIR_REASON_FAILBACK ? "failback" : "change by command", from, to, addresses, routes,
                   (unsigned long long)took_us);
    else
        log_warning("failover from %s to %s, %s: %zu addresses and %zu routes in %llu us", from, to,
                    pair_reason_name(reason), addresses, routes, (unsigned long long)took_us);
    if (failed > 0)
        log_error("%u of them could not be moved; trying again", failed);
}

/* First what lets the traffic go on, then what makes it known; the rest soon, but not now: on a machine with one
 * processor the traffic would wait for us. The old port stays open until the routes have left it: what goes out
 * meanwhile may still arrive. */
void erd_move(struct erd_pair *pair, enum pair_reason reason)
{
    unsigned active = pair->machine.active;
    uint64_t begin = clock_us();
    set_gate(pair, active, true);
    unsigned failed = erd_book_activate(pair);
    set_gate(pair, 1 - active, false);
    uint64_t took = clock_us() - begin;
    erd_move_announce(pair);
    erd_probes_open(pair);
    tell(pair, reason, failed, took);
    erd_book_look_after(pair);
}

static size_t addresses_of(const struct erd_pair *pair, struct addr addresses[ADDRESSES_MAX])
{
    size_t count = 0;
    unsigned length;
    for (size_t i = 0; i < pair->book.count && count < ADDRESSES_MAX; i++) {
        const struct book_entry *entry = pair->book.entries[i];
        if (!entry->gone && table_address(entry, &addresses[count], &length))
            count++;
    }
    return count;
}

/* Switches that watch who listens to which group must hear it by the new port: else neighbour solicitations do not
 * come through until they ask next. */
static void announce_listeners(struct erd_pair *pair, const struct addr *addresses, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (addresses[i].family != AF_INET6 || !IN6_IS_ADDR_LINKLOCAL(&addresses[i].v6))
            continue;
        (void)announce_groups(pair->announce, &addresses[i], addresses, count);
        return;
    }
}

static void announce_once(void *context)
{
    struct erd_pair *pair = context;
    struct addr addresses[ADDRESSES_MAX] = {0};
    uint64_t suppressed;
    size_t count = addresses_of(pair, addresses);
    int rc = announce_send(pair->announce, addresses, count, pair->ports[pair->machine.active].now.mac);
    announce_listeners(pair, addresses, count);
    /* -ENOBUFS: a filter holds one back that is another node's business (a cluster address) */
    if (rc != 0 && rc != -ENOBUFS && log_allowed(&pair->send_errors, clock_ms(), &suppressed))
        log_warning("cannot announce the addresses by %s: %s", erd_port_name(pair, pair->machine.active),
                    strerror(-rc));
    pair->announcements--;
    if (pair->announcements > 0)
        wake_in(&pair->repeat, (uint64_t)pair->config->announce_ms * 1000);
    else
        erd_move_announce_end(pair);
}

void erd_move_announce_end(struct erd_pair *pair)
{
    pair->announcements = 0;
    wake_never(&pair->repeat);
}

void erd_move_repeat(void *context)
{
    struct erd_pair *pair = context;
    if (pair->announcements > 0)
        announce_once(pair);
}

/* The socket stays open: to close one the kernel waits until all its processors have seen that, while we stand. */
void erd_move_announce(struct erd_pair *pair)
{
    const char *name = erd_port_name(pair, pair->machine.active);
    int rc = pair->announce == NULL ? announce_open(name, &pair->announce) : announce_use(pair->announce, name);
    if (rc != 0) {
        erd_move_announce_end(pair);
        log_error("cannot announce the addresses by %s: %s", name, strerror(-rc));
        return;
    }
    pair->announcements = pair->config->announce_count;
    announce_once(pair);
}
