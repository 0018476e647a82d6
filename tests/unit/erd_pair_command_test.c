/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people ask of a pair: another port, other settings. */
#include "erd_pair_test.h"

#include <errno.h>

static void a_command_holds(void **state)
{
    struct world w = world_begin(PAIR_PRIMARY);
    (void)state;
    look(&w);
    w.now = 500;
    assert_int_equal(pair_command(&w.pair, PAIR_TWIN, w.now), 0);
    assert_int_equal(w.pair.active, PAIR_TWIN);
    assert_true(w.pair.held);
    assert_int_equal(w.pair.changes, 1);
    assert_int_equal(w.pair.failovers, 0);
    assert_int_equal(w.pair.reason, PAIR_REASON_COMMAND);
    assert_int_equal(w.pair.since, 500);
    assert_int_equal(pair_due(&w.pair), NEVER);
    assert_int_equal(later(&w, 100 * WAIT), PAIR_REASON_NONE);
    /* Also past a primary that fails and returns. */
    assert_int_equal(carrier(&w, PAIR_PRIMARY, false), PAIR_REASON_NONE);
    assert_int_equal(carrier(&w, PAIR_PRIMARY, true), PAIR_REASON_NONE);
    assert_int_equal(later(&w, 100 * WAIT), PAIR_REASON_NONE);
    /* Until the primary is wanted, at once. */
    assert_int_equal(pair_command(&w.pair, PAIR_PRIMARY, w.now), 0);
    assert_int_equal(w.pair.active, PAIR_PRIMARY);
    assert_false(w.pair.held);
    assert_int_equal(w.pair.changes, 2);
    assert_int_equal(later(&w, 1), PAIR_REASON_NONE);
}

static void a_failure_ends_what_was_held(void **state)
{
    struct world w = world_begin(PAIR_PRIMARY);
    (void)state;
    look(&w);
    pair_command(&w.pair, PAIR_TWIN, w.now);
    assert_int_equal(carrier(&w, PAIR_TWIN, false), PAIR_REASON_CARRIER);
    assert_false(w.pair.held);
    carrier(&w, PAIR_TWIN, true);
    w.now += 10;
    fails_and_returns_after(&w, WAIT);
}

/* Wanted while it is in use already: nothing moves, but it is held. */
static void a_command_for_the_active_port(void **state)
{
    struct world w = failed_over();
    (void)state;
    assert_int_equal(pair_command(&w.pair, PAIR_TWIN, w.now), 0);
    assert_true(w.pair.held);
    assert_int_equal(w.pair.changes, 1);
    assert_int_equal(w.pair.reason, PAIR_REASON_CARRIER);
    assert_int_equal(later(&w, 10 * WAIT), PAIR_REASON_NONE);
    w = world_begin(PAIR_PRIMARY);
    look(&w);
    assert_int_equal(pair_command(&w.pair, PAIR_PRIMARY, w.now), 0);
    assert_false(w.pair.held);
    assert_int_equal(w.pair.changes, 0);
}

static void commands_that_are_refused(void **state)
{
    struct world w = world_begin(PAIR_PRIMARY);
    (void)state;
    look(&w);
    carrier(&w, PAIR_TWIN, false);
    assert_int_equal(pair_command(&w.pair, PAIR_TWIN, w.now), -ENETDOWN);
    carrier(&w, PAIR_TWIN, true);
    sights(&w, PAIR_SIGHT_ANSWERS, PAIR_SIGHT_SILENT);
    assert_int_equal(pair_command(&w.pair, PAIR_TWIN, w.now), -EHOSTUNREACH);
    assert_int_equal(pair_command(&w.pair, PAIR_PORTS, w.now), -EINVAL);
    assert_int_equal(w.pair.active, PAIR_PRIMARY);
    assert_false(w.pair.held);
    assert_int_equal(w.pair.changes, 0);
    /* With both silent one is as good as the other. */
    sights(&w, PAIR_SIGHT_SILENT, PAIR_SIGHT_SILENT);
    assert_int_equal(pair_command(&w.pair, PAIR_TWIN, w.now), 0);
}

/* A command is no failback: the primary that fails afterwards has not flapped. */
static void a_command_does_not_back_off(void **state)
{
    struct world w = world_begin(PAIR_PRIMARY);
    (void)state;
    look(&w);
    pair_command(&w.pair, PAIR_TWIN, w.now);
    pair_command(&w.pair, PAIR_PRIMARY, w.now);
    fails_and_returns_after(&w, WAIT);
}

static void new_settings(void **state)
{
    struct pair_settings settings = {.failback = true, .wait_ms = 2 * WAIT, .wait_max_ms = WAIT_MAX};
    struct world w = failed_over();
    (void)state;
    pair_settings(&w.pair, &settings);
    assert_int_equal(pair_due(&w.pair), 2000 + 2 * WAIT);
    later(&w, WAIT);
    settings.wait_ms = WAIT / 2;
    pair_settings(&w.pair, &settings);
    assert_int_equal(pair_due(&w.pair), 2000 + WAIT / 2);
    settings.failback = false;
    pair_settings(&w.pair, &settings);
    assert_int_equal(look(&w), PAIR_REASON_NONE);
    settings.failback = true;
    pair_settings(&w.pair, &settings);
    assert_int_equal(look(&w), PAIR_REASON_FAILBACK);
}

/* A wait that has doubled stays so, within the new bounds. */
static void new_settings_while_it_backs_off(void **state)
{
    struct pair_settings settings = {.failback = true, .wait_ms = WAIT / 2, .wait_max_ms = WAIT_MAX};
    struct world w = failed_over();
    (void)state;
    later(&w, WAIT);
    fails_and_returns_after(&w, 2 * WAIT);
    pair_settings(&w.pair, &settings);
    assert_int_equal(w.pair.wait_ms, 2 * WAIT);
    settings.wait_max_ms = WAIT;
    pair_settings(&w.pair, &settings);
    assert_int_equal(w.pair.wait_ms, WAIT);
    settings.wait_ms = settings.wait_max_ms = 5 * WAIT;
    pair_settings(&w.pair, &settings);
    assert_int_equal(w.pair.wait_ms, 5 * WAIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_holds),
        cmocka_unit_test(a_failure_ends_what_was_held),
        cmocka_unit_test(a_command_for_the_active_port),
        cmocka_unit_test(commands_that_are_refused),
        cmocka_unit_test(a_command_does_not_back_off),
        cmocka_unit_test(new_settings),
        cmocka_unit_test(new_settings_while_it_backs_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
