/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connection requests that nobody answered, of buckets that have become ours. Under a flood there are thousands: then
 * the loop has its turns in between, so that heartbeats and the lease do not wait for them. */
#include "cvipd.h"

#include "clock.h"

#include <string.h>

/* A client sends its SYN again after a second, so an older one has its successor already. */
#define AGE_MS 1000

/* A SYN that is dropped again would be kept again. */
static void forget_lost_buckets(struct cvipd *cvipd, uint64_t now_us)
{
    uint8_t states[HASH_BUCKETS];
    engine_states(cvipd->engine, now_us * 1000, states);
    for (size_t i = 0; i < HASH_BUCKETS; i++)
        if ((states[i] & BUCKET_STATE_MASK) == BUCKET_FOREIGN || (states[i] & BUCKET_HOLD_SYN))
            cvipd->replay.wanted[i] = false;
}

void cvipd_replay_some(void *context)
{
    struct cvipd *cvipd = context;
    struct cvipd_replay *replay = &cvipd->replay;
    uint64_t suppressed, now_us = clock_boot_us();
    forget_lost_buckets(cvipd, now_us);
    int count = engine_replay(cvipd->engine, replay->wanted, replay->since_ns, now_us * 1000, AGE_MS, &replay->state);
    if (count > 0)
        replay->count += (unsigned)count;
    else if (count < 0 && log_allowed(&cvipd->engine_errors, now_us / 1000, &suppressed))
        log_warning("cannot take unanswered connection requests in again: %s; clients repeat them after a second",
                    strerror(-count));
    if (replay->state.more) {
        wake_in(&cvipd->replay_wake, 0);
        return;
    }
    if (replay->count > 0)
        log_info("%u unanswered connection requests are taken in again", replay->count);
    *replay = (struct cvipd_replay){0};
}

void cvipd_replay(struct cvipd *cvipd, const bool wanted[HASH_BUCKETS], const uint64_t since_us[HASH_BUCKETS])
{
    struct cvipd_replay *replay = &cvipd->replay;
    for (size_t i = 0; i < HASH_BUCKETS; i++)
        if (wanted[i]) {
            replay->wanted[i] = true;
            replay->since_ns[i] = since_us[i] * 1000;
        }
    replay->state = (struct engine_replay){0}; /* from the beginning, also for the new ones */
    cvipd_replay_some(cvipd);
}
