/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers the agent-check protocol of HAProxy: it connects, we say one line about the node, the connection ends. */
#ifndef TCD_AGENTCHECK_H
#define TCD_AGENTCHECK_H

#include "health.h"
#include "tcd_config.h"

#include <qb/qbloop.h>

#define AGENTCHECK_LINE_MAX 32

struct agentcheck;

/* What is said about a node. Healthy: "up ready 75%": ready, because only the agent may take a drain back that it
 * ordered; the percentage, at least 1, is of the weight that HAProxy's configuration gives. Returns the length. */
size_t agentcheck_line(enum health health, bool draining, uint16_t free_share, char out[AGENTCHECK_LINE_MAX]);

/* Listens on the configured port; *out is NULL when there is none. line makes the answer.
 * Returns 0 or a negative errno. */
int agentcheck_open(qb_loop_t *loop, const struct tcd_config *config,
                    size_t (*line)(void *context, char out[AGENTCHECK_LINE_MAX]), void *context,
                    struct agentcheck **out);
void agentcheck_close(struct agentcheck *agent);

#endif
