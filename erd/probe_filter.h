/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The classic BPF filter of a probe's socket: of all that a port hears, only what may be an answer wakes the daemon. */
#ifndef ERD_PROBE_FILTER_H
#define ERD_PROBE_FILTER_H

#include <linux/filter.h>
#include <stdint.h>

/* Lets nothing through: for a socket that does not ask yet. Returns 0 or a negative errno, as the next one. */
int probe_filter_nothing(int socket);

/* Lets ARP replies and neighbour advertisements through whose Ethernet destination is that MAC, and which are of no
 * VLAN of their own (their tag is none or 0, which is a priority alone). */
int probe_filter_answers(int socket, const uint8_t mac[6]);

#endif
