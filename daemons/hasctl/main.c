/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hasctl: what administrators and agents call. */
#include "config.h"

#include "command.h"
#include "realserver.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const struct {
    const char *name;
    command_run run;
    const char *usage;
} commands[] = {
    {"status", command_status, "status                     how the daemon of this node is"},
    {"nodes", command_nodes, "nodes                      the traffic nodes: state, index, weight, connections"},
    {"services", command_services, "services                   the virtual services and their servers in the kernel"},
    {"drain", command_drain, "drain NODE                 no new connections for NODE, until undrain"},
    {"undrain", command_undrain, "undrain NODE               lift a drain"},
    {"weight", command_weight, "weight NODE NUMBER|auto    fix the weight of NODE, or leave it to the policy"},
    {"cvip", command_cvip,
     "cvip                       the masters and their shares of the clients\n"
     "  cvip fenced NODE           the master NODE is off beyond doubt: told by whoever fenced it"},
    {"switchover", command_switchover, "switchover [--end]         give this master's clients to the others; end that"},
    {"redundancy", command_redundancy, "redundancy show|set MODEL [N]   how many masters are active at a time"},
    {"ports", command_ports,
     "ports [--working]          this node's pairs of ports; how many ports work\n"
     "  ports switch [PORT]        use PORT, or the other one"},
    {"nfs", command_nfs,
     "nfs [status]               this node's mounts with several NFS servers, and what it serves\n"
     "  nfs switch SERVER          use SERVER from now on"},
    {"ping", command_ping, "ping tmd|tcd|cvipd|erd     is the daemon's loop alive? 0 yes, 1 no"},
    {"key", command_key, "key generate [FILE]        make the key file, or add a key to it"},
    {"config", command_config, "config check|render|diff   has.conf and what is made of it"},
    {"realserver", command_realserver, "realserver start|stop|monitor --address A   for ocf:has:realserver"},
};

static void print_help(FILE *out)
{
    fputs("Usage: hasctl [--json] [--timeout MS] COMMAND\n\n", out);
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        fprintf(out, "  %s\n", commands[i].usage);
    fputs("\n  --json         print the daemon's answer for programs\n"
          "  --timeout MS   wait so long for a daemon (default 2000)\n"
          "  --version      print the version\n"
          "\nhasctl(8) tells the rest.\n",
          out);
}

int command_usage(const char *usage)
{
    fprintf(stderr, "Usage: hasctl %s\n", usage);
    return EX_USAGE;
}

/* The agent calls it for each monitor: nothing but its own words is looked at. */
int command_realserver(const struct options *options, int argc, char **argv)
{
    (void)options;
    return realserver_main(argc, argv);
}

int command_parse_timeout(const char *text, int *timeout_ms)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || value < 1 || value > 600000) {
        fprintf(stderr, "hasctl: --timeout %s: a number of ms from 1 to 600000 is wanted\n", text);
        return -EINVAL;
    }
    *timeout_ms = (int)value;
    return 0;
}

static int run_command(const struct options *options, int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        if (strcmp(commands[i].name, argv[0]) == 0)
            return commands[i].run(options, argc, argv);
    fprintf(stderr, "hasctl: there is no command \"%s\"; hasctl --help lists them\n", argv[0]);
    return EX_USAGE;
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
                                          {"timeout", required_argument, NULL, 't'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    struct options options = {.json = false, .timeout_ms = 2000};
    int choice;

    while ((choice = getopt_long(argc, argv, "+jt:hV", longs, NULL)) != -1) {
        switch (choice) {
        case 'j':
            options.json = true;
            break;
        case 't':
            if (command_parse_timeout(optarg, &options.timeout_ms) != 0)
                return EX_USAGE;
            break;
        case 'h':
            print_help(stdout);
            return EX_OK;
        case 'V':
            puts("hasctl " PACKAGE_VERSION);
            return EX_OK;
        default:
            return EX_USAGE;
        }
    }
    if (optind == argc) {
        print_help(stderr);
        return EX_USAGE;
    }
    argc -= optind;
    argv += optind;
    optind = 0; /* glibc: the command's own options are a new line */
    return run_command(&options, argc, argv);
}
