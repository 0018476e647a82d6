/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the IPVS table says about a reconstruction: whom to ask, and what an answer means as entries of the table. Pure.
 */
#ifndef CVIPD_RECONSTRUCT_TABLE_H
#define CVIPD_RECONSTRUCT_TABLE_H

#include "ipvs.h"
#include "reconstruct_state.h"
#include "sync_message.h"
#include "wire.h"

/* Adds the servers of all TCP services on the addresses that are reached by direct routing or tunnel: there the
 * connection ends at the virtual address itself. Returns 0 or a negative errno. */
int reconstruct_table_nodes(const struct ipvs_table *table, const struct addr *addresses, size_t count,
                            struct reconstruct_state *state);

bool reconstruct_table_has_servers(const struct ipvs_table *table, const struct addr *addresses, size_t count);

/* Whether a server is there now that was not before. Both tables are sorted (ipvs_table.h). */
bool reconstruct_table_newcomer(const struct ipvs_table *before, const struct ipvs_table *now);

/* The server of that virtual address and port on that traffic node, and its service; NULL: none. */
const struct ipvs_server *reconstruct_table_server(const struct ipvs_table *table, const struct addr *virtual_address,
                                                   uint16_t virtual_port, const struct addr *node,
                                                   const struct ipvs_service **service);

/* The entry of a connection to that port of the service's address. */
void reconstruct_table_connection(const struct ipvs_service *service, const struct ipvs_server *server,
                                  uint16_t virtual_port, const struct wire_connection *from,
                                  struct sync_connection *out);

/* The template that keeps a client, or its network, with its server. Returns false when the service is not persistent.
 */
bool reconstruct_table_template(const struct ipvs_service *service, const struct ipvs_server *server,
                                const struct wire_connection *from, struct sync_connection *out);

#endif
