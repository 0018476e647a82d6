/* SPDX-License-Identifier: GPL-2.0-or-later */
/* erd, the Ethernet redundancy daemon (thesis 3.23): when the port in use fails, its twin takes over. */
#include "config.h"

#include "erd.h"

#include "background.h"
#include "daemon.h"
#include "notify.h"
#include "priv.h"

#include <getopt.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

struct options {
    const char *config;
    const char *pidfile;
    const char *control;
    char **ports; /* two names, or NULL */
    bool foreground;
    bool check;
    bool clean;
    bool debug;
};

static void usage(FILE *out)
{
    fputs("usage: erd [-bdfhtV] [-c FILE] [-i NAME] [-p PIDFILE] [PRIMARY TWIN]\n"
          "       erd --clean [-c FILE] [-i NAME] [PRIMARY TWIN]\n"
          "  -b          go into the background when ready (as without -f)\n"
          "  -c FILE     configuration (" ERD_CONFIG ")\n"
          "  -d          log debug messages\n"
          "  -f          stay in the foreground\n"
          "  -i NAME     name of the control service (has-erd)\n"
          "  -p PIDFILE  pid file (" HAS_RUNDIR "/erd.pid)\n"
          "  -t          check the configuration and exit\n"
          "  --clean     take away what an erd left that runs no more, and exit\n"
          "  -V, -h      show the version, this help\n"
          "Without PRIMARY and TWIN the pairs are those of the configuration; without that, eth0 and eth1.\n",
          out);
}

/* Returns -1 to go on, or an exit status. */
static int take_option(int option, struct options *options)
{
    switch (option) {
    case 'b':
        options->foreground = false;
        return -1;
    case 'c':
        options->config = optarg;
        return -1;
    case 'C':
        options->clean = true;
        return -1;
    case 'd':
        options->debug = true;
        return -1;
    case 'f':
        options->foreground = true;
        return -1;
    case 'i':
        options->control = optarg;
        return -1;
    case 'p':
        options->pidfile = optarg;
        return -1;
    case 't':
        options->check = true;
        return -1;
    case 'V':
        puts("erd " PACKAGE_VERSION);
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
    static const struct option longs[] = {{"clean", no_argument, NULL, 'C'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    int status = -1;
    int option;
    *options = (struct options){.config = ERD_CONFIG, .pidfile = HAS_RUNDIR "/erd.pid", .control = "has-erd"};
    while (status < 0 && (option = getopt_long(argc, argv, "bc:dfhi:p:tV", longs, NULL)) != -1)
        status = take_option(option, options);
    if (status >= 0 || optind == argc)
        return status;
    if (argc - optind == PAIR_PORTS) {
        options->ports = &argv[optind];
        return status;
    }
    usage(stderr);
    return EX_USAGE;
}

static int32_t on_end(int32_t signal_number, void *data)
{
    struct erd *erd = data;
    log_notice("ending on signal %d; the ports stay as they are", signal_number);
    (void)notify_send("STOPPING=1");
    qb_loop_stop(erd->loop);
    return 0;
}

static int32_t on_reload(int32_t signal_number, void *data)
{
    (void)signal_number;
    (void)notify_send("RELOADING=1");
    erd_reload(data);
    (void)notify_send("READY=1");
    return 0;
}

static const int capabilities[] = {CAP_NET_ADMIN, CAP_NET_RAW};

/* Everything up to the point where the daemon works. What can fail without touching a port comes first. */
static int come_up(struct erd *erd, const struct options *options, struct erd_config *config)
{
    int rc = daemon_prepare_directory(options->pidfile, config->user);
    if (rc != 0) {
        erd_config_free(config);
        return rc;
    }
    priv_raise_priority(PRIV_BEFORE_NORMAL); /* traffic waits for a failover */
    rc = erd_open(erd, options->config, options->ports, config);
    if (rc == 0)
        rc = daemon_write_pidfile(options->pidfile);
    if (rc == 0)
        rc = daemon_drop(config->user, capabilities, sizeof capabilities / sizeof capabilities[0]);
    if (rc == 0)
        rc = daemon_log_file("erd", config->error_log, config->user, options->debug);
    if (rc == 0)
        rc = daemon_catch_signals(erd->loop, on_end, on_reload, erd);
    return rc == 0 ? erd_start(erd, options->control) : rc;
}

static int live(const struct options *options, struct erd_config *config)
{
    static struct erd erd; /* too large for the stack of some threads' limits; one a process */
    int rc = come_up(&erd, options, config);
    if (rc == 0) {
        log_notice("erd " PACKAGE_VERSION " runs: %zu pairs", erd.pair_count);
        background_ready();
        (void)notify_send("READY=1");
        qb_loop_run(erd.loop);
        (void)unlink(options->pidfile);
    }
    erd_close(&erd);
    return rc;
}

/* Two daemons would swap the ports against each other. */
static int run(const struct options *options, struct erd_config *config)
{
    int rc = daemon_log("erd", config->error_log, options->debug);
    if (rc == 0)
        rc = daemon_refuse_second("erd", options->control);
    if (rc == 0)
        rc = live(options, config);
    else
        erd_config_free(config);
    log_close();
    return daemon_exit_status(rc);
}

/* For the administrator who wants the ports back. */
static int clean(const struct options *options, struct erd_config *config)
{
    static struct erd erd;
    (void)log_open("erd", "stderr", options->debug);
    int rc = daemon_refuse_second("erd", options->control);
    if (rc != 0) {
        erd_config_free(config);
        return daemon_exit_status(rc);
    }
    rc = erd_open(&erd, options->config, options->ports, config);
    if (rc == 0)
        rc = erd_clean(&erd);
    erd_close(&erd);
    log_close();
    return daemon_exit_status(rc);
}

int main(int argc, char **argv)
{
    struct options options;
    struct erd_config *config;
    struct conf_error error = {""};
    int status = parse_options(argc, argv, &options);
    if (status >= 0)
        return status;
    if (erd_config_load(options.config, options.ports, &config, &error) != 0) {
        fprintf(stderr, "erd: %s\n", error.text);
        return EX_CONFIG;
    }
    if (options.check) {
        erd_config_free(config);
        return EX_OK;
    }
    if (options.clean)
        return clean(&options, config);
    if (!options.foreground && background_start() != 0) {
        perror("erd");
        return EX_OSERR;
    }
    return run(&options, config);
}
