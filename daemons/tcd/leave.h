/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The orderly end (thesis 3.24.10, made graceful): the masters are told that the node drains, then tcd goes on
 * reporting until its connections have ended or a deadline has passed. Pure. */
#ifndef TCD_LEAVE_H
#define TCD_LEAVE_H

#include <stdbool.h>
#include <stdint.h>

/* How long there must be no connection: a new one may still be on its way from a master when it learns. */
#define LEAVE_QUIET_MS 200

enum leave_verdict { LEAVE_WAIT, LEAVE_DONE, LEAVE_DEADLINE };

struct leave {
    bool active;
    uint64_t deadline_ms;
    bool quiet;
    uint64_t quiet_since_ms;
};

void leave_begin(struct leave *leave, uint64_t now_ms, uint32_t timeout_ms);

/* told: every master that answers knows that the node drains. connections: to the virtual services. */
enum leave_verdict leave_judge(struct leave *leave, uint64_t now_ms, bool told, uint32_t connections);

#endif
