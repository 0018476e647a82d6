/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What failover.c decides by: the rules alone. They change nothing. */
#ifndef NFSHAD_FAILOVER_RULES_H
#define NFSHAD_FAILOVER_RULES_H

#include "failover.h"

#define FAILOVER_NEVER UINT64_MAX

/* One set of data that is written to, and that one server serves at a time: two that serve have each its own. */
bool failover_one_at_a_time(const struct failover *failover);
/* Is the server in use down, or does it answer and not serve, or serve something else? */
bool failover_is_lost(const struct failover *failover);
/* Does the server have a copy of its own? Nothing moves there, whatever else is known of it. */
bool failover_is_own_copy(const struct failover *failover, size_t server);

/* What is to be done next, not before failover->now_ms. Returns when; FAILOVER_NEVER: nothing. */
uint64_t failover_plan(const struct failover *failover, struct failover_action *out);

/* failover_text.c: why a move cannot be commanded, as far as that is known: an errno of failover_switch(), or 0. */
int failover_refuse(const struct failover *failover, size_t index, char why[FAILOVER_REASON_MAX]);
/* failover_text.c: writes state, own_copies and reason. */
void failover_describe(struct failover *failover);

#endif
