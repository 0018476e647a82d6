/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include <errno.h>
#include <string.h>

#define LIMIT_MS 1000

/* libqb has one log a process; this is the target that we opened in it. */
static int32_t log_target = -1;

static void enable(int32_t target, bool debug, const char *format)
{
    qb_log_filter_ctl(target, QB_LOG_FILTER_ADD, QB_LOG_FILTER_FILE, "*", debug ? LOG_DEBUG : LOG_INFO);
    qb_log_format_set(target, format);
    qb_log_ctl(target, QB_LOG_CONF_ENABLED, QB_TRUE);
    log_target = target;
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
    file = target[0] == '/' ? qb_log_file_open(target) : -EINVAL;
    if (file < 0) {
        log_close();
        return file;
    }
    enable(file, debug, "%T %H %N[%P]: %p: %b");
    return 0;
}

int log_reopen(void)
{
    if (log_target < QB_LOG_TARGET_DYNAMIC_START)
        return 0;
    return qb_log_file_reopen(log_target, NULL);
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
