/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "procsys.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int path_of(const char *root, const char *name, char path[PATH_MAX])
{
    int length = snprintf(path, PATH_MAX, "%s/%s", root, name);

    return length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int procsys_read(const char *root, const char *name, char value[PROCSYS_VALUE_MAX])
{
    char path[PATH_MAX];
    char *text;
    size_t length;
    int result = path_of(root, name, path);

    if (result == 0) {
        result = file_read(path, PROCSYS_VALUE_MAX - 1, &text, &length);
    }
    if (result == 0) {
        text[strcspn(text, "\n")] = '\0';
        snprintf(value, PROCSYS_VALUE_MAX, "%s", text);
        free(text);
    }
    return result;
}

/* These files cannot be replaced by another as file_write does it, and take the value in one write. */
int procsys_write(const char *root, const char *name, const char *value)
{
    char path[PATH_MAX];
    int result = path_of(root, name, path);
    int fd;

    if (result != 0) {
        return result;
    }
    fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    if (write(fd, value, strlen(value)) < 0) {
        result = -errno;
    }
    close(fd);
    return result;
}

int procsys_number(const char *root, const char *name)
{
    char text[PROCSYS_VALUE_MAX];
    char *end;
    long value;
    int result = procsys_read(root, name, text);

    if (result != 0) {
        return result;
    }
    value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < 0 || value > INT_MAX) {
        return -EINVAL;
    }
    return (int)value;
}
