/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes that are not listed: they join with a report, or are found in the kernel's table when the manager starts. */
#include "pool_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name that the node gave itself, if it is free; else its address. */
static void choose_name(const struct pool *pool, struct pool_node *node, const char *name)
{
    if (name[0] != '\0' && pool_find_name(pool, name) == NULL)
        snprintf(node->name, sizeof node->name, "%s", name);
    else
        addr_format(&node->address, node->name);
}

struct pool_node *pool_join(struct pool *pool, const struct wire_report *report, uint64_t now_ms)
{
    if (!pool->config->join_any || pool->count >= POOL_NODES_MAX)
        return NULL;
    struct pool_node *node = pool_new_node(pool, now_ms);
    if (node == NULL)
        return NULL;
    node->address = report->address;
    choose_name(pool, node, report->name);
    if (pool_find(pool, &report->address6) == NULL) /* else it is another node's */
        node->address6 = report->address6;
    node->condition = NODE_SILENT; /* until this report is taken in */
    pool_append(pool, node);
    return node;
}

struct pool_node *pool_adopt_stranger(struct pool *pool, const struct addr *address, uint64_t now_ms)
{
    if (!pool->config->join_any || pool->count >= POOL_NODES_MAX)
        return NULL;
    struct pool_node *node = pool_new_node(pool, now_ms);
    if (node == NULL)
        return NULL;
    node->address = *address;
    node->stranger = true;
    choose_name(pool, node, "");
    pool_append(pool, node);
    pool_link_newest(pool, node);
    return node;
}

/* A stranger's other address was found in the kernel as a node of its own: both are one. */
static void absorb(struct pool *pool, struct pool_node *node, struct pool_node *twin)
{
    for (size_t i = 0; twin->adopted != NULL && i < pool->config->service_count; i++)
        if (twin->adopted[i] >= 0)
            pool_adopt(pool, node, i, (uint32_t)twin->adopted[i]);
    pool_remove(pool, twin);
}

void pool_introduce(struct pool *pool, struct pool_node *node, const struct wire_report *report)
{
    if (!node->stranger)
        return;
    node->stranger = false;
    if (report->name[0] != '\0')
        choose_name(pool, node, report->name);
    struct pool_node *twin = pool_find(pool, &report->address6);
    if (twin != NULL && twin->stranger) {
        absorb(pool, node, twin);
        twin = NULL;
    }
    if (twin == NULL && report->address6.family != AF_UNSPEC && report->address6.family != node->address.family) {
        node->address6 = report->address6;
        pool_hash_add(&pool->hash, node);
    }
}
