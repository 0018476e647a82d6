/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cvipd, the cluster virtual IP: every master has the address, and the daemons agree who serves which clients. */
#include "config.h"

#include "cvipd.h"

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
#include <sys/mman.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#define PING_MS 1000

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

static int exit_status(int rc)
{
    switch (rc) {
    case 0:
        return EX_OK;
    case -ENODEV:
    case -ENOENT:
    case -EOPNOTSUPP:
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

static int catch_signals(struct cvipd *cvipd)
{
    qb_loop_signal_handle handle;
    int rc = qb_loop_signal_add(cvipd->loop, QB_LOOP_HIGH, SIGTERM, cvipd, on_end, &handle);
    if (rc == 0)
        rc = qb_loop_signal_add(cvipd->loop, QB_LOOP_HIGH, SIGINT, cvipd, on_end, &handle);
    if (rc == 0)
        rc = qb_loop_signal_add(cvipd->loop, QB_LOOP_HIGH, SIGHUP, cvipd, on_reload, &handle);
    return rc;
}

/* Two daemons on one port would pull the engine from under each other. */
static int refuse_a_second(const char *control)
{
    json_t *answer = NULL;
    json_t *request = json_pack("{s:s}", "command", "ping");
    int rc = request == NULL ? -ENOMEM : ctl_request(control, request, PING_MS, &answer);
    json_decref(request);
    json_decref(answer);
    if (rc == -ECONNREFUSED)
        return 0;
    log_error("a cvipd is running already: %s %s", control, rc == 0 ? "answers" : "does not answer, but is there");
    return -EADDRINUSE;
}

/* A daemon that waits for its memory counts as dead. What comes later is locked when it is used. */
static void lock_memory(void)
{
    const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY}; /* holds also for the unprivileged user */
    if (setrlimit(RLIMIT_MEMLOCK, &all) != 0 || mlockall(MCL_CURRENT) != 0 || mlockall(MCL_FUTURE | MCL_ONFAULT) != 0)
        log_warning("cannot lock the memory: %s; on a machine that swaps, heartbeats may come late", strerror(errno));
}

/* From root to the unprivileged user, who keeps the rights to change addresses and to send frames. */
static int drop_privileges(const struct cvipd *cvipd)
{
    static const int capabilities[] = {CAP_NET_ADMIN, CAP_NET_RAW};
    const char *user = cvipd->config->user;
    int rc = priv_drop(user, capabilities, sizeof capabilities / sizeof capabilities[0]);
    if (rc != 0)
        log_error("cannot become user %s: %s", user, rc == -ENOENT ? "no such user" : strerror(-rc));
    return rc;
}

static int prepare_run_directory(const struct cvipd_config *config, const char *pidfile)
{
    if (strncmp(pidfile, HAS_RUNDIR "/", sizeof HAS_RUNDIR) != 0)
        return 0; /* the administrator's own choice, and care */
    int rc = priv_directory(HAS_RUNDIR, config->user);
    if (rc != 0)
        log_error("cannot prepare %s for user %s: %s", HAS_RUNDIR, config->user,
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
static int open_log_file(const struct cvipd_config *config, bool debug)
{
    if (!log_is_file(config->error_log))
        return 0;
    log_close();
    int rc = log_open("cvipd", config->error_log, debug);
    if (rc == 0)
        return 0;
    fprintf(stderr, "cvipd: cannot log to %s: %s; its directory must belong to user %s\n", config->error_log,
            strerror(-rc), config->user);
    return -ECANCELED;
}

/* Everything up to the point where the daemon works. */
static int come_up(struct cvipd *cvipd, const struct options *options, struct cvipd_config *config)
{
    int rc = cvipd_open(cvipd, options->config, config);
    if (rc == 0)
        rc = prepare_run_directory(config, options->pidfile);
    if (rc == 0)
        (void)fencing_prepare();              /* without Pacemaker's user there is no Pacemaker that could tell */
    priv_raise_priority(PRIV_WITH_THE_FIRST); /* a daemon that waits for a processor counts as dead */
    lock_memory();
    if (rc == 0)
        rc = write_pidfile(options->pidfile);
    if (rc == 0)
        rc = drop_privileges(cvipd);
    if (rc == 0)
        rc = open_log_file(config, options->debug);
    if (rc == 0)
        rc = catch_signals(cvipd);
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

static int run(const struct options *options, struct cvipd_config *config)
{
    int rc = log_open("cvipd", log_is_file(config->error_log) ? "stderr" : config->error_log, options->debug);
    if (rc != 0) {
        fprintf(stderr, "cvipd: cannot log to %s: %s\n", config->error_log, strerror(-rc));
        cvipd_config_free(config);
        return EX_CANTCREAT;
    }
    rc = refuse_a_second(options->control);
    if (rc == 0)
        rc = live(options, config);
    else
        cvipd_config_free(config);
    log_close();
    return exit_status(rc);
}

/* For the cluster's stop, when the daemon did not end by itself. */
static int clean(const struct options *options, const struct cvipd_config *config)
{
    (void)log_open("cvipd", "stderr", options->debug);
    int rc = refuse_a_second(options->control);
    if (rc == 0)
        rc = cvipd_clean(config);
    log_close();
    return exit_status(rc);
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
