/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hasctl key generate [FILE] */
#include "command.h"
#include "file.h"
#include "key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define KEY_LINE_MAX 128
#define KEY_FILE_MAX 65536

/* One above the highest, so that a key's number also tells its age. */
static uint32_t next_id(const struct keyring *ring)
{
    uint32_t id = 0;

    for (size_t i = 0; i < ring->count; i++)
        if (ring->keys[i].id > id)
            id = ring->keys[i].id;
    return id == UINT32_MAX ? 0 : id + 1;
}

/* Keeps the file's owner: the daemons read it without being root. */
static int write_keys(const char *path, const char *text)
{
    struct stat old;
    bool exists = stat(path, &old) == 0;
    int result = file_write(path, text, strlen(text), 0600, 1);

    if (result == 0 && exists && (old.st_uid != geteuid() || old.st_gid != getegid()) &&
        chown(path, old.st_uid, old.st_gid) != 0)
        result = -errno;
    return result;
}

/* Puts a new line behind what the file has. Returns 0 or a negative errno. */
static int append_key(const char *path, uint32_t id)
{
    char line[KEY_LINE_MAX];
    char *old = NULL;
    char *text;
    size_t length = 0;
    int result = file_read(path, KEY_FILE_MAX, &old, &length);

    if (result != 0 && result != -ENOENT)
        return result;
    key_generate_line(id, line, sizeof(line));
    if (asprintf(&text, "%s%s%s%s", old ? old : "", old && length > 0 && old[length - 1] != '\n' ? "\n" : "", line,
                 strchr(line, '\n') ? "" : "\n") < 0)
        text = NULL;
    result = text ? write_keys(path, text) : -ENOMEM;
    if (text)
        explicit_bzero(text, strlen(text));
    if (old)
        explicit_bzero(old, length);
    explicit_bzero(line, sizeof(line));
    free(text);
    free(old);
    return result;
}

static int generate(const char *path)
{
    struct conf_error error = {""};
    struct keyring ring = {0};
    bool exists = access(path, F_OK) == 0;
    int result = exists ? key_load(path, &ring, &error) : 0;
    uint32_t id = next_id(&ring);
    size_t count = ring.count;

    key_forget(&ring);
    if (result != 0) {
        fprintf(stderr, "hasctl: %s\n", error.text);
        return EX_CONFIG;
    }
    if (count == KEY_MAX || id == 0) {
        fprintf(stderr, "hasctl: %s has no room for another key; remove an old one first\n", path);
        return EX_CONFIG;
    }
    result = append_key(path, id);
    if (result != 0) {
        fprintf(stderr, "hasctl: %s: %s\n", path, strerror(-result));
        return EX_CANTCREAT;
    }
    if (exists)
        printf("Key %u is added to %s as the last line: it is accepted, not yet used to sign.\n"
               "Copy the file to every node and reload the daemons; then move the line to the top, and do it again.\n",
               id, path);
    else
        printf("%s has key %u now. Copy the file to every node, readable by the daemons' user only.\n", path, id);
    return EX_OK;
}

int command_key(const struct options *options, int argc, char **argv)
{
    (void)options;
    if (argc < 2 || argc > 3 || strcmp(argv[1], "generate") != 0)
        return command_usage("key generate [FILE]");
    return generate(argc == 3 ? argv[2] : HAS_CONFDIR "/keys");
}
