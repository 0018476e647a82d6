/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watches the service port: whether it has its carrier, and whether somebody changes links, addresses or filters at
 * all. The kernel's rtnetlink events only wake us up; what counts is read anew. */
#ifndef CVIPD_PORT_H
#define CVIPD_PORT_H

#include <qb/qbloop.h>
#include <stdbool.h>
#include <stdint.h>

struct port;

struct port_state {
    bool present; /* the interface that was there at the start is there still */
    bool up;      /* and it has its carrier */
};

/* Calls changed from the loop when links, addresses or filters of this machine changed. Returns 0 or a negative errno:
 * -ENODEV no such interface. */
int port_open(qb_loop_t *loop, const char *interface, void (*changed)(void *context), void *context, struct port **out);
void port_read(const struct port *port, struct port_state *state);
/* The port's own MAC. Returns 0 or a negative errno. */
int port_mac(const struct port *port, uint8_t mac[6]);
/* NULL is allowed. */
void port_close(struct port *port);

#endif
