/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl.h"

#include "ctl_socket.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 16
#define PEERS_MAX 32
#define GROUPS_MAX 256
#define REQUEST_MAX (16 * 1024)
#define GROUP_THAT_MAY_CHANGE "haclient"

struct ctl_peer {
    struct ctl_server *server;
    int fd;
    bool privileged;
    size_t input_used;
    char input[REQUEST_MAX];
    char *output; /* the answer under way, or NULL */
    size_t output_length;
    size_t output_sent;
};

struct ctl_server {
    qb_loop_t *loop;
    ctl_handler handler;
    void *context;
    struct sockaddr_un address;
    gid_t group; /* (gid_t)-1: no such group here */
    int fd;
    size_t peer_count;
    struct ctl_peer *peers[PEERS_MAX]; /* the oldest first */
};

static void peer_close(struct ctl_peer *peer)
{
    struct ctl_server *server = peer->server;
    size_t i = 0;

    while (server->peers[i] != peer)
        i++;
    server->peer_count--;
    memmove(&server->peers[i], &server->peers[i + 1], (server->peer_count - i) * sizeof(struct ctl_peer *));
    qb_loop_poll_del(server->loop, peer->fd);
    close(peer->fd);
    free(peer->output);
    free(peer);
}

static json_t *handle(const struct ctl_peer *peer, const char *text, size_t length)
{
    json_error_t error;
    json_t *request = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    const char *command = json_string_value(json_object_get(request, "command"));
    json_t *answer;

    if (request == NULL)
        answer = ctl_error("the request is no JSON: %s", error.text);
    else if (command == NULL)
        answer = ctl_error("the request is no object with a string \"command\"");
    else
        answer = peer->server->handler(peer->server->context, command, request, peer->privileged);
    json_decref(request);
    return answer;
}

/* Makes the answer to a request the peer's output: one line of JSON. */
static int peer_answer(struct ctl_peer *peer, const char *request, size_t length)
{
    json_t *answer = handle(peer, request, length);
    char *text = json_dumps(answer, JSON_COMPACT);

    json_decref(answer);
    if (text == NULL || strlen(text) >= CTL_MESSAGE_MAX) {
        free(text);
        text = strdup("{\"ok\":false,\"error\":\"the answer could not be made\"}");
    }
    if (text == NULL)
        return -ENOMEM;
    peer->output = text;
    peer->output_sent = 0;
    peer->output_length = strlen(text) + 1;
    text[peer->output_length - 1] = '\n'; /* in place of the end of the string: the length is known */
    return 0;
}

/* Sends what the socket takes. Returns 1 when all is sent, 0 when some is left, or a negative errno. */
static int peer_send(struct ctl_peer *peer)
{
    while (peer->output_sent < peer->output_length) {
        ssize_t sent = send(peer->fd, peer->output + peer->output_sent, peer->output_length - peer->output_sent,
                            MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN ? 0 : -errno;
        peer->output_sent += (size_t)sent;
    }
    free(peer->output);
    peer->output = NULL;
    return 1;
}

/* Answers the requests that have come whole, one after the other: the next only when the peer took the answer. */
static int peer_work(struct ctl_peer *peer)
{
    const char *end;

    while ((end = memchr(peer->input, '\n', peer->input_used)) != NULL) {
        size_t length = (size_t)(end - peer->input) + 1;
        int result = peer_answer(peer, peer->input, length);

        peer->input_used -= length;
        memmove(peer->input, peer->input + length, peer->input_used);
        if (result == 0)
            result = peer_send(peer);
        if (result <= 0)
            return result;
    }
    return peer->input_used < REQUEST_MAX ? 1 : -EMSGSIZE;
}

static int peer_receive(struct ctl_peer *peer)
{
    ssize_t got = recv(peer->fd, peer->input + peer->input_used, REQUEST_MAX - peer->input_used, MSG_DONTWAIT);

    if (got == 0)
        return -ECONNRESET;
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? 1 : -errno;
    peer->input_used += (size_t)got;
    return peer_work(peer);
}

static int32_t peer_ready(int32_t fd, int32_t events, void *data)
{
    struct ctl_peer *peer = data;
    int result;

    if (peer->output == NULL) {
        result = peer_receive(peer);
    } else {
        result = (events & (POLLERR | POLLHUP)) != 0 ? -ECONNRESET : peer_send(peer);
        if (result == 1)
            result = peer_work(peer);
    }
    if (result < 0)
        peer_close(peer);
    else
        qb_loop_poll_mod(peer->server->loop, QB_LOOP_LOW, fd, result == 0 ? POLLOUT : POLLIN, peer, peer_ready);
    return 0;
}

/* Root, the daemon's own user, and members of the group. The kernel knows the peer; we do not ask it. */
static bool is_privileged(const struct ctl_server *server, int fd)
{
    struct ucred who;
    gid_t groups[GROUPS_MAX];
    socklen_t length = sizeof(who);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) != 0)
        return false;
    if (who.uid == 0 || who.uid == geteuid())
        return true;
    if (server->group == (gid_t)-1)
        return false;
    if (who.gid == server->group)
        return true;
    length = sizeof(groups);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) != 0)
        return false;
    for (size_t i = 0; i < length / sizeof(gid_t); i++) {
        if (groups[i] == server->group)
            return true;
    }
    return false;
}

/* Nobody who may only look can keep those out who may change things: the oldest such peer has to go. */
static bool make_room(struct ctl_server *server)
{
    for (size_t i = 0; server->peer_count == PEERS_MAX && i < PEERS_MAX; i++) {
        if (!server->peers[i]->privileged)
            peer_close(server->peers[i]);
    }
    return server->peer_count < PEERS_MAX;
}

static int32_t accept_peer(int32_t listener, int32_t events, void *data)
{
    struct ctl_server *server = data;
    struct ctl_peer *peer;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)events;
    if (fd < 0)
        return 0;
    peer = make_room(server) ? calloc(1, sizeof(*peer)) : NULL;
    if (peer == NULL || qb_loop_poll_add(server->loop, QB_LOOP_LOW, fd, POLLIN, peer, peer_ready) != 0) {
        free(peer);
        close(fd);
        return 0;
    }
    peer->server = server;
    peer->fd = fd;
    peer->privileged = is_privileged(server, fd);
    server->peers[server->peer_count++] = peer;
    return 0;
}

/* A socket that a crashed daemon left is removed; one that answers belongs to a daemon that lives. */
static int remove_stale(const struct sockaddr_un *address)
{
    struct stat status;
    int fd;
    int error = 0;

    if (lstat(address->sun_path, &status) != 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(status.st_mode))
        return -EEXIST;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno != ECONNREFUSED)
        error = -EADDRINUSE;
    else if (unlink(address->sun_path) != 0)
        error = -errno;
    close(fd);
    return error;
}

static int listen_at(const struct sockaddr_un *address, int *out)
{
    int error = remove_stale(address);
    int fd;

    if (error != 0)
        return error;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 || chmod(address->sun_path, 0666) != 0 ||
        listen(fd, BACKLOG) != 0) {
        error = -errno;
        close(fd);
        return error;
    }
    *out = fd;
    return 0;
}

int ctl_server_open(const char *name, qb_loop_t *loop, ctl_handler handler, void *context, struct ctl_server **out)
{
    struct ctl_server *server = calloc(1, sizeof(*server));
    const struct group *group = getgrnam(GROUP_THAT_MAY_CHANGE);
    int error;

    if (server == NULL)
        return -ENOMEM;
    server->loop = loop;
    server->handler = handler;
    server->context = context;
    server->group = group != NULL ? group->gr_gid : (gid_t)-1;
    server->fd = -1;
    error = ctl_socket_address(name, &server->address);
    if (error == 0)
        error = listen_at(&server->address, &server->fd);
    if (error == 0)
        error = qb_loop_poll_add(loop, QB_LOOP_LOW, server->fd, POLLIN, server, accept_peer);
    if (error != 0) {
        if (server->fd >= 0)
            close(server->fd);
        free(server);
        return error;
    }
    *out = server;
    return 0;
}

void ctl_server_close(struct ctl_server *server)
{
    if (server == NULL)
        return;
    while (server->peer_count > 0)
        peer_close(server->peers[0]);
    qb_loop_poll_del(server->loop, server->fd);
    close(server->fd);
    unlink(server->address.sun_path);
    free(server);
}
