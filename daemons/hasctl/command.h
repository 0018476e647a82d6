/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of hasctl. Each gets its own words (argv[0] is the command's name) and returns the exit code. */
#ifndef HAS_COMMAND_H
#define HAS_COMMAND_H

#include <stdbool.h>

struct options {
    bool json;      /* print the daemon's answer as it is */
    int timeout_ms; /* how long to wait for a daemon */
};

typedef int (*command_run)(const struct options *options, int argc, char **argv);

int command_status(const struct options *options, int argc, char **argv);
int command_nodes(const struct options *options, int argc, char **argv);
int command_services(const struct options *options, int argc, char **argv);
int command_drain(const struct options *options, int argc, char **argv);
int command_undrain(const struct options *options, int argc, char **argv);
int command_weight(const struct options *options, int argc, char **argv);
int command_ping(const struct options *options, int argc, char **argv);
int command_key(const struct options *options, int argc, char **argv);
int command_config(const struct options *options, int argc, char **argv);
int command_cvip(const struct options *options, int argc, char **argv);
int command_switchover(const struct options *options, int argc, char **argv);
int command_redundancy(const struct options *options, int argc, char **argv);
int command_ports(const struct options *options, int argc, char **argv);
int command_nfs(const struct options *options, int argc, char **argv);
int command_realserver(const struct options *options, int argc, char **argv);

/* Reads the value of --timeout. Returns 0, or -EINVAL after a message. */
int command_parse_timeout(const char *text, int *timeout_ms);

/* Says how the command is used, on stderr. Returns EX_USAGE. */
int command_usage(const char *usage);

#endif
