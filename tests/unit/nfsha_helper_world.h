/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Around mount.nfsha in a test: a mount.nfs, an nfshad and servers of the test's own, in a directory of its own. */
#ifndef NFSHA_HELPER_WORLD_H
#define NFSHA_HELPER_WORLD_H

#include "fake_nfs.h"
#include "paths.h"
#include "registry.h"

#define TEXT_MAX 8192
#define CURRENT "127.0.0.2" /* that the daemon says to use, of 127.0.0.1,127.0.0.2,127.0.0.3 */

struct world {
    char directory[64];
    char point[128];
    char control[64];
    struct mount_paths paths;
    char files[10][128];
    pid_t servers[3];
    char said[TEXT_MAX]; /* by the last call */
};

/* Of cmocka: *state is the world. */
int helper_make(void **state);
int helper_remove(void **state);

/* What the program does when it plays nfshad (the words "daemon NAME FILE"): it writes the commands it gets to the
 * file, and ends when it is ready; the service lives on in a child. */
int helper_play_daemon(const char *name, char *file);

/* A path in the directory; a file's content; both in a buffer that the next call uses again. */
const char *helper_path(const struct world *world, const char *name);
const char *helper_content(const struct world *world, const char *name);
void helper_script(struct world *world, const char *name, const char *text);

/* Starts a server at 127.0.0.(place + 1). */
void helper_serve(struct world *world, size_t place, uint8_t generation, enum fake_nfs_fault fault);

/* Runs mount.nfsha under that name in a process of its own; its exit status. What it says is in world->said. */
int helper_call(struct world *world, const char *name, const char *source, const char *options);
int helper_mount(struct world *world, const char *options); /* 127.0.0.1,127.0.0.2:/content */

/* Of the last call: it says the text; mount.nfs was called so, and only so. */
void helper_says(const struct world *world, const char *text);
void helper_called(const struct world *world, const char *source, const char *options);
void helper_nothing_done(const struct world *world);

/* How many mounts are noted; *out is one of them. */
size_t helper_noted(const struct world *world, struct registry_mount *out);

#endif
