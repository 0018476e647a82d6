/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files under /proc have no size, so the buffer grows as the data comes. */
static int read_all(int fd, size_t max, char **out, size_t *length)
{
    size_t used = 0;
    size_t room = 4096;
    char *data = malloc(room);

    while (data != NULL) {
        ssize_t got = read(fd, data + used, room - used - 1);

        if (got == 0) {
            data[used] = '\0';
            *out = data;
            *length = used;
            return 0;
        }
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || used + (size_t)got > max) {
            int error = got < 0 ? -errno : -EFBIG;

            free(data);
            return error;
        }
        used += (size_t)got;
        if (room - used < 2) {
            char *more = realloc(data, room * 2);

            if (more == NULL)
                free(data);
            data = more;
            room *= 2;
        }
    }
    return -ENOMEM;
}

int file_read(const char *path, size_t max, char **out, size_t *length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int error;

    if (fd < 0)
        return -errno;
    error = read_all(fd, max, out, length);
    close(fd);
    return error;
}

static int write_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, data, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        data += written;
        length -= (size_t)written;
    }
    return 0;
}

/* The name itself is on the disk only when its directory is. */
static int sync_directory_of(const char *path)
{
    char copy[PATH_MAX];
    int fd;
    int error = 0;

    snprintf(copy, sizeof(copy), "%s", path);
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (fsync(fd) != 0)
        error = -errno;
    close(fd);
    return error;
}

static int fill_temporary(int fd, const char *data, size_t length, mode_t mode, int durable)
{
    int error = write_all(fd, data, length);

    if (error == 0 && fchmod(fd, mode) != 0)
        error = -errno;
    if (error == 0 && durable && fsync(fd) != 0)
        error = -errno;
    if (close(fd) != 0 && error == 0)
        error = -errno;
    return error;
}

int file_write(const char *path, const char *data, size_t length, mode_t mode, int durable)
{
    char temporary[PATH_MAX];
    int fd;
    int error;

    if ((size_t)snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= sizeof(temporary))
        return -ENAMETOOLONG;
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    error = fill_temporary(fd, data, length, mode, durable);
    if (error == 0 && rename(temporary, path) != 0)
        error = -errno;
    if (error != 0) {
        unlink(temporary);
        return error;
    }
    return durable ? sync_directory_of(path) : 0;
}
