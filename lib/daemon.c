/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon.h"

#include "ctl.h"
#include "log.h"
#include "notify.h"
#include "priv.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define PING_MS 1000

static const char *reason(int error)
{
    return error == -ENOENT ? "no such user: make it (systemd-sysusers does), or set user in the configuration"
                            : strerror(-error);
}

int daemon_log(const char *name, const char *target, bool debug)
{
    int error = log_open(name, log_is_file(target) ? "stderr" : target, debug);
    if (error == 0)
        return 0;
    fprintf(stderr, "%s: cannot log to %s: %s\n", name, target, strerror(-error));
    return -ECANCELED;
}

int daemon_log_file(const char *name, const char *target, const char *user, bool debug)
{
    if (!log_is_file(target))
        return 0;
    log_close();
    int error = log_open(name, target, debug);
    if (error == 0)
        return 0;
    fprintf(stderr, "%s: cannot log to %s: %s; its directory must belong to user %s\n", name, target, strerror(-error),
            user);
    return -ECANCELED;
}

int daemon_refuse_second(const char *name, const char *control)
{
    json_t *answer = NULL;
    json_t *request = json_pack("{s:s}", "command", "ping");
    int error = request == NULL ? -ENOMEM : ctl_request(control, request, PING_MS, &answer);
    json_decref(request);
    json_decref(answer);
    if (error == -ECONNREFUSED)
        return 0;
    log_error("%s runs already: %s %s", name, control, error == 0 ? "answers" : "does not answer, but is there");
    return -EADDRINUSE;
}

int daemon_prepare_directory(const char *pidfile, const char *user)
{
    if (strncmp(pidfile, HAS_RUNDIR "/", sizeof HAS_RUNDIR) != 0)
        return 0; /* the administrator's own choice, and care */
    int error = priv_directory(HAS_RUNDIR, user);
    if (error != 0)
        log_error("cannot prepare %s for user %s: %s", HAS_RUNDIR, user, reason(error));
    return error;
}

int daemon_write_pidfile(const char *path)
{
    int error = notify_pidfile(path);
    if (error != 0)
        log_error("cannot write the pid file %s: %s", path, strerror(-error));
    return error;
}

int daemon_drop(const char *user, const int *capabilities, size_t count)
{
    int error = priv_drop(user, capabilities, count);
    if (error != 0)
        log_error("cannot become user %s: %s", user, reason(error));
    return error;
}

int daemon_catch_signals(qb_loop_t *loop, daemon_on_signal end, daemon_on_signal reload, void *context)
{
    qb_loop_signal_handle handle;
    int error = qb_loop_signal_add(loop, QB_LOOP_HIGH, SIGTERM, context, end, &handle);
    if (error == 0)
        error = qb_loop_signal_add(loop, QB_LOOP_HIGH, SIGINT, context, end, &handle);
    if (error == 0)
        error = qb_loop_signal_add(loop, QB_LOOP_HIGH, SIGHUP, context, reload, &handle);
    return error;
}

int daemon_exit_status(int error)
{
    switch (error) {
    case 0:
        return EX_OK;
    case -ENODEV:
    case -ENOENT:
    case -ENETDOWN:
    case -EOPNOTSUPP:
    case -EADDRINUSE:
        return EX_UNAVAILABLE;
    case -EPERM:
    case -EACCES:
        return EX_NOPERM;
    case -EINVAL:
        return EX_CONFIG;
    case -ECANCELED:
        return EX_CANTCREAT;
    default:
        return EX_OSERR;
    }
}
