/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IPVS table in memory: order, search, single changes. */
#ifndef HAS_IPVS_TABLE_H
#define HAS_IPVS_TABLE_H

#include "ipvs.h"

#include <stdbool.h>

/* Total orders by identity: which service, which server it is, not what is set for it. */
int ipvs_service_compare(const struct ipvs_service *a, const struct ipvs_service *b);
int ipvs_server_compare(const struct ipvs_server *a, const struct ipvs_server *b);

/* Whether the same is set for two services: scheduler, persistence and its granularity. */
bool ipvs_service_same_settings(const struct ipvs_service *a, const struct ipvs_service *b);

/* Sorts the services and their servers. All functions below want a sorted table and keep it sorted. */
void ipvs_table_sort(struct ipvs_table *table);

/* NULL when it is not there. */
struct ipvs_table_entry *ipvs_table_find(const struct ipvs_table *table, const struct ipvs_service *service);
struct ipvs_server *ipvs_table_find_server(const struct ipvs_table_entry *entry, const struct ipvs_server *server);

/* Add, or replace what is set for one that is there. A replaced server keeps its connection counts.
 * Return 0, -ENOMEM, or -ENOENT when the server's service is not there. */
int ipvs_table_put(struct ipvs_table *table, const struct ipvs_service *service);
int ipvs_table_put_server(struct ipvs_table *table, const struct ipvs_service *service,
                          const struct ipvs_server *server);

/* Remove it if it is there. */
void ipvs_table_remove(struct ipvs_table *table, const struct ipvs_service *service);
void ipvs_table_remove_server(struct ipvs_table *table, const struct ipvs_service *service,
                              const struct ipvs_server *server);

#endif
