/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long reports waited, from the kernel's reception to the written weight: a histogram of the last one to two
 * minutes. Its buckets are at most 1/8 apart, and a percentile is given as its bucket's upper end. */
#ifndef TMD_LATENCY_H
#define TMD_LATENCY_H

#include <stdint.h>

#define LATENCY_BUCKETS 200
#define LATENCY_WINDOW_MS 60000

struct latency_window {
    uint64_t count;
    uint64_t max_us;
    uint32_t buckets[LATENCY_BUCKETS];
};

struct latency {
    uint64_t since_ms;
    struct latency_window now;
    struct latency_window before;
};

void latency_add(struct latency *latency, uint64_t us, uint64_t now_ms);

/* percentile: 1 to 100; 100 is the maximum. In microseconds; 0 when nothing was measured. */
uint64_t latency_percentile(const struct latency *latency, unsigned percentile);

#endif
