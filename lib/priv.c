/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "priv.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int find_user(const char *user, uid_t *uid, gid_t *gid)
{
    const struct passwd *entry;

    errno = 0;
    entry = getpwnam(user);
    if (entry == NULL)
        return errno == 0 ? -ENOENT : -errno;
    *uid = entry->pw_uid;
    *gid = entry->pw_gid;
    return 0;
}

int priv_directory(const char *path, const char *user)
{
    uid_t uid = (uid_t)-1;
    gid_t gid = (gid_t)-1;
    int error;
    int fd;

    if (geteuid() != 0)
        return 0;
    error = find_user(user, &uid, &gid);
    if (error != 0)
        return error;
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return -errno;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (fchown(fd, uid, gid) != 0 || fchmod(fd, 0755) != 0)
        error = -errno;
    close(fd);
    return error;
}

static int keep_capabilities(const int *capabilities, size_t count)
{
    const capng_type_t sets = CAPNG_EFFECTIVE | CAPNG_PERMITTED;

    capng_clear(CAPNG_SELECT_ALL);
    for (size_t i = 0; i < count; i++) {
        if (capng_update(CAPNG_ADD, sets, (unsigned)capabilities[i]) != 0)
            return -EINVAL;
    }
    return 0;
}

int priv_drop(const char *user, const int *capabilities, size_t count)
{
    uid_t uid = (uid_t)-1;
    gid_t gid = (gid_t)-1;
    int error;

    if (geteuid() != 0)
        return 0;
    error = find_user(user, &uid, &gid);
    if (error == 0)
        error = keep_capabilities(capabilities, count);
    if (error != 0)
        return error;
    if (capng_change_id((int)uid, (int)gid, CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING) != 0)
        return -EPERM;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -errno;
    return 0;
}

void priv_raise_priority(enum priv_priority priority)
{
    const struct sched_param param = {.sched_priority =
                                          priority == PRIV_WITH_THE_FIRST ? sched_get_priority_max(SCHED_RR) : 1};

    int policy = priority == PRIV_THREADS_TOO ? SCHED_RR : SCHED_RR | SCHED_RESET_ON_FORK;
    if (sched_setscheduler(0, policy, &param) != 0)
        (void)setpriority(PRIO_PROCESS, 0, -10);
}

int priv_lock_memory(void)
{
    const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_MEMLOCK, &all) != 0)
        return -errno;
    return mlockall(MCL_CURRENT | MCL_FUTURE) == 0 ? 0 : -errno;
}
