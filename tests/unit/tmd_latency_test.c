/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "latency.h"
#include "unit.h"

static void test_percentiles(void **state)
{
    (void)state;
    struct latency latency = {0};
    assert_int_equal(latency_percentile(&latency, 99), 0);
    for (uint64_t us = 1; us <= 10000; us++)
        latency_add(&latency, us, 1000);
    assert_in_range(latency_percentile(&latency, 50), 5000, 5000 * 9 / 8);
    assert_in_range(latency_percentile(&latency, 99), 9900, 10000);
    assert_int_equal(latency_percentile(&latency, 100), 10000);
}

static void test_old_values_are_forgotten(void **state)
{
    (void)state;
    struct latency latency = {0};
    latency_add(&latency, 50000, 1000);
    latency_add(&latency, 10, 1000 + LATENCY_WINDOW_MS);
    assert_int_equal(latency_percentile(&latency, 100), 50000);
    latency_add(&latency, 10, 1000 + 2 * LATENCY_WINDOW_MS);
    assert_int_equal(latency_percentile(&latency, 100), 10);
}

static void test_extremes(void **state)
{
    (void)state;
    struct latency latency = {0};
    latency_add(&latency, 0, 1);
    assert_int_equal(latency_percentile(&latency, 50), 0);
    latency_add(&latency, UINT64_MAX, 1);
    assert_true(latency_percentile(&latency, 100) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percentiles),
        cmocka_unit_test(test_old_values_are_forgotten),
        cmocka_unit_test(test_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
