/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In the place of mount.nfs: what names one server goes to the real one, a list is ours ("mount -t nfs a,b:/path"). */
#ifndef NFSHA_MOUNT_WRAPPER_H
#define NFSHA_MOUNT_WRAPPER_H

#include "arguments.h"
#include "paths.h"

struct wrapper {
    bool wraps;    /* called as mount.nfs, mount.nfs4 or umount.nfs… */
    bool version4; /* as mount.nfs4 */
};

struct wrapper wrapper_role(const char *argv0);

/* Is the source (the first word that is neither an option nor an option's value) a list of servers? Never for umount.
 */
bool wrapper_has_list(int argc, char **argv);

/* Becomes the real program. Returns only when that fails: an exit status, after a message. */
int wrapper_become(char **argv, const struct mount_paths *paths);

/* mount.nfs4 says the version by its name. Returns false, after a message, when the options are too long. */
bool wrapper_version(const struct wrapper *wrapper, struct mount_arguments *arguments);

#endif
