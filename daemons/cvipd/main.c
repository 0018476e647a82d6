/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cvipd, the cluster virtual IP: every master has the address, and the daemons agree who serves which clients. */
#include "config.h"

#include "cvipd.h"

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
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

struct options {
    const char *config;
    const char *pidfile;
    const char *control;
    bool background;
    bool check;
    bool clean;
    bool debug;
};

static void usage(FILE *out)
{
    fputs("usage: cvipd [-bcdhntV] [-f FILE] [-i NAME] [-p PIDFILE]\n"
          "  -b          go into the background when ready\n"
          "  -c, --clean take away what a daemon that died left on this machine, and exit\n"
          "  -d          log debug messages\n"
          "  -f FILE     configuration (" HAS_CONFDIR "/cvipd.conf)\n"
          "  -i NAME     name of the control service (has-cvipd)\n"
          "  -n          stay in the foreground (as without -b)\n"
          "  -p PIDFILE  pid file (" HAS_RUNDIR "/cvipd.pid)\n"
          "  -t          check the configuration and exit\n"
          "  -V, -h      show the version, this help\n",
          out);
}

/* Returns -1 to go on, or an exit status. */
static int take_option(int option, struct options *options)
{
    switch (option) {
    case 'b':
        options->background = true;
        return -1;
    case 'c':
        options->clean = true;
        return -1;
    case 'd':
        options->debug = true;
        return -1;
    case 'f':
        options->config = optarg;
        return -1;
    case 'i':
        options->control = optarg;
        return -1;
    case 'n':
        options->background = false;
        return -1;
    case 'p':
        options->pidfile = optarg;
        return -1;
    case 't':
        options->check = true;
        return -1;
    case 'V':
        puts("cvipd " PACKAGE_VERSION);
        return EX_OK;
    case 'h':
        usage(stdout);
        return EX_OK;
    default:
        usage(stderr);
        return EX_USAGE;
    }
}

static int parse_options(int argc, char **argv, struct options *options)
{
    static const struct option longs[] = {{"clean", no_argument, NULL, 'c'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    int status = -1;
    int option;
    *options = (struct options){
        .config = HAS_CONFDIR "/cvipd.conf", .pidfile = HAS_RUNDIR "/cvipd.pid", .control = "has-cvipd"};
    while (status < 0 && (option = getopt_long(argc, argv, "bcdf:hi:np:tV", longs, NULL)) != -1)
        status = take_option(option, options);
    if (status >= 0 || optind == argc)
        return status;
    usage(stderr);
    return EX_USAGE;
}

static int32_t on_end(int32_t signal_number, void *data)
{
    struct cvipd *cvipd = data;
    if (!cvipd->leaving)
        log_notice("ending on signal %d: handing everything over to the other members", signal_number);
    cvipd_leave(cvipd);
    return 0;
}

static int32_t on_reload(int32_t signal_number, void *data)
{
    (void)signal_number;
    (void)notify_send("RELOADING=1");
    cvipd_reload(data);
    (void)notify_send("READY=1");
    return 0;
}

/* A daemon that waits for its memory counts as dead. What comes later is locked when it is used. */
static void lock_memory(void)
{
    const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY}; /* holds also for the unprivileged user */
    if (setrlimit(RLIMIT_MEMLOCK, &all) != 0 || mlockall(MCL_CURRENT) != 0 || mlockall(MCL_FUTURE | MCL_ONFAULT) != 0)
        log_warning("cannot lock the memory: %s; on a machine that swaps, heartbeats may come late", strerror(errno));
}

/* To change addresses, and to send frames. */
static const int capabilities[] = {CAP_NET_ADMIN, CAP_NET_RAW};

/* Everything up to the point where the daemon works. */
static int come_up(struct cvipd *cvipd, const struct options *options, struct cvipd_config *config)
{
    int rc = cvipd_open(cvipd, options->config, config);
    if (rc == 0)
        rc = daemon_prepare_directory(options->pidfile, config->user);
    if (rc == 0)
        (void)fencing_prepare();              /* without Pacemaker's user there is no Pacemaker that could tell */
    priv_raise_priority(PRIV_WITH_THE_FIRST); /* a daemon that waits for a processor counts as dead */
    lock_memory();
    if (rc == 0)
        rc = daemon_write_pidfile(options->pidfile);
    if (rc == 0)
        rc = daemon_drop(config->user, capabilities, sizeof capabilities / sizeof capabilities[0]);
    if (rc == 0)
        rc = daemon_log_file("cvipd", config->error_log, config->user, options->debug);
    if (rc == 0)
        rc = daemon_catch_signals(cvipd->loop, on_end, on_reload, cvipd);
    return rc == 0 ? cvipd_start(cvipd, options->control) : rc;
}

static int live(const struct options *options, struct cvipd_config *config)
{
    struct cvipd cvipd;
    char ports[CVIPD_PORTS_TEXT];
    int rc = come_up(&cvipd, options, config);
    if (rc == 0) {
        log_notice("cvipd " PACKAGE_VERSION " runs: member %s of %zu, %zu addresses on %s", config->name,
                   config->member_count, config->address_count, cvipd_ports_text(config, ports));
        background_ready();
        (void)notify_send("READY=1");
        qb_loop_run(cvipd.loop);
        (void)unlink(options->pidfile);
        rc = cvipd.failed ? -ENODEV : 0;
    }
    cvipd_close(&cvipd);
    return rc;
}

/* Two daemons on one port would pull the engine from under each other. */
static int run(const struct options *options, struct cvipd_config *config)
{
    int rc = daemon_log("cvipd", config->error_log, options->debug);
    if (rc == 0)
        rc = daemon_refuse_second("cvipd", options->control);
    if (rc == 0)
        rc = live(options, config);
    else
        cvipd_config_free(config);
    log_close();
    return daemon_exit_status(rc);
}

/* For the cluster's stop, when the daemon did not end by itself. */
static int clean(const struct options *options, const struct cvipd_config *config)
{
    (void)log_open("cvipd", "stderr", options->debug);
    int rc = daemon_refuse_second("cvipd", options->control);
    if (rc == 0)
        rc = cvipd_clean(config);
    log_close();
    return daemon_exit_status(rc);
}

int main(int argc, char **argv)
{
    struct options options;
    struct cvipd_config *config;
    struct conf_error error = {""};
    int status = parse_options(argc, argv, &options);
    if (status >= 0)
        return status;
    if (cvipd_config_load(options.config, &config, &error) != 0) {
        fprintf(stderr, "cvipd: %s\n", error.text);
        return EX_CONFIG;
    }
    if (options.check || options.clean) {
        status = options.check ? EX_OK : clean(&options, config);
        cvipd_config_free(config);
        return status;
    }
    if (sodium_init() < 0 || (options.background && background_start() != 0)) {
        perror("cvipd");
        return EX_OSERR;
    }
    return run(&options, config);
}
