/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cluster virtual IPs on the service port and its twin. Every member has them all the time; the engine decides what
 * gets in, so it must be there before them and after them. */
#ifndef CVIPD_ADDRESSES_H
#define CVIPD_ADDRESSES_H

#include "addr.h"

#include <stdbool.h>
#include <stddef.h>

struct addresses;

/* Interface indexes. An address counts as there when either has it: erd(8) copies it to the other one. */
struct addresses_ports {
    unsigned active; /* where addresses are added; 0: that port is missing */
    unsigned other;  /* the other one of the pair; 0: missing, or there is none */
};

/* Adds them (/32 and /128) to the active port. One that is there already stays, and is ours from now on: an earlier
 * daemon left it. Returns 0 or a negative errno, with *which set to the address that could not be added: -ENODEV no
 * such interface, -EADDRINUSE the address is on another interface of this machine. */
int addresses_open(const struct addresses_ports *ports, const struct addr *list, size_t count, struct addresses **out,
                   const struct addr **which);

/* The ports as they are now; nothing is added or removed. */
void addresses_use(struct addresses *addresses, const struct addresses_ports *ports);

/* Adds again what somebody removed. Returns how many, or a negative errno. */
int addresses_check(struct addresses *addresses);

/* Removes all from both ports. Returns 0, or the negative errno of one that could not be removed: it is still there.
 * NULL is allowed. */
int addresses_close(struct addresses *addresses);

/* Removes what a daemon that died left on the interface. Returns how many, or a negative errno. */
int addresses_clean(const char *interface, const struct addr *list, size_t count);

#endif
