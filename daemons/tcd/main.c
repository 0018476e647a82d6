/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcd, the traffic client daemon: runs on every traffic node, checks the application, reports the load index to the
 * traffic managers on the master nodes (thesis 3.22.5). */
#include "background.h"
#include "notify.h"
#include "priv.h"
#include "tcd.h"

#include <config.h>
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct options {
    const char *config_path;
    const char *pid_path;
    const char *control_name;
    bool background;
    bool debug;
    bool test;
};

static const char usage[] = "usage: tcd [-bdntVh] [-f FILE] [-i NAME] [-p PIDFILE]\n"
                            "  -b          run in the background; return when ready\n"
                            "  -d          log details\n"
                            "  -f FILE     configuration (" HAS_CONFDIR "/tcd.conf)\n"
                            "  -h          show this help\n"
                            "  -i NAME     name of the control service (has-tcd)\n"
                            "  -n          run in the foreground (the default)\n"
                            "  -p PIDFILE  file for the process number (" HAS_RUNDIR "/tcd.pid)\n"
                            "  -t          check the configuration and exit\n"
                            "  -V          show the version\n";

static void parse_options(int argc, char **argv, struct options *options)
{
    int letter;
    *options = (struct options){
        .config_path = HAS_CONFDIR "/tcd.conf", .pid_path = HAS_RUNDIR "/tcd.pid", .control_name = "has-tcd"};
    while ((letter = getopt(argc, argv, "bdf:hi:np:tV")) != -1) {
        switch (letter) {
        case 'b':
            options->background = true;
            break;
        case 'd':
            options->debug = true;
            break;
        case 'f':
            options->config_path = optarg;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(EX_OK);
        case 'i':
            options->control_name = optarg;
            break;
        case 'n':
            options->background = false;
            break;
        case 'p':
            options->pid_path = optarg;
            break;
        case 't':
            options->test = true;
            break;
        case 'V':
            puts("tcd " PACKAGE_VERSION);
            exit(EX_OK);
        default:
            fputs(usage, stderr);
            exit(EX_USAGE);
        }
    }
    if (optind == argc)
        return;
    fprintf(stderr, "tcd: \"%s\" is no option\n%s", argv[optind], usage);
    exit(EX_USAGE);
}

/* Says why the daemon does not start: to who started it, and to the log once that is open. */
__attribute__((format(printf, 2, 3))) static int refuse(int status, const char *format, ...)
{
    char text[CONF_ERROR_MAX + 64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    fprintf(stderr, "tcd: %s\n", text);
    log_error("%s", text); /* goes nowhere as long as no log is open */
    return status;
}

static int check_configuration(const char *path)
{
    struct tcd_config *config = NULL;
    struct conf_error error = {"out of memory"};
    if (tcd_config_load(path, &config, &error))
        return refuse(EX_CONFIG, "%s", error.text);
    tcd_config_free(config);
    return EX_OK;
}

static int32_t on_hangup(int32_t number, void *data)
{
    (void)number;
    tcd_reload(data);
    return 0;
}

static int32_t on_end(int32_t number, void *data)
{
    (void)number;
    tcd_leave(data);
    return 0;
}

static int watch_signals(struct tcd *tcd)
{
    signal(SIGPIPE, SIG_IGN);
    if (qb_loop_signal_add(tcd->loop, QB_LOOP_HIGH, SIGHUP, tcd, on_hangup, NULL) ||
        qb_loop_signal_add(tcd->loop, QB_LOOP_HIGH, SIGTERM, tcd, on_end, NULL) ||
        qb_loop_signal_add(tcd->loop, QB_LOOP_HIGH, SIGINT, tcd, on_end, NULL))
        return -ENOMEM;
    return 0;
}

static int open_log(const struct tcd_config *config, bool debug)
{
    int result = log_open("tcd", config->log_target, debug);
    if (result == 0)
        return EX_OK;
    return refuse(EX_CANTCREAT, "cannot open the log %s: %s%s%s", config->log_target, strerror(-result),
                  log_is_file(config->log_target) ? "; its directory must belong to user " : "",
                  log_is_file(config->log_target) ? config->user : "");
}

/* What needs root, when we are root: the keys, the directory of sockets and pid files. Then the user. A log file is
 * opened as that user, so that root follows nothing in the user's directory. */
static int prepare(struct tcd *tcd, const struct options *options)
{
    struct conf_error error = {"out of memory"};
    if (tcd_load(tcd, &error))
        return refuse(EX_CONFIG, "%s", error.text);
    bool late = log_is_file(tcd->config->log_target);
    int status = late ? EX_OK : open_log(tcd->config, options->debug);
    if (status != EX_OK)
        return status;
    priv_raise_priority(PRIV_BEFORE_NORMAL); /* a node under load must not be taken for a dead one */
    int result = priv_directory(HAS_RUNDIR, tcd->config->user);
    if (result == 0)
        result = priv_drop(tcd->config->user, NULL, 0);
    if (result)
        return refuse(EX_NOUSER, "cannot become user %s: %s", tcd->config->user,
                      result == -ENOENT ? "no such user" : strerror(-result));
    return late ? open_log(tcd->config, options->debug) : EX_OK;
}

static int serve(struct tcd *tcd, const struct options *options)
{
    tcd->loop = qb_loop_create();
    if (!tcd->loop || watch_signals(tcd))
        return refuse(EX_OSERR, "cannot make the main loop");
    int result = tcd_start(tcd, options->control_name);
    if (result)
        return refuse(EX_UNAVAILABLE, "cannot start: %s; the log tells more", strerror(-result));
    result = notify_pidfile(options->pid_path); /* not earlier: it may be the file of a daemon that runs */
    if (result)
        return refuse(EX_CANTCREAT, "cannot write %s: %s", options->pid_path, strerror(-result));
    log_notice("tcd %s of node %s reports to %zu masters every %u ms", PACKAGE_VERSION, tcd->config->name,
               tcd->config->master_count, tcd->config->updates_ms);
    notify_send("READY=1");
    background_ready();
    qb_loop_run(tcd->loop);
    unlink(options->pid_path);
    return EX_OK;
}

int main(int argc, char **argv)
{
    struct options options;
    parse_options(argc, argv, &options);
    if (options.test)
        return check_configuration(options.config_path);
    if (sodium_init() < 0 || (options.background && background_start() < 0)) {
        fputs("tcd: cannot start\n", stderr);
        return EX_OSERR;
    }
    struct tcd tcd = {.config_path = options.config_path, .debug = options.debug};
    int status = prepare(&tcd, &options);
    if (status == EX_OK)
        status = serve(&tcd, &options);
    tcd_stop(&tcd);
    log_notice("tcd ended");
    log_close();
    return status;
}
