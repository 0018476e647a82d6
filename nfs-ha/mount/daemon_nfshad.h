/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The failover daemon: is asked, started, told. */
#ifndef NFSHA_MOUNT_DAEMON_NFSHAD_H
#define NFSHA_MOUNT_DAEMON_NFSHAD_H

#include "paths.h"
#include "source.h"

/* The server that the daemon uses for these servers: its position in the list, source->count when it does not know. */
size_t nfshad_current(const struct mount_paths *paths, const struct source *source);

/* Sees to it that the daemon runs: starts it, by systemd where that has its unit, and waits until it answers. Returns 0
 * or a negative errno after a message. */
int nfshad_ensure(const struct mount_paths *paths);

/* Tells it that the mounts have changed. Returns 0 or a negative errno. */
int nfshad_tell(const struct mount_paths *paths);

#endif
