/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "view.h"

#include "clock.h"
#include "ipvs_table.h"

#include <string.h>
#include <unistd.h>

const char *view_policy_name(const struct manager *manager)
{
    static const char *const names[] = {"rr", "has", "pressure"};
    return names[manager->config->policy.kind];
}

uint32_t view_weight(const struct manager *manager, const struct pool_node *node)
{
    if (node->adopted != NULL && (node->condition == NODE_STARTING || node->condition == NODE_SERVING)) {
        int32_t most = 0;
        for (size_t i = 0; i < manager->config->service_count; i++)
            if (node->adopted[i] > most)
                most = node->adopted[i];
        return (uint32_t)most;
    }
    return node->condition == NODE_SERVING ? pool_weight(node) : 0;
}

/* --- status */

static json_t *count_states(const struct manager *manager)
{
    json_int_t counts[NODE_STATE_COUNT] = {0};
    for (size_t i = 0; i < pool_count(manager->pool); i++)
        counts[node_state(pool_at(manager->pool, i)->condition)]++;
    json_t *json = json_object();
    for (int s = 0; s < NODE_STATE_COUNT; s++)
        json_object_set_new(json, node_state_name((enum node_state)s), json_integer(counts[s]));
    return json;
}

static json_t *count_rejected(const struct manager_counters *counters)
{
    json_t *json = json_object();
    for (int r = WIRE_OK + 1; r < WIRE_RESULT_COUNT; r++)
        json_object_set_new(json, wire_result_name((enum wire_result)r),
                            json_integer((json_int_t)counters->refused_datagrams[r]));
    for (int r = ADMISSION_REPLAYED; r < ADMISSION_RESULT_COUNT; r++)
        json_object_set_new(json, admission_result_name((enum admission_result)r),
                            json_integer((json_int_t)counters->judged[r]));
    json_object_set_new(json, "unexpected", json_integer((json_int_t)counters->unexpected));
    return json;
}

static json_t *count_reports(const struct manager_counters *counters)
{
    return json_pack("{s:I, s:I, s:o}", "accepted", (json_int_t)counters->accepted, "duplicates",
                     (json_int_t)counters->judged[ADMISSION_DUPLICATE], "rejected", count_rejected(counters));
}

json_t *view_status(const struct manager *manager)
{
    struct executor_stats stats;
    executor_stats(manager->executor, &stats);
    char host[WIRE_NAME_MAX + 1] = "";
    gethostname(host, sizeof host - 1);
    json_t *kernel = json_pack("{s:I, s:I, s:I}", "writes", (json_int_t)stats.writes, "repairs",
                               (json_int_t)stats.repairs, "errors", (json_int_t)stats.errors);
    json_t *latency = json_pack("{s:I, s:I, s:I}", "p50", (json_int_t)latency_percentile(&manager->latency, 50), "p99",
                                (json_int_t)latency_percentile(&manager->latency, 99), "max",
                                (json_int_t)latency_percentile(&manager->latency, 100));
    return json_pack("{s:b, s:s, s:s, s:I, s:s, s:s, s:o, s:b, s:I, s:o, s:o, s:o}", "ok", 1, "daemon", "tmd",
                     "version", PACKAGE_VERSION, "uptime_ms", (json_int_t)(clock_ms() - manager->started_ms), "host",
                     host, "policy", view_policy_name(manager), "nodes", count_states(manager), "isolated",
                     pool_isolated(manager->pool), "services", (json_int_t)manager->config->service_count, "reports",
                     count_reports(&manager->counters), "kernel", kernel, "latency_us", latency);
}

/* --- nodes */

static json_t *address_or_null(const struct addr *address)
{
    char text[ADDR_TEXT_MAX];
    return address->family != AF_UNSPEC ? json_string(addr_format(address, text)) : json_null();
}

static json_t *override_of(const struct pool_node *node)
{
    if (node->override_kind == WIRE_OVERRIDE_NONE)
        return json_null();
    return json_pack("{s:s, s:I}", "kind", node->override_kind == WIRE_OVERRIDE_DRAIN ? "drain" : "weight", "value",
                     (json_int_t)node->override_weight);
}

static json_t *services_of(const struct config *config, const struct pool_node *node)
{
    json_t *json = json_object();
    for (size_t i = 0; i < config->service_count; i++) {
        bool down = node->index == 0 || (node->services_down & UINT64_C(1) << i) != 0;
        json_object_set_new(json, config->services[i].name,
                            json_string(node->reported ? (down ? "down" : "up") : "unknown"));
    }
    return json;
}

static const char *reason_of(const struct pool_node *node)
{
    if (node->condition == NODE_SILENT && !node->reported)
        return "never reported";
    if (node->condition == NODE_SERVING && node->standby)
        return "in the place of a lost active node";
    if (node->condition == NODE_SERVING && node->policy.quiesced)
        return "quiesced: too loaded for new connections";
    return node_reason(node->condition);
}

static json_t *view_node(const struct manager *manager, const struct pool_node *node, uint64_t now_ms)
{
    /* After a pause of this machine last_ms is moved on, and may lie a little ahead. */
    uint64_t age_ms = now_ms > node->last_ms ? now_ms - node->last_ms : 0;
    json_t *age = node->reported ? json_integer((json_int_t)age_ms) : json_null();
    json_t *json =
        json_pack("{s:s, s:o, s:o, s:s, s:s, s:s}", "name", node->name, "address", address_or_null(&node->address),
                  "address6", address_or_null(&node->address6), "role", node->standby ? "standby" : "active", "state",
                  node_state_name(node_state(node->condition)), "reason", reason_of(node));
    json_object_set_new(json, "index", json_integer(node->index));
    json_object_set_new(json, "pressure", json_integer(node->pressure));
    json_object_set_new(json, "weight", json_integer(view_weight(manager, node)));
    json_object_set_new(json, "override", override_of(node));
    json_object_set_new(json, "age_ms", age);
    json_object_set_new(json, "connections", json_integer(node->connections));
    json_object_set_new(json, "services", services_of(manager->config, node));
    return json;
}

json_t *view_nodes(const struct manager *manager)
{
    uint64_t now_ms = clock_ms();
    json_t *list = json_array();
    for (size_t i = 0; i < pool_count(manager->pool); i++)
        json_array_append_new(list, view_node(manager, pool_at(manager->pool, i), now_ms));
    return json_pack("{s:b, s:o}", "ok", 1, "nodes", list);
}

/* --- services */

static const char *role_of(const struct config_service *service, const struct pool_node *node,
                           const struct ipvs_server *server)
{
    if (node != NULL) {
        bool serves = node->condition == NODE_SERVING || node->condition == NODE_STARTING;
        return serves && server->weight > 0 ? "traffic" : "draining";
    }
    return service->sorry.set && addr_equal(&service->sorry.address, &server->address) ? "sorry" : "foreign";
}

static json_t *view_server(const struct manager *manager, const struct config_service *service,
                           const struct ipvs_server *server)
{
    static const char *const forwards[] = {"direct", "nat", "tunnel", "local"};
    const struct pool_node *node = pool_find(manager->pool, &server->address);
    return json_pack("{s:o, s:o, s:I, s:I, s:s, s:I, s:I, s:s}", "name",
                     node != NULL ? json_string(node->name) : json_null(), "address", address_or_null(&server->address),
                     "port", (json_int_t)server->port, "weight", (json_int_t)server->weight, "forward",
                     forwards[server->forward], "active", (json_int_t)server->active, "inactive",
                     (json_int_t)server->inactive, "role", role_of(service, node, server));
}

static json_t *view_service(const struct manager *manager, const struct config_service *service)
{
    const struct ipvs_service *ipvs = &service->service;
    const struct ipvs_table_entry *entry = ipvs_table_find(executor_table(manager->executor), ipvs);
    json_t *servers = json_array();
    for (size_t i = 0; entry != NULL && i < entry->server_count; i++)
        json_array_append_new(servers, view_server(manager, service, &entry->servers[i]));
    const char *protocol = ipvs->fwmark != 0 ? "fwmark" : ipvs->protocol == IPPROTO_UDP ? "udp" : "tcp";
    return json_pack("{s:s, s:s, s:o, s:I, s:I, s:s, s:I, s:o}", "name", service->name, "protocol", protocol, "address",
                     address_or_null(&ipvs->address), "port", (json_int_t)ipvs->port, "fwmark",
                     (json_int_t)ipvs->fwmark, "scheduler", ipvs->scheduler, "persistence",
                     (json_int_t)ipvs->persistence, "servers", servers);
}

json_t *view_services(const struct manager *manager)
{
    json_t *list = json_array();
    for (size_t i = 0; i < manager->config->service_count; i++)
        json_array_append_new(list, view_service(manager, &manager->config->services[i]));
    return json_pack("{s:b, s:o}", "ok", 1, "services", list);
}
