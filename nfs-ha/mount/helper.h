/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mount.nfsha does, from its command line to its exit status. */
#ifndef NFSHA_MOUNT_HELPER_H
#define NFSHA_MOUNT_HELPER_H

#include "paths.h"

/* Runs as mount.nfsha, or, when argv[0] says mount.nfs, mount.nfs4, umount.nfs or umount.nfs4, as the wrapper around
 * the real one, which then takes the process over unless the source is a list of servers. Returns the exit status. */
int helper_run(int argc, char **argv, const struct mount_paths *paths);

#endif
