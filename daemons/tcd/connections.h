/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts the TCP connections to the virtual services on this node. */
#ifndef TCD_CONNECTIONS_H
#define TCD_CONNECTIONS_H

#include "tcd_config.h"

#include <qb/qbloop.h>

struct connections;

/* counted is called with the sum each time a count is complete. Returns 0 or a negative errno. */
int connections_open(qb_loop_t *loop, const struct tcd_config *config, void (*counted)(void *context, uint32_t count),
                     void *context, struct connections **out);
void connections_close(struct connections *connections);

/* Begins a count, unless one is under way. Without TCP services the sum is 0, at once. */
void connections_count(struct connections *connections);

#endif
