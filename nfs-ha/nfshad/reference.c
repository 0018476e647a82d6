/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reference.h"

#include "file.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)256 * 1024)

/* Names of files are short, and paths are not. */
static uint64_t hash_of(const char *text, uint64_t hash)
{
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3); /* FNV-1a */
    return hash;
}

void reference_path(const char *where, const char *group, const char *path, unsigned version,
                    char out[REFERENCE_PATH_MAX])
{
    uint64_t hash = hash_of(path, hash_of(group, UINT64_C(0xcbf29ce484222325)));
    snprintf(out, REFERENCE_PATH_MAX, "%s/%016" PRIx64 "-%u.json", where, hash, version);
}

static json_t *handle_json(const struct export_handle *handle)
{
    char text[2 * EXPORT_HANDLE_MAX + 1];
    return json_string(sodium_bin2hex(text, sizeof text, handle->bytes, handle->length));
}

static bool take_handle(const json_t *value, struct export_handle *out)
{
    const char *text = json_string_value(value);
    size_t length = 0;
    if (text == NULL || sodium_hex2bin(out->bytes, sizeof out->bytes, text, strlen(text), NULL, &length, NULL) != 0 ||
        length == 0)
        return false;
    out->length = (uint8_t)length;
    return true;
}

static json_t *entries_json(const struct export_identity *identity)
{
    json_t *entries = json_array();
    for (size_t i = 0; i < identity->count; i++) {
        const struct export_entry *entry = &identity->entries[i];
        json_t *object = json_pack("{s:s, s:o, s:I, s:i}", "path", entry->path, "handle", handle_json(&entry->handle),
                                   "fileid", (json_int_t)entry->fileid, "type", (int)entry->type);
        if (object != NULL) /* else its name is no UTF-8 */
            json_array_append_new(entries, object);
    }
    return entries;
}

int reference_write(const char *file, const struct export_identity *identity)
{
    json_t *object = json_pack("{s:i, s:I, s:I, s:o, s:I, s:b, s:o}", "version", (int)identity->version, "fsid_major",
                               (json_int_t)identity->fsid_major, "fsid_minor", (json_int_t)identity->fsid_minor, "root",
                               handle_json(&identity->root), "root_fileid", (json_int_t)identity->root_fileid,
                               "writable", identity->writable, "entries", entries_json(identity));
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (text == NULL)
        return -ENOMEM;
    int rc = file_write(file, text, strlen(text), 0600, 0);
    free(text);
    return rc;
}

static bool take_entry(const json_t *object, struct export_entry *out)
{
    const char *path = json_string_value(json_object_get(object, "path"));
    if (path == NULL || !take_handle(json_object_get(object, "handle"), &out->handle))
        return false;
    out->fileid = (uint64_t)json_integer_value(json_object_get(object, "fileid"));
    out->type = (uint32_t)json_integer_value(json_object_get(object, "type"));
    out->path = strdup(path);
    return out->path != NULL;
}

static bool take_identity(const json_t *object, struct export_identity *out)
{
    const json_t *entries = json_object_get(object, "entries");
    size_t index;
    const json_t *entry;
    json_int_t version = json_integer_value(json_object_get(object, "version"));
    if ((version != 3 && version != 4) || !take_handle(json_object_get(object, "root"), &out->root) ||
        json_array_size(entries) > EXPORT_SAMPLE_MAX)
        return false;
    out->version = (unsigned)version;
    out->fsid_major = (uint64_t)json_integer_value(json_object_get(object, "fsid_major"));
    out->fsid_minor = (uint64_t)json_integer_value(json_object_get(object, "fsid_minor"));
    out->root_fileid = (uint64_t)json_integer_value(json_object_get(object, "root_fileid"));
    out->writable = json_is_true(json_object_get(object, "writable"));
    json_array_foreach(entries, index, entry)
    {
        if (!take_entry(entry, &out->entries[out->count]))
            return false;
        out->count++;
    }
    return true;
}

int reference_read(const char *file, struct export_identity **out)
{
    char *text;
    size_t length;
    int rc = file_read(file, FILE_MAX, &text, &length);
    if (rc != 0)
        return rc;
    json_t *object = json_loadb(text, length, 0, NULL);
    struct export_identity *identity = calloc(1, sizeof *identity);
    free(text);
    if (identity == NULL)
        rc = -ENOMEM;
    else if (object == NULL || !take_identity(object, identity))
        rc = -EBADMSG;
    json_decref(object);
    if (rc == 0)
        *out = identity;
    else
        export_free(identity);
    return rc;
}
