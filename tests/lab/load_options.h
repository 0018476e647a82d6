/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of the load program. */
#ifndef LAB_LOAD_OPTIONS_H
#define LAB_LOAD_OPTIONS_H

#include "source.h"

#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>

enum { TARGETS_MAX = 16, SOURCES_MAX = 4 };

struct target {
    const char *name; /* the address as it was given */
    struct sockaddr_storage address;
    socklen_t length;
};

struct load_options {
    struct target targets[TARGETS_MAX];
    size_t target_count;
    struct source sources[SOURCES_MAX]; /* of either family */
    size_t source_count;
    const char *port, *path;
    double interval_ms, timeout_ms, duration_ms;
    FILE *log; /* one line a request, or NULL */
};

/* Fills options from the command line. Returns 0; or, after a message, the status with which to exit plus one. */
int load_options_parse(struct load_options *options, int argc, char *argv[]);

#endif
