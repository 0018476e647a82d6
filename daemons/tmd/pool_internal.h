/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the pool share. */
#ifndef TMD_POOL_INTERNAL_H
#define TMD_POOL_INTERNAL_H

#include "pool.h"

/* Nodes by address: open addressing, at most half full. */
struct pool_hash {
    size_t size; /* a power of two, or 0 */
    struct pool_slot *slots;
};

struct pool {
    const struct config *config;
    pool_listener listener;
    void *context;
    size_t count;
    size_t capacity;
    struct pool_node **nodes;
    struct policy_node **policies; /* of the same nodes, for policy_balance */
    struct pool_hash hash;
    struct policy_pool policy;
    struct pool_node *oldest;
    struct pool_node *newest;
    uint64_t generations;
    uint64_t heard_ms; /* the last report of any node; the start before the first */
    bool isolated;
    bool changed;
};

/* pool_hash.c */
int pool_hash_reserve(struct pool_hash *hash, size_t addresses); /* 0 or -ENOMEM */
void pool_hash_add(struct pool_hash *hash, struct pool_node *node);
struct pool_node *pool_hash_find(const struct pool_hash *hash, const struct addr *address);
void pool_hash_empty(struct pool_hash *hash);
void pool_hash_clear(struct pool_hash *hash);

/* pool.c */
void pool_append(struct pool *pool, struct pool_node *node); /* there must be room */
void pool_remove(struct pool *pool, struct pool_node *node); /* and frees it */
/* An entry with room kept for it, for pool_append. NULL when there is no memory. */
struct pool_node *pool_new_node(struct pool *pool, uint64_t now_ms);
void pool_unlink(struct pool *pool, struct pool_node *node);
void pool_link_newest(struct pool *pool, struct pool_node *node);

#endif
