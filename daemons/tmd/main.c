/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tmd, the traffic manager: takes the traffic nodes' load reports and keeps the IPVS weights (thesis 3.22.3). */
#include "config.h"

#include "manager.h"

#include "background.h"
#include "daemon.h"
#include "notify.h"
#include "priv.h"

#include <errno.h>
#include <getopt.h>
#include <linux/capability.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
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

/* The one right to change IPVS. */
static const int capabilities[] = {CAP_NET_ADMIN};

/* Everything up to the point where the manager works. */
static int come_up(struct manager *manager, const struct options *options, struct config *config)
{
    int rc = manager_open(manager, options->config, config);
    if (rc == 0)
        rc = daemon_prepare_directory(options->pidfile, manager->config->user);
    priv_raise_priority(
        PRIV_BEFORE_NORMAL); /* a manager that waits for a processor takes healthy nodes for silent ones */
    if (rc == 0)
        rc = daemon_write_pidfile(options->pidfile);
    if (rc == 0)
        rc = daemon_drop(manager->config->user, capabilities, sizeof capabilities / sizeof capabilities[0]);
    if (rc == 0)
        rc = daemon_log_file("tmd", manager->config->error_log, manager->config->user, options->debug);
    if (rc == 0)
        rc = daemon_catch_signals(manager->loop, on_end, on_reload, manager);
    return rc == 0 ? manager_start(manager, options->control) : rc;
}

static int run(const struct options *options, struct config *config)
{
    struct manager manager;
    int rc = daemon_log("tmd", config->error_log, options->debug);
    if (rc != 0) {
        config_free(config);
        return daemon_exit_status(rc);
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
    return daemon_exit_status(rc);
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
