/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcd_server.h"

#include "unit.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define CONNECTIONS_MAX 64

static int listen_on(uint16_t *port)
{
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t length = sizeof(local);
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    assert_int_equal(bind(fd, (struct sockaddr *)&local, sizeof(local)), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&local, &length), 0);
    *port = ntohs(local.sin_port);
    return fd;
}

/* Returns false when the connection is over. */
static bool answer_request(int fd, const char *answer)
{
    char request[4096];
    ssize_t size = recv(fd, request, sizeof(request) - 1, 0);
    if (size <= 0)
        return false;
    request[size] = '\0';
    if (!answer)
        return true;
    if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
        return false;
    return strstr(request, "keep-alive") != NULL;
}

static _Noreturn void serve(int listener, const char *answer)
{
    struct pollfd fds[CONNECTIONS_MAX] = {{.fd = listener, .events = POLLIN}};
    nfds_t count = 1;
    while (poll(fds, count, -1) > 0) {
        for (nfds_t i = count; i-- > 1;) {
            if (!fds[i].revents || answer_request(fds[i].fd, answer))
                continue;
            close(fds[i].fd);
            fds[i] = fds[--count];
        }
        if (fds[0].revents && count < CONNECTIONS_MAX)
            fds[count++] = (struct pollfd){.fd = accept(listener, NULL, NULL), .events = POLLIN};
    }
    _exit(1);
}

struct server server_start(const char *answer, uint16_t port)
{
    struct server server = {.port = port};
    int listener = listen_on(&server.port);
    server.pid = fork();
    assert_true(server.pid >= 0);
    if (server.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(listener, answer);
    }
    close(listener);
    return server;
}

void server_kill(struct server *server)
{
    if (server->pid <= 0)
        return;
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}
