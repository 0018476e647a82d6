/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "override.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void override_init(struct override_table *table, uint64_t origin)
{
    *table = (struct override_table){.origin = origin};
}

void override_free(struct override_table *table)
{
    free(table->entries);
    *table = (struct override_table){0};
}

/* Where the node's entry is, or would be. */
static size_t position(const struct override_table *table, const struct addr *node, bool *found)
{
    size_t low = 0;
    size_t high = table->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = addr_compare(&table->entries[middle].node, node);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct wire_override *override_find(const struct override_table *table, const struct addr *node)
{
    bool found;
    size_t at = position(table, node, &found);
    return found ? &table->entries[at] : NULL;
}

static bool newer(const struct wire_override *a, const struct wire_override *b)
{
    return a->stamp != b->stamp ? a->stamp > b->stamp : a->origin > b->origin;
}

static bool well_formed(const struct wire_override *entry)
{
    return (entry->node.family == AF_INET || entry->node.family == AF_INET6) && entry->kind <= WIRE_OVERRIDE_WEIGHT &&
           entry->weight <= 65535 && entry->stamp > 0 && entry->stamp < OVERRIDE_STAMP_LIMIT;
}

static int insert(struct override_table *table, size_t at, const struct wire_override *entry)
{
    if (table->count == OVERRIDE_MAX)
        return -ENOSPC;
    struct wire_override *larger = realloc(table->entries, (table->count + 1) * sizeof *larger);
    if (larger == NULL)
        return -ENOMEM;
    table->entries = larger;
    memmove(&larger[at + 1], &larger[at], (table->count - at) * sizeof *larger);
    larger[at] = *entry;
    table->count++;
    return 1;
}

int override_merge(struct override_table *table, const struct wire_override *entry)
{
    if (!well_formed(entry))
        return -EINVAL;
    if (entry->stamp > table->clock)
        table->clock = entry->stamp;
    bool found;
    size_t at = position(table, &entry->node, &found);
    if (!found)
        return insert(table, at, entry);
    if (!newer(entry, &table->entries[at]))
        return 0;
    table->entries[at] = *entry;
    return 1;
}

int override_order(struct override_table *table, const struct addr *node, enum wire_override_kind kind, uint32_t weight)
{
    struct wire_override entry = {
        .node = *node,
        .kind = (uint8_t)kind,
        .weight = kind == WIRE_OVERRIDE_WEIGHT ? weight : 0,
        .stamp = table->clock + 1,
        .origin = table->origin,
    };
    int rc = override_merge(table, &entry);
    return rc < 0 ? rc : 0;
}
