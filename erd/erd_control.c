/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control service "has-erd": what hasctl ports shows and orders. docs/control.md describes the objects. */
#include "config.h"

#include "erd.h"

#include "clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *sight_name(enum pair_sight sight)
{
    static const char *const names[] = {[PAIR_SIGHT_NONE] = "none",
                                        [PAIR_SIGHT_ANSWERS] = "answers",
                                        [PAIR_SIGHT_LATE] = "late",
                                        [PAIR_SIGHT_SILENT] = "silent"};
    return names[sight];
}

const char *erd_port_state(const struct erd_pair *pair, unsigned which)
{
    const struct port *port = &pair->ports[which].now;
    if (port->index == 0)
        return "missing";
    if (!port->up)
        return "down";
    if (!port->carrier)
        return "no carrier";
    if (!pair_works(&pair->machine, which))
        return "silent";
    return which == pair->machine.active ? "active" : "standby";
}

unsigned erd_working(const struct erd *erd)
{
    unsigned least = PAIR_PORTS;
    for (size_t i = 0; i < erd->pair_count; i++) {
        unsigned working = pair_working(&erd->pairs[i].machine);
        least = working < least ? working : least;
    }
    return least;
}

static json_t *mac_text(const uint8_t mac[6])
{
    char text[18];
    snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    return json_string(text);
}

static json_t *show_port(const struct erd_pair *pair, unsigned which)
{
    const struct port *port = &pair->ports[which].now;
    const struct sight_port *sight = &pair->sight.ports[which];
    return json_pack("{s:s, s:i, s:s, s:b, s:b, s:b, s:s, s:I, s:I, s:o}", "name", erd_port_name(pair, which), "index",
                     port->index, "state", erd_port_state(pair, which), "present", port->index != 0, "up", port->up,
                     "carrier", port->carrier, "probe", sight_name(sight_of(&pair->sight, which)), "probes",
                     (json_int_t)sight->probes, "answers", (json_int_t)sight->answers, "mac", mac_text(port->mac));
}

static json_t *show_addresses(const struct erd_pair *pair)
{
    json_t *list = json_array();
    for (size_t i = 0; i < pair->book.count; i++) {
        char text[ADDR_TEXT_MAX], with_length[ADDR_TEXT_MAX + 8];
        struct addr address;
        unsigned length;
        if (pair->book.entries[i]->link_local || !table_address(pair->book.entries[i], &address, &length))
            continue;
        snprintf(with_length, sizeof with_length, "%s/%u", addr_format(&address, text), length);
        json_array_append_new(list, json_string(with_length));
    }
    return list;
}

static json_t *show_targets(const struct erd_pair *pair)
{
    struct probe_target targets[PROBE_TARGETS_MAX];
    char text[ADDR_TEXT_MAX];
    json_t *list = json_array();
    size_t count = erd_probes_targets(pair, targets);
    for (size_t i = 0; pair->config->probe_ms != 0 && i < count; i++)
        json_array_append_new(list, json_string(addr_format(&targets[i].address, text)));
    return list;
}

/* null: no failback is due by itself. */
static json_t *show_failback(const struct pair *machine, uint64_t now)
{
    uint64_t due = pair_due(machine);
    if (machine->active == PAIR_PRIMARY || machine->works_since == UINT64_MAX || due == UINT64_MAX)
        return json_null();
    return json_integer(due > now ? (json_int_t)(due - now) : 0);
}

static bool answers(const struct erd_pair *pair, unsigned which)
{
    return sight_of(&pair->sight, which) == PAIR_SIGHT_ANSWERS;
}

static json_t *show_pair(const struct erd_pair *pair)
{
    const struct pair *machine = &pair->machine;
    uint64_t now = clock_ms();
    json_t *object = json_pack("{s:s, s:s, s:s, s:b, s:i, s:o, s:b, s:I, s:I, s:I, s:s, s:o}", "primary",
                               erd_port_name(pair, PAIR_PRIMARY), "twin", erd_port_name(pair, PAIR_TWIN), "active",
                               erd_port_name(pair, machine->active), "held", machine->held, "working",
                               (int)pair_working(machine), "mac", mac_text(pair->mac), "shared_mac", !pair->own_macs,
                               "since_ms", (json_int_t)(now - machine->since), "changes", (json_int_t)machine->changes,
                               "failovers", (json_int_t)machine->failovers, "reason", pair_reason_name(machine->reason),
                               "failback_in_ms", show_failback(machine, now));
    json_object_set_new(object, "addresses", show_addresses(pair));
    json_object_set_new(object, "routes", json_integer((json_int_t)book_count(&pair->book, BOOK_ROUTE)));
    json_object_set_new(object, "targets", show_targets(pair));
    json_object_set_new(object, "targets_answer", json_boolean(answers(pair, 0) || answers(pair, 1)));
    json_object_set_new(object, "ports",
                        json_pack("[o, o]", show_port(pair, PAIR_PRIMARY), show_port(pair, PAIR_TWIN)));
    return object;
}

static json_t *status(struct erd *erd)
{
    json_t *pairs = json_array();
    for (size_t i = 0; i < erd->pair_count; i++)
        json_array_append_new(pairs, show_pair(&erd->pairs[i]));
    return json_pack("{s:b, s:i, s:o}", "ok", 1, "working", (int)erd_working(erd), "pairs", pairs);
}

static json_t *ping(const struct erd *erd)
{
    return json_pack("{s:b, s:s, s:s, s:I}", "ok", 1, "daemon", "erd", "version", PACKAGE_VERSION, "uptime_ms",
                     (json_int_t)(clock_ms() - erd->started_ms));
}

static json_t *switch_to(struct erd_pair *pair, unsigned which)
{
    unsigned before = pair->machine.active;
    int rc = pair_command(&pair->machine, which, clock_ms());
    if (rc != 0)
        return ctl_error("port %s cannot be used: %s", erd_port_name(pair, which), erd_port_state(pair, which));
    if (pair->machine.active != before)
        erd_move(pair, PAIR_REASON_COMMAND);
    erd_ports_check(pair);
    return json_pack("{s:b, s:s, s:b}", "ok", 1, "active", erd_port_name(pair, which), "changed", before != which);
}

/* {"port": NAME}: that port is wanted; {"pair": NAME of one of its ports}: the one that is not in use; neither: the
 * same where there is only one pair. */
static json_t *switch_port(struct erd *erd, const json_t *request)
{
    const char *port = json_string_value(json_object_get(request, "port"));
    const char *other = json_string_value(json_object_get(request, "pair"));
    const char *name = port != NULL ? port : other;
    if (name == NULL && erd->pair_count != 1)
        return ctl_error("there are %zu pairs: name the port that is to be used", erd->pair_count);
    for (size_t i = 0; i < erd->pair_count; i++) {
        struct erd_pair *pair = &erd->pairs[i];
        for (unsigned which = 0; which < PAIR_PORTS; which++) {
            if (name != NULL && strcmp(erd_port_name(pair, which), name) != 0)
                continue;
            return switch_to(pair, port != NULL ? which : 1 - pair->machine.active);
        }
    }
    return ctl_error("no pair has a port %s", name);
}

json_t *erd_control(void *context, const char *command, const json_t *request)
{
    struct erd *erd = context;
    if (strcmp(command, "ping") == 0)
        return ping(erd);
    if (strcmp(command, "status") == 0)
        return status(erd);
    if (strcmp(command, "switch") == 0)
        return switch_port(erd, request);
    return ctl_error("erd knows no command \"%s\"", command);
}
