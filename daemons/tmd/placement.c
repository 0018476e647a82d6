/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "placement.h"

#include "ipvs_table.h"

#include <stdlib.h>

struct placement {
    struct executor_wanted table;
    struct executor_wanted_service services[CONFIG_SERVICES_MAX];
    size_t capacity; /* of servers, for every service */
    struct executor_wanted_server *servers;
};

struct placement *placement_new(void)
{
    return calloc(1, sizeof(struct placement));
}

void placement_free(struct placement *placement)
{
    if (placement == NULL)
        return;
    free(placement->servers);
    free(placement);
}

const struct addr *placement_address(const struct config_service *service, const struct pool_node *node)
{
    if (node->address.family == service->service.family)
        return &node->address;
    return node->address6.family == service->service.family ? &node->address6 : NULL;
}

/* What the node is to that service. Returns false when it has no place in it. */
static bool fill(struct executor_wanted_server *server, const struct config_service *service, size_t number,
                 const struct pool_node *node)
{
    const struct addr *address = placement_address(service, node);
    if (address == NULL)
        return false;
    *server = (struct executor_wanted_server){
        .address = *address, .port = service->server_port, .forward = service->forward, .weight = 0};
    if (node->condition == NODE_SILENT || node->condition == NODE_LEFT) {
        server->remove_now = true; /* its connections are likely dead; new ones find another node at once */
        return true;
    }
    if (node->condition != NODE_SERVING && node->condition != NODE_STARTING)
        return false;
    if ((node->services_down & UINT64_C(1) << number) != 0)
        return false;
    if (node->adopted != NULL && node->adopted[number] >= 0) {
        server->weight = (uint32_t)node->adopted[number];
        return true;
    }
    server->weight = pool_weight(node);
    return node->condition == NODE_SERVING;
}

static int by_address(const void *a, const void *b)
{
    const struct executor_wanted_server *x = a;
    const struct executor_wanted_server *y = b;
    int order = addr_compare(&x->address, &y->address);
    return order != 0 ? order : (x->port > y->port) - (x->port < y->port);
}

/* The nodes mostly stand in the order of their addresses already. */
static void sort(struct executor_wanted_service *service)
{
    for (size_t i = 1; i < service->server_count; i++)
        if (by_address(&service->servers[i - 1], &service->servers[i]) > 0) {
            qsort(service->servers, service->server_count, sizeof *service->servers, by_address);
            return;
        }
}

static void add_sorry(struct executor_wanted_service *out, const struct config_service *service)
{
    if (!service->sorry.set)
        return;
    for (size_t i = 0; i < out->server_count; i++)
        if (out->servers[i].weight > 0)
            return;
    out->servers[out->server_count++] = (struct executor_wanted_server){
        .address = service->sorry.address, .port = service->sorry.port, .forward = service->sorry.forward, .weight = 1};
}

static void build_service(struct executor_wanted_service *out, const struct config_service *service, size_t number,
                          const struct pool *pool)
{
    out->service = service->service;
    out->server_count = 0;
    for (size_t i = 0; i < pool_count(pool); i++)
        if (fill(&out->servers[out->server_count], service, number, pool_at(pool, i)))
            out->server_count++;
    add_sorry(out, service);
    sort(out);
}

static bool reserve(struct placement *placement, size_t nodes, size_t services)
{
    size_t each = nodes + 1; /* and the sorry server */
    if (each * services > placement->capacity) {
        struct executor_wanted_server *larger = realloc(placement->servers, each * services * sizeof *larger);
        if (larger == NULL)
            return false;
        placement->servers = larger;
        placement->capacity = each * services;
    }
    for (size_t i = 0; i < services; i++)
        placement->services[i].servers = placement->servers + i * each;
    return true;
}

const struct executor_wanted *placement_build(struct placement *placement, const struct config *config,
                                              const struct pool *pool)
{
    if (!reserve(placement, pool_count(pool), config->service_count))
        return NULL;
    placement->table.count = config->service_count;
    placement->table.services = placement->services;
    for (size_t i = 0; i < config->service_count; i++)
        build_service(&placement->services[i], &config->services[i], i, pool);
    return &placement->table;
}

bool placement_find(const struct ipvs_table *table, const struct config_service *service, const struct pool_node *node,
                    const struct ipvs_server **server)
{
    const struct ipvs_table_entry *entry = ipvs_table_find(table, &service->service);
    const struct addr *address = placement_address(service, node);
    if (entry == NULL || address == NULL)
        return false;
    struct ipvs_server key = {.address = *address, .port = service->server_port};
    *server = ipvs_table_find_server(entry, &key);
    return *server != NULL;
}

/* With weight 0 it was draining already, and may go on with that. */
static bool is_strange(const struct config_service *service, const struct pool *pool, const struct ipvs_server *server)
{
    bool sorry = service->sorry.set && addr_equal(&service->sorry.address, &server->address);
    return !sorry && server->weight > 0 && server->port == service->server_port &&
           pool_find(pool, &server->address) == NULL;
}

void placement_adopt_strangers(const struct ipvs_table *table, const struct config_service *service, struct pool *pool,
                               uint64_t now_ms)
{
    const struct ipvs_table_entry *entry = ipvs_table_find(table, &service->service);
    for (size_t i = 0; entry != NULL && i < entry->server_count; i++)
        if (is_strange(service, pool, &entry->servers[i]))
            (void)pool_adopt_stranger(pool, &entry->servers[i].address, now_ms);
}
