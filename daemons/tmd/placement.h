/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From nodes and services to the IPVS table that shall be: what the executor is told. Pure. */
#ifndef TMD_PLACEMENT_H
#define TMD_PLACEMENT_H

#include "configuration.h"
#include "executor.h"
#include "pool.h"

struct placement;

struct placement *placement_new(void);
void placement_free(struct placement *placement);

/* Makes the table of now. Returns it, valid until the next call, or NULL when there is no memory. Servers that are
 * in the kernel and not in here are drained by the executor. */
const struct executor_wanted *placement_build(struct placement *placement, const struct config *config,
                                              const struct pool *pool);

/* The node's address for a service, or NULL when it has none of that family. */
const struct addr *placement_address(const struct config_service *service, const struct pool_node *node);

/* Whether the node of this service is in the kernel's table; sets *server. */
bool placement_find(const struct ipvs_table *table, const struct config_service *service, const struct pool_node *node,
                    const struct ipvs_server **server);

/* join any: adopts the servers of this service that take connections and are no node's. */
void placement_adopt_strangers(const struct ipvs_table *table, const struct config_service *service, struct pool *pool,
                               uint64_t now_ms);

#endif
