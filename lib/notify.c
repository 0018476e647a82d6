/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notify.h"

#include "file.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int notify_send(const char *state)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    size_t length;
    int error = 0;
    int fd;

    if (path == NULL || path[0] == '\0')
        return 0;
    length = strlen(path);
    if ((path[0] != '/' && path[0] != '@') || length >= sizeof(to.sun_path))
        return -EINVAL;
    memcpy(to.sun_path, path, length);
    if (path[0] == '@') /* a name in the abstract space begins with a zero byte */
        to.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
        error = -errno;
    close(fd);
    return error;
}

int notify_pidfile(const char *path)
{
    char text[32];
    int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

    return path == NULL ? 0 : file_write(path, text, (size_t)length, 0644, 0);
}
