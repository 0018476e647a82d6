/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is mounted already: the kernel's NFS mounts, and which of them are ours. */
#ifndef NFSHA_MOUNT_PRESENT_H
#define NFSHA_MOUNT_PRESENT_H

#include "mountinfo.h"
#include "paths.h"
#include "registry.h"

struct present {
    struct mountinfo_entry *entries;
    size_t count;
    struct registry_mount *ours; /* also some whose mount is gone */
    size_t ours_count;
};

/* Returns 0 or a negative errno after a message. */
int present_read(const struct mount_paths *paths, struct present *out);
void present_free(struct present *present);

/* The NFS mount that is seen in the directory, NULL when there is none. */
const struct mountinfo_entry *present_at(const struct present *present, const char *directory);

/* Is there a note of a mount of ours in the directory? */
bool present_is_noted(const struct present *present, const char *directory);

/* Is this list mounted in the directory already, from whichever of its servers? */
bool present_has(const struct present *present, const char *directory, const struct source *source);

/* Another mount of ours that shares a server with the list and not the whole list; NULL: there is none. */
const struct registry_mount *present_conflict(const struct present *present, const struct source *source);

/* The position in the list of the server with that address, source->count when there is none. */
size_t present_server(const struct source *source, const struct addr *address);

/* Warns of NFS mounts from these servers that are not ours. */
void present_warn_foreign(const struct present *present, const struct source *source);

#endif
