/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "latency.h"

#include <string.h>

/* Eight buckets to each power of two: below 8 us one each, then three bits behind the first one. */
static unsigned bucket_of(uint64_t us)
{
    if (us < 8)
        return (unsigned)us;
    unsigned power = 63 - (unsigned)__builtin_clzll(us);
    unsigned bucket = (power - 2) * 8 + (unsigned)((us >> (power - 3)) & 7);
    return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

static uint64_t upper_end(unsigned bucket)
{
    if (bucket < 8)
        return bucket;
    unsigned power = bucket / 8 + 2;
    return ((UINT64_C(8) + bucket % 8 + 1) << (power - 3)) - 1;
}

void latency_add(struct latency *latency, uint64_t us, uint64_t now_ms)
{
    if (now_ms - latency->since_ms >= LATENCY_WINDOW_MS) {
        latency->before = latency->now;
        memset(&latency->now, 0, sizeof latency->now);
        latency->since_ms = now_ms;
    }
    latency->now.count++;
    latency->now.buckets[bucket_of(us)]++;
    if (us > latency->now.max_us)
        latency->now.max_us = us;
}

uint64_t latency_percentile(const struct latency *latency, unsigned percentile)
{
    uint64_t max = latency->now.max_us > latency->before.max_us ? latency->now.max_us : latency->before.max_us;
    uint64_t count = latency->now.count + latency->before.count;
    uint64_t rank = (count * percentile + 99) / 100;
    uint64_t seen = 0;
    for (unsigned i = 0; i < LATENCY_BUCKETS && count > 0; i++) {
        seen += latency->now.buckets[i] + latency->before.buckets[i];
        if (seen >= rank)
            return percentile < 100 && upper_end(i) < max ? upper_end(i) : max;
    }
    return max;
}
