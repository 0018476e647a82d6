/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fencing.h"

#include "priv.h"
#include "wake.h"
#include "wire.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RETRY_US 1000000
#define FRESH_AFTER_US 1000000 /* who is back already has been heard by then, and is not taken as off */
#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

struct fencing {
    qb_loop_t *loop;
    char *directory;
    int fd;
    struct wake retry; /* while the directory is not there */
    void (*told)(void *context, const char *node);
    void *context;
};

int fencing_prepare(void)
{
    return priv_directory(FENCING_DIRECTORY, FENCING_USER);
}

/* The name comes from another user: nothing but what a node may be called. */
static bool is_name(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length < WIRE_NAME_MAX && name[0] != '.' && strspn(name, NAME_LETTERS) == length;
}

static int add_watch(const struct fencing *fencing)
{
    return inotify_add_watch(fencing->fd, fencing->directory, IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) < 0 ? -errno
                                                                                                             : 0;
}

static bool is_fresh(int directory, const char *name, time_t now)
{
    struct stat file;

    return fstatat(directory, name, &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(file.st_mode) && file.st_mtime <= now &&
           now - file.st_mtime < FENCING_FRESH_S;
}

/* What was told while we did not watch. Older files tell of nodes that may have come back since. */
static void read_fresh(const struct fencing *fencing)
{
    time_t now = time(NULL);
    DIR *directory = opendir(fencing->directory);
    const struct dirent *entry;

    if (!directory)
        return;
    while ((entry = readdir(directory)) != NULL)
        if (is_name(entry->d_name) && is_fresh(dirfd(directory), entry->d_name, now))
            fencing->told(fencing->context, entry->d_name);
    closedir(directory);
}

/* After the start, or when the directory was removed: somebody will make it again. To add a watch twice is harmless. */
static void watch_again(void *context)
{
    struct fencing *fencing = context;

    if (add_watch(fencing) == 0)
        read_fresh(fencing);
    else
        wake_in(&fencing->retry, RETRY_US);
}

static void take_events(struct fencing *fencing, const char *buffer, size_t length)
{
    const struct inotify_event *event;

    for (size_t at = 0; at + sizeof(*event) <= length; at += sizeof(*event) + event->len) {
        event = (const void *)(buffer + at);
        if ((event->mask & IN_IGNORED) != 0)
            watch_again(fencing);
        else if (event->len > 0 && is_name(event->name))
            fencing->told(fencing->context, event->name);
    }
}

/* The kernel gives whole events only. */
static int32_t readable(int32_t fd, int32_t revents, void *data)
{
    _Alignas(struct inotify_event) char buffer[4096];
    ssize_t length;

    if (!(revents & POLLIN))
        return 0;
    length = read(fd, buffer, sizeof(buffer));
    if (length > 0)
        take_events(data, buffer, (size_t)length);
    return 0;
}

static int watch(struct fencing *fencing)
{
    int result;

    fencing->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fencing->fd < 0)
        return -errno;
    result = add_watch(fencing);
    return result != 0 ? result : qb_loop_poll_add(fencing->loop, QB_LOOP_MED, fencing->fd, POLLIN, fencing, readable);
}

int fencing_open(qb_loop_t *loop, const char *directory, void (*told)(void *context, const char *node), void *context,
                 struct fencing **out)
{
    struct fencing *fencing = calloc(1, sizeof(*fencing));
    int result;

    if (!fencing)
        return -ENOMEM;
    *fencing = (struct fencing){.loop = loop, .fd = -1, .told = told, .context = context, .retry = {.fd = -1}};
    fencing->directory = strdup(directory);
    result = fencing->directory ? wake_open(&fencing->retry, loop, QB_LOOP_LOW, watch_again, fencing) : -ENOMEM;
    if (result == 0)
        result = watch(fencing);
    if (result != 0) {
        fencing_close(fencing);
        return result;
    }
    wake_in(&fencing->retry, FRESH_AFTER_US);
    *out = fencing;
    return 0;
}

void fencing_close(struct fencing *fencing)
{
    if (!fencing)
        return;
    if (fencing->fd >= 0) {
        qb_loop_poll_del(fencing->loop, fencing->fd);
        close(fencing->fd);
    }
    wake_close(&fencing->retry);
    free(fencing->directory);
    free(fencing);
}
