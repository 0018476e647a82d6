/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first process of a lab node: adopts orphans, and runs the commands that `lab exec` sends.
 *
 *     lab-execd ADDRESS PORT
 *
 * It listens on the management network only. One connection is one command; several may run at once. What goes
 * over the connection are frames: one byte for the kind, four bytes (big endian) for the length, then the data.
 *
 *     to the node    'c' the arguments, each ended by a NUL     'i' standard input, length 0 is its end
 *     from the node  'o' standard output    'e' standard error    'x' exit status in four bytes, the last frame
 *
 * When the connection breaks, the command and its process group are killed. When the command ends, what it wrote
 * is sent and the connection closes, also if a daemon that it started still holds the pipes. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 16384, COMMAND_MAX = 131072, ARGUMENTS_MAX = 1024 };

struct session {
    int peer;
    pid_t child;
    int in, out, err; /* our ends of the command's pipes, -1 when closed */
};

static volatile sig_atomic_t child_ended;

static void note_child(int number)
{
    (void)number;
    child_ended = 1;
}

static int read_all(int fd, void *data, size_t length)
{
    uint8_t *at = data;

    while (length > 0) {
        ssize_t n = read(fd, at, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        length -= (size_t)n;
    }
    return 0;
}

static int write_all(int fd, const void *data, size_t length)
{
    const uint8_t *at = data;

    while (length > 0) {
        ssize_t n = write(fd, at, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        at += n;
        length -= (size_t)n;
    }
    return 0;
}

static int send_frame(int fd, char kind, const void *data, size_t length)
{
    uint8_t frame[5 + CHUNK];
    uint32_t size = htonl((uint32_t)length);

    frame[0] = (uint8_t)kind;
    memcpy(frame + 1, &size, sizeof(size));
    memcpy(frame + 5, data, length);
    return write_all(fd, frame, 5 + length);
}

static int read_header(int fd, char *kind, size_t *length)
{
    uint8_t header[5];
    uint32_t size;

    if (read_all(fd, header, sizeof(header)) < 0)
        return -1;
    memcpy(&size, header + 1, sizeof(size));
    *kind = (char)header[0];
    *length = ntohl(size);
    return 0;
}

/* Reads the first frame into text and points argv into it. Returns 0 or -1. */
static int read_command(int fd, char *text, char *argv[])
{
    size_t length, count = 0;
    char kind;

    if (read_header(fd, &kind, &length) < 0 || kind != 'c' || length == 0 || length >= COMMAND_MAX)
        return -1;
    if (read_all(fd, text, length) < 0)
        return -1;
    text[length] = '\0';
    for (char *at = text; at < text + length && count < ARGUMENTS_MAX - 1; at += strlen(at) + 1)
        argv[count++] = at;
    argv[count] = NULL;
    return 0;
}

static void run(char *argv[], int in, int out, int err)
{
    sigset_t none;

    setsid();
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execvp(argv[0], argv);
    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

static int start(struct session *session, char *argv[])
{
    int in[2], out[2], err[2];

    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        return -1;
    session->child = fork();
    if (session->child < 0)
        return -1;
    if (session->child == 0)
        run(argv, in[0], out[1], err[1]);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    session->in = in[1];
    session->out = out[0];
    session->err = err[0];
    return 0;
}

static void close_pipe(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A frame from the client: standard input. Returns -1 when the connection broke. */
static int take_input(struct session *session)
{
    char data[CHUNK], kind;
    size_t length;

    if (read_header(session->peer, &kind, &length) < 0 || kind != 'i' || length > sizeof(data))
        return -1;
    if (read_all(session->peer, data, length) < 0)
        return -1;
    if (length == 0 || (session->in >= 0 && write_all(session->in, data, length) < 0))
        close_pipe(&session->in);
    return 0;
}

/* Sends what the command wrote. Returns -1 when the connection broke. */
static int pass_output(struct session *session, int *fd, char kind)
{
    char data[CHUNK];
    ssize_t n = read(*fd, data, sizeof(data));

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n <= 0) {
        close_pipe(fd);
        return 0;
    }
    return send_frame(session->peer, kind, data, (size_t)n);
}

/* The command has ended: sends what is still in the pipes, then the status. */
static void finish(struct session *session, int status)
{
    uint32_t code = htonl((uint32_t)(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status)));
    struct pollfd ready[2] = {{.fd = session->out, .events = POLLIN}, {.fd = session->err, .events = POLLIN}};

    while (poll(ready, 2, 0) > 0) {
        if (ready[0].revents && pass_output(session, &session->out, 'o') < 0)
            return;
        if (ready[1].revents && pass_output(session, &session->err, 'e') < 0)
            return;
        ready[0].fd = session->out;
        ready[1].fd = session->err;
    }
    send_frame(session->peer, 'x', &code, sizeof(code));
}

/* Relays until the command ends (0, with its status) or the connection breaks (-1). */
static int relay(struct session *session, int *status)
{
    sigset_t none;

    sigemptyset(&none);
    for (;;) {
        struct pollfd ready[3] = {{.fd = session->peer, .events = POLLIN},
                                  {.fd = session->out, .events = POLLIN},
                                  {.fd = session->err, .events = POLLIN}};

        if (waitpid(session->child, status, WNOHANG) == session->child)
            return 0;
        if (ppoll(ready, 3, NULL, &none) < 0)
            continue;
        if (ready[1].revents && pass_output(session, &session->out, 'o') < 0)
            return -1;
        if (ready[2].revents && pass_output(session, &session->err, 'e') < 0)
            return -1;
        if (ready[0].revents && take_input(session) < 0)
            return -1;
    }
}

static void serve(int peer)
{
    static char text[COMMAND_MAX];
    static char *argv[ARGUMENTS_MAX];
    struct session session = {.peer = peer, .in = -1, .out = -1, .err = -1};
    int status = 0;

    if (read_command(peer, text, argv) < 0 || start(&session, argv) < 0)
        return;
    if (relay(&session, &status) == 0)
        finish(&session, status);
    else
        kill(-session.child, SIGKILL);
}

static int listen_on(const char *address, const char *port)
{
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || inet_pton(AF_INET, address, &local.sin_addr) != 1)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0 || listen(fd, 64) < 0)
        return -1;
    return fd;
}

static void accept_one(int listener)
{
    int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

    if (peer < 0)
        return;
    if (fork() == 0) {
        close(listener);
        serve(peer);
        _exit(0);
    }
    close(peer);
}

int main(int argc, char *argv[])
{
    struct sigaction action = {.sa_handler = note_child};
    sigset_t children, none;
    int listener;

    if (argc != 3 || (listener = listen_on(argv[1], argv[2])) < 0) {
        fprintf(stderr, "usage: lab-execd ADDRESS PORT (%s)\n", strerror(errno));
        return EXIT_FAILURE;
    }
    /* SIGCHLD comes through only inside ppoll(), so that none is missed between the check and the wait. */
    sigemptyset(&none);
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL);
    sigaction(SIGCHLD, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    puts("has-lab: node ready");
    fflush(stdout);
    for (;;) {
        struct pollfd ready = {.fd = listener, .events = POLLIN};

        if (ppoll(&ready, 1, NULL, &none) > 0)
            accept_one(listener);
        while (child_ended && waitpid(-1, NULL, WNOHANG) > 0)
            ;
        child_ended = 0;
    }
}
