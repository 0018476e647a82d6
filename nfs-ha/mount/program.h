/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other programs, run without a shell. */
#ifndef NFSHA_MOUNT_PROGRAM_H
#define NFSHA_MOUNT_PROGRAM_H

#include "paths.h"

#include <stdbool.h>

/* Runs it and waits for its end. Returns its exit status (128 and the signal's number when a signal ended it), or a
 * negative errno when it cannot be run. */
int program_run(const char *path, char *const argv[]);

/* The real mount.nfs: NULL, after a message, when there is none but ourselves. */
const char *program_mount_nfs(const struct mount_paths *paths);

#endif
