/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nfshad, the NFS failover daemon (thesis 3.15.2, 4.8.2): when a file server dies, the mounts go on with another one.
 */
#include "config.h"

#include "nfshad.h"

#include "background.h"
#include "daemon.h"
#include "notify.h"
#include "priv.h"

#include <getopt.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct options {
    const char *config;
    const char *pidfile;
    const char *control;
    bool foreground;
    bool check;
    bool debug;
};

static void usage(FILE *out)
{
    fputs("usage: nfshad [-bdfhtV] [-c FILE] [-i NAME] [-p PIDFILE]\n"
          "  -b          go into the background when ready (as without -f)\n"
          "  -c FILE     configuration (" NFSHAD_CONFIG_PATH ")\n"
          "  -d          log debug messages\n"
          "  -f          stay in the foreground\n"
          "  -i NAME     name of the control service (has-nfs)\n"
          "  -p PIDFILE  pid file (" HAS_RUNDIR "/nfshad.pid)\n"
          "  -t          check the configuration and exit\n"
          "  -V, -h      show the version, this help\n",
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
        puts("nfshad " PACKAGE_VERSION);
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
    static const struct option longs[] = {
        {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
    int status = -1;
    int option;
    *options =
        (struct options){.config = NFSHAD_CONFIG_PATH, .pidfile = HAS_RUNDIR "/nfshad.pid", .control = "has-nfs"};
    while (status < 0 && (option = getopt_long(argc, argv, "bc:dfhi:p:tV", longs, NULL)) != -1)
        status = take_option(option, options);
    if (status >= 0 || optind == argc)
        return status;
    usage(stderr);
    return EX_USAGE;
}

static int32_t on_end(int32_t signal_number, void *data)
{
    struct nfshad *nfshad = data;
    log_notice("ending on signal %d; the mounts stay as they are, and nobody moves them", signal_number);
    (void)notify_send("STOPPING=1");
    qb_loop_stop(nfshad->loop);
    return 0;
}

static int32_t on_reload(int32_t signal_number, void *data)
{
    (void)signal_number;
    (void)log_reopen();
    (void)notify_send("RELOADING=1");
    nfshad_reload(data);
    (void)notify_send("READY=1");
    return 0;
}

/* The kernel's files are root's; connections of others are ended; servers want to be asked from reserved ports; and
 * only where it is wanted: another server is mounted in the place of a dead one. */
static int drop_privileges(const struct nfshad_config *config)
{
    static const int capabilities[] = {CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, CAP_DAC_OVERRIDE, CAP_SYS_ADMIN,
                                       CAP_SETUID};
    size_t count = sizeof capabilities / sizeof capabilities[0];
    return daemon_drop(config->user, capabilities, config->remount ? count : count - 2);
}

/* A client that has nothing else of HAS may lack its user; the capabilities are given away all the same. */
static void fall_back_to_root(struct nfshad_config *config)
{
    if (strcmp(config->user, HAS_USER) == 0 && getpwnam(HAS_USER) == NULL)
        snprintf(config->user, sizeof config->user, "root");
}

/* Everything up to the point where the daemon works. */
static int come_up(struct nfshad *nfshad, const struct options *options, const struct nfshad_config *config)
{
    int rc = daemon_prepare_directory(options->pidfile, config->user);
    if (rc != 0)
        return rc;
    rc = priv_lock_memory();
    if (rc != 0)
        log_warning("cannot stay in memory: %s; a failover may wait for the disk", strerror(-rc));
    priv_raise_priority(PRIV_THREADS_TOO); /* whoever reads and writes waits for a move, and threads make it */
    rc = nfshad_open(nfshad, options->config, config);
    if (rc == 0)
        rc = daemon_write_pidfile(options->pidfile);
    if (rc == 0)
        rc = drop_privileges(config);
    if (rc == 0)
        rc = daemon_log_file("nfshad", config->error_log, config->user, options->debug);
    if (rc == 0)
        rc = daemon_catch_signals(nfshad->loop, on_end, on_reload, nfshad);
    return rc == 0 ? nfshad_start(nfshad, options->control) : rc;
}

static int live(const struct options *options, const struct nfshad_config *config)
{
    static struct nfshad nfshad; /* one a process */
    int rc = come_up(&nfshad, options, config);
    if (rc == 0) {
        log_notice("nfshad " PACKAGE_VERSION " runs: %zu groups of servers", nfshad.group_count);
        background_ready();
        (void)notify_send("READY=1");
        qb_loop_run(nfshad.loop);
        (void)unlink(options->pidfile);
    }
    nfshad_close(&nfshad);
    return rc;
}

/* Two daemons would move the mounts against each other. */
static int run(const struct options *options, const struct nfshad_config *config)
{
    int rc = daemon_log("nfshad", config->error_log, options->debug);
    if (rc == 0)
        rc = daemon_refuse_second("nfshad", options->control);
    if (rc == 0)
        rc = live(options, config);
    log_close();
    return daemon_exit_status(rc);
}

int main(int argc, char **argv)
{
    struct options options;
    struct nfshad_config config;
    struct conf_error error = {""};
    int status = parse_options(argc, argv, &options);
    if (status >= 0)
        return status;
    if (nfshad_config_load(options.config, &config, &error) != 0) {
        fprintf(stderr, "nfshad: %s\n", error.text);
        return EX_CONFIG;
    }
    if (options.check)
        return EX_OK;
    fall_back_to_root(&config);
    if (!options.foreground && background_start() != 0) {
        perror("nfshad");
        return EX_OSERR;
    }
    return run(&options, &config);
}
