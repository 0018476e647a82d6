/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The threshold of load: when the masters' processors are busy for long, all become active; when all have been idle for
 * long, the configured model counts again. Pure: time and load are passed in. */
#ifndef CVIPD_REDUNDANCY_H
#define CVIPD_REDUNDANCY_H

#include <stdbool.h>
#include <stdint.h>

struct redundancy_threshold {
    bool set;
    uint8_t up;       /* percent: at or above it for so long: split … */
    uint8_t down;     /* … and at or below it: standby again; smaller than up */
    uint32_t seconds; /* how long */
};

enum redundancy_advice {
    REDUNDANCY_STAY = 0,
    REDUNDANCY_SPLIT,
    REDUNDANCY_STANDBY,
};

struct redundancy {
    struct redundancy_threshold threshold;
    bool above, below; /* since then without a break */
    uint64_t above_us, below_us;
};

void redundancy_init(struct redundancy *redundancy, const struct redundancy_threshold *threshold);

/* load: of the busiest master, percent. split: whether all are active now. To be called regularly; gives an advice once
 * the load has been beyond the threshold for the whole time. */
enum redundancy_advice redundancy_sample(struct redundancy *redundancy, uint8_t load, bool split, uint64_t now_us);

#endif
