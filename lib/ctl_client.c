/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl.h"

#include "clock.h"
#include "ctl_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int ctl_socket_address(const char *name, struct sockaddr_un *out)
{
    const char *directory = secure_getenv("HAS_RUNDIR");
    const bool is_path = strchr(name, '/') != NULL;
    int length;

    memset(out, 0, sizeof(*out));
    out->sun_family = AF_UNIX;
    if (directory == NULL || directory[0] == '\0')
        directory = HAS_RUNDIR;
    length = is_path ? snprintf(out->sun_path, sizeof(out->sun_path), "%s", name)
                     : snprintf(out->sun_path, sizeof(out->sun_path), "%s/%s.sock", directory, name);
    return (size_t)length < sizeof(out->sun_path) ? 0 : -ENAMETOOLONG;
}

json_t *ctl_error(const char *format, ...)
{
    char text[512];
    va_list args;
    json_t *error;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    error = json_string(text);
    if (error == NULL) /* it repeats something of the client, perhaps cut inside a character */
        error = json_string("the request is wrong");
    return json_pack("{s:b, s:o}", "ok", 0, "error", error);
}

/* Waits until the socket is ready for the events. Returns 0, -ETIMEDOUT, or another negative errno. */
static int wait_ready(int fd, short events, uint64_t deadline)
{
    for (;;) {
        struct pollfd poll_fd = {.fd = fd, .events = events};
        uint64_t now = clock_ms();
        int ready = poll(&poll_fd, 1, now < deadline ? (int)(deadline - now) : 0);

        if (ready > 0)
            return 0;
        if (ready == 0)
            return -ETIMEDOUT;
        if (errno != EINTR)
            return -errno;
    }
}

static int connect_to(const char *name, int timeout_ms, int *out)
{
    const struct timeval patience = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    struct sockaddr_un address;
    int error = ctl_socket_address(name, &address);
    int fd;

    if (error != 0)
        return error;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    /* connect() blocks while the backlog of a daemon that does not accept is full */
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        error = errno == ENOENT ? -ECONNREFUSED : errno == EAGAIN ? -ETIMEDOUT : -errno;
        close(fd);
        return error;
    }
    *out = fd;
    return 0;
}

static int send_all(int fd, const char *data, size_t length, uint64_t deadline)
{
    while (length > 0) {
        int error = wait_ready(fd, POLLOUT, deadline);
        ssize_t sent;

        if (error != 0)
            return error;
        sent = send(fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        if (sent > 0) {
            data += sent;
            length -= (size_t)sent;
        }
    }
    return 0;
}

static int send_request(int fd, const json_t *request, uint64_t deadline)
{
    char *text = json_dumps(request, JSON_COMPACT);
    int error;

    if (text == NULL)
        return -EINVAL;
    error = send_all(fd, text, strlen(text), deadline);
    if (error == 0)
        error = send_all(fd, "\n", 1, deadline);
    free(text);
    return error;
}

/* Receives one line into buffer, which holds CTL_MESSAGE_MAX bytes. */
static int receive_line(int fd, char *buffer, size_t *length, uint64_t deadline)
{
    size_t used = 0;

    while (used < CTL_MESSAGE_MAX) {
        int error = wait_ready(fd, POLLIN, deadline);
        ssize_t got;

        if (error != 0)
            return error;
        got = recv(fd, buffer + used, CTL_MESSAGE_MAX - used, MSG_DONTWAIT);
        if (got == 0)
            return -ECONNRESET;
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        if (got > 0 && memchr(buffer + used, '\n', (size_t)got) != NULL) {
            *length = used + (size_t)got;
            return 0;
        }
        used += got > 0 ? (size_t)got : 0;
    }
    return -EMSGSIZE;
}

static int receive_answer(int fd, json_t **answer, uint64_t deadline)
{
    size_t length = 0;
    char *buffer = malloc(CTL_MESSAGE_MAX);
    int error;

    if (buffer == NULL)
        return -ENOMEM;
    error = receive_line(fd, buffer, &length, deadline);
    if (error == 0) {
        json_t *object = json_loadb(buffer, length, 0, NULL);

        if (json_is_object(object))
            *answer = object;
        else
            error = -EBADMSG;
        if (error != 0)
            json_decref(object);
    }
    free(buffer);
    return error;
}

int ctl_request(const char *name, const json_t *request, int timeout_ms, json_t **answer)
{
    uint64_t deadline = clock_ms() + (uint64_t)(timeout_ms > 0 ? timeout_ms : 1);
    int fd = -1;
    int error;

    error = connect_to(name, timeout_ms > 0 ? timeout_ms : 1, &fd);
    if (error != 0)
        return error;
    error = send_request(fd, request, deadline);
    if (error == 0 || error == -EPIPE || error == -ECONNRESET) /* a refusal may be waiting for us */
        error = receive_answer(fd, answer, deadline);
    close(fd);
    return error;
}
