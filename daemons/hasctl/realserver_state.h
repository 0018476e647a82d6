/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hasctl realserver remembers until the last CVIP is gone: a file under /run, so that a reboot forgets it as the
 * kernel does. */
#ifndef HASCTL_REALSERVER_STATE_H
#define HASCTL_REALSERVER_STATE_H

#include "addr.h"
#include "realserver_arp.h"

#include <net/if.h>
#include <stddef.h>

#define REALSERVER_ADDRESSES_MAX 256

struct realserver_state {
    struct realserver_arp arp_before;
    char device[IF_NAMESIZE]; /* a dummy device that we made; empty: none */
    size_t address_count;
    struct addr addresses[REALSERVER_ADDRESSES_MAX]; /* of all realserver resources on this node */
};

/* Keeps other runs out until the descriptor that it returns is closed. Makes the directory,
 * and refuses one that others may write to (-EPERM). Returns a negative errno on error. */
int realserver_state_lock(const char *directory);

/* A missing file is an empty state. Returns 0, or a negative errno with a message on stderr. */
int realserver_state_load(const char *path, struct realserver_state *state);
/* Removes the file when there is nothing to remember. */
int realserver_state_save(const char *path, const struct realserver_state *state);

/* Adding twice is the same as once. Returns 0 or -ENOSPC. */
int realserver_state_add(struct realserver_state *state, const struct addr *address);
void realserver_state_remove(struct realserver_state *state, const struct addr *address);

#endif
