/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "export_verdict.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum fate { FATE_SAME, FATE_OTHER, FATE_GONE, FATE_UNKNOWN };

int export_parent(const struct export_identity *reference, size_t index)
{
    const char *path = reference->entries[index].path;
    const char *slash = strrchr(path, '/');
    size_t length = slash != NULL ? (size_t)(slash - path) : 0;

    for (size_t i = 0; slash != NULL && i < reference->count; i++)
        if (strncmp(reference->entries[i].path, path, length) == 0 && reference->entries[i].path[length] == '\0')
            return (int)i;
    return -1;
}

static bool handles_equal(const struct export_handle *a, const struct export_handle *b)
{
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

static enum fate own_fate(const struct export_entry *entry, const struct nfs_object *answer)
{
    switch (answer->status) {
    case 0:
        return handles_equal(&entry->handle, &answer->handle) ? FATE_SAME : FATE_OTHER;
    case -ENOENT:
        return FATE_GONE;
    case -ESTALE: /* its directory has another handle */
    case -ENOTDIR:
        return FATE_OTHER;
    default:
        return FATE_UNKNOWN;
    }
}

/* What is below a directory that is gone, is gone. Directories stand before what they hold. */
static enum fate fate(const struct export_identity *reference, const struct export_answers *answers, size_t index,
                      const enum fate *fates)
{
    int parent = export_parent(reference, index);
    if (parent >= 0 && (size_t)parent < index && fates[parent] == FATE_GONE)
        return FATE_GONE;
    return own_fate(&reference->entries[index], &answers->names[index]);
}

__attribute__((format(printf, 2, 3))) static enum export_verdict differs(struct conf_error *why, const char *format,
                                                                         ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why->text, sizeof(why->text), format, args);
    va_end(args);
    return EXPORT_DIFFERENT;
}

static enum export_verdict judge_names(const struct export_identity *reference, const struct export_answers *answers,
                                       struct conf_error *why)
{
    enum fate fates[EXPORT_SAMPLE_MAX] = {FATE_SAME};
    unsigned counts[FATE_UNKNOWN + 1] = {0};
    const char *example = "";

    for (size_t i = 0; i < reference->count && i < EXPORT_SAMPLE_MAX; i++) {
        fates[i] = fate(reference, answers, i, fates);
        counts[fates[i]]++;
        if (fates[i] == FATE_OTHER && example[0] == '\0')
            example = reference->entries[i].path;
    }
    if (counts[FATE_OTHER] * 4 > counts[FATE_SAME] + counts[FATE_OTHER])
        return differs(why, "\"%s\" has another file handle there (%u of %u names have)", example, counts[FATE_OTHER],
                       counts[FATE_SAME] + counts[FATE_OTHER]);
    if (counts[FATE_SAME] == 0 && counts[FATE_GONE] > 0)
        return differs(why, "none of %u names is there", counts[FATE_GONE]);
    return EXPORT_SAME;
}

enum export_verdict export_judge(const struct export_identity *reference, const struct export_answers *answers,
                                 struct conf_error *why)
{
    const struct nfs_object *root = &answers->root;

    why->text[0] = '\0';
    if (root->fsid_major != reference->fsid_major || root->fsid_minor != reference->fsid_minor)
        return differs(why, "its fsid is %" PRIx64 ":%" PRIx64 ", not %" PRIx64 ":%" PRIx64, root->fsid_major,
                       root->fsid_minor, reference->fsid_major, reference->fsid_minor);
    if (root->fileid != reference->root_fileid)
        return differs(why, "its root is inode %" PRIu64 ", not %" PRIu64, root->fileid, reference->root_fileid);
    return judge_names(reference, answers, why);
}
