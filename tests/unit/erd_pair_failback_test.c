/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the primary is used again: the wait and the back-off. */
#include "erd_pair_test.h"

static void after_the_wait(void **state)
{
    struct world w = failed_over();
    (void)state;
    assert_int_equal(pair_due(&w.pair), 2000 + WAIT);
    assert_int_equal(later(&w, WAIT - 1), PAIR_REASON_NONE);
    assert_int_equal(later(&w, 1), PAIR_REASON_FAILBACK);
    assert_int_equal(w.pair.active, PAIR_PRIMARY);
    assert_int_equal(w.pair.changes, 2);
    assert_int_equal(w.pair.failovers, 1);
    assert_int_equal(w.pair.since, 2000 + WAIT);
    assert_int_equal(pair_due(&w.pair), NEVER);
}

static void a_lost_link_starts_the_wait_anew(void **state)
{
    struct world w = failed_over();
    (void)state;
    later(&w, WAIT - 1);
    assert_int_equal(carrier(&w, PAIR_PRIMARY, false), PAIR_REASON_NONE);
    assert_int_equal(pair_due(&w.pair), NEVER);
    assert_int_equal(later(&w, 5), PAIR_REASON_NONE);
    assert_int_equal(carrier(&w, PAIR_PRIMARY, true), PAIR_REASON_NONE);
    assert_int_equal(later(&w, WAIT - 1), PAIR_REASON_NONE);
    assert_int_equal(later(&w, 1), PAIR_REASON_FAILBACK);
}

static void silence_starts_the_wait_anew(void **state)
{
    struct world w = failed_over();
    (void)state;
    sights(&w, PAIR_SIGHT_ANSWERS, PAIR_SIGHT_ANSWERS);
    assert_int_equal(pair_due(&w.pair), 2000 + WAIT);
    w.now += WAIT / 2;
    assert_int_equal(sights(&w, PAIR_SIGHT_SILENT, PAIR_SIGHT_ANSWERS), PAIR_REASON_NONE);
    assert_int_equal(later(&w, WAIT), PAIR_REASON_NONE);
    /* Not yet: one answer after a silence is none. */
    assert_int_equal(sights(&w, PAIR_SIGHT_LATE, PAIR_SIGHT_ANSWERS), PAIR_REASON_NONE);
    assert_int_equal(pair_due(&w.pair), NEVER);
    assert_int_equal(later(&w, WAIT), PAIR_REASON_NONE);
    assert_int_equal(sights(&w, PAIR_SIGHT_ANSWERS, PAIR_SIGHT_ANSWERS), PAIR_REASON_NONE);
    assert_int_equal(pair_due(&w.pair), w.now + WAIT);
    assert_int_equal(later(&w, WAIT), PAIR_REASON_FAILBACK);
}

static void a_late_answer_only_delays(void **state)
{
    struct world w = failed_over();
    (void)state;
    sights(&w, PAIR_SIGHT_ANSWERS, PAIR_SIGHT_ANSWERS);
    w.now += WAIT - 1;
    assert_int_equal(sights(&w, PAIR_SIGHT_LATE, PAIR_SIGHT_ANSWERS), PAIR_REASON_NONE);
    assert_int_equal(pair_due(&w.pair), NEVER);
    assert_int_equal(later(&w, 100), PAIR_REASON_NONE);
    assert_int_equal(sights(&w, PAIR_SIGHT_ANSWERS, PAIR_SIGHT_ANSWERS), PAIR_REASON_FAILBACK);
}

/* With both silent nothing is known of the primary. */
static void not_while_both_are_silent(void **state)
{
    struct world w = failed_over();
    (void)state;
    sights(&w, PAIR_SIGHT_SILENT, PAIR_SIGHT_SILENT);
    assert_int_equal(later(&w, 10 * WAIT), PAIR_REASON_NONE);
    assert_int_equal(pair_due(&w.pair), NEVER);
}

static void not_when_nobody_wants_it(void **state)
{
    const struct pair_settings settings = {.failback = false, .wait_ms = WAIT, .wait_max_ms = WAIT_MAX};
    struct world w = world_with(&settings, PAIR_TWIN);
    (void)state;
    look(&w);
    assert_int_equal(pair_due(&w.pair), NEVER);
    assert_int_equal(later(&w, 100 * WAIT), PAIR_REASON_NONE);
    /* But the twin's failure needs no leave. */
    assert_int_equal(carrier(&w, PAIR_TWIN, false), PAIR_REASON_CARRIER);
    assert_int_equal(w.pair.active, PAIR_PRIMARY);
}

/* A primary that is in use is never failed back to, also not when it has failed and has no alternative. */
static void a_forced_return_waits_for_nothing(void **state)
{
    struct world w = failed_over();
    (void)state;
    assert_int_equal(carrier(&w, PAIR_TWIN, false), PAIR_REASON_CARRIER);
    assert_int_equal(w.pair.active, PAIR_PRIMARY);
    assert_int_equal(w.pair.failovers, 2);
    assert_int_equal(pair_due(&w.pair), NEVER);
    assert_int_equal(carrier(&w, PAIR_TWIN, true), PAIR_REASON_NONE);
    assert_int_equal(later(&w, 100 * WAIT), PAIR_REASON_NONE);
    /* It was no failback: nothing doubles. */
    fails_and_returns_after(&w, WAIT);
}

static void backs_off(void **state)
{
    struct world w = failed_over();
    (void)state;
    later(&w, WAIT);
    for (uint64_t wait = 2 * WAIT; wait < WAIT_MAX; wait *= 2)
        fails_and_returns_after(&w, wait);
    fails_and_returns_after(&w, WAIT_MAX);
    fails_and_returns_after(&w, WAIT_MAX);
}

/* The twin's failures are not the primary's. */
static void the_twin_does_not_back_off(void **state)
{
    struct world w = failed_over();
    (void)state;
    later(&w, WAIT);
    carrier(&w, PAIR_PRIMARY, false);
    carrier(&w, PAIR_PRIMARY, true);
    assert_int_equal(w.pair.wait_ms, 2 * WAIT);
    assert_int_equal(carrier(&w, PAIR_TWIN, false), PAIR_REASON_CARRIER);
    assert_int_equal(w.pair.active, PAIR_PRIMARY);
    assert_int_equal(w.pair.wait_ms, 2 * WAIT);
}

static void flaps_while_it_waits(void **state)
{
    struct world w = failed_over();
    (void)state;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(carrier(&w, PAIR_PRIMARY, false), PAIR_REASON_NONE);
        w.now += 50;
        assert_int_equal(carrier(&w, PAIR_PRIMARY, true), PAIR_REASON_NONE);
        assert_int_equal(later(&w, WAIT - 100), PAIR_REASON_NONE);
    }
    assert_int_equal(w.pair.changes, 1);
    assert_int_equal(later(&w, 100), PAIR_REASON_FAILBACK);
}

static void trusts_again(void **state)
{
    struct world w = failed_over();
    (void)state;
    later(&w, WAIT);
    fails_and_returns_after(&w, 2 * WAIT);
    /* Just not long enough: it doubles. */
    w.now += WAIT_MAX - 1;
    fails_and_returns_after(&w, 4 * WAIT);
    w.now += WAIT_MAX;
    fails_and_returns_after(&w, WAIT);
}

/* In use all the time, but not well: a failure after the longest wait does not double, and forgives nothing. */
static void no_trust_without_health(void **state)
{
    struct world w = failed_over();
    (void)state;
    later(&w, WAIT);
    fails_and_returns_after(&w, 2 * WAIT);
    w.now += WAIT_MAX - 1000;
    both_carriers(&w, false);
    w.now += 500;
    both_carriers(&w, true);
    w.now += WAIT_MAX - 1;
    fails_and_returns_after(&w, 2 * WAIT);
    /* Silent with the twin is not well either. */
    w.now += WAIT_MAX - 1000;
    sights(&w, PAIR_SIGHT_SILENT, PAIR_SIGHT_SILENT);
    w.now += 500;
    sights(&w, PAIR_SIGHT_ANSWERS, PAIR_SIGHT_ANSWERS);
    w.now += WAIT_MAX - 1;
    fails_and_returns_after(&w, 2 * WAIT);
}

static void no_wait(void **state)
{
    const struct pair_settings settings = {.failback = true, .wait_ms = 0, .wait_max_ms = 3000};
    struct world w = world_with(&settings, PAIR_PRIMARY);
    (void)state;
    look(&w);
    /* Both at time 0: that is a moment like others. */
    assert_int_equal(carrier(&w, PAIR_PRIMARY, false), PAIR_REASON_CARRIER);
    assert_int_equal(carrier(&w, PAIR_PRIMARY, true), PAIR_REASON_FAILBACK);
    /* It doubles from a second on, or it would not. */
    fails_and_returns_after(&w, 1000);
    fails_and_returns_after(&w, 2000);
    fails_and_returns_after(&w, 3000);
    w.now += 3000;
    assert_int_equal(carrier(&w, PAIR_PRIMARY, false), PAIR_REASON_CARRIER);
    assert_int_equal(carrier(&w, PAIR_PRIMARY, true), PAIR_REASON_FAILBACK);
}

static void no_wait_ever(void **state)
{
    const struct pair_settings settings = {.failback = true, .wait_ms = 0, .wait_max_ms = 0};
    struct world w = world_with(&settings, PAIR_PRIMARY);
    (void)state;
    look(&w);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(carrier(&w, PAIR_PRIMARY, false), PAIR_REASON_CARRIER);
        assert_int_equal(carrier(&w, PAIR_PRIMARY, true), PAIR_REASON_FAILBACK);
    }
}

/* A maximum below the wait is the wait. */
static void settings_that_are_not_checked(void **state)
{
    const struct pair_settings settings = {.failback = true, .wait_ms = WAIT, .wait_max_ms = 1};
    struct world w = world_with(&settings, PAIR_PRIMARY);
    (void)state;
    look(&w);
    fails_and_returns_after(&w, WAIT);
    fails_and_returns_after(&w, WAIT);
}

/* The clock of a caller who read it before. */
static void a_clock_that_goes_back(void **state)
{
    struct world w = failed_over();
    (void)state;
    w.now = 1;
    assert_int_equal(look(&w), PAIR_REASON_NONE);
    w.now = 2000 + WAIT;
    assert_int_equal(look(&w), PAIR_REASON_FAILBACK);
    w.now = 5;
    assert_int_equal(carrier(&w, PAIR_PRIMARY, false), PAIR_REASON_CARRIER);
    assert_int_equal(w.pair.wait_ms, 2 * WAIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_the_wait),
        cmocka_unit_test(a_lost_link_starts_the_wait_anew),
        cmocka_unit_test(silence_starts_the_wait_anew),
        cmocka_unit_test(a_late_answer_only_delays),
        cmocka_unit_test(not_while_both_are_silent),
        cmocka_unit_test(not_when_nobody_wants_it),
        cmocka_unit_test(a_forced_return_waits_for_nothing),
        cmocka_unit_test(backs_off),
        cmocka_unit_test(the_twin_does_not_back_off),
        cmocka_unit_test(flaps_while_it_waits),
        cmocka_unit_test(trusts_again),
        cmocka_unit_test(no_trust_without_health),
        cmocka_unit_test(no_wait),
        cmocka_unit_test(no_wait_ever),
        cmocka_unit_test(settings_that_are_not_checked),
        cmocka_unit_test(a_clock_that_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
