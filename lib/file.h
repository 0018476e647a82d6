/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files: read, and written atomically. */
#ifndef HAS_FILE_H
#define HAS_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* Reads at most max bytes into a new zero-ended buffer that the caller frees.
 * Returns 0 or a negative errno: -EFBIG when the file is longer. */
int file_read(const char *path, size_t max, char **out, size_t *length);

/* Writes the file under a temporary name beside it and renames it, so that a reader sees the old or the new whole.
 * durable: fsync before the rename. Returns 0 or a negative errno; the old file is then untouched. */
int file_write(const char *path, const char *data, size_t length, mode_t mode, int durable);

#endif
