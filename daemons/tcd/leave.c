/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "leave.h"

void leave_begin(struct leave *leave, uint64_t now_ms, uint32_t timeout_ms)
{
    *leave = (struct leave){.active = true, .deadline_ms = now_ms + timeout_ms};
}

enum leave_verdict leave_judge(struct leave *leave, uint64_t now_ms, bool told, uint32_t connections)
{
    if (!told || connections > 0) {
        leave->quiet = false;
    } else if (!leave->quiet) {
        leave->quiet = true;
        leave->quiet_since_ms = now_ms;
    }
    if (leave->quiet && now_ms - leave->quiet_since_ms >= LEAVE_QUIET_MS)
        return LEAVE_DONE;
    return now_ms >= leave->deadline_ms ? LEAVE_DEADLINE : LEAVE_WAIT;
}
