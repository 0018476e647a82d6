/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps that every daemon's main() takes: each says what went wrong, in one message, and how to mend it. */
#ifndef HAS_DAEMON_H
#define HAS_DAEMON_H

#include <qb/qbloop.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Opens the log as configured; a file is opened by daemon_log_file, until then the log goes to stderr. Returns 0 or
 * -ECANCELED. */
int daemon_log(const char *name, const char *target, bool debug);

/* Opens a log file as the user, after daemon_drop, so that root follows nothing in the user's directory. Nothing to do
 * for the other targets. Returns 0 or -ECANCELED, whatever the error was. */
int daemon_log_file(const char *name, const char *target, const char *user, bool debug);

/* Returns -EADDRINUSE when a daemon answers, or is, behind that control service already. */
int daemon_refuse_second(const char *name, const char *control);

/* Makes the directory of pid files for the user, when the pid file lies there. Returns 0 or a negative errno. */
int daemon_prepare_directory(const char *pidfile, const char *user);

/* Returns 0 or a negative errno. */
int daemon_write_pidfile(const char *path);

/* From root to the unprivileged user, who keeps these capabilities. Returns 0 or a negative errno. */
int daemon_drop(const char *user, const int *capabilities, size_t count);

/* SIGTERM and SIGINT end, SIGHUP reloads. Returns 0 or a negative errno. */
typedef int32_t (*daemon_on_signal)(int32_t number, void *context);
int daemon_catch_signals(qb_loop_t *loop, daemon_on_signal end, daemon_on_signal reload, void *context);

/* The sysexits(3) of a negative errno of these functions or of a daemon's start: EX_UNAVAILABLE for what is not there
 * or taken, EX_NOPERM, EX_CONFIG for -EINVAL, EX_CANTCREAT for -ECANCELED, else EX_OSERR. */
int daemon_exit_status(int error);

#endif
