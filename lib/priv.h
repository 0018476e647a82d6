/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up root: libcap-ng. */
#ifndef HAS_PRIV_H
#define HAS_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Makes a directory that belongs to the user (mode 0755), or mends the owner of one that is there.
 * Nothing is changed when we are not root. Returns 0 or a negative errno (-ENOENT: no such user). */
int priv_directory(const char *path, const char *user);

/* Becomes the user, keeps only the capabilities listed (CAP_NET_ADMIN…) and sets no_new_privs.
 * Does nothing and returns 0 when the process is not root. Returns 0 or a negative errno;
 * a caller must not go on as root after an error. */
int priv_drop(const char *user, const int *capabilities, size_t count);

/* How far before other processes: before all normal ones (with the threads that the daemon starts, or without), or with
 * the first, as Corosync. */
enum priv_priority { PRIV_BEFORE_NORMAL, PRIV_THREADS_TOO, PRIV_WITH_THE_FIRST };

/* Goes before other processes: a real-time priority, the lowest or the highest, else a better nice value, else nothing.
 * Children, and threads but with PRIV_THREADS_TOO, start with the normal priority. For a daemon that needs a few
 * percent of one processor. */
void priv_raise_priority(enum priv_priority priority);

/* Keeps all of the process in memory, now and later: for a daemon that must go on when the file system that it was
 * started from does not answer. Before priv_drop(). Returns 0 or a negative errno. */
int priv_lock_memory(void);

#endif
