/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wanted servers as the comparison needs them. */
#ifndef TMD_WANTED_H
#define TMD_WANTED_H

#include "reconcile.h"

struct ipvs_server wanted_as_server(const struct executor_wanted_server *wanted);

/* The servers of a service in order, each once, in a new array. NULL: out of memory. */
const struct executor_wanted_server **wanted_sort(const struct executor_wanted_service *wanted, size_t *count);

#endif
