/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The executor: makes the kernel's IPVS table what the traffic manager wants (thesis 3.22.3). It adopts what it
 * finds, repairs what others changed in the services that are ours, never touches other services, never flushes,
 * and lets servers drain before it deletes them. */
#ifndef TMD_EXECUTOR_H
#define TMD_EXECUTOR_H

#include "reconcile.h"

struct executor;

struct executor_stats {
    uint64_t writes;  /* changes carried out, repairs among them */
    uint64_t repairs; /* of these: changes that undid what somebody else did */
    uint64_t errors;  /* readings and writes that the kernel refused */
};

/* Opens the kernel's table; nothing is read or written yet. Needs CAP_NET_ADMIN, also later for every write.
 * Returns 0 or a negative errno: -ENOENT when the kernel has no IPVS (module ip_vs), -EPERM. */
int executor_open(struct executor **out, const struct executor_settings *settings);

/* New settings, after a reload. */
void executor_configure(struct executor *e, const struct executor_settings *settings);

/* Writes the difference between the kernel's table and the wanted one.
 * reread: read the kernel's table first; differences that others made are repaired and counted. Otherwise the
 * remembered table serves (cheap: call it for every new weight); the kernel is read again when a write fails with
 * it, and in the first call. Drained servers are deleted on rereads only, as only these bring connection counts; so
 * call with reread every `repair` ms. now_ms: monotonic.
 * Returns 0, or the negative errno of the first failure, which is counted and logged; the next call tries again. */
int executor_apply(struct executor *e, const struct executor_wanted *wanted, bool reread, uint64_t now_ms);

/* The table as last read, with our changes since; connection counts are those of the last reading. It holds the
 * services of others too. Valid until the next executor_apply. */
const struct ipvs_table *executor_table(const struct executor *e);

void executor_stats(const struct executor *e, struct executor_stats *out);

/* Leaves the kernel's table as it is: connections go on. */
void executor_close(struct executor *e);

#endif
