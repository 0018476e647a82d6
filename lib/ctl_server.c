/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl.h"

#include "clock.h"
#include "ctl_message.h"
#include "ctl_peers.h"
#include "log.h"

#include <errno.h>
#include <qb/qbipcs.h>
#include <stdlib.h>
#include <string.h>

struct ctl_server {
    qb_loop_t *loop;
    qb_ipcs_service_t *service;
    ctl_handler handler;
    void *context;
    struct ctl_peers peers;
    struct log_limit refusals;
};

/* libqb's service knows no context for its poll functions, so the one loop of the process stands here. */
static qb_loop_t *the_loop;

static int32_t job_add(enum qb_loop_priority priority, void *data, qb_loop_job_dispatch_fn function)
{
    return qb_loop_job_add(the_loop, priority, data, function);
}

static int32_t poll_add(enum qb_loop_priority priority, int32_t fd, int32_t events, void *data,
                        qb_ipcs_dispatch_fn_t function)
{
    return qb_loop_poll_add(the_loop, priority, fd, events, data, function);
}

static int32_t poll_mod(enum qb_loop_priority priority, int32_t fd, int32_t events, void *data,
                        qb_ipcs_dispatch_fn_t function)
{
    return qb_loop_poll_mod(the_loop, priority, fd, events, data, function);
}

static int32_t poll_del(int32_t fd)
{
    return qb_loop_poll_del(the_loop, fd);
}

/* libqb makes a connection's files with our owner and, if told so, hands them to a group. Only a group that we are in
 * can be given: without it, root and our own user are served. */
static int32_t accept_peer(qb_ipcs_connection_t *connection, uid_t user, gid_t group)
{
    struct ctl_server *server = qb_ipcs_connection_service_context_get(connection);
    const struct ctl_peers *peers = &server->peers;
    uint64_t suppressed;

    qb_ipcs_connection_auth_set(connection, (uid_t)-1, peers->has_group ? peers->group : (gid_t)-1, 0660);
    if (ctl_peers_allow(peers, user, group))
        return 0;
    if (log_allowed(&server->refusals, clock_ms(), &suppressed))
        log_info("control: user %u is neither root nor in group " CTL_GROUP " (%llu more since the last message)",
                 (unsigned)user, (unsigned long long)suppressed);
    return -EACCES;
}

static json_t *answer_request(struct ctl_server *server, const char *text, size_t length)
{
    json_error_t error;
    json_t *request = json_loadb(text, length, 0, &error);
    json_t *answer;
    const char *command = json_string_value(json_object_get(request, "command"));

    if (request == NULL)
        return ctl_error("the request is no JSON object: %s", error.text);
    if (command == NULL)
        answer = ctl_error("the request names no \"command\"");
    else
        answer = server->handler(server->context, command, request);
    json_decref(request);
    return answer != NULL ? answer : ctl_error("the answer could not be made");
}

/* Sends the answer as a header and its text. Returns 0 or a negative errno. */
static int send_answer(qb_ipcs_connection_t *connection, const json_t *answer)
{
    char *text = json_dumps(answer, JSON_COMPACT);
    struct qb_ipc_response_header header = {.id = CTL_MESSAGE_ID};
    struct iovec parts[2] = {{.iov_base = &header, .iov_len = sizeof(header)}};
    ssize_t sent;

    if (text == NULL)
        return -ENOMEM;
    parts[1] = (struct iovec){.iov_base = text, .iov_len = strlen(text)};
    header.size = (int32_t)(sizeof(header) + parts[1].iov_len);
    if (header.size > qb_ipcs_connection_get_buffer_size(connection)) {
        free(text);
        return -EMSGSIZE;
    }
    sent = qb_ipcs_response_sendv(connection, parts, 2);
    free(text);
    return sent < 0 ? (int)sent : 0;
}

static int32_t message(qb_ipcs_connection_t *connection, void *data, size_t size)
{
    struct ctl_server *server = qb_ipcs_connection_service_context_get(connection);
    struct qb_ipc_request_header header;
    json_t *answer;
    int result;

    if (size < sizeof(header))
        return -EBADMSG;
    memcpy(&header, data, sizeof(header)); /* libqb's ring buffer does not align what it holds */
    if (header.id != CTL_MESSAGE_ID)
        return -EBADMSG;
    answer = answer_request(server, (const char *)data + sizeof(header), size - sizeof(header));
    result = send_answer(connection, answer);
    json_decref(answer);
    if (result == -EMSGSIZE) {
        answer = ctl_error("the answer is longer than the connection carries");
        result = send_answer(connection, answer);
        json_decref(answer);
    }
    if (result != 0)
        log_warning("control: an answer could not be sent: %s", strerror(-result));
    return 0;
}

int ctl_server_open(const char *name, qb_loop_t *loop, ctl_handler handler, void *context, struct ctl_server **out)
{
    struct qb_ipcs_service_handlers handlers = {.connection_accept = accept_peer, .msg_process = message};
    struct qb_ipcs_poll_handlers poll = {
        .job_add = job_add, .dispatch_add = poll_add, .dispatch_mod = poll_mod, .dispatch_del = poll_del};
    struct ctl_server *server = calloc(1, sizeof(*server));
    int result;

    if (server == NULL)
        return -ENOMEM;
    *server = (struct ctl_server){.loop = loop, .handler = handler, .context = context};
    ctl_peers_read(&server->peers, CTL_GROUP);
    the_loop = loop;
    server->service = qb_ipcs_create(name, 0, QB_IPC_SHM, &handlers);
    if (server->service == NULL) {
        free(server);
        return -ENOMEM;
    }
    qb_ipcs_service_context_set(server->service, server);
    qb_ipcs_poll_handlers_set(server->service, &poll);
    result = qb_ipcs_run(server->service);
    if (result != 0) {
        free(server); /* qb_ipcs_run has released the service */
        return result;
    }
    *out = server;
    return 0;
}

void ctl_server_close(struct ctl_server *server)
{
    if (server == NULL)
        return;
    qb_ipcs_destroy(server->service);
    free(server);
}
