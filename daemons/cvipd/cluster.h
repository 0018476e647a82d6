/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Corosync's word: who is a member, whether we have quorum, and maps in the order that is the same for all. By libcpg
 * (group "has-cvip"), libquorum and libvotequorum. Node ids are member ids. */
#ifndef CVIPD_CLUSTER_H
#define CVIPD_CLUSTER_H

#include "key.h"
#include "wire.h"

#include <qb/qbloop.h>
#include <stdbool.h>
#include <stdint.h>

struct cluster_callbacks {
    /* On each change. Bit (id - 1) stands for a member.
     * connected: Corosync answers, we are in the group and know about quorum; all else is false or 0 without it.
     * strict_majority: quorate, and more than half of the expected votes are there; in a cluster of two, one alone may
     * be quorate (two_node), but never that.
     * present: who is in the group.
     * left: who left the group since the last call because its node is gone or its process ended, and did not say
     * goodbye. A node's loss is told only when quorum has been counted without it. */
    void (*state)(void *context, bool connected, bool quorate, bool strict_majority, uint16_t present, uint16_t left);
    /* An authentic map was delivered; our own ones too. */
    void (*map)(void *context, const struct wire_map *map);
};

struct cluster_counters {
    uint64_t delivered;                  /* maps */
    uint64_t published;                  /* maps that Corosync took from us */
    uint64_t refused[WIRE_RESULT_COUNT]; /* messages of the group that are refused, by wire_result */
    uint64_t unexpected;                 /* authentic messages of another type */
    uint64_t connections;                /* how often Corosync was there anew */
};

struct cluster;

/* Connects to Corosync, when it runs; else, and after it ended, tries again each second. Copies keys and callbacks.
 * Calls back only from the loop, never from here. The callbacks must not call cluster_close.
 * Call it before priv_drop(): Corosync refuses users it does not know (uidgid.d).
 * Returns 0, -ENOMEM or what the loop says. */
int cluster_open(qb_loop_t *loop, const struct keyring *ring, const struct cluster_callbacks *callbacks, void *context,
                 struct cluster **out);
/* Takes the new keys; copied. */
void cluster_set_keys(struct cluster *cluster, const struct keyring *ring);
/* Sends the map to the group in Corosync's order. When Corosync is busy it is sent later; a newer one replaces it.
 * Returns 0, -ENOTCONN, or -EINVAL when the map is out of its ranges. */
int cluster_publish(struct cluster *cluster, const struct wire_map *map);
const struct cluster_counters *cluster_counters(const struct cluster *cluster);
/* Says goodbye to the group. NULL is allowed. */
void cluster_close(struct cluster *cluster);

#endif
