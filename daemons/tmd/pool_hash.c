/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pool_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pool_slot {
    struct addr address;
    struct pool_node *node; /* NULL: free */
};

/* FNV-1a. Only addresses of the configuration, or of authenticated nodes, get into the table. */
static size_t hash_of(const struct addr *address)
{
    size_t length = address->family == AF_INET ? 4 : 16;
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ address->bytes[i]) * 1099511628211u;
    return (size_t)(hash ^ (hash >> 32));
}

static void put(struct pool_hash *hash, const struct addr *address, struct pool_node *node)
{
    if (address->family == AF_UNSPEC)
        return;
    size_t i = hash_of(address) & (hash->size - 1);
    while (hash->slots[i].node != NULL)
        i = (i + 1) & (hash->size - 1);
    hash->slots[i] = (struct pool_slot){.address = *address, .node = node};
}

void pool_hash_add(struct pool_hash *hash, struct pool_node *node)
{
    put(hash, &node->address, node);
    put(hash, &node->address6, node);
}

struct pool_node *pool_hash_find(const struct pool_hash *hash, const struct addr *address)
{
    if (hash->size == 0 || address->family == AF_UNSPEC)
        return NULL;
    size_t i = hash_of(address) & (hash->size - 1);
    while (hash->slots[i].node != NULL) {
        if (addr_equal(&hash->slots[i].address, address))
            return hash->slots[i].node;
        i = (i + 1) & (hash->size - 1);
    }
    return NULL;
}

int pool_hash_reserve(struct pool_hash *hash, size_t addresses)
{
    size_t size = 64;
    while (size < 2 * addresses)
        size *= 2;
    if (size <= hash->size)
        return 0;
    struct pool_hash larger = {.size = size, .slots = calloc(size, sizeof(struct pool_slot))};
    if (larger.slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < hash->size; i++)
        if (hash->slots[i].node != NULL)
            put(&larger, &hash->slots[i].address, hash->slots[i].node);
    free(hash->slots);
    *hash = larger;
    return 0;
}

void pool_hash_empty(struct pool_hash *hash)
{
    if (hash->size > 0)
        memset(hash->slots, 0, hash->size * sizeof(struct pool_slot));
}

void pool_hash_clear(struct pool_hash *hash)
{
    free(hash->slots);
    *hash = (struct pool_hash){0};
}
