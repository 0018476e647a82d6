/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "erd.h"

#include "clock.h"
#include "probe_frame.h"

#include <errno.h>
#include <string.h>

static void on_answer_by(struct erd_pair *pair, unsigned which)
{
    sight_answer(&pair->sight, which);
}

static void on_answer_by_primary(void *context, const struct addr *target)
{
    (void)target;
    on_answer_by(context, PAIR_PRIMARY);
}

static void on_answer_by_twin(void *context, const struct addr *target)
{
    (void)target;
    on_answer_by(context, PAIR_TWIN);
}

/* The MAC that the port asks with: the active one's own; the other one must not show the shared MAC, so it has the
 * card's, or one that is made up. */
static void asking_mac(const struct erd_pair *pair, unsigned which, uint8_t mac[6])
{
    static const uint8_t none[6];
    const struct port *port = &pair->ports[which].now, *twin = &pair->ports[1 - which].now;
    if (which == pair->machine.active || memcmp(port->mac, pair->mac, sizeof port->mac) != 0)
        memcpy(mac, port->mac, sizeof port->mac);
    else if (memcmp(port->burnt_in, none, sizeof none) != 0 && memcmp(port->burnt_in, pair->mac, sizeof none) != 0 &&
             memcmp(port->burnt_in, twin->burnt_in, sizeof none) != 0)
        memcpy(mac, port->burnt_in, sizeof port->burnt_in);
    else
        probe_frame_spare_mac(pair->mac, which, mac);
}

static void open_one(struct erd_pair *pair, unsigned which)
{
    struct erd_port *port = &pair->ports[which];
    uint64_t suppressed;
    uint8_t mac[6];
    int rc = 0;
    if (port->probe == NULL)
        rc = probe_open(pair->erd->loop, port->now.index,
                        which == PAIR_PRIMARY ? on_answer_by_primary : on_answer_by_twin, pair, &port->probe);
    asking_mac(pair, which, mac);
    if (rc == 0)
        rc = probe_as(port->probe, mac, port->now.mac);
    if (rc != 0 && rc != -ENODEV && rc != -ENETDOWN && log_allowed(&pair->send_errors, clock_ms(), &suppressed))
        log_error("cannot probe by port %s: %s", port->now.name, strerror(-rc));
}

void erd_probes_open(struct erd_pair *pair)
{
    for (unsigned which = 0; which < PAIR_PORTS; which++)
        if (pair->config->probe_ms != 0 && pair->ports[which].now.index != 0 && pair->ports[which].now.up)
            open_one(pair, which);
}

void erd_probes_close(struct erd_pair *pair, unsigned which)
{
    probe_close(pair->ports[which].probe);
    pair->ports[which].probe = NULL;
}

/* The address of ours that has the target on its LAN, for a question that everybody understands. */
static void find_source(const struct erd_pair *pair, struct probe_target *target)
{
    for (size_t i = 0; i < pair->book.count; i++) {
        struct addr own;
        unsigned length;
        if (!table_address(pair->book.entries[i], &own, &length) || own.family != target->address.family)
            continue;
        unsigned whole = length / 8, rest = length % 8;
        if (length >= (own.family == AF_INET ? 32U : 128U) || memcmp(own.bytes, target->address.bytes, whole) != 0 ||
            (rest != 0 && ((own.bytes[whole] ^ target->address.bytes[whole]) >> (8 - rest)) != 0))
            continue;
        target->source = own;
        return;
    }
}

static bool is_in(const struct probe_target *targets, size_t count, const struct addr *address)
{
    for (size_t i = 0; i < count; i++)
        if (addr_equal(&targets[i].address, address))
            return true;
    return false;
}

/* Our own answer would prove nothing. */
static bool is_ours(const struct erd_pair *pair, const struct addr *address)
{
    for (size_t i = 0; i < pair->book.count; i++) {
        struct addr own;
        unsigned length;
        if (table_address(pair->book.entries[i], &own, &length) && addr_equal(&own, address))
            return true;
    }
    return false;
}

static size_t add_target(const struct erd_pair *pair, struct probe_target *targets, size_t count,
                         const struct addr *address)
{
    if (count == PROBE_TARGETS_MAX || is_in(targets, count, address) || is_ours(pair, address))
        return count;
    targets[count] = (struct probe_target){.address = *address};
    find_source(pair, &targets[count]);
    return count + 1;
}

size_t erd_probes_targets(const struct erd_pair *pair, struct probe_target targets[PROBE_TARGETS_MAX])
{
    size_t count = 0;
    struct addr gateway;
    for (size_t i = 0; i < pair->config->target_count; i++)
        count = add_target(pair, targets, count, &pair->config->targets[i]);
    for (size_t i = 0; pair->config->gateways && i < pair->book.count; i++)
        if (table_default_gateway(pair->book.entries[i], &gateway))
            count = add_target(pair, targets, count, &gateway);
    return count;
}

static void send_one(struct erd_pair *pair, unsigned which, const struct probe_target *targets, size_t count)
{
    struct probe_target anonymous[PROBE_TARGETS_MAX];
    uint64_t suppressed;
    for (size_t i = 0; i < count; i++)
        anonymous[i] = (struct probe_target){.address = targets[i].address};
    int rc = probe_send(pair->ports[which].probe, which == pair->machine.active ? targets : anonymous, count);
    if (rc != 0 && rc != -ENETDOWN && rc != -ENODEV && log_allowed(&pair->send_errors, clock_ms(), &suppressed))
        log_warning("a probe could not be sent by port %s: %s", erd_port_name(pair, which), strerror(-rc));
}

/* The port alone is to blame only while the other one is answered. */
static void tell_port(struct erd_pair *pair, unsigned which, const enum pair_sight sights[PAIR_PORTS])
{
    struct erd_port *port = &pair->ports[which];
    bool silent = sights[which] == PAIR_SIGHT_SILENT && sights[1 - which] == PAIR_SIGHT_ANSWERS;
    if (silent && !port->told_silent)
        log_error("no target answers by port %s any more, but by %s: look at the switch behind it",
                  erd_port_name(pair, which), erd_port_name(pair, 1 - which));
    else if (port->told_silent && sights[which] == PAIR_SIGHT_ANSWERS)
        log_notice("targets answer by port %s again", erd_port_name(pair, which));
    port->told_silent = silent || (port->told_silent && sights[which] != PAIR_SIGHT_ANSWERS);
}

/* A port that is not probed (it has no link) neither answers nor is silent. */
static void tell_silence(struct erd_pair *pair)
{
    enum pair_sight sights[PAIR_PORTS];
    unsigned answer = 0, silent = 0, mute = 0;
    for (unsigned which = 0; which < PAIR_PORTS; which++) {
        sights[which] = sight_of(&pair->sight, which);
        answer += sights[which] == PAIR_SIGHT_ANSWERS;
        silent += sights[which] == PAIR_SIGHT_SILENT;
        mute += sights[which] == PAIR_SIGHT_SILENT || sights[which] == PAIR_SIGHT_NONE;
    }
    if (silent > 0 && mute == PAIR_PORTS && !pair->told_silent) {
        log_warning("no target answers by %s or %s: the targets are down, or both switches; no failover for that",
                    erd_port_name(pair, 0), erd_port_name(pair, 1));
        pair->told_silent = true;
    } else if (answer > 0 && pair->told_silent) {
        log_notice("targets answer by %s or %s again", erd_port_name(pair, 0), erd_port_name(pair, 1));
        pair->told_silent = false;
    }
    for (unsigned which = 0; which < PAIR_PORTS; which++)
        tell_port(pair, which, sights);
}

/* The last round is judged before the next one starts. */
void erd_probes_round(void *context)
{
    struct erd_pair *pair = context;
    struct probe_target targets[PROBE_TARGETS_MAX];
    size_t count = erd_probes_targets(pair, targets);
    bool probed[PAIR_PORTS];
    for (unsigned which = 0; which < PAIR_PORTS; which++)
        probed[which] = count > 0 && pair->ports[which].now.carrier && pair->ports[which].probe != NULL;
    sight_round(&pair->sight, probed);
    erd_ports_decide(pair);
    tell_silence(pair);
    for (unsigned which = 0; which < PAIR_PORTS; which++)
        if (probed[which] && pair->ports[which].probe != NULL)
            send_one(pair, which, targets, count);
}

void erd_probes_start(struct erd_pair *pair)
{
    if (pair->config->probe_ms != 0) {
        wake_each(&pair->round, (uint64_t)pair->config->probe_ms * 1000);
        return;
    }
    wake_never(&pair->round);
    for (unsigned which = 0; which < PAIR_PORTS; which++)
        sight_reset(&pair->sight, which); /* what the last rounds said would stand for ever */
}
