/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's IPVS connection synchronisation, both ways: every master sends what it knows and takes what the others
 * send (thesis 3.21.4, peer-to-peer). The settings are those that docs/cvip.md explains. */
#ifndef CVIPD_SYNC_H
#define CVIPD_SYNC_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct sync_settings {
    char interface[IF_NAMESIZE]; /* of the private LAN */
    uint8_t id;                  /* the same on all masters; 1 to 255 */
};
struct sync;

/* Starts both daemons and sets the kernel's settings, which it remembers together with daemons that ran before; what
 * runs already with our settings is taken over. Returns 0 or a negative errno: -ENODEV no such interface, -ENOENT no
 * IPVS. */
int sync_open(const struct sync_settings *settings, struct sync **out);

/* Whether both daemons still run with our settings on the interface that it was: somebody may have stopped one, or made
 * the interface anew. */
bool sync_is_well(const struct sync *sync);

/* Both daemons go on on another interface: the twin has taken over the LAN. Returns 0 or a negative errno; then perhaps
 * one runs or none, and only sync_close() is left to do. */
int sync_move(struct sync *sync, const char *interface);

/* Puts everything back as it was. */
void sync_close(struct sync *sync);

/* Ends the daemons with these settings that a cvipd that died left; others', and the kernel's settings, stay. Returns 0
 * or a negative errno. */
int sync_clean(const struct sync_settings *settings);

#endif
