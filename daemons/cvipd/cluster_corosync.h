/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection to Corosync: libcpg, libquorum and libvotequorum on the loop. Only cluster.c uses this. */
#ifndef CVIPD_CLUSTER_COROSYNC_H
#define CVIPD_CLUSTER_COROSYNC_H

#include <qb/qbloop.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COROSYNC_GROUP "has-cvip"

enum corosync_end {
    COROSYNC_HERE, /* did not end */
    COROSYNC_GOODBYE,
    COROSYNC_PROCESS_DOWN,
    COROSYNC_NODE_DOWN,
};

struct corosync_node {
    uint32_t id;
    enum corosync_end end;
};

/* All are called from the loop. gone is the last one, and may close the connection; the others must not. */
struct corosync_events {
    void (*gone)(void *context, int error);
    void (*group)(void *context, bool in_group, const struct corosync_node *present, size_t present_count,
                  const struct corosync_node *left, size_t left_count);
    void (*quorum)(void *context, bool quorate, const uint32_t *nodes, size_t count);
    void (*message)(void *context, uint32_t from, const uint8_t *data, size_t length);
    void *context;
};

struct corosync;

/* Connects, joins the group and asks for quorum. Returns 0 or a negative errno; -EACCES: Corosync does not know our
 * user. */
int corosync_open(qb_loop_t *loop, const struct corosync_events *events, struct corosync **out);
/* Whether more than half of the expected votes are there: 1, 0, or -EAGAIN when Corosync is busy counting. */
int corosync_has_majority(struct corosync *corosync);
/* Sends to the group. Returns 0, -EAGAIN when Corosync is busy, or another negative errno. */
int corosync_send(struct corosync *corosync, const void *data, size_t length);
/* Says goodbye to the group; to be followed by corosync_close. */
void corosync_leave(struct corosync *corosync);
void corosync_close(struct corosync *corosync);

#endif
