/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "export_sample.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROOT_EACH 12
#define BELOW_EACH 5
#define LEVELS_MAX 4       /* slashes in a path, and one */
#define DIRECTORIES_MAX 10 /* that are read */
#define QUIET_S 60

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct nfs_name *)a)->name, ((const struct nfs_name *)b)->name);
}

/* A name that proves nothing: lost+found is the same inode in each ext4, .nfs… belongs to a client and goes soon. */
static bool is_dull(const char *name)
{
    return strcmp(name, "lost+found") == 0 || strncmp(name, ".nfs", 4) == 0;
}

static bool is_usable(const struct export_identity *identity, const struct nfs_name *entry, uint32_t type,
                      int64_t now_s)
{
    const struct nfs_object *object = &entry->object;
    if (object->status != 0 || object->handle.length == 0 || !object->has_attributes || object->type != type ||
        is_dull(entry->name))
        return false;
    if (object->fsid_major != identity->fsid_major || object->fsid_minor != identity->fsid_minor)
        return false; /* another file system mounted below */
    return type == NFS_TYPE_DIRECTORY || object->modified < now_s - QUIET_S || object->modified > now_s + QUIET_S;
}

static int append(struct export_identity *identity, const char *path, const struct nfs_name *from)
{
    struct export_entry *entry = &identity->entries[identity->count];
    if (asprintf(&entry->path, "%s%s%s", path, path[0] == '\0' ? "" : "/", from->name) < 0) {
        entry->path = NULL;
        return -ENOMEM;
    }
    entry->handle = from->object.handle;
    entry->fileid = from->object.fileid;
    entry->type = from->object.type;
    identity->count++;
    return 0;
}

int export_sample_choose(struct export_identity *identity, const char *path, struct nfs_listing *listing, size_t each,
                         int64_t now_s)
{
    static const uint32_t types[] = {NFS_TYPE_DIRECTORY, NFS_TYPE_FILE};

    qsort(listing->names, listing->count, sizeof(listing->names[0]), by_name);
    for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
        size_t chosen = 0;
        for (size_t i = 0; i < listing->count && chosen < each && identity->count < EXPORT_SAMPLE_MAX; i++) {
            if (!is_usable(identity, &listing->names[i], types[t], now_s))
                continue;
            if (append(identity, path, &listing->names[i]) != 0)
                return -ENOMEM;
            chosen++;
        }
    }
    return 0;
}

static unsigned level(const char *path)
{
    unsigned slashes = 0;
    for (; *path != '\0'; path++)
        slashes += *path == '/';
    return slashes + 1;
}

static int read_one(struct export_session *session, struct export_identity *identity, const char *path,
                    const struct export_handle *handle, struct nfs_listing *listing)
{
    size_t each = path[0] == '\0' ? ROOT_EACH : BELOW_EACH;
    int result = export_session_list(session, handle, listing);
    if (result != 0)
        return result;
    if (path[0] == '\0' && listing->status != 0)
        return export_session_fail(session, listing->status, "listing the root with its file handles");
    if (listing->status != 0)
        return 0; /* gone meanwhile, or not for us */
    return export_sample_choose(identity, path, listing, each, (int64_t)time(NULL));
}

int export_sample_read(struct export_session *session, struct export_identity *identity)
{
    struct nfs_listing *listing = malloc(sizeof(*listing));
    unsigned directories = 1;

    if (listing == NULL)
        return -ENOMEM;
    int result = read_one(session, identity, "", &identity->root, listing);
    /* the list grows while it is walked: breadth first */
    for (size_t i = 0; result == 0 && i < identity->count && directories < DIRECTORIES_MAX; i++) {
        const struct export_entry *entry = &identity->entries[i];
        if (entry->type != NFS_TYPE_DIRECTORY || level(entry->path) >= LEVELS_MAX)
            continue;
        result = read_one(session, identity, entry->path, &entry->handle, listing);
        directories++;
    }
    free(listing);
    return result;
}
