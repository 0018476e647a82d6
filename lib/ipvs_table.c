/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

int ipvs_service_compare(const struct ipvs_service *a, const struct ipvs_service *b)
{
    int order = COMPARE(a->family, b->family);

    if (order == 0) {
        order = COMPARE(a->fwmark, b->fwmark);
    }
    /* With a mark the kernel does not look at the rest. */
    if (order != 0 || a->fwmark != 0) {
        return order;
    }
    order = COMPARE(a->protocol, b->protocol);
    if (order == 0) {
        order = addr_compare(&a->address, &b->address);
    }
    return order != 0 ? order : COMPARE(a->port, b->port);
}

int ipvs_server_compare(const struct ipvs_server *a, const struct ipvs_server *b)
{
    int order = addr_compare(&a->address, &b->address);

    return order != 0 ? order : COMPARE(a->port, b->port);
}

/* The full address may be written as 0 or as its length. */
static uint32_t granularity(const struct ipvs_service *service)
{
    uint32_t full = service->family == AF_INET6 ? 128 : 32;

    return service->netmask >= full ? 0 : service->netmask;
}

bool ipvs_service_same_settings(const struct ipvs_service *a, const struct ipvs_service *b)
{
    return strcmp(a->scheduler, b->scheduler) == 0 && a->persistence == b->persistence &&
           (a->persistence == 0 || granularity(a) == granularity(b));
}

static int compare_entries(const void *a, const void *b)
{
    const struct ipvs_table_entry *first = a;
    const struct ipvs_table_entry *second = b;

    return ipvs_service_compare(&first->service, &second->service);
}

static int compare_servers(const void *a, const void *b)
{
    return ipvs_server_compare(a, b);
}

void ipvs_table_sort(struct ipvs_table *table)
{
    if (table->count > 0) {
        qsort(table->entries, table->count, sizeof(*table->entries), compare_entries);
    }
    for (size_t i = 0; i < table->count; i++) {
        struct ipvs_table_entry *entry = &table->entries[i];

        if (entry->server_count > 0) {
            qsort(entry->servers, entry->server_count, sizeof(*entry->servers), compare_servers);
        }
    }
}

void ipvs_table_free(struct ipvs_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        free(table->entries[i].servers);
    }
    free(table->entries);
    memset(table, 0, sizeof(*table));
}

struct ipvs_table_entry *ipvs_table_find(const struct ipvs_table *table, const struct ipvs_service *service)
{
    struct ipvs_table_entry key = {.service = *service};

    if (table->count == 0) {
        return NULL;
    }
    return bsearch(&key, table->entries, table->count, sizeof(key), compare_entries);
}

struct ipvs_server *ipvs_table_find_server(const struct ipvs_table_entry *entry, const struct ipvs_server *server)
{
    if (entry->server_count == 0) {
        return NULL;
    }
    return bsearch(server, entry->servers, entry->server_count, sizeof(*server), compare_servers);
}

/* Makes room for one element at its place in a sorted array. Returns the place, or NULL: out of memory. */
static void *insert(void **array, size_t *count, size_t size, const void *key,
                    int (*compare)(const void *, const void *))
{
    char *bytes = reallocarray(*array, *count + 1, size);
    size_t at = *count;

    if (bytes == NULL) {
        return NULL;
    }
    *array = bytes;
    while (at > 0 && compare(bytes + (at - 1) * size, key) > 0) {
        at--;
    }
    memmove(bytes + (at + 1) * size, bytes + at * size, (*count - at) * size);
    memcpy(bytes + at * size, key, size);
    (*count)++;
    return bytes + at * size;
}

int ipvs_table_put(struct ipvs_table *table, const struct ipvs_service *service)
{
    struct ipvs_table_entry *entry = ipvs_table_find(table, service);
    struct ipvs_table_entry fresh = {.service = *service};
    void *entries = table->entries;

    if (entry != NULL) {
        entry->service = *service;
        return 0;
    }
    entry = insert(&entries, &table->count, sizeof(fresh), &fresh, compare_entries);
    table->entries = entries;
    return entry == NULL ? -ENOMEM : 0;
}

int ipvs_table_put_server(struct ipvs_table *table, const struct ipvs_service *service,
                          const struct ipvs_server *server)
{
    struct ipvs_table_entry *entry = ipvs_table_find(table, service);
    struct ipvs_server *known;
    void *servers;

    if (entry == NULL) {
        return -ENOENT;
    }
    known = ipvs_table_find_server(entry, server);
    if (known != NULL) {
        known->forward = server->forward;
        known->weight = server->weight;
        return 0;
    }
    servers = entry->servers;
    known = insert(&servers, &entry->server_count, sizeof(*server), server, compare_servers);
    entry->servers = servers;
    return known == NULL ? -ENOMEM : 0;
}

void ipvs_table_remove(struct ipvs_table *table, const struct ipvs_service *service)
{
    struct ipvs_table_entry *entry = ipvs_table_find(table, service);

    if (entry != NULL) {
        free(entry->servers);
        table->count--;
        memmove(entry, entry + 1, (size_t)(table->entries + table->count - entry) * sizeof(*entry));
    }
}

void ipvs_table_remove_server(struct ipvs_table *table, const struct ipvs_service *service,
                              const struct ipvs_server *server)
{
    struct ipvs_table_entry *entry = ipvs_table_find(table, service);
    struct ipvs_server *known = entry == NULL ? NULL : ipvs_table_find_server(entry, server);

    if (known != NULL) {
        entry->server_count--;
        memmove(known, known + 1, (size_t)(entry->servers + entry->server_count - known) * sizeof(*known));
    }
}
