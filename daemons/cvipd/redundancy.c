/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redundancy.h"

void redundancy_init(struct redundancy *redundancy, const struct redundancy_threshold *threshold)
{
    *redundancy = (struct redundancy){.threshold = *threshold};
}

/* Whether the condition has held for the whole time. */
static bool lasts(bool condition, bool *holds, uint64_t *since_us, uint64_t needed_us, uint64_t now_us)
{
    if (condition && !*holds)
        *since_us = now_us;
    *holds = condition;
    return condition && now_us - *since_us >= needed_us;
}

enum redundancy_advice redundancy_sample(struct redundancy *redundancy, uint8_t load, bool split, uint64_t now_us)
{
    const struct redundancy_threshold *threshold = &redundancy->threshold;
    uint64_t needed_us = threshold->seconds * UINT64_C(1000000);
    if (!threshold->set)
        return REDUNDANCY_STAY;
    bool high = lasts(!split && load >= threshold->up, &redundancy->above, &redundancy->above_us, needed_us, now_us);
    bool low = lasts(split && load <= threshold->down, &redundancy->below, &redundancy->below_us, needed_us, now_us);
    if (high)
        redundancy->above = false; /* the next advice takes its whole time again */
    if (low)
        redundancy->below = false;
    return high ? REDUNDANCY_SPLIT : low ? REDUNDANCY_STANDBY : REDUNDANCY_STAY;
}
