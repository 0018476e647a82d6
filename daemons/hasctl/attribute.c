/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "attrd_updater"
#define NOT_STARTED 127 /* posix_spawn(3) may tell a program that is missing only so */
#define ATTRIBUTE_MAX 64
#define PIECE 4096

/* Starts the program with its output in that pipe. Returns 0 or a negative errno. */
static int start(const char *name, int output, pid_t *pid)
{
    char attribute[ATTRIBUTE_MAX];
    char program[] = PROGRAM, query[] = "-Q", all[] = "-A", called[] = "-n";
    char *const words[] = {program, query, all, called, attribute, NULL};
    posix_spawn_file_actions_t actions;
    int result = posix_spawn_file_actions_init(&actions);

    if (result != 0)
        return -result;
    snprintf(attribute, sizeof(attribute), "%s", name);
    if (posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) != 0 ||
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) != 0)
        result = ENOMEM;
    if (result == 0)
        result = posix_spawnp(pid, PROGRAM, &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -result;
}

/* Copies until the end of the input, or returns -ETIMEDOUT or another negative errno. */
static int copy(int input, uint64_t deadline, FILE *out)
{
    struct pollfd wait = {.fd = input, .events = POLLIN};
    char piece[PIECE];

    for (;;) {
        uint64_t now = clock_ms();
        int ready = now < deadline ? poll(&wait, 1, (int)(deadline - now)) : 0;
        ssize_t got;

        if (ready == 0)
            return -ETIMEDOUT;
        got = ready < 0 ? -1 : read(input, piece, sizeof(piece));
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got == 0)
            return 0;
        if (got > 0)
            fwrite(piece, 1, (size_t)got, out);
    }
}

/* Takes the output of the program that writes into the pipe; *text is set in each case but -ENOMEM. */
static int collect(int input, uint64_t deadline, char **text)
{
    size_t length;
    FILE *out = open_memstream(text, &length);
    int result;

    if (!out)
        return -ENOMEM;
    result = copy(input, deadline, out);
    if (fclose(out) != 0 && result == 0)
        result = -EIO;
    if (result != 0) {
        free(*text);
        *text = NULL;
    }
    return result;
}

/* Waits for its end, which has come or is forced here. */
static int finish(pid_t pid, int result)
{
    int status = 0;

    if (result != 0)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (result == 0 && WIFEXITED(status) && WEXITSTATUS(status) == NOT_STARTED)
        result = -ENOENT;
    else if (result == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
        result = -EIO;
    return result;
}

int attribute_ask(const char *name, int timeout_ms, char **text)
{
    uint64_t deadline = clock_ms() + (uint64_t)timeout_ms;
    int ends[2];
    pid_t pid = 0;
    int result;

    *text = NULL;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    result = start(name, ends[1], &pid);
    close(ends[1]);
    if (result == 0)
        result = finish(pid, collect(ends[0], deadline, text));
    close(ends[0]);
    if (result != 0) {
        free(*text);
        *text = NULL;
    }
    return result;
}
