/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tmd, the traffic manager: takes the traffic nodes' load reports and keeps the IPVS weights (thesis 3.22.3). */
#include "config.h"

#include "manager.h"

#include "background.h"
#include "notify.h"
#include "priv.h"

#include <errno.h>
#include <getopt.h>
#include <linux/capability.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct options {
    const char *config;
    const char *pidfile;
    const char *control;
    bool background;
    bool check;
    bool debug;
};

static void usage(FILE *out)
{
    fputs("usage: tmd [-bdhntV] [-f FILE] [-i NAME] [-p PIDFILE]\n"
          "  -b          go into the background when ready\n"
          "  -d          log debug messages\n"
          "  -f FILE     configuration (" HAS_CONFDIR "/tmd.conf)\n"
          "  -i NAME     name of the control service (has-tmd)\n"
          "  -n          stay in the foreground (as without -b)\n"
          "  -p PIDFILE  pid file (" HAS_RUNDIR "/tmd.pid)\n"
          "  -t          check the configuration and exit\n"
          "  -V, -h      show the version, this help\n",
          out);
}

/* Returns -1 to go on, or an exit status. */
static int parse_options(int argc, char **argv, struct options *options)
{
    *options =
        (struct options){.config = HAS_CONFDIR "/tmd.conf", .pidfile = HAS_RUNDIR "/tmd.pid", .control = "has-tmd"};
    int option;
    while ((option = getopt(argc, argv, "bdf:hi:np:tV")) != -1) {
        switch (option) {
        case 'b':
            options->background = true;
            break;
        case 'd':
            options->debug = true;
            break;
        case 'f':
            options->config = optarg;
            break;
        case 'i':
            options->control = optarg;
            break;
        case 'n':
            options->background = false;
            break;
        case 'p':
            options->pidfile = optarg;
            break;
        case 't':
            options->check = true;
            break;
        case 'V':
            puts("tmd " PACKAGE_VERSION);
            return EX_OK;
        case 'h':
            usage(stdout);
            return EX_OK;
        default:
            usage(stderr);
            return EX_USAGE;
        }
    }
    if (optind == argc)
        return -1;
    usage(stderr);
    return EX_USAGE;
}

static int exit_status(int rc)
{
    switch (rc) {
    case 0:
        return EX_OK;
    case -ENOENT:
    case -EADDRINUSE:
        return EX_UNAVAILABLE;
    case -EPERM:
    case -EACCES:
        return EX_NOPERM;
    case -EINVAL:
        return EX_CONFIG;
    case -ECANCELED: /* see open_log_file() */
        return EX_CANTCREAT;
    default:
        return EX_OSERR;
    }
}

static int32_t on_end(int32_t signal_number, void *data)
{
    struct manager *manager = data;
    log_notice("ending on signal %d; the kernel goes on with the weights it has", signal_number);
    (void)notify_send("STOPPING=1");
    qb_loop_stop(manager->loop);
    return 0;
}

static int32_t on_reload(int32_t signal_number, void *data)
{
    (void)signal_number;
    (void)notify_send("RELOADING=1");
    manager_reload(data);
    (void)notify_send("READY=1");
    return 0;
}

static int catch_signals(struct manager *manager)
{
    qb_loop_signal_handle handle;
    int rc = qb_loop_signal_add(manager->loop, QB_LOOP_HIGH, SIGTERM, manager, on_end, &handle);
    if (rc == 0)
        rc = qb_loop_signal_add(manager->loop, QB_LOOP_HIGH, SIGINT, manager, on_end, &handle);
    if (rc == 0)
        rc = qb_loop_signal_add(manager->loop, QB_LOOP_HIGH, SIGHUP, manager, on_reload, &handle);
    return rc;
}

/* From root to the unprivileged user, who keeps the one right to change IPVS. */
static int drop_privileges(const struct manager *manager)
{
    static const int capabilities[] = {CAP_NET_ADMIN};
    const char *user = manager->config->user;
    int rc = priv_drop(user, capabilities, sizeof capabilities / sizeof capabilities[0]);
    if (rc != 0)
        log_error("cannot become user %s: %s", user, rc == -ENOENT ? "no such user" : strerror(-rc));
    return rc;
}

static int prepare_run_directory(const struct manager *manager, const char *pidfile)
{
    if (strncmp(pidfile, HAS_RUNDIR "/", sizeof HAS_RUNDIR) != 0)
        return 0; /* the administrator's own choice, and care */
    int rc = priv_directory(HAS_RUNDIR, manager->config->user);
    if (rc != 0)
        log_error("cannot prepare %s for user %s: %s", HAS_RUNDIR, manager->config->user,
                  rc == -ENOENT ? "no such user" : strerror(-rc));
    return rc;
}

static int write_pidfile(const char *path)
{
    int rc = notify_pidfile(path);
    if (rc != 0)
        log_error("cannot write the pid file %s: %s", path, strerror(-rc));
    return rc;
}

/* A log file is opened as the user, so that root follows nothing in the user's directory; until then we log to
 * stderr. Whatever the error is, -ECANCELED stands for it. */
static int open_log_file(const struct config *config, bool debug)
{
    if (!log_is_file(config->error_log))
        return 0;
    log_close();
    int rc = log_open("tmd", config->error_log, debug);
    if (rc == 0)
        return 0;
    fprintf(stderr, "tmd: cannot log to %s: %s; its directory must belong to user %s\n", config->error_log,
            strerror(-rc), config->user);
    return -ECANCELED;
}

/* Everything up to the point where the manager works. */
static int come_up(struct manager *manager, const struct options *options, struct config *config)
{
    int rc = manager_open(manager, options->config, config);
    if (rc == 0)
        rc = prepare_run_directory(manager, options->pidfile);
    priv_raise_priority(
        PRIV_BEFORE_NORMAL); /* a manager that waits for a processor takes healthy nodes for silent ones */
    if (rc == 0)
        rc = write_pidfile(options->pidfile);
    if (rc == 0)
        rc = drop_privileges(manager);
    if (rc == 0)
        rc = open_log_file(manager->config, options->debug);
    if (rc == 0)
        rc = catch_signals(manager);
    return rc == 0 ? manager_start(manager, options->control) : rc;
}

static int run(const struct options *options, struct config *config)
{
    struct manager manager;
    int rc = log_open("tmd", log_is_file(config->error_log) ? "stderr" : config->error_log, options->debug);
    if (rc != 0) {
        fprintf(stderr, "tmd: cannot log to %s: %s\n", config->error_log, strerror(-rc));
        config_free(config);
        return EX_CANTCREAT;
    }
    rc = come_up(&manager, options, config);
    if (rc == 0) {
        log_notice("tmd " PACKAGE_VERSION " ready: %zu traffic nodes, %zu virtual services, port %u",
                   pool_count(manager.pool), manager.config->service_count, manager.config->port);
        background_ready();
        (void)notify_send("READY=1");
        qb_loop_run(manager.loop);
        (void)unlink(options->pidfile);
    }
    manager_close(&manager);
    log_close();
    return exit_status(rc);
}

int main(int argc, char **argv)
{
    struct options options;
    struct config *config;
    struct conf_error error = {""};
    int status = parse_options(argc, argv, &options);
    if (status >= 0)
        return status;
    if (config_read(options.config, &config, &error) != 0) {
        fprintf(stderr, "tmd: %s\n", error.text);
        return EX_CONFIG;
    }
    if (options.check) {
        config_free(config);
        return EX_OK;
    }
    if (sodium_init() < 0 || (options.background && background_start() != 0)) {
        perror("tmd");
        return EX_OSERR;
    }
    return run(&options, config);
}
