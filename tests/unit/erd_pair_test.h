/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pair under test, with links and a clock that are set by hand. */
#ifndef ERD_PAIR_TEST_H
#define ERD_PAIR_TEST_H

#include "unit.h"

#include "pair.h"

#define NEVER UINT64_MAX
#define WAIT 10000u
#define WAIT_MAX 300000u

struct world {
    struct pair pair;
    struct pair_link links[PAIR_PORTS];
    uint64_t now;
};

/* Both ports have a link and are not probed; the clock starts at 0. */
static inline struct world world_with(const struct pair_settings *settings, unsigned active)
{
    struct world w = {.links = {{true, true, true, PAIR_SIGHT_NONE}, {true, true, true, PAIR_SIGHT_NONE}}};
    pair_init(&w.pair, settings, active, 0);
    return w;
}

static inline struct world world_begin(unsigned active)
{
    const struct pair_settings settings = {.failback = true, .wait_ms = WAIT, .wait_max_ms = WAIT_MAX};
    return world_with(&settings, active);
}

static inline enum pair_reason look(struct world *w)
{
    return pair_update(&w->pair, w->links, w->now);
}

/* Some time later, nothing else has changed. */
static inline enum pair_reason later(struct world *w, uint64_t ms)
{
    w->now += ms;
    return look(w);
}

static inline enum pair_reason carrier(struct world *w, unsigned port, bool on)
{
    w->links[port].carrier = on;
    return look(w);
}

static inline enum pair_reason both_carriers(struct world *w, bool on)
{
    w->links[PAIR_PRIMARY].carrier = on;
    return carrier(w, PAIR_TWIN, on);
}

static inline enum pair_reason sights(struct world *w, enum pair_sight primary, enum pair_sight twin)
{
    w->links[PAIR_PRIMARY].sight = primary;
    w->links[PAIR_TWIN].sight = twin;
    return look(w);
}

/* The primary has failed and is back, the twin is in use. */
static inline struct world failed_over(void)
{
    struct world w = world_begin(PAIR_PRIMARY);
    look(&w);
    w.now = 1000;
    assert_int_equal(carrier(&w, PAIR_PRIMARY, false), PAIR_REASON_CARRIER);
    w.now = 2000;
    assert_int_equal(carrier(&w, PAIR_PRIMARY, true), PAIR_REASON_NONE);
    return w;
}

/* The primary in use fails, returns, and is used again after the wait, not before. */
static inline void fails_and_returns_after(struct world *w, uint64_t wait)
{
    assert_int_equal(w->pair.active, PAIR_PRIMARY);
    assert_int_equal(carrier(w, PAIR_PRIMARY, false), PAIR_REASON_CARRIER);
    assert_int_equal(carrier(w, PAIR_PRIMARY, true), PAIR_REASON_NONE);
    assert_int_equal(pair_due(&w->pair), w->now + wait);
    if (wait > 0)
        assert_int_equal(later(w, wait - 1), PAIR_REASON_NONE);
    assert_int_equal(later(w, wait > 0), PAIR_REASON_FAILBACK);
}

#endif
