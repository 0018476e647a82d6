/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "clock.h"

static void time_goes_on_and_units_agree(void **state)
{
    uint64_t before_us = clock_us();
    uint64_t ms = clock_ms();
    uint64_t after_us = clock_us();

    (void)state;
    assert_true(before_us > 0);
    assert_true(before_us <= after_us);
    assert_in_range(ms, before_us / 1000, after_us / 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(time_goes_on_and_units_agree)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
