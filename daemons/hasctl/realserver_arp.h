/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ARP settings that direct routing needs on a traffic node (thesis 3.16): arp_ignore=1, so that an interface
 * answers for its own addresses only, and arp_announce=2, so that the CVIP is never told to others as the sender's
 * address. root: PROCSYS_ROOT; tests use another. */
#ifndef HASCTL_REALSERVER_ARP_H
#define HASCTL_REALSERVER_ARP_H

#include <stdbool.h>
#include <stddef.h>

/* What was set before us; -1: nothing of ours is set. */
struct realserver_arp {
    int ignore;
    int announce;
};

/* Whether every LAN interface is set right; if not, reason says which one is not and what it has. */
bool realserver_arp_is_set(const char *root, char *reason, size_t size);

/* Fills before with what must be remembered for restore. Nothing is written yet. Returns 0 or a negative errno. */
int realserver_arp_remember(const char *root, struct realserver_arp *before);

/* Both return 0 or a negative errno. Restore leaves alone what somebody else has set since. */
int realserver_arp_set(const char *root);
int realserver_arp_restore(const char *root, const struct realserver_arp *before);

#endif
