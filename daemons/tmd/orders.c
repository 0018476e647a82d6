/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "manager.h"

#include "clock.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* The next order writes the file anew; people may want to see what was in it. */
static void set_aside(const char *path)
{
    char aside[CONFIG_PATH_MAX + sizeof ".damaged"];
    snprintf(aside, sizeof aside, "%s.damaged", path);
    if (rename(path, aside) == 0)
        log_error("the overrides in %s are damaged; going on without them; the file is now %s", path, aside);
    else
        log_error("the overrides in %s are damaged; going on without them; the file cannot be renamed: %s", path,
                  strerror(errno));
}

void orders_load(struct manager *manager)
{
    uint64_t origin;
    randombytes_buf(&origin, sizeof origin);
    override_init(&manager->overrides, origin);
    int rc = override_load(&manager->overrides, manager->config->state);
    if (rc == 0)
        return;
    /* Better without old orders than without a manager; the other masters send theirs. */
    if (rc == -EINVAL)
        set_aside(manager->config->state);
    else
        log_error("cannot use the overrides in %s: %s; going on without them", manager->config->state, strerror(-rc));
    override_free(&manager->overrides);
    override_init(&manager->overrides, origin);
}

void orders_save(struct manager *manager)
{
    int rc = override_save(&manager->overrides, manager->config->state);
    manager->overrides_unsaved = rc;
    if (rc != 0)
        log_error("cannot save the overrides in %s: %s; trying again", manager->config->state, strerror(-rc));
}

static void apply_one(struct manager *manager, const struct wire_override *entry)
{
    struct pool_node *node = pool_find(manager->pool, &entry->node);
    if (node == NULL || (node->override_kind == entry->kind && node->override_weight == entry->weight))
        return;
    if (entry->kind == WIRE_OVERRIDE_NONE)
        log_notice("node %s: override lifted", node->name);
    else if (entry->kind == WIRE_OVERRIDE_DRAIN)
        log_notice("node %s: override: drain", node->name);
    else
        log_notice("node %s: override: weight %u", node->name, entry->weight);
    pool_override(manager->pool, node, (enum wire_override_kind)entry->kind, entry->weight, clock_ms());
}

void orders_apply(struct manager *manager)
{
    for (size_t i = 0; i < manager->overrides.count; i++)
        apply_one(manager, &manager->overrides.entries[i]);
}

/* Kept before it is acted on, so that what people saw happen survives a crash. */
static void publish(struct manager *manager)
{
    orders_save(manager);
    orders_apply(manager);
    manager_apply(manager, false);
    share_overrides(manager);
}

int orders_give(struct manager *manager, struct pool_node *node, enum wire_override_kind kind, uint32_t weight)
{
    int rc = override_order(&manager->overrides, &node->address, kind, weight);
    if (rc == 0)
        publish(manager);
    return rc;
}

void orders_merge(struct manager *manager, const struct wire_overrides *overrides)
{
    bool news = false;
    for (size_t i = 0; i < overrides->count; i++)
        if (override_merge(&manager->overrides, &overrides->entries[i]) > 0)
            news = true;
    if (!news)
        return;
    orders_save(manager);
    orders_apply(manager);
}
