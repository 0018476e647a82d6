/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watches the service port: whether it has its carrier, and whether somebody changes its addresses or filters. The
 * kernel's rtnetlink events only wake us up; what counts is read anew. */
#ifndef CVIPD_PORT_H
#define CVIPD_PORT_H

#include <qb/qbloop.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port;

struct port_state {
    bool present; /* the interface that was there at the start is there still */
    bool up;      /* and it has its carrier */
};

/* Calls changed from the loop when the port's state, addresses or filters changed, or when that cannot be told because
 * events were lost. Returns 0 or a negative errno: -ENODEV no such interface. */
int port_open(qb_loop_t *loop, const char *interface, void (*changed)(void *context), void *context, struct port **out);
/* Whether one of these rtnetlink messages (aligned as they are) is about the interface of that index. */
bool port_concerns(const void *events, size_t length, unsigned index);
void port_read(const struct port *port, struct port_state *state);
/* The port's own MAC. Returns 0 or a negative errno. */
int port_mac(const struct port *port, uint8_t mac[6]);
/* NULL is allowed. */
void port_close(struct port *port);

#endif
