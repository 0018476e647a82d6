/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconstruct_table.h"

#include "ipvs_table.h"

#include <string.h>

#define TCP_STATE_ESTABLISHED 1 /* IP_VS_TCP_S_ESTABLISHED */
#define TCP_TIMEOUT 900         /* s, the kernel's own for an established connection */
#define FORWARD_TUNNEL 2        /* IP_VS_CONN_F_TUNNEL */
#define FORWARD_DIRECT 3        /* IP_VS_CONN_F_DROUTE */

static bool is_reached(const struct ipvs_server *server)
{
    return server->forward == IPVS_DIRECT || server->forward == IPVS_TUNNEL;
}

static bool is_on(const struct ipvs_service *service, const struct addr *addresses, size_t count)
{
    if (service->fwmark != 0)
        return false;
    for (size_t i = 0; i < count; i++)
        if (addr_equal(&service->address, &addresses[i]))
            return true;
    return false;
}

int reconstruct_table_nodes(const struct ipvs_table *table, const struct addr *addresses, size_t count,
                            struct reconstruct_state *state)
{
    int rc = 0;
    for (size_t i = 0; i < table->count && rc == 0; i++) {
        const struct ipvs_table_entry *entry = &table->entries[i];
        if (entry->service.protocol != IPPROTO_TCP || !is_on(&entry->service, addresses, count))
            continue;
        for (size_t j = 0; j < entry->server_count && rc == 0; j++)
            if (is_reached(&entry->servers[j]) && entry->servers[j].address.family == entry->service.family)
                rc = reconstruct_state_add(state, &entry->servers[j].address);
    }
    return rc;
}

/* Services by a firewall mark say nothing of addresses: with them a server anywhere will do. */
bool reconstruct_table_has_servers(const struct ipvs_table *table, const struct addr *addresses, size_t count)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct ipvs_table_entry *entry = &table->entries[i];
        if (entry->service.fwmark == 0 && !is_on(&entry->service, addresses, count))
            continue;
        for (size_t j = 0; j < entry->server_count; j++)
            if (entry->servers[j].weight > 0)
                return true;
    }
    return false;
}

bool reconstruct_table_newcomer(const struct ipvs_table *before, const struct ipvs_table *now)
{
    for (size_t i = 0; i < now->count; i++) {
        const struct ipvs_table_entry *entry = &now->entries[i];
        const struct ipvs_table_entry *old = ipvs_table_find(before, &entry->service);
        for (size_t j = 0; j < entry->server_count; j++)
            if (old == NULL || ipvs_table_find_server(old, &entry->servers[j]) == NULL)
                return true;
    }
    return false;
}

const struct ipvs_server *reconstruct_table_server(const struct ipvs_table *table, const struct addr *virtual_address,
                                                   uint16_t virtual_port, const struct addr *node,
                                                   const struct ipvs_service **service)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct ipvs_table_entry *entry = &table->entries[i];
        if (entry->service.fwmark != 0 || entry->service.protocol != IPPROTO_TCP ||
            !addr_equal(&entry->service.address, virtual_address) ||
            (entry->service.port != virtual_port && entry->service.port != 0))
            continue;
        for (size_t j = 0; j < entry->server_count; j++)
            if (addr_equal(&entry->servers[j].address, node) && is_reached(&entry->servers[j])) {
                *service = &entry->service;
                return &entry->servers[j];
            }
    }
    return NULL;
}

void reconstruct_table_connection(const struct ipvs_service *service, const struct ipvs_server *server,
                                  uint16_t virtual_port, const struct wire_connection *from,
                                  struct sync_connection *out)
{
    *out = (struct sync_connection){
        .protocol = IPPROTO_TCP,
        .client = from->client,
        .client_port = from->port,
        .virtual_address = service->address,
        .virtual_port = virtual_port,
        .server = server->address,
        .server_port = service->port != 0 ? server->port : virtual_port, /* a service of all ports */
        .flags = server->forward == IPVS_TUNNEL ? FORWARD_TUNNEL : FORWARD_DIRECT,
        .state = TCP_STATE_ESTABLISHED,
        .timeout = TCP_TIMEOUT,
    };
}

static void mask(struct addr *address, uint32_t length)
{
    size_t bytes = address->family == AF_INET ? 4 : 16;
    for (size_t i = 0; i < bytes; i++) {
        uint32_t bits = length > 8 * i ? length - 8 * (uint32_t)i : 0;
        unsigned byte = bits >= 8 ? 0xff : 0xff00U >> bits;
        address->bytes[i] = (uint8_t)(address->bytes[i] & byte);
    }
}

bool reconstruct_table_template(const struct ipvs_service *service, const struct ipvs_server *server,
                                const struct wire_connection *from, struct sync_connection *out)
{
    if (service->persistence == 0)
        return false;
    reconstruct_table_connection(service, server, service->port, from, out);
    out->client_port = 0;
    out->flags |= SYNC_TEMPLATE;
    out->state = 0;
    out->timeout = service->persistence;
    if (service->netmask != 0)
        mask(&out->client, service->netmask);
    return true;
}
