/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fencing.h"

#include "priv.h"
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

struct fencing {
    qb_loop_t *loop;
    int fd;
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

static void take_events(const struct fencing *fencing, const char *buffer, size_t length)
{
    const struct inotify_event *event;

    for (size_t at = 0; at + sizeof(*event) <= length; at += sizeof(*event) + event->len) {
        event = (const void *)(buffer + at);
        if (event->len > 0 && is_name(event->name))
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

static int watch(struct fencing *fencing, const char *directory)
{
    fencing->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fencing->fd < 0)
        return -errno;
    if (inotify_add_watch(fencing->fd, directory, IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) < 0)
        return -errno;
    return qb_loop_poll_add(fencing->loop, QB_LOOP_MED, fencing->fd, POLLIN, fencing, readable);
}

int fencing_open(qb_loop_t *loop, const char *directory, void (*told)(void *context, const char *node), void *context,
                 struct fencing **out)
{
    struct fencing *fencing = calloc(1, sizeof(*fencing));
    int result;

    if (!fencing)
        return -ENOMEM;
    *fencing = (struct fencing){.loop = loop, .fd = -1, .told = told, .context = context};
    result = watch(fencing, directory);
    if (result == 0)
        *out = fencing;
    else
        fencing_close(fencing);
    return result;
}

void fencing_close(struct fencing *fencing)
{
    if (!fencing)
        return;
    if (fencing->fd >= 0) {
        qb_loop_poll_del(fencing->loop, fencing->fd);
        close(fencing->fd);
    }
    free(fencing);
}
