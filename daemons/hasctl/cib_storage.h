/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the names of the storage in the templates of cib/ stand for: storage_… for the servers, nfs_… for the traffic
 * nodes. */
#ifndef HAS_CIB_STORAGE_H
#define HAS_CIB_STORAGE_H

#include "cib_values.h"

/* Whether one server at a time has the content: then it moves, and the node that has it should survive. */
bool cib_storage_moves(const struct model *model);

/* Conditions storage, storage_drbd, storage_copies, storage_mount; -1: no such one. */
int cib_storage_condition(const struct model *model, const char *name);

/* Prints the value of a name that begins with "storage_" or "nfs_"; false: no such name, or no such section. */
bool cib_storage_value(const struct cib_cursor *cursor, const char *name, FILE *out);

#endif
