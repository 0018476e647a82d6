/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of the program of long transfers. */
#ifndef LAB_FLOW_OPTIONS_H
#define LAB_FLOW_OPTIONS_H

#include "source.h"

#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>

enum { FLOW_TARGETS_MAX = 4, FLOWS_MAX = 4096 };

struct flow_target {
    const char *name; /* the address as it was given */
    struct sockaddr_storage address;
    socklen_t length;
};

struct flow_options {
    struct flow_target targets[FLOW_TARGETS_MAX];
    size_t target_count;
    struct source sources[FLOW_TARGETS_MAX]; /* of either family */
    size_t source_count;
    unsigned flows;     /* at a time, over all targets; every second one is an echo, the others are streams */
    double life_ms;     /* a flow ends in order after half to all of it and a new one begins; 0: none ends */
    double patience_ms; /* an established flow without a byte for so long is lost */
    const char *state;  /* a file that tells how it stands, or NULL */
};

/* Fills options from the command line. Returns 0; or, after a message, the status with which to exit plus one. */
int flow_options_parse(struct flow_options *options, int argc, char *argv[]);

#endif
