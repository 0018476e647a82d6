/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watches a port, or a pair of them (erd(8)): whether each is there, has its carrier, is shut, and whether somebody
 * changes their addresses or filters. The kernel's rtnetlink events only wake us up; what counts is read anew. */
#ifndef CVIPD_PORT_H
#define CVIPD_PORT_H

#include "port_pair.h"

#include <qb/qbloop.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port;

/* Calls changed from the loop when the state, addresses or filters of one of the ports changed, or when that cannot be
 * told because events were lost. twin: empty for none. The interfaces may be missing. Returns 0 or a negative errno. */
int port_open(qb_loop_t *loop, const char *primary, const char *twin, void (*changed)(void *context), void *context,
              struct port **out);
/* Whether one of these rtnetlink messages (aligned as they are) is about an interface of these indexes. An index of 0:
 * that one is missing, and may be any interface that is told of. */
bool port_concerns(const void *events, size_t length, const unsigned *indexes, size_t count);
/* The state of both now; without a twin that one is not there. */
void port_read(struct port *port, struct port_state states[PORT_PAIR_PORTS]);
/* The MAC of an interface. Returns 0 or a negative errno. */
int port_mac(const struct port *port, const char *interface, uint8_t mac[6]);
/* NULL is allowed. */
void port_close(struct port *port);

#endif
