/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present.h"

#include "file.h"
#include "message.h"

#include <stdlib.h>
#include <string.h>

#define MOUNTINFO_MAX (16 * 1024 * 1024)

int present_read(const struct mount_paths *paths, struct present *out)
{
    char *text;
    size_t length;

    memset(out, 0, sizeof(*out));
    int result = file_read(paths->mountinfo, MOUNTINFO_MAX, &text, &length);
    if (result == 0) {
        result = mountinfo_parse(text, &out->entries, &out->count);
        free(text);
    }
    if (result != 0) {
        message("%s: %s", paths->mountinfo, strerror(-result));
        return result;
    }
    result = registry_read(paths->registry, &out->ours, &out->ours_count);
    if (result != 0) {
        message("%s: %s", paths->registry, strerror(-result));
        present_free(out);
    }
    return result;
}

void present_free(struct present *present)
{
    free(present->entries);
    free(present->ours);
    memset(present, 0, sizeof(*present));
}

const struct mountinfo_entry *present_at(const struct present *present, const char *directory)
{
    const struct mountinfo_entry *found = NULL;
    for (size_t i = 0; i < present->count; i++)
        if (strcmp(present->entries[i].directory, directory) == 0)
            found = &present->entries[i]; /* the last one covers the others */
    return found;
}

size_t present_server(const struct source *source, const struct addr *address)
{
    size_t i = 0;
    while (i < source->count && !addr_equal(&source->servers[i].address, address))
        i++;
    return i;
}

bool present_has(const struct present *present, const char *directory, const struct source *source)
{
    const struct mountinfo_entry *entry = present_at(present, directory);
    if (entry == NULL || present_server(source, &entry->address) == source->count)
        return false;
    const char *path = strstr(entry->source, ":/");
    return path != NULL && strcmp(path + 1, source->path) == 0;
}

static size_t shared(const struct source *one, const struct source *other)
{
    size_t count = 0;
    for (size_t i = 0; i < one->count; i++)
        count += present_server(other, &one->servers[i].address) < other->count;
    return count;
}

bool present_is_noted(const struct present *present, const char *directory)
{
    for (size_t i = 0; i < present->ours_count; i++)
        if (strcmp(present->ours[i].directory, directory) == 0)
            return true;
    return false;
}

const struct registry_mount *present_conflict(const struct present *present, const struct source *source)
{
    for (size_t i = 0; i < present->ours_count; i++) {
        const struct registry_mount *mount = &present->ours[i];
        size_t count = shared(source, &mount->source);
        if (present_at(present, mount->directory) == NULL || count == 0)
            continue; /* gone, or nothing to do with us */
        if (count != source->count || count != mount->source.count)
            return mount;
    }
    return NULL;
}

void present_warn_foreign(const struct present *present, const struct source *source)
{
    for (size_t i = 0; i < present->count; i++) {
        const struct mountinfo_entry *entry = &present->entries[i];
        size_t server = present_server(source, &entry->address);
        if (server < source->count && !present_is_noted(present, entry->directory))
            message("warning: %s on %s is mounted from %s, too, and not by mount.nfsha: the kernel has one transport "
                    "for each server, so it will move along",
                    entry->source, entry->directory, source->servers[server].name);
    }
}
