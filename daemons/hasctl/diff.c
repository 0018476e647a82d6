/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* The text behind a file descriptor that diff can open. */
static int text_descriptor(const char *text)
{
    int fd = memfd_create("rendered", 0);
    size_t left = strlen(text);

    if (fd < 0)
        return -errno;
    while (left > 0) {
        ssize_t written = write(fd, text, left);

        if (written <= 0) {
            int error = written < 0 ? errno : EIO;

            close(fd);
            return -error;
        }
        text += written;
        left -= (size_t)written;
    }
    return fd;
}

static int run_diff(const char *old, const char *label, int fd)
{
    char current[32];
    char from[512];
    char to[512];
    char *arguments[] = {"diff", "-u", "--label", from, "--label", to, "--", NULL, current, NULL};
    int status;
    int error;
    pid_t pid;

    snprintf(current, sizeof(current), "/proc/self/fd/%d", fd);
    snprintf(from, sizeof(from), "%s", label);
    snprintf(to, sizeof(to), "%s (rendered)", label);
    arguments[7] = strdup(old);
    if (!arguments[7])
        return -ENOMEM;
    error = posix_spawnp(&pid, "diff", NULL, NULL, arguments, environ);
    free(arguments[7]);
    if (error != 0)
        return -error;
    if (waitpid(pid, &status, 0) < 0)
        return -errno;
    return WIFEXITED(status) && WEXITSTATUS(status) <= 1 ? WEXITSTATUS(status) : -EIO;
}

int diff_print(const char *path, const char *text, FILE *out)
{
    const char *old = path;
    int result;
    int fd;

    if (access(path, R_OK) != 0) {
        if (errno != ENOENT)
            return -errno;
        old = "/dev/null";
    }
    fd = text_descriptor(text);
    if (fd < 0)
        return fd;
    fflush(out); /* diff writes behind what we wrote */
    result = run_diff(old, path, fd);
    close(fd);
    return result;
}
