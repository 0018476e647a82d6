/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the named tests of the simulation share. */
#ifndef TEST_CVIPD_SCENARIO_H
#define TEST_CVIPD_SCENARIO_H

#include "cvipd_simulation.h"
#include "unit.h"

#define MS SIMULATION_MS
#define SECOND SIMULATION_SECOND
#define INTERVAL (30 * MS)
#define DEAD (3 * INTERVAL)

/* A quiet cluster whose members all run, are ready, and divide the buckets. */
static inline void scenario_begin(struct simulation *s, struct simulation_settings settings)
{
    settings.delay_us = 200;
    settings.jitter_us = 300;
    settings.late_us = 500;
    settings.fill_us = 20 * MS;
    settings.sees_all = true;
    settings.rejoin_us = settings.rejoin_us != 0 ? settings.rejoin_us : 500 * MS;
    settings.trace = getenv("TRACE") != NULL;
    simulation_begin(s, &settings);
    for (unsigned i = 0; i < settings.members; i++)
        simulation_boot(s, i);
    simulation_run(s, 4 * SECOND);
}

static inline void scenario_end(struct simulation *s)
{
    assert_string_equal(s->failure, "");
    simulation_end(s);
}

/* In steps of 1 ms, until each bucket has exactly one who takes new connections. Returns how long that took. */
static inline uint64_t scenario_until_good(struct simulation *s, uint64_t limit_us)
{
    uint64_t begin_us = s->now_us;
    while (simulation_wrong(s) != NULL && s->now_us < begin_us + limit_us)
        simulation_run(s, MS);
    assert_null(simulation_wrong(s));
    return s->now_us - begin_us;
}

static inline void scenario_assert_owns(const struct simulation *s, unsigned member, unsigned low, unsigned high)
{
    assert_in_range(simulation_owned(s, member), low, high);
}

#endif
