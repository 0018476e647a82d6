/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the control service shows. */
#include "cvipd.h"

#include "clock.h"

#include <string.h>

const char *cvipd_mode_name(uint8_t active)
{
    return active == 1 ? "standby" : active == OWNERSHIP_ALL ? "split" : "n+m";
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *member(const struct cvipd *cvipd, const struct ownership_member_view *view)
{
    const struct cvipd_member *known = cvipd_config_member(cvipd->config, view->id);
    bool self = known == &cvipd->config->members[cvipd->config->self];
    json_t *addresses = json_array();
    for (size_t i = 0; known != NULL && i < known->address_count; i++) {
        char text[ADDR_TEXT_MAX];
        json_array_append_new(addresses, json_string(addr_format(&known->addresses[i], text)));
    }
    json_t *silent = view->silent_us == UINT64_MAX ? json_null() : number(view->silent_us / 1000);
    return json_pack("{s:i, s:s, s:b, s:o, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:i, s:i, s:i, s:o}", "id", (int)view->id,
                     "name", known != NULL ? known->name : "-", "self", self, "addresses", addresses, "heard",
                     view->heard, "linked", view->linked, "ready", view->ready, "aside", view->aside, "port_up",
                     view->port_up, "confirmed_lost", view->confirmed_lost, "blind", view->blind, "weight",
                     (int)view->weight, "load", (int)view->load, "buckets", (int)view->owned, "silent_ms", silent);
}

static json_t *members(const struct cvipd *cvipd, uint64_t now_us)
{
    struct ownership_member_view views[WIRE_MEMBERS_MAX];
    size_t count = ownership_members(cvipd->ownership, now_us, views, WIRE_MEMBERS_MAX);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, member(cvipd, &views[i]));
    return list;
}

static json_t *engine(const struct cvipd *cvipd)
{
    static const char *const names[ENGINE_COUNT_MAX] = {
        [ENGINE_COUNT_FRAMES] = "frames",
        [ENGINE_COUNT_PASSED] = "passed",
        [ENGINE_COUNT_PASSED_SOCKET] = "passed_socket",
        [ENGINE_COUNT_FOREIGN] = "foreign",
        [ENGINE_COUNT_HELD] = "held",
        [ENGINE_COUNT_EXPIRED] = "expired",
        [ENGINE_COUNT_RST] = "rst_kept_back",
        [ENGINE_COUNT_ICMP_ERROR] = "icmp_errors",
        [ENGINE_COUNT_FRAGMENT] = "fragments",
        [ENGINE_COUNT_ARP] = "arp",
        [ENGINE_COUNT_ND] = "nd",
        [ENGINE_COUNT_REPLAYED] = "replayed",
    };
    uint64_t counters[ENGINE_COUNT_MAX];
    json_t *object = json_object();
    engine_counters(cvipd->engine, counters);
    for (int i = 0; i < ENGINE_COUNT_MAX; i++)
        json_object_set_new(object, names[i] != NULL ? names[i] : "other", number(counters[i]));
    return object;
}

static json_t *transport(const struct cvipd *cvipd)
{
    const struct heartbeat_counters *counters = heartbeat_counters(cvipd->heartbeat);
    uint64_t refused = 0;
    for (int r = WIRE_OK + 1; r < WIRE_RESULT_COUNT; r++)
        refused += counters->refused[r];
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "sent", (json_int_t)counters->sent, "send_errors",
                     (json_int_t)counters->send_errors, "received", (json_int_t)counters->received, "refused",
                     (json_int_t)refused, "unexpected", (json_int_t)counters->unexpected, "strangers",
                     (json_int_t)counters->strangers);
}

static json_t *corosync(const struct cvipd *cvipd)
{
    const struct cvipd_corosync *state = &cvipd->corosync;
    return json_pack("{s:b, s:b, s:b, s:b}", "used", cvipd->config->corosync, "connected", state->connected, "quorate",
                     state->quorate, "strict_majority", state->strict_majority);
}

static json_t *takeover(const struct cvipd *cvipd)
{
    const struct cvipd_takeover *last = &cvipd->takeover;
    return last->when == 0 ? json_null()
                           : json_pack("{s:I, s:s, s:I}", "when", (json_int_t)last->when, "reason", last->reason,
                                       "silent_ms", (json_int_t)last->silent_ms);
}

static json_t *reconstruction(const struct cvipd *cvipd)
{
    const struct cvipd_reconstruction *state = &cvipd->reconstruction;
    if (state->when == 0)
        return json_pack("{s:b}", "running", state->running);
    return json_pack("{s:b, s:I, s:I, s:i, s:i, s:I, s:I}", "running", state->running, "when", (json_int_t)state->when,
                     "epoch", (json_int_t)state->last.epoch, "nodes_asked", (int)state->last.nodes_asked,
                     "nodes_complete", (int)state->last.nodes_complete, "connections",
                     (json_int_t)state->last.connections, "took_ms", (json_int_t)state->last.took_ms);
}

static json_t *sync_state(const struct cvipd *cvipd)
{
    const struct cvipd_config *config = cvipd->config;
    const char *interface = cvipd->sync != NULL ? cvipd->synchronisation.interface : cvipd_connections_interface(cvipd);
    return json_pack("{s:b, s:b, s:s, s:i}", "wanted", config->sync, "running", cvipd->sync != NULL, "interface",
                     config->sync ? interface : "-", "id", (int)config->sync_id);
}

static json_t *port(const struct cvipd *cvipd)
{
    const char *twin = cvipd->config->twin;
    return json_pack("{s:s, s:o, s:s}", "primary", cvipd->config->interface, "twin",
                     twin[0] != '\0' ? json_string(twin) : json_null(), "active", cvipd_ports_active(cvipd));
}

static json_t *addresses(const struct cvipd *cvipd)
{
    json_t *list = json_array();
    for (size_t i = 0; i < cvipd->config->address_count; i++) {
        char text[ADDR_TEXT_MAX];
        json_array_append_new(list, json_string(addr_format(&cvipd->config->addresses[i], text)));
    }
    return list;
}

static void add_view(json_t *object, const struct ownership_view *view)
{
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {{"epoch", view->epoch},     {"coordinator", view->coordinator},
                   {"active", view->active},   {"buckets", view->owned},
                   {"silent", view->silent},   {"own", view->own},
                   {"holding", view->holding}, {"takeovers", view->takeovers},
                   {"moves", view->moves},     {"false_alarms", view->false_alarms}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        json_object_set_new(object, numbers[i].name, number(numbers[i].value));
    json_object_set_new(object, "mode", json_string(cvipd_mode_name(view->active)));
    json_object_set_new(object, "quorate", json_boolean(view->quorate));
    json_object_set_new(object, "isolated", json_boolean(view->isolated));
    json_object_set_new(object, "leaving", json_boolean(view->leaving));
    json_object_set_new(object, "aside", json_boolean(view->aside));
}

json_t *cvipd_view_status(const struct cvipd *cvipd)
{
    uint64_t now_us = clock_boot_us();
    struct ownership_view view;
    json_t *object = cvipd_view_owners(cvipd);
    ownership_view(cvipd->ownership, now_us, &view);
    add_view(object, &view);
    json_object_set_new(object, "daemon", json_string("cvipd"));
    json_object_set_new(object, "name", json_string(cvipd->config->name));
    json_object_set_new(object, "interface", json_string(cvipd->config->interface));
    json_object_set_new(object, "port", port(cvipd));
    json_object_set_new(object, "port_up", json_boolean(cvipd->pair.up));
    json_object_set_new(object, "mac", json_string(cvipd->config->mac_kind == ENGINE_MAC_SHARED ? "shared" : "own"));
    json_object_set_new(object, "addresses", addresses(cvipd));
    json_object_set_new(object, "ready", json_boolean(cvipd->ready));
    json_object_set_new(object, "announces", json_boolean(cvipd->announces));
    json_object_set_new(object, "manager_down", json_boolean(cvipd->manager.down));
    json_object_set_new(object, "switchover", json_boolean(cvipd->aside));
    json_object_set_new(object, "uptime_ms", number((now_us - cvipd->started_us) / 1000));
    json_object_set_new(object, "members", members(cvipd, now_us));
    json_object_set_new(object, "corosync", corosync(cvipd));
    json_object_set_new(object, "sync", sync_state(cvipd));
    json_object_set_new(object, "takeover", takeover(cvipd));
    json_object_set_new(object, "reconstruction", reconstruction(cvipd));
    json_object_set_new(object, "engine", engine(cvipd));
    json_object_set_new(object, "transport", transport(cvipd));
    return object;
}

/* The states are those in force: nothing when the lease is over. */
json_t *cvipd_view_owners(const struct cvipd *cvipd)
{
    uint64_t now_us = clock_boot_us();
    struct ownership_view view;
    uint8_t states[HASH_BUCKETS];
    const uint8_t *owners = ownership_owners(cvipd->ownership);
    json_t *owner_list = json_array();
    json_t *state_list = json_array();
    ownership_view(cvipd->ownership, now_us, &view);
    engine_states(cvipd->engine, now_us * 1000, states);
    for (size_t i = 0; i < HASH_BUCKETS; i++) {
        json_array_append_new(owner_list, json_integer(owners[i]));
        json_array_append_new(state_list, json_integer(states[i]));
    }
    return json_pack("{s:b, s:i, s:I, s:i, s:o, s:o}", "ok", 1, "member",
                     (int)cvipd->config->members[cvipd->config->self].id, "epoch", (json_int_t)view.epoch,
                     "coordinator", (int)view.coordinator, "owners", owner_list, "states", state_list);
}
