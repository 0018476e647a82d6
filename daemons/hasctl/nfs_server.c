/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nfs_server.h"

#include "file.h"

#include <ctype.h>
#include <dirent.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 1048576
#define WORD_MAX 32
#define WORD_FORMAT "%31"

const struct nfs_server_paths nfs_server_paths = {
    .nfsd = "/proc/fs/nfsd",
    .exports = "/var/lib/nfs/etab",
    .drbd = "/proc/drbd",
    .drbd_debug = "/sys/kernel/debug/drbd/resources/*/connections/*/*/proc_drbd",
    .publish = "/var/lib/has/publish/status.json",
};

/* The file's text, which the caller frees, or NULL. */
static char *read_text(const char *directory, const char *name)
{
    char path[PATH_MAX];
    size_t length;
    char *text;

    snprintf(path, sizeof(path), "%s%s%s", directory, name[0] ? "/" : "", name);
    return file_read(path, TEXT_MAX, &text, &length) == 0 ? text : NULL;
}

static long long read_threads(const struct nfs_server_paths *paths)
{
    char *text = read_text(paths->nfsd, "threads");
    long long threads = text ? strtoll(text, NULL, 10) : 0;

    free(text);
    return threads;
}

/* "N" until the grace period has ended. */
static bool read_grace(const struct nfs_server_paths *paths)
{
    char *text = read_text(paths->nfsd, "v4_end_grace");
    bool grace = text && text[0] == 'N';

    free(text);
    return grace;
}

/* NFSv4 clients; each has a directory. */
static long long count_clients(const struct nfs_server_paths *paths)
{
    char path[PATH_MAX];
    long long count = 0;
    DIR *directory;

    snprintf(path, sizeof(path), "%s/clients", paths->nfsd);
    directory = opendir(path);
    for (const struct dirent *entry = directory ? readdir(directory) : NULL; entry; entry = readdir(directory))
        count += entry->d_name[0] != '.';
    if (directory)
        closedir(directory);
    return count;
}

/* A line of etab: DIRECTORY<tab>CLIENT(OPTIONS). */
static json_t *parse_export(char *line)
{
    char *client = strchr(line, '\t');
    char *options = client ? strchr(client, '(') : NULL;
    char *end = options ? strrchr(options, ')') : NULL;

    if (!end)
        return NULL;
    *client++ = *options++ = *end = '\0';
    return json_pack("{s:s, s:s, s:s}", "directory", line, "client", client, "options", options);
}

static json_t *read_exports(const struct nfs_server_paths *paths)
{
    char *text = read_text(paths->exports, "");
    json_t *exports = json_array();
    char *rest = text;

    for (char *line = text ? strsep(&rest, "\n") : NULL; line; line = strsep(&rest, "\n")) {
        json_t *export = parse_export(line);

        if (export)
            json_array_append_new(exports, export);
    }
    free(text);
    return exports;
}

/* What stands behind a key such as " oos:" up to the next blank; fallback when it is not there before `end`. */
static long long find_number(const char *text, const char *key, const char *end)
{
    const char *found = strstr(text, key);

    return found && (!end || found < end) ? strtoll(found + strlen(key), NULL, 10) : 0;
}

static void find_synced(const char *text, const char *end, char synced[WORD_MAX])
{
    const char *found = strstr(text, "sync'ed:");

    synced[0] = '\0';
    if (found && (!end || found < end) && sscanf(found, "sync'ed: " WORD_FORMAT "[0-9.]", synced) != 1)
        synced[0] = '\0';
}

/* One device: " 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----" and the lines below it. */
static json_t *parse_device(const char *text, const char *next)
{
    char connection[WORD_MAX], role[WORD_MAX], peer_role[WORD_MAX], disk[WORD_MAX], peer_disk[WORD_MAX];
    char synced[WORD_MAX];
    int minor;

    if (sscanf(text,
               " %d: cs:" WORD_FORMAT "s ro:" WORD_FORMAT "[^/]/" WORD_FORMAT "s ds:" WORD_FORMAT "[^/]/" WORD_FORMAT
               "s",
               &minor, connection, role, peer_role, disk, peer_disk) != 6)
        return NULL;
    find_synced(text, next, synced);
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:I, s:s}", "minor", minor, "connection", connection, "role", role,
                     "peer_role", peer_role, "disk", disk, "peer_disk", peer_disk, "out_of_sync_kb",
                     (json_int_t)find_number(text, " oos:", next), "synced", synced);
}

/* Where the line of a device begins, from there on; NULL: none any more. */
static const char *find_device(const char *text)
{
    int minor, end;

    for (; text && *text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL) {
        end = 0;
        if (isdigit((unsigned char)text[strspn(text, " ")]) && sscanf(text, " %d: cs:%n", &minor, &end) == 1 && end > 0)
            return text;
    }
    return NULL;
}

static void parse_drbd(const char *text, json_t *devices)
{
    const char *device = find_device(text);

    while (device) {
        const char *line_end = strchr(device, '\n');
        const char *next = line_end ? find_device(line_end + 1) : NULL;
        json_t *parsed = parse_device(device, next);

        if (parsed)
            json_array_append_new(devices, parsed);
        device = next;
    }
}

static json_t *read_drbd(const struct nfs_server_paths *paths)
{
    json_t *devices = json_array();
    char *text = read_text(paths->drbd, "");
    glob_t found;

    if (text)
        parse_drbd(text, devices);
    free(text);
    if (json_array_size(devices) > 0 || glob(paths->drbd_debug, 0, NULL, &found) != 0)
        return devices;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        text = read_text(found.gl_pathv[i], "");
        if (text)
            parse_drbd(text, devices);
        free(text);
    }
    globfree(&found);
    return devices;
}

static json_t *read_publish(const struct nfs_server_paths *paths)
{
    char *text = read_text(paths->publish, "");
    json_t *status = text ? json_loads(text, 0, NULL) : NULL;

    free(text);
    return status ? status : json_null();
}

json_t *nfs_server_read(const struct nfs_server_paths *paths)
{
    json_t *exports = read_exports(paths);
    json_t *drbd = read_drbd(paths);
    json_t *publish = read_publish(paths);
    long long threads = read_threads(paths);

    if (threads == 0 && json_array_size(exports) == 0 && json_array_size(drbd) == 0 && json_is_null(publish)) {
        json_decref(exports);
        json_decref(drbd);
        json_decref(publish);
        return NULL;
    }
    return json_pack("{s:I, s:I, s:b, s:o, s:o, s:o}", "threads", (json_int_t)threads, "clients",
                     (json_int_t)count_clients(paths), "grace", read_grace(paths), "exports", exports, "drbd", drbd,
                     "publish", publish);
}
