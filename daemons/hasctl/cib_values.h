/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the names in the templates of cib/ stand for. The functions have the shape that template.h wants;
 * their context is a struct cib_cursor.
 *
 * Lists: traffic, fenced, cvips, cvip_addresses, storage_clients. Conditions: remote, fencing, cvipd, twin,
 * realserver, node_member, webserver_parameters, and those of cib_storage.h. Values: see the table in cib_values.c; and
 * SECTION_OPTION for each option of has.conf that settings.h knows. */
#ifndef HAS_CIB_VALUES_H
#define HAS_CIB_VALUES_H

#include "model.h"

#include <stdio.h>

struct cib_cursor {
    const struct model *model;
    const struct node *node;       /* of the lists traffic and fenced */
    const struct fencing *fencing; /* of the list fenced */
    const struct cvip *cvip;
    size_t address; /* position in the cvip's addresses, or in the storage's clients */
};

long cib_count(void *context, const char *list);
void cib_select(void *context, const char *list, size_t item);
int cib_condition(void *context, const char *name);
bool cib_value(void *context, const char *name, FILE *out);

#endif
