/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl.h"

#include "clock.h"
#include "ctl_message.h"

#include <errno.h>
#include <poll.h>
#include <qb/qbipcc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

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

static int remaining_ms(uint64_t deadline)
{
    uint64_t now = clock_ms();

    return now < deadline ? (int)(deadline - now) : 0;
}

/* Connects without ever waiting longer than the deadline: a daemon whose loop stands still has its socket open all the
 * same. */
static int connect_by(const char *name, size_t size, uint64_t deadline, qb_ipcc_connection_t **out)
{
    struct pollfd ready = {.events = POLLIN};
    qb_ipcc_connection_t *connection = qb_ipcc_connect_async(name, size, &ready.fd);
    int result;

    if (connection == NULL)
        return errno == ENOENT ? -ECONNREFUSED : -errno;
    do
        result = poll(&ready, 1, remaining_ms(deadline));
    while (result < 0 && errno == EINTR);
    if (result <= 0) {
        result = result == 0 ? -ETIMEDOUT : -errno;
        qb_ipcc_disconnect(connection);
        return result;
    }
    result = qb_ipcc_connect_continue(connection); /* releases the connection when it fails */
    if (result == 0)
        *out = connection;
    return result;
}

static int exchange(qb_ipcc_connection_t *connection, const char *request, size_t size, uint64_t deadline,
                    json_t **answer)
{
    struct qb_ipc_request_header header = {.id = CTL_MESSAGE_ID};
    struct iovec parts[2] = {{.iov_base = &header, .iov_len = sizeof(header)}};
    char *buffer = malloc(size);
    ssize_t length;

    if (buffer == NULL)
        return -ENOMEM;
    parts[1] = (struct iovec){.iov_base = (void *)(uintptr_t)request, .iov_len = strlen(request)};
    header.size = (int32_t)(sizeof(header) + parts[1].iov_len);
    length = qb_ipcc_sendv_recv(connection, parts, 2, buffer, size, remaining_ms(deadline));
    if (length >= (ssize_t)sizeof(struct qb_ipc_response_header)) {
        *answer = json_loadb(buffer + sizeof(struct qb_ipc_response_header),
                             (size_t)length - sizeof(struct qb_ipc_response_header), 0, NULL);
        length = *answer == NULL ? -EBADMSG : 0;
    }
    free(buffer);
    if (length == -EAGAIN)
        return -ETIMEDOUT;
    return length > 0 ? -EBADMSG : (int)length;
}

/* How long the request and its answer may be. */
static size_t size_for(const char *command)
{
    static const struct {
        const char *command;
        size_t size;
    } known[] = {{"ping", CTL_MESSAGE_SMALL},       {"owners", CTL_MESSAGE_SMALL}, {"switchover", CTL_MESSAGE_SMALL},
                 {"redundancy", CTL_MESSAGE_SMALL}, {"fenced", CTL_MESSAGE_SMALL}, {"status", CTL_MESSAGE_MEDIUM}};

    for (size_t i = 0; command != NULL && i < sizeof(known) / sizeof(*known); i++)
        if (strcmp(command, known[i].command) == 0)
            return known[i].size;
    return CTL_MESSAGE_MAX;
}

int ctl_request(const char *name, const json_t *request, int timeout_ms, json_t **answer)
{
    const char *command = json_string_value(json_object_get(request, "command"));
    size_t size = size_for(command);
    uint64_t deadline = clock_ms() + (uint64_t)(timeout_ms > 0 ? timeout_ms : 0);
    char *text = json_dumps(request, JSON_COMPACT);
    qb_ipcc_connection_t *connection = NULL;
    int result;

    if (text == NULL)
        return -ENOMEM;
    result = connect_by(name, size, deadline, &connection);
    if (result == 0) {
        result = exchange(connection, text, size, deadline, answer);
        qb_ipcc_disconnect(connection);
    }
    free(text);
    return result;
}
