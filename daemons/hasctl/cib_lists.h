/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lists and conditions of the templates in cib/; cib_values.h declares those that templates name. */
#ifndef HAS_CIB_LISTS_H
#define HAS_CIB_LISTS_H

#include "model.h"

#define CIB_ADDRESS_LIST_MAX 4096

/* Traffic nodes, active and standby. */
long cib_count_traffic(const struct model *model);

/* The addresses that traffic nodes hold for themselves, with blanks between: those of every service that reaches
 * a node under the CVIP (direct routing and tunnels). Empty when there are none. */
void cib_realserver_addresses(const struct model *model, char list[CIB_ADDRESS_LIST_MAX]);

#endif
