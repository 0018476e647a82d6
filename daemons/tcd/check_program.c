/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program check: exit status 0 passes. The program runs in a process group of its own, which is killed at the
 * timeout; its end is seen by a pidfd in the loop, so nothing waits. */
#include "check.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX 31

struct process {
    struct check *check; /* NULL: nobody waits for its end any more */
    qb_loop_t *loop;
    pid_t pid;
    int pidfd;
};

static void report_end(struct check *check, int status)
{
    if (WIFSIGNALED(status))
        check_finish(check, CHECK_FAILED, "killed by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) == 0)
        check_finish(check, CHECK_PASSED, "exit status 0");
    else
        check_finish(check, CHECK_FAILED, "exit status %d", WEXITSTATUS(status));
}

static int32_t ended(int32_t fd, int32_t events, void *data)
{
    struct process *process = data;
    struct check *check = process->check;
    int status = 0;
    (void)events;
    pid_t reaped = waitpid(process->pid, &status, WNOHANG);
    if (reaped == 0)
        return 0;
    if (reaped < 0)
        status = W_EXITCODE(255, 0);
    qb_loop_poll_del(process->loop, fd);
    close(fd);
    free(process);
    if (check) {
        check->attempt = NULL;
        report_end(check, status);
    }
    return 0;
}

/* Splits at blanks. Returns the number of words. */
static int split(char *command, char *arguments[ARGUMENTS_MAX + 1])
{
    char *rest;
    int count = 0;
    for (char *word = strtok_r(command, " \t", &rest); word && count < ARGUMENTS_MAX;
         word = strtok_r(NULL, " \t", &rest))
        arguments[count++] = word;
    arguments[count] = NULL;
    return count;
}

/* Default signals, nothing blocked, standard streams at /dev/null, a process group of its own. */
static int spawn(const char *command, pid_t *pid)
{
    char copy[TCD_TEXT_MAX];
    char *arguments[ARGUMENTS_MAX + 1];
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    snprintf(copy, sizeof(copy), "%s", command);
    if (split(copy, arguments) == 0)
        return -EINVAL;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int result = posix_spawn(pid, arguments[0], &files, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return -result;
}

static void kill_and_wait(pid_t pid)
{
    kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static int start(struct check *check)
{
    struct process *process = calloc(1, sizeof(*process));
    if (!process)
        return -ENOMEM;
    *process = (struct process){.check = check, .loop = check->engine->loop, .pidfd = -1};
    int result = spawn(check->config->command, &process->pid);
    if (result == 0) {
        process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
        result = process->pidfd < 0 ? -errno : 0;
        if (result == 0)
            result = qb_loop_poll_add(process->loop, QB_LOOP_MED, process->pidfd, POLLIN, process, ended);
        if (result < 0)
            kill_and_wait(process->pid);
    }
    if (result < 0) {
        if (process->pidfd >= 0)
            close(process->pidfd);
        free(process);
        return result == -ECONNREFUSED ? -EIO : result;
    }
    check->attempt = process;
    return 0;
}

/* The killed process is waited for by ended(), so that one that does not die at once holds nobody up. */
static void stop(struct check *check)
{
    struct process *process = check->attempt;
    if (!process)
        return;
    process->check = NULL;
    kill(-process->pid, SIGKILL);
    check->attempt = NULL;
}

const struct check_driver check_program = {.start = start, .stop = stop};
