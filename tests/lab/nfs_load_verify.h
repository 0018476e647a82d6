/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log of acknowledged writes, and whether each of them is where it should be. */
#ifndef LAB_NFS_LOAD_VERIFY_H
#define LAB_NFS_LOAD_VERIFY_H

#include "nfs_load_options.h"

#include <stdint.h>

/* Opens the log new and empty. Returns a descriptor, or -1 when none is wanted; ends the program when it cannot. */
int nfs_load_log_open(const char *path);

/* Notes that this write is on the disk, as the server said. */
void nfs_load_log_add(int fd, uint64_t slot, uint64_t sequence);

/* Reads each place that the log names: it must hold its last acknowledged write or a later one. Prints JSON. Returns
 * the status with which to exit: EXIT_FAILURE when something was lost or is corrupt. */
int nfs_load_verify(const struct nfs_load_options *options);

#endif
