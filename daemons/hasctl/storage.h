/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has.conf's section "storage" comes to: its options, and what follows from nodes and networks when it is not set
 * there. docs/nfs.md tells which kind to choose. */
#ifndef HAS_STORAGE_H
#define HAS_STORAGE_H

#include "model.h"

extern const struct setting_description storage_options[STORAGE_OPTION_COUNT];

/* "3", "4.0", "4.1", "4.2"; by the bits of enum storage_version, in their order. Ends with NULL. */
extern const char *const storage_version_names[];

/* Where the servers keep what must move with the data: below the directory, for root alone. */
#define STORAGE_STATE ".nfs-ha"

/* After all nodes and networks are read: finds the servers by their names (default: the masters) and the clients
 * (default: the first network). */
void storage_resolve(struct model *model);

enum storage_kind storage_kind(const struct storage *storage);

/* Whether the node is one of the servers. */
bool storage_is_server(const struct model *model, const struct node *node);

/* Whether the cluster mounts the content on the traffic nodes. */
bool storage_is_mounted(const struct model *model);

/* The network over which the servers replicate: the one that the option names; else the second one if there is one,
 * else the first one. NULL when there is none of that name. */
const struct network *storage_network(const struct model *model);

/* kind = copies: the server where the content is published, by default the first one. NULL: no server has that name. */
const struct node *storage_publisher(const struct model *model);

/* An option's text (never NULL: "" when it is not set) and number. */
const char *storage_text(const struct model *model, enum storage_option option);
long storage_number(const struct model *model, enum storage_option option);

/* The server's address for the clients: on the first network, IPv4 where it has that there. NULL: it has none at all.
 */
const struct addr *storage_server_address(const struct model *model, const struct node *server);

/* "10.1.0.1,10.1.0.2:/srv/content", as mount.nfsha takes it. Returns out. */
#define STORAGE_SOURCE_MAX (MODEL_STORAGE_SERVERS_MAX * (ADDR_TEXT_MAX + 3) + 256)
const char *storage_source(const struct model *model, char out[STORAGE_SOURCE_MAX]);

#endif
