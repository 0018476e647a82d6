/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program.h"

#include "message.h"

#include <errno.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int program_run(const char *path, char *const argv[])
{
    pid_t pid;
    int status;

    int result = posix_spawn(&pid, path, NULL, NULL, argv, environ);
    if (result != 0)
        return -result;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool is_ourselves(const char *path)
{
    struct stat self, other;
    return stat("/proc/self/exe", &self) == 0 && stat(path, &other) == 0 && self.st_dev == other.st_dev &&
           self.st_ino == other.st_ino;
}

const char *program_mount_nfs(const struct mount_paths *paths)
{
    if (access(paths->distrib, X_OK) == 0)
        return paths->distrib;
    if (access(paths->plain, X_OK) == 0 && !is_ourselves(paths->plain))
        return paths->plain;
    message("neither %s nor %s is the mount program for NFS: install it (Debian: nfs-common), and see WRAPPER in "
            "mount.nfsha(8)",
            paths->distrib, paths->plain);
    return NULL;
}
