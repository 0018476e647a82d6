/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is mounted from the servers of a group, and which paths of theirs that makes. */
#include "nfshad.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t nfshad_mounts_place(const struct nfshad_group *group, const struct addr *address)
{
    size_t i = 0;
    while (i < group->source.count && !addr_equal(&group->source.servers[i].address, address))
        i++;
    return i;
}

static const struct registry_mount *find_ours(const struct registry_mount *ours, size_t count, const char *directory)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(ours[i].directory, directory) == 0)
            return &ours[i];
    return NULL;
}

/* Of "s1:/export" and "[fd00::1]:/export" the path. */
static const char *path_of(const char *source)
{
    const char *colon = strstr(source, ":/");
    return colon != NULL ? colon + 1 : "/";
}

static void take_mount(struct nfshad_group *group, const struct registry_mount *ours,
                       const struct mountinfo_entry *entry)
{
    struct nfshad_mount *mount = &group->mounts[group->mount_count++];
    *mount = (struct nfshad_mount){
        .minor = entry->minor, .server = nfshad_mounts_place(group, &entry->address), .foreign = ours == NULL};
    if (ours != NULL)
        mount->ours = *ours;
    else
        memcpy(mount->ours.directory, entry->directory, sizeof mount->ours.directory);
    /* the kernel knows better what it mounts */
    snprintf(mount->ours.source.path, sizeof mount->ours.source.path, "%s", path_of(entry->source));
    mount->ours.version = entry->version;
    mount->ours.readonly = entry->readonly;
}

/* Ours first: containers may have mounted the same in more places than there is room for. */
static void take_mounts(struct nfshad_group *group, const struct registry_mount *ours, size_t count,
                        const struct mountinfo_entry *entries, size_t entry_count, bool foreign)
{
    for (size_t i = 0; i < entry_count && group->mount_count < NFSHAD_MOUNTS_MAX; i++) {
        const struct registry_mount *found = find_ours(ours, count, entries[i].directory);
        if ((found == NULL) == foreign && nfshad_mounts_place(group, &entries[i].address) < group->source.count)
            take_mount(group, found, &entries[i]);
    }
}

static void take_export(struct nfshad_group *group, const struct nfshad_mount *mount, struct nfshad_export *before,
                        size_t before_count)
{
    const char *path = mount->ours.source.path;
    for (size_t i = 0; i < group->export_count; i++)
        if (group->exports[i].version == mount->ours.version && strcmp(group->exports[i].path, path) == 0)
            return;
    struct nfshad_export *export = &group->exports[group->export_count++];
    *export = (struct nfshad_export){.version = mount->ours.version, .foreign = mount->foreign};
    memcpy(export->path, path, sizeof export->path);
    for (size_t i = 0; i < before_count; i++)
        if (before[i].version == export->version && strcmp(before[i].path, path) == 0) {
            export->reference = before[i].reference;
            before[i].reference = NULL;
        }
    if (export->reference == NULL)
        nfshad_reference_recall(group, export);
}

bool nfshad_mounts_take(struct nfshad_group *group, const struct registry_mount *ours, size_t count,
                        const struct mountinfo_entry *entries, size_t entry_count)
{
    size_t before_count = group->export_count;
    struct nfshad_export *before = calloc(before_count + 1, sizeof *before);
    if (before == NULL)
        return false; /* as they were; the next look tries again */
    memcpy(before, group->exports, before_count * sizeof *before);
    group->mount_count = group->export_count = 0;
    take_mounts(group, ours, count, entries, entry_count, false);
    take_mounts(group, ours, count, entries, entry_count, true);
    for (size_t i = 0; i < group->mount_count; i++)
        take_export(group, &group->mounts[i], before, before_count);
    for (size_t i = 0; i < before_count; i++)
        if (before[i].reference != NULL) { /* not mounted any more; what is mounted there later may be another disk */
            nfshad_reference_forget(group, &before[i]);
            nfshad_reference_release(before[i].reference);
        }
    free(before);
    bool more = false;
    for (size_t i = 0; i < group->export_count; i++)
        more |= group->exports[i].reference == NULL;
    return more;
}

void nfshad_mounts_forget(struct nfshad_group *group)
{
    for (size_t i = 0; i < group->export_count; i++)
        nfshad_reference_release(group->exports[i].reference);
    group->mount_count = group->export_count = 0;
}
