/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cvipd decides by itself: the threshold of load, the load, whether the traffic manager is well. */
#include "unit.h"

#include "load.h"
#include "redundancy.h"
#include "watch.h"

#include <errno.h>

#define SECOND UINT64_C(1000000)
static const struct redundancy_threshold threshold = {.set = true, .up = 80, .down = 30, .seconds = 10};

static void without_threshold(void **state)
{
    struct redundancy redundancy;
    (void)state;
    redundancy_init(&redundancy, &(struct redundancy_threshold){0});
    for (uint64_t now = 0; now < 100; now++)
        assert_int_equal(redundancy_sample(&redundancy, 100, false, now * SECOND), REDUNDANCY_STAY);
}

static void long_load_splits(void **state)
{
    struct redundancy redundancy;
    (void)state;
    redundancy_init(&redundancy, &threshold);
    for (uint64_t now = 5; now < 15; now++)
        assert_int_equal(redundancy_sample(&redundancy, 80, false, now * SECOND), REDUNDANCY_STAY);
    assert_int_equal(redundancy_sample(&redundancy, 100, false, 15 * SECOND), REDUNDANCY_SPLIT);
    /* The order is under way; it is not given again at once. */
    assert_int_equal(redundancy_sample(&redundancy, 100, false, 16 * SECOND), REDUNDANCY_STAY);
}

static void a_pause_begins_anew(void **state)
{
    struct redundancy redundancy;
    (void)state;
    redundancy_init(&redundancy, &threshold);
    for (uint64_t now = 0; now < 100; now++)
        assert_int_equal(redundancy_sample(&redundancy, now % 10 == 9 ? 79 : 95, false, now * SECOND), REDUNDANCY_STAY);
}

static void long_idleness_ends_it(void **state)
{
    struct redundancy redundancy;
    (void)state;
    redundancy_init(&redundancy, &threshold);
    for (uint64_t now = 0; now < 10; now++)
        assert_int_equal(redundancy_sample(&redundancy, 30, true, now * SECOND), REDUNDANCY_STAY);
    assert_int_equal(redundancy_sample(&redundancy, 30, true, 10 * SECOND), REDUNDANCY_STANDBY);
}

/* Between the two nothing changes, in either mode. */
static void between_nothing_changes(void **state)
{
    struct redundancy redundancy;
    (void)state;
    redundancy_init(&redundancy, &threshold);
    for (uint64_t now = 0; now < 100; now++)
        assert_int_equal(redundancy_sample(&redundancy, 50, now > 50, now * SECOND), REDUNDANCY_STAY);
}

static void load_of_processors(void **state)
{
    struct load_times before;
    struct load_times now;
    (void)state;
    assert_int_equal(load_parse("cpu  100 0 100 700 100 0 0 0 0 0\n", &before), 0);
    assert_int_equal(before.all, 1000);
    assert_int_equal(before.busy, 200);
    /* softirqs count: a dispatcher works there */
    assert_int_equal(load_parse("cpu  100 0 100 725 100 0 75 0 0 0\n", &now), 0);
    assert_int_equal(load_percent(&before, &now), 75);
    assert_int_equal(load_percent(&now, &now), 0);
    assert_int_equal(load_percent(&now, &before), 0);
    assert_int_equal(load_parse("cpu  100 0 100\n", &now), -EINVAL);
    assert_int_equal(load_parse("intr 1 2 3 4 5 6 7 8\n", &now), -EINVAL);
    assert_int_equal(load_read("/proc/stat", &now), 0);
    assert_true(now.all >= now.busy);
    assert_int_equal(load_read("/nonexistent", &now), -ENOENT);
}

static void who_is_absent_three_times_is_down(void **state)
{
    struct watch watch = {0};
    (void)state;
    assert_false(watch_take(&watch, WATCH_WELL));
    assert_false(watch_take(&watch, WATCH_ABSENT));
    assert_false(watch_take(&watch, WATCH_ABSENT));
    assert_false(watch_take(&watch, WATCH_WELL));
    assert_false(watch_take(&watch, WATCH_ABSENT));
    assert_false(watch_take(&watch, WATCH_ABSENT));
    assert_false(watch.down);
    assert_true(watch_take(&watch, WATCH_ABSENT));
    assert_true(watch.down);
    assert_false(watch_take(&watch, WATCH_ABSENT));
    assert_true(watch_take(&watch, WATCH_WELL));
    assert_false(watch.down);
}

static void who_is_slow_is_given_more_time(void **state)
{
    struct watch watch = {0};
    (void)state;
    for (int i = 0; i < 29; i++)
        assert_false(watch_take(&watch, WATCH_SLOW));
    assert_true(watch_take(&watch, WATCH_SLOW));
    assert_true(watch_take(&watch, WATCH_WELL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_threshold),
        cmocka_unit_test(long_load_splits),
        cmocka_unit_test(a_pause_begins_anew),
        cmocka_unit_test(long_idleness_ends_it),
        cmocka_unit_test(between_nothing_changes),
        cmocka_unit_test(load_of_processors),
        cmocka_unit_test(who_is_absent_three_times_is_down),
        cmocka_unit_test(who_is_slow_is_given_more_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
