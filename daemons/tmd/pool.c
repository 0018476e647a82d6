/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pool_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pool *pool_new(pool_listener listener, void *context)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return NULL;
    pool->listener = listener;
    pool->context = context;
    return pool;
}

static void node_free(struct pool_node *node)
{
    if (node == NULL)
        return;
    free(node->adopted);
    free(node);
}

void pool_free(struct pool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->count; i++)
        node_free(pool->nodes[i]);
    free(pool->nodes);
    free(pool->policies);
    pool_hash_clear(&pool->hash);
    free(pool);
}

struct pool_node *pool_find(const struct pool *pool, const struct addr *address)
{
    return pool_hash_find(&pool->hash, address);
}

struct pool_node *pool_find_name(const struct pool *pool, const char *name)
{
    for (size_t i = 0; i < pool->count; i++)
        if (strcmp(pool->nodes[i]->name, name) == 0)
            return pool->nodes[i];
    return NULL;
}

size_t pool_count(const struct pool *pool)
{
    return pool->count;
}

struct pool_node *pool_at(const struct pool *pool, size_t i)
{
    return pool->nodes[i];
}

uint64_t pool_generation(struct pool *pool)
{
    return ++pool->generations << 32;
}

/* --- the list of those that may expire, oldest report first */

void pool_unlink(struct pool *pool, struct pool_node *node)
{
    if (node->older != NULL)
        node->older->newer = node->newer;
    else if (pool->oldest == node)
        pool->oldest = node->newer;
    if (node->newer != NULL)
        node->newer->older = node->older;
    else if (pool->newest == node)
        pool->newest = node->older;
    node->older = node->newer = NULL;
}

void pool_link_newest(struct pool *pool, struct pool_node *node)
{
    node->older = pool->newest;
    node->newer = NULL;
    if (pool->newest != NULL)
        pool->newest->newer = node;
    else
        pool->oldest = node;
    pool->newest = node;
}

/* --- the configuration */

/* Room for that many nodes in all arrays. Returns 0 or -ENOMEM. */
static int reserve(struct pool *pool, size_t count)
{
    if (count <= pool->capacity)
        return 0;
    size_t capacity = count + 64;
    struct pool_node **nodes = realloc(pool->nodes, capacity * sizeof(struct pool_node *));
    if (nodes == NULL)
        return -ENOMEM;
    pool->nodes = nodes;
    struct policy_node **policies = realloc(pool->policies, capacity * sizeof(struct policy_node *));
    if (policies == NULL)
        return -ENOMEM;
    pool->policies = policies;
    int rc = pool_hash_reserve(&pool->hash, 2 * capacity);
    if (rc == 0)
        pool->capacity = capacity;
    return rc;
}

void pool_append(struct pool *pool, struct pool_node *node)
{
    pool->nodes[pool->count] = node;
    pool->policies[pool->count++] = &node->policy;
    pool_hash_add(&pool->hash, node);
}

/* The node's entry in the old list, when it is still the same node; it is taken out of there. */
static struct pool_node *take_old(const struct pool *pool, struct pool_node **old, size_t count,
                                  const struct config_node *listed)
{
    struct pool_node *node = pool_hash_find(&pool->hash, &listed->address);
    for (size_t i = 0; i < count && node != NULL; i++) {
        if (old[i] != node)
            continue;
        old[i] = NULL;
        return node;
    }
    return NULL;
}

static struct pool_node *new_node(struct pool *pool, uint64_t now_ms)
{
    struct pool_node *node = calloc(1, sizeof *node);
    if (node == NULL)
        return NULL;
    admission_start(&node->admission, pool_generation(pool));
    node->condition = NODE_STARTING;
    node->last_ms = now_ms;
    return node;
}

static void describe(struct pool_node *node, const struct config_node *listed)
{
    memcpy(node->name, listed->name, sizeof node->name);
    node->address = listed->address;
    node->address6 = listed->address6;
    node->standby = listed->standby;
    node->listed = true;
    node->stranger = false;
    node->policy.static_weight = listed->weight;
}

/* One entry for every listed node, old or new, in the order of the configuration. */
static int collect(struct pool *pool, const struct config *config, struct pool_node **old, struct pool_node **chosen,
                   uint64_t now_ms)
{
    for (size_t i = 0; i < config->node_count; i++) {
        chosen[i] = take_old(pool, old, pool->count, &config->nodes[i]);
        if (chosen[i] == NULL)
            chosen[i] = new_node(pool, now_ms);
        if (chosen[i] == NULL)
            return -ENOMEM;
    }
    return 0;
}

/* Services have other numbers now; their states go by name until the next report. */
static void renumber_services(struct pool_node *node, const struct config *before, const struct config *config)
{
    uint64_t down = 0;
    for (size_t i = 0; i < config->service_count; i++)
        for (size_t k = 0; k < before->service_count; k++)
            if ((node->services_down & UINT64_C(1) << k) != 0 &&
                strcmp(before->services[k].name, config->services[i].name) == 0)
                down |= UINT64_C(1) << i;
    node->services_down = down;
    free(node->adopted);
    node->adopted = NULL;
}

/* What was averaged under another policy was another thing. */
static void forget_averages(struct pool *pool)
{
    pool->policy = (struct policy_pool){0};
    for (size_t i = 0; i < pool->count; i++)
        pool->nodes[i]->policy.measured = false;
}

/* The new list is complete: nothing can fail from here on. */
static void replace_nodes(struct pool *pool, const struct config *config, struct pool_node **old, size_t old_count,
                          struct pool_node **chosen)
{
    pool->count = 0;
    pool_hash_empty(&pool->hash);
    for (size_t i = 0; i < config->node_count; i++) {
        if (chosen[i]->name[0] == '\0') /* new */
            pool_link_newest(pool, chosen[i]);
        describe(chosen[i], &config->nodes[i]);
        pool_append(pool, chosen[i]);
    }
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] == NULL)
            continue;
        bool stays = !old[i]->listed && config->join_any && pool_hash_find(&pool->hash, &old[i]->address) == NULL;
        if (stays) {
            pool_append(pool, old[i]);
        } else {
            pool_unlink(pool, old[i]);
            node_free(old[i]);
        }
    }
}

int pool_configure(struct pool *pool, const struct config *config, uint64_t now_ms)
{
    size_t old_count = pool->count;
    int rc = reserve(pool, old_count + config->node_count);
    if (rc != 0)
        return rc;
    struct pool_node **old = calloc(old_count + 1, sizeof(struct pool_node *));
    struct pool_node **chosen = calloc(config->node_count + 1, sizeof(struct pool_node *));
    if (old == NULL || chosen == NULL) {
        rc = -ENOMEM;
    } else {
        if (old_count > 0)
            memcpy(old, pool->nodes, old_count * sizeof(struct pool_node *));
        rc = collect(pool, config, old, chosen, now_ms);
    }
    if (rc == 0) {
        replace_nodes(pool, config, old, old_count, chosen);
        for (size_t i = 0; i < pool->count && pool->config != NULL; i++)
            renumber_services(pool->nodes[i], pool->config, config);
        if (pool->config != NULL && pool->config->policy.kind != config->policy.kind)
            forget_averages(pool);
        if (pool->config == NULL)
            pool->heard_ms = now_ms;
        pool->config = config;
        pool->changed = true;
        pool_balance(pool, now_ms);
    } else if (chosen != NULL) {
        for (size_t i = 0; i < config->node_count; i++)
            if (chosen[i] != NULL && chosen[i]->name[0] == '\0')
                node_free(chosen[i]);
    }
    free(old);
    free(chosen);
    return rc;
}

struct pool_node *pool_new_node(struct pool *pool, uint64_t now_ms)
{
    return reserve(pool, pool->count + 1) == 0 ? new_node(pool, now_ms) : NULL;
}

void pool_remove(struct pool *pool, struct pool_node *node)
{
    size_t count = pool->count;
    pool_unlink(pool, node);
    pool_hash_empty(&pool->hash);
    pool->count = 0;
    for (size_t i = 0; i < count; i++)
        if (pool->nodes[i] != node)
            pool_append(pool, pool->nodes[i]);
    node_free(node);
}
