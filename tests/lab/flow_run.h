/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The long transfers of one run, and how they stand. */
#ifndef LAB_FLOW_RUN_H
#define LAB_FLOW_RUN_H

#include "flow_options.h"
#include "flow_pattern.h"
#include "flow_report.h"

#include <stdbool.h>
#include <time.h>

enum state { WAITING, CONNECTING, GREETED, OPEN };

struct flow {
    enum state state;
    unsigned number;
    int fd;
    const struct flow_target *target;
    char mode;
    uint64_t seed, sent, received;
    double since_ms; /* of the state */
    double first_ms; /* of the first attempt */
    double last_ms;  /* the latest receipt */
    double end_ms;   /* when its life is over */
    double gap_ms;
    size_t named;
    char node[FLOW_NAME];
};

struct run {
    struct flow_options options;
    int epoll, timer, signals;
    struct timespec start;
    bool ended;
    unsigned ticks, turn;
    struct flow flows[FLOWS_MAX];
    struct flow_report report;
};

/* ms since the run's start. */
double flow_run_ms(const struct run *run);

/* How many are open, and for how long the most silent one of them had no byte. */
unsigned flow_run_open(const struct run *run, double *silence_ms);

/* Writes that to the file of the option --state. */
void flow_run_write_state(const struct run *run);

#endif
