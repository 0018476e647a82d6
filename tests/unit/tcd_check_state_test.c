/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "check_state.h"

static const struct check_timing timing = {.interval_ms = 1000, .timeout_ms = 500, .rise = 1, .fall = 2};

/* A try of this length; returns whether the status changed. */
static bool try_once(struct check_state *s, const struct check_timing *t, enum check_outcome outcome, uint64_t *now,
                     uint64_t takes)
{
    *now = s->next_ms > *now ? s->next_ms : *now;
    check_state_begin(s, *now);
    *now += takes;
    return check_state_end(s, t, outcome, *now);
}

static void first_pass_is_up(void **state)
{
    struct check_state s;
    uint64_t now = 100;
    (void)state;
    check_state_init(&s, now);
    assert_int_equal(s.status, CHECK_UNKNOWN);
    assert_int_equal(s.next_ms, 100);
    assert_true(try_once(&s, &timing, CHECK_PASSED, &now, 3));
    assert_int_equal(s.status, CHECK_UP);
    assert_int_equal(s.next_ms, 1100); /* from the beginning of the try, so that tries keep their rhythm */
}

static void fall_and_rise_are_counted_in_a_row(void **state)
{
    const struct check_timing patient = {.interval_ms = 100, .timeout_ms = 50, .rise = 3, .fall = 3};
    struct check_state s;
    uint64_t now = 0;
    (void)state;
    check_state_init(&s, now);
    assert_false(try_once(&s, &patient, CHECK_PASSED, &now, 1));
    assert_false(try_once(&s, &patient, CHECK_PASSED, &now, 1));
    assert_true(try_once(&s, &patient, CHECK_PASSED, &now, 1));
    assert_false(try_once(&s, &patient, CHECK_FAILED, &now, 1));
    assert_false(try_once(&s, &patient, CHECK_FAILED, &now, 1));
    assert_false(try_once(&s, &patient, CHECK_PASSED, &now, 1)); /* begins anew */
    assert_false(try_once(&s, &patient, CHECK_FAILED, &now, 1));
    assert_false(try_once(&s, &patient, CHECK_FAILED, &now, 1));
    assert_int_equal(s.status, CHECK_UP);
    assert_true(try_once(&s, &patient, CHECK_FAILED, &now, 1));
    assert_int_equal(s.status, CHECK_DOWN);
    assert_false(try_once(&s, &patient, CHECK_PASSED, &now, 1));
    assert_false(try_once(&s, &patient, CHECK_FAILED, &now, 1));
    assert_false(try_once(&s, &patient, CHECK_PASSED, &now, 1));
    assert_false(try_once(&s, &patient, CHECK_PASSED, &now, 1));
    assert_true(try_once(&s, &patient, CHECK_PASSED, &now, 1));
    assert_int_equal(s.status, CHECK_UP);
}

static void changing_minds_from_unknown_begins_anew(void **state)
{
    const struct check_timing patient = {.interval_ms = 100, .timeout_ms = 50, .rise = 2, .fall = 2};
    struct check_state s;
    uint64_t now = 0;
    (void)state;
    check_state_init(&s, now);
    assert_false(try_once(&s, &patient, CHECK_PASSED, &now, 1));
    assert_false(try_once(&s, &patient, CHECK_FAILED, &now, 1));
    assert_false(try_once(&s, &patient, CHECK_PASSED, &now, 1));
    assert_int_equal(s.status, CHECK_UNKNOWN);
    assert_true(try_once(&s, &patient, CHECK_PASSED, &now, 1));
}

static void refused_connections_need_no_patience(void **state)
{
    const struct check_timing slow = {.interval_ms = 10000, .timeout_ms = 500, .rise = 1, .fall = 4};
    struct check_state s;
    uint64_t now = 0;
    (void)state;
    check_state_init(&s, now);
    try_once(&s, &slow, CHECK_PASSED, &now, 1);
    now = 5000;
    s.next_ms = 5000;
    assert_false(try_once(&s, &slow, CHECK_REFUSED, &now, 0));
    assert_int_equal(s.next_ms, 5000 + CHECK_REFUSED_MS);
    assert_false(try_once(&s, &slow, CHECK_REFUSED, &now, 0));
    assert_false(try_once(&s, &slow, CHECK_REFUSED, &now, 0));
    assert_true(try_once(&s, &slow, CHECK_REFUSED, &now, 0));
    assert_int_equal(now, 5000 + 3 * CHECK_REFUSED_MS);
    assert_int_equal(s.status, CHECK_DOWN);
    assert_int_equal(s.next_ms, now + 10000); /* a dead server is not hammered */
    assert_false(try_once(&s, &slow, CHECK_REFUSED, &now, 0));
    assert_int_equal(s.next_ms, now + 10000);
}

static void slow_tries_do_not_pile_up(void **state)
{
    const struct check_timing fast = {.interval_ms = 20, .timeout_ms = 500, .rise = 1, .fall = 2};
    struct check_state s;
    uint64_t now = 0;
    (void)state;
    check_state_init(&s, now);
    try_once(&s, &fast, CHECK_FAILED, &now, 500);
    assert_int_equal(s.next_ms, 500);
}

static void a_closed_connection_brings_the_try_forward(void **state)
{
    struct check_state s;
    uint64_t now = 0;
    (void)state;
    check_state_init(&s, now);
    try_once(&s, &timing, CHECK_PASSED, &now, 1);
    check_state_early(&s, 300);
    assert_int_equal(s.next_ms, 300);
    now = 300;
    try_once(&s, &timing, CHECK_PASSED, &now, 1);
    assert_int_equal(s.next_ms, 1300);
    check_state_early(&s, 310); /* too soon after the last early try */
    assert_int_equal(s.next_ms, 300 + CHECK_EARLY_MS);
    check_state_early(&s, 320);
    assert_int_equal(s.next_ms, 300 + CHECK_EARLY_MS);
}

static void a_close_during_a_try_is_not_lost(void **state)
{
    struct check_state s;
    uint64_t now = 0;
    (void)state;
    check_state_init(&s, now);
    try_once(&s, &timing, CHECK_PASSED, &now, 1);
    check_state_begin(&s, 1000);
    check_state_early(&s, 1001);
    assert_false(check_state_end(&s, &timing, CHECK_PASSED, 1002));
    assert_int_equal(s.next_ms, 1002);
    check_state_begin(&s, 1002);
    assert_false(check_state_end(&s, &timing, CHECK_REFUSED, 1002));
    assert_int_equal(s.next_ms, 1007);
    check_state_begin(&s, 1007);
    assert_true(check_state_end(&s, &timing, CHECK_REFUSED, 1007));
}

static void a_server_that_always_closes_is_tried_at_a_bounded_rate(void **state)
{
    struct check_state s;
    uint64_t now = 0;
    int tries = 0;
    (void)state;
    check_state_init(&s, now);
    while (now < 10000) {
        try_once(&s, &timing, CHECK_PASSED, &now, 1);
        check_state_early(&s, now);
        tries++;
    }
    assert_in_range(tries, 10, 10000 / CHECK_EARLY_MS + 12);
}

static void a_trusted_check_is_up_until_it_fails(void **state)
{
    struct check_state s;
    uint64_t now = 0;
    (void)state;
    check_state_init(&s, now);
    check_state_trust(&s);
    assert_int_equal(s.status, CHECK_UP);
    assert_false(try_once(&s, &timing, CHECK_PASSED, &now, 1));
    for (uint32_t i = 1; i < timing.fall; i++)
        assert_false(try_once(&s, &timing, CHECK_FAILED, &now, 1));
    assert_true(try_once(&s, &timing, CHECK_FAILED, &now, 1));
    assert_int_equal(s.status, CHECK_DOWN);
    check_state_trust(&s); /* what is known stays */
    assert_int_equal(s.status, CHECK_DOWN);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(check_status_name(CHECK_UNKNOWN), "unknown");
    assert_string_equal(check_status_name(CHECK_UP), "up");
    assert_string_equal(check_status_name(CHECK_DOWN), "down");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_pass_is_up),
        cmocka_unit_test(fall_and_rise_are_counted_in_a_row),
        cmocka_unit_test(changing_minds_from_unknown_begins_anew),
        cmocka_unit_test(refused_connections_need_no_patience),
        cmocka_unit_test(slow_tries_do_not_pile_up),
        cmocka_unit_test(a_closed_connection_brings_the_try_forward),
        cmocka_unit_test(a_close_during_a_try_is_not_lost),
        cmocka_unit_test(a_server_that_always_closes_is_tried_at_a_bounded_rate),
        cmocka_unit_test(a_trusted_check_is_up_until_it_fails),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
