/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Corosync for tests: it is linked instead of libcpg, libquorum and libvotequorum, and says what the test wants. What
 * it says arrives when the loop turns, in order for each library. */
#ifndef FAKE_COROSYNC_H
#define FAKE_COROSYNC_H

#include <corosync/cpg.h>
#include <corosync/votequorum.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_SELF 1 /* our node id */

struct fake_corosync {
    cs_error_t refuses;  /* CS_OK: connections are taken */
    cs_error_t sending;  /* what cpg_mcast_joined says */
    cs_error_t counting; /* what votequorum_getinfo says */
    bool without_votes;  /* no quorum provider */
    unsigned total, expected;
    unsigned open; /* handles */
    unsigned goodbyes;
};
extern struct fake_corosync fake_corosync;

/* Forgets everything. */
void fake_corosync_start(void);
/* Ends: what is connected finds its descriptors readable and Corosync gone. */
void fake_corosync_crash(void);

/* The group changes: members, then who left and why (count 0: nobody). Our own process has our pid. */
void fake_corosync_group(const uint32_t *members, size_t count, uint32_t left, cpg_reason_t reason);
void fake_corosync_quorum(bool quorate, const uint32_t *nodes, size_t count);
/* A message of another node. */
void fake_corosync_message(const void *data, size_t length);

#endif
