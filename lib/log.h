/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logging by libqb, as the rest of the stack does it: syslog, a file, or standard error. */
#ifndef HAS_LOG_H
#define HAS_LOG_H

#include <qb/qblog.h>
#include <stdbool.h>
#include <stdint.h>

/* Opens the log. target: "syslog", "stderr", or the full path of a file (the thesis' ErrorLog). A file is made with
 * mode 0640; a symbolic link is refused (-ELOOP). Open a file only after priv_drop(): it lies in a directory of the
 * daemons' user, who must also be able to open it again.
 * Returns 0 or a negative errno (the file cannot be written). */
int log_open(const char *name, const char *target, bool debug);

/* Whether the target is a file. */
bool log_is_file(const char *target);

/* Opens the file again after a rotation; nothing to do for the other targets. */
int log_reopen(void);

void log_close(void);

#define log_error(...) qb_log(LOG_ERR, __VA_ARGS__)
#define log_warning(...) qb_log(LOG_WARNING, __VA_ARGS__)
#define log_notice(...) qb_log(LOG_NOTICE, __VA_ARGS__)
#define log_info(...) qb_log(LOG_INFO, __VA_ARGS__)
#define log_debug(...) qb_log(LOG_DEBUG, __VA_ARGS__)

/* For messages that the network can cause: true at most once in a second, and then *suppressed holds how many
 * were swallowed since. now_ms: a monotonic clock. */
struct log_limit {
    uint64_t last_ms;
    uint64_t swallowed;
};
bool log_allowed(struct log_limit *limit, uint64_t now_ms, uint64_t *suppressed);

#endif
