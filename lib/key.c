/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "key.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_LINE_MAX 256
#define BLANKS " \t\r\n"

/* One line. Blank lines and comments add nothing. */
static int parse_line(char *text, const struct conf_line *line, struct keyring *ring, struct conf_error *error)
{
    char *rest = NULL;
    const char *id = strtok_r(text, BLANKS, &rest);
    const char *hex = strtok_r(NULL, BLANKS, &rest);
    struct key *key = &ring->keys[ring->count];
    unsigned long number;
    char *end;
    size_t length;

    if (id == NULL || id[0] == '#')
        return 0;
    if (hex == NULL || strtok_r(NULL, BLANKS, &rest) != NULL)
        return conf_fail(error, line, "a key is a line \"ID HEX\"; make one with: hasctl key generate");
    errno = 0;
    number = strtoul(id, &end, 10);
    if (id[0] < '0' || id[0] > '9' || *end != '\0' || errno != 0 || number == 0 || number > UINT32_MAX)
        return conf_fail(error, line, "the id of a key must be a number from 1 to 4294967295");
    if (key_find(ring, (uint32_t)number) != NULL)
        return conf_fail(error, line, "key id %lu stands here twice; give each key an id of its own", number);
    if (ring->count == KEY_MAX)
        return conf_fail(error, line, "too many keys; at most %d are allowed, remove the oldest", KEY_MAX);
    if (strlen(hex) != (size_t)2 * KEY_BYTES ||
        sodium_hex2bin(key->bytes, KEY_BYTES, hex, strlen(hex), NULL, &length, NULL) != 0 || length != KEY_BYTES)
        return conf_fail(error, line, "key %lu must have %d hexadecimal digits", number, 2 * KEY_BYTES);
    key->id = (uint32_t)number;
    ring->count++;
    return 0;
}

/* Root reads the keys before the daemon drops its privileges; its own user reads them again at a SIGHUP. */
static bool may_own(uid_t owner)
{
    const struct passwd *user = getpwnam(HAS_USER);

    return owner == 0 || owner == geteuid() || (user != NULL && owner == user->pw_uid);
}

static int check_access(int fd, const struct conf_line *line, struct conf_error *error)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return conf_fail(error, line, "not a regular file");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return conf_fail(error, line, "others may read or write the keys; do: chmod 0600 %s", line->path);
    if (!may_own(status.st_uid))
        return conf_fail(error, line, "belongs to uid %lu; it must belong to root or to the user of the daemon",
                         (unsigned long)status.st_uid);
    return 0;
}

static int parse_file(FILE *file, struct conf_line *line, struct keyring *ring, struct conf_error *error)
{
    char text[KEY_LINE_MAX];
    int result = 0;

    while (result == 0 && fgets(text, sizeof(text), file) != NULL) {
        line->number++;
        if (strchr(text, '\n') == NULL && !feof(file))
            result = conf_fail(error, line, "the line is too long or holds a NUL byte");
        else
            result = parse_line(text, line, ring, error);
    }
    sodium_memzero(text, sizeof(text));
    if (result == 0 && ferror(file))
        return -EIO;
    line->number = 0;
    if (result == 0 && ring->count == 0)
        return conf_fail(error, line, "holds no key; make one with: hasctl key generate");
    return result;
}

static int load_from(int fd, struct conf_line *line, struct keyring *ring, struct conf_error *error)
{
    char buffer[BUFSIZ]; /* our own, so that no key stays behind in freed memory */
    int result = check_access(fd, line, error);
    FILE *file;

    if (result != 0) {
        close(fd);
        return result;
    }
    file = fdopen(fd, "r");
    if (file == NULL) {
        close(fd);
        return -ENOMEM;
    }
    setvbuf(file, buffer, _IOFBF, sizeof(buffer));
    result = parse_file(file, line, ring, error);
    fclose(file);
    sodium_memzero(buffer, sizeof(buffer));
    return result;
}

int key_load_text(const char *path, const char *text, size_t length, struct keyring *ring, struct conf_error *error)
{
    struct conf_line line = {.path = path};
    struct keyring fresh = {0};
    FILE *file = length > 0 ? fmemopen((void *)(uintptr_t)text, length, "r") : fopen("/dev/null", "re");
    int result;

    error->text[0] = '\0';
    if (file == NULL)
        return conf_fail(error, &line, "cannot read the keys: %s", strerror(errno));
    result = parse_file(file, &line, &fresh, error);
    fclose(file);
    if (result == 0)
        *ring = fresh;
    key_forget(&fresh);
    return result;
}

int key_load(const char *path, struct keyring *ring, struct conf_error *error)
{
    struct conf_line line = {.path = path};
    struct keyring fresh = {0};
    int result;
    int fd;

    error->text[0] = '\0';
    if (sodium_init() < 0)
        return conf_fail(error, &line, "libsodium cannot be used");
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    result = fd < 0 ? -errno : load_from(fd, &line, &fresh, error);
    if (result == 0)
        *ring = fresh;
    else if (error->text[0] == '\0')
        conf_fail(error, &line, "cannot read the keys: %s", strerror(-result));
    key_forget(&fresh);
    return result;
}

const struct key *key_find(const struct keyring *ring, uint32_t id)
{
    for (size_t i = 0; i < ring->count; i++) {
        if (ring->keys[i].id == id)
            return &ring->keys[i];
    }
    return NULL;
}

void key_generate_line(uint32_t id, char *out, size_t size)
{
    uint8_t bytes[KEY_BYTES] = {0};
    char hex[2 * KEY_BYTES + 1];

    if (sodium_init() < 0)
        abort(); /* a key that is not random must never be written */
    randombytes_buf(bytes, sizeof(bytes));
    sodium_bin2hex(hex, sizeof(hex), bytes, sizeof(bytes));
    snprintf(out, size, "%lu %s\n", (unsigned long)id, hex);
    sodium_memzero(bytes, sizeof(bytes));
    sodium_memzero(hex, sizeof(hex));
}

void key_forget(struct keyring *ring)
{
    sodium_memzero(ring, sizeof(*ring));
}
