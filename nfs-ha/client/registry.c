/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "registry.h"

#include "file.h"
#include "log.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (64 * 1024)
#define SUFFIX ".json"
#define NAME_MAX_PLAIN 160 /* longer names of directories are told apart by a number */

static const char *const replications[] = {"standby", "copies", "shared"};
static const char *const mismatches[] = {"refuse", "remount"};

const char *replication_name(enum replication replication)
{
    return replications[replication];
}

const char *mismatch_name(enum mismatch mismatch)
{
    return mismatches[mismatch];
}

/* Names the file of a mount point: what a file name cannot have, or shell and people dislike, as %XX. */
static void file_name(const char *where, const char *directory, char out[PATH_MAX])
{
    uint64_t hash = 14695981039346656037U; /* FNV-1a */
    char name[NAME_MAX_PLAIN + 4];
    size_t at = 0;

    for (const char *c = directory; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char)*c) * 1099511628211U;
        if (at >= NAME_MAX_PLAIN)
            continue;
        if (isalnum((unsigned char)*c) || (strchr("-_.", *c) != NULL && at > 0))
            name[at++] = *c;
        else
            at += (size_t)snprintf(name + at, 4, "%%%02X", (unsigned char)*c);
    }
    name[at] = '\0';
    if (at < NAME_MAX_PLAIN)
        snprintf(out, PATH_MAX, "%s/%s" SUFFIX, where, name);
    else
        snprintf(out, PATH_MAX, "%s/%s+%016llx" SUFFIX, where, name, (unsigned long long)hash);
}

static json_t *servers_json(const struct source *source)
{
    json_t *array = json_array();
    char text[ADDR_TEXT_MAX];

    for (size_t i = 0; i < source->count; i++)
        json_array_append_new(array, json_pack("{s:s, s:s}", "name", source->servers[i].name, "address",
                                               addr_format(&source->servers[i].address, text)));
    return array;
}

/* Makes the directory and the one above it. */
static int make_directory(const char *where)
{
    char path[PATH_MAX];
    if ((size_t)snprintf(path, sizeof(path), "%s", where) >= sizeof(path))
        return -ENAMETOOLONG;
    char *slash = strrchr(path, '/');
    if (slash != NULL && slash != path) {
        *slash = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            return -errno;
    }
    return mkdir(where, 0755) != 0 && errno != EEXIST ? -errno : 0;
}

int registry_write(const char *where, const struct registry_mount *mount)
{
    char path[PATH_MAX];
    json_t *object = json_pack("{s:s, s:o, s:s, s:i, s:i, s:s, s:s, s:b, s:b, s:s}", "directory", mount->directory,
                               "servers", servers_json(&mount->source), "path", mount->source.path, "first",
                               (int)mount->first, "version", (int)mount->version, "replication",
                               replication_name(mount->replication), "mismatch", mismatch_name(mount->mismatch),
                               "compare", mount->compare, "readonly", mount->readonly, "options", mount->options);
    if (object == NULL)
        return -EINVAL; /* text that is not UTF-8 */
    char *text = json_dumps(object, JSON_INDENT(2));
    json_decref(object);
    if (text == NULL)
        return -ENOMEM;
    int result = make_directory(where);
    if (result == 0) {
        file_name(where, mount->directory, path);
        result = file_write(path, text, strlen(text), 0644, 0);
    }
    free(text);
    return result;
}

int registry_remove(const char *where, const char *directory)
{
    char path[PATH_MAX];
    file_name(where, directory, path);
    return unlink(path) != 0 && errno != ENOENT ? -errno : 0;
}

static bool copy_text(const json_t *object, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL && (size_t)snprintf(out, size, "%s", text) < size;
}

/* The position of the value in names, or -1. */
static int choice(const json_t *object, const char *key, const char *const *names, size_t count)
{
    const char *text = json_string_value(json_object_get(object, key));
    for (size_t i = 0; text != NULL && i < count; i++)
        if (strcmp(text, names[i]) == 0)
            return (int)i;
    return -1;
}

static bool take_servers(const json_t *array, struct source *out)
{
    out->count = json_array_size(array);
    if (out->count < 1 || out->count > SOURCE_SERVERS_MAX)
        return false;
    for (size_t i = 0; i < out->count; i++) {
        const json_t *server = json_array_get(array, i);
        const char *address = json_string_value(json_object_get(server, "address"));
        if (!copy_text(server, "name", out->servers[i].name, sizeof(out->servers[i].name)) || address == NULL ||
            addr_parse(address, &out->servers[i].address) != 0)
            return false;
    }
    return true;
}

static bool take_mount(const json_t *object, struct registry_mount *out)
{
    json_int_t first = json_integer_value(json_object_get(object, "first"));
    json_int_t version = json_integer_value(json_object_get(object, "version"));
    int replication = choice(object, "replication", replications, 3);
    int mismatch = choice(object, "mismatch", mismatches, 2);

    if (!take_servers(json_object_get(object, "servers"), &out->source) || replication < 0 || mismatch < 0 ||
        first < 0 || (size_t)first >= out->source.count || (version != 0 && version != 3 && version != 4) ||
        !copy_text(object, "directory", out->directory, sizeof(out->directory)) || out->directory[0] != '/' ||
        !copy_text(object, "path", out->source.path, sizeof(out->source.path)) || out->source.path[0] != '/' ||
        !copy_text(object, "options", out->options, sizeof(out->options)))
        return false;
    out->first = (size_t)first;
    out->version = (unsigned)version;
    out->replication = (enum replication)replication;
    out->mismatch = (enum mismatch)mismatch;
    out->compare = !json_is_false(json_object_get(object, "compare"));
    out->readonly = json_is_true(json_object_get(object, "readonly"));
    return true;
}

static int read_file(const char *path, struct registry_mount *out)
{
    char *text;
    size_t length;
    memset(out, 0, sizeof(*out));
    int result = file_read(path, FILE_MAX, &text, &length);
    if (result != 0)
        return result;
    json_t *object = json_loadb(text, length, 0, NULL);
    free(text);
    result = object != NULL && take_mount(object, out) ? 0 : -EINVAL;
    json_decref(object);
    return result;
}

static bool is_ours(const char *name)
{
    size_t length = strlen(name), suffix = strlen(SUFFIX);
    return name[0] != '.' && length > suffix && strcmp(name + length - suffix, SUFFIX) == 0;
}

/* Appends one file's mount. Returns 0 or -ENOMEM: what is wrong with a file is told, and it is skipped. */
static int append(const char *where, const char *name, struct registry_mount **mounts, size_t *count)
{
    char path[PATH_MAX];
    struct registry_mount *grown = realloc(*mounts, (*count + 1) * sizeof(**mounts));
    if (grown == NULL)
        return -ENOMEM;
    *mounts = grown;
    if ((size_t)snprintf(path, sizeof(path), "%s/%s", where, name) >= sizeof(path))
        return 0;
    int result = read_file(path, &grown[*count]);
    if (result == 0)
        ++*count;
    else if (result != -ENOENT)
        log_warning("%s: not read, %s; mount that directory again with mount.nfsha", path,
                    result == -EINVAL ? "it does not describe a mount" : strerror(-result));
    return 0;
}

int registry_read(const char *where, struct registry_mount **out, size_t *count)
{
    struct registry_mount *mounts = NULL;
    struct dirent **names;
    int result = 0;

    *out = NULL;
    *count = 0;
    int found = scandir(where, &names, NULL, alphasort);
    if (found < 0)
        return errno == ENOENT ? 0 : -errno;
    for (int i = 0; i < found; i++) {
        if (result == 0 && is_ours(names[i]->d_name))
            result = append(where, names[i]->d_name, &mounts, count);
        free(names[i]);
    }
    free(names);
    if (result != 0) {
        free(mounts);
        *count = 0;
        return result;
    }
    *out = mounts;
    return 0;
}
