/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LIMIT_MS 1000

/* libqb has one log a process; this is the target that we opened in it. */
static int32_t log_target = -1;
static char log_path[PATH_MAX]; /* of the file, when the target is one */

static void enable(int32_t target, bool debug, const char *format)
{
    qb_log_filter_ctl(target, QB_LOG_FILTER_ADD, QB_LOG_FILTER_FILE, "*", debug ? LOG_DEBUG : LOG_INFO);
    qb_log_format_set(target, format);
    qb_log_ctl(target, QB_LOG_CONF_ENABLED, QB_TRUE);
    log_target = target;
}

/* libqb opens the file itself, follows links and leaves the mode to the umask: so we are there first. */
static int make_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0640);

    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

static int32_t open_file(const char *path)
{
    int error;

    if (!log_is_file(path))
        return -EINVAL;
    if ((size_t)snprintf(log_path, sizeof(log_path), "%s", path) >= sizeof(log_path))
        return -ENAMETOOLONG;
    error = make_file(path);
    return error != 0 ? error : qb_log_file_open(path);
}

bool log_is_file(const char *target)
{
    return target[0] == '/';
}

int log_open(const char *name, const char *target, bool debug)
{
    int32_t file;

    qb_log_init(name, LOG_DAEMON, LOG_EMERG);
    qb_log_ctl(QB_LOG_SYSLOG, QB_LOG_CONF_ENABLED, QB_FALSE);
    if (strcmp(target, "syslog") == 0) {
        qb_log_filter_ctl(QB_LOG_SYSLOG, QB_LOG_FILTER_CLEAR_ALL, QB_LOG_FILTER_FILE, "*", LOG_TRACE);
        enable(QB_LOG_SYSLOG, debug, "%b");
        return 0;
    }
    if (strcmp(target, "stderr") == 0) {
        enable(QB_LOG_STDERR, debug, "%N[%P]: %p: %b");
        return 0;
    }
    file = open_file(target);
    if (file < 0) {
        log_close();
        return file;
    }
    enable(file, debug, "%T %H %N[%P]: %p: %b");
    return 0;
}

int log_reopen(void)
{
    int error;

    if (log_target < QB_LOG_TARGET_DYNAMIC_START)
        return 0;
    error = make_file(log_path);
    return error != 0 ? error : qb_log_file_reopen(log_target, NULL);
}

void log_close(void)
{
    log_target = -1;
    qb_log_fini();
}

bool log_allowed(struct log_limit *limit, uint64_t now_ms, uint64_t *suppressed)
{
    if (limit->last_ms != 0 && now_ms - limit->last_ms < LIMIT_MS) {
        limit->swallowed++;
        return false;
    }
    limit->last_ms = now_ms != 0 ? now_ms : 1; /* 0 stands for "never" */
    *suppressed = limit->swallowed;
    limit->swallowed = 0;
    return true;
}
