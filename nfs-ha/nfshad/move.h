/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moving the transports of a group to another server. Blocks: for a worker thread. */
#ifndef NFSHAD_MOVE_H
#define NFSHAD_MOVE_H

#include "move_writers.h"
#include "transport.h"

/* How long a move may take: the kernel lets go of a dead server when its connection is ended, at the latest when its
 * next attempt to connect begins. */
#define MOVE_TIMEOUT_MS 30000

struct move_report {
    unsigned moved;
    unsigned failed;
    unsigned ended;       /* connections to the old server that we ended */
    uint64_t duration_us; /* until the last transport had its new address */
};

struct move_way {
    bool planned;                 /* the server in use works; its connections end in order by themselves */
    bool series;                  /* the kernel series may be used where it is there */
    struct move_writers *writers; /* of the process; NULL: what earlier moves left is not known */
};

/* Gives every transport that uses one of the servers the address `to`. planned: the server in use works; its
 * connections end in order by themselves. Returns 0 (also when there is no such transport, nothing has been mounted
 * yet, and when only some have moved: report->failed counts the others, which the caller brings along by calling this
 * again), -EAFNOSUPPORT when this kernel cannot take the address, -ETIMEDOUT when none moved, or another negative
 * errno; *report is filled in any case. */
int move_transports(const char *root, const struct addr *servers, size_t count, const struct addr *to,
                    struct move_way way, struct move_report *report);

#endif
