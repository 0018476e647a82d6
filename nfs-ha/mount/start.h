/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mount itself: mount.nfs is run for one server. */
#ifndef NFSHA_MOUNT_START_H
#define NFSHA_MOUNT_START_H

#include "arguments.h"
#include "paths.h"

/* Mounts that server's export in the directory with options->passed. Returns mount.nfs's exit status, or MOUNT_SYSTEM
 * after a message when it cannot be run. */
int start_mount(const struct mount_paths *paths, const struct mount_arguments *arguments, const char *directory,
                const struct source *source, size_t server, const struct mount_options *options);

/* The same for text as mount.nfs takes it ("s1:/path"). */
int start_mount_text(const struct mount_paths *paths, const struct mount_arguments *arguments, const char *directory,
                     const char *text, const struct mount_options *options);

#endif
