/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The traffic manager as JSON, for the control service. Each function returns a new object. */
#ifndef TMD_VIEW_H
#define TMD_VIEW_H

#include "manager.h"

json_t *view_status(const struct manager *manager);
json_t *view_nodes(const struct manager *manager);
json_t *view_services(const struct manager *manager);

/* The weight that the node has now in the services it serves; 0 when it serves none. */
uint32_t view_weight(const struct manager *manager, const struct pool_node *node);

const char *view_policy_name(const struct manager *manager);

#endif
