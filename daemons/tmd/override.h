/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The administrator's overrides: drain a node, or give it a fixed weight. They outlive restarts and failovers until
 * they are lifted. Every master keeps all of them; masters tell each other; the newest order wins.
 *
 * Newest by Lamport's clock: each order is stamped one above the highest stamp seen, so that an order given after
 * another one was known wins wherever it was given; on a tie the higher origin wins everywhere alike. A lifted override
 * stays as a tombstone, or else a master that was away would bring it back. Pure; override_file.c does the file. */
#ifndef TMD_OVERRIDE_H
#define TMD_OVERRIDE_H

#include "addr.h"
#include "wire.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OVERRIDE_MAX 4096
/* Stamps count orders of people. One this high is an error or an attack with a stolen key, and would leave no room. */
#define OVERRIDE_STAMP_LIMIT (UINT64_MAX / 4)

struct override_table {
    uint64_t origin; /* of the orders given here; random */
    uint64_t clock;  /* the highest stamp seen */
    size_t count;
    struct wire_override *entries; /* sorted by node; tombstones too */
};

void override_init(struct override_table *table, uint64_t origin);
void override_free(struct override_table *table);

/* An order given here. kind: WIRE_OVERRIDE_NONE lifts. Returns 0 or -ENOSPC, -ENOMEM. */
int override_order(struct override_table *table, const struct addr *node, enum wire_override_kind kind,
                   uint32_t weight);

/* Merges one entry of another master or of the file. Returns 1 when it was news, 0 when not, or a negative errno:
 * -EINVAL for an entry out of its ranges. */
int override_merge(struct override_table *table, const struct wire_override *entry);

/* The node's entry, a tombstone too, or NULL. */
const struct wire_override *override_find(const struct override_table *table, const struct addr *node);

/* The table as JSON, a new object; and back, into a fresh table. A damaged file gives -EINVAL. */
json_t *override_to_json(const struct override_table *table);
int override_from_json(struct override_table *table, const json_t *json);

/* The file; override_file.c. A file that is not there is an empty table. Each returns 0 or a negative errno. */
int override_load(struct override_table *table, const char *path);
int override_save(const struct override_table *table, const char *path);

#endif
