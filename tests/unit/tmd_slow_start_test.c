/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The slow start of nodes, simulated: one among others, all at once, flapping. */
#include "tmd_simulation.h"

static void test_slow_start_of_one_among_others(void **state)
{
    (void)state;
    struct simulation s;
    const uint32_t equal[NODES] = {5000, 5000, 5000};
    begin(&s, 3);
    policy_join(&s.nodes[0], &s.settings, true, s.now_ms);
    policy_join(&s.nodes[1], &s.settings, true, s.now_ms);
    step(&s, equal, NULL);
    policy_join(&s.nodes[2], &s.settings, false, s.now_ms);
    uint32_t before = 0;
    for (int n = 0; n < 110; n++) {
        step(&s, equal, NULL);
        assert_true(s.nodes[2].weight >= before);
        before = s.nodes[2].weight;
        if (n == 0)
            assert_in_range(before, 9, 12);
        if (n == 50)
            assert_in_range(before, 50, 60);
        assert_int_equal(s.nodes[0].weight, 100);
    }
    assert_in_range(before, 95, 100);
    assert_true(policy_ramped(&s.nodes[2], &s.settings, s.now_ms));
}

/* All start at once, as after a power failure: nobody is held back in favour of nobody. */
static void test_slow_start_of_all_does_not_starve(void **state)
{
    (void)state;
    struct simulation s;
    const uint32_t equal[NODES] = {5000, 5000, 5000, 5000};
    begin(&s, 4);
    for (size_t i = 0; i < 4; i++) { /* the last comes 300 ms after the first */
        policy_join(&s.nodes[i], &s.settings, false, s.now_ms);
        step(&s, equal, NULL);
    }
    for (int n = 0; n < 20; n++) {
        step(&s, equal, NULL);
        for (size_t i = 0; i < 4; i++)
            assert_in_range(s.nodes[i].weight, 75, 100);
    }
}

static void test_a_short_flap_does_not_reset_the_ramp(void **state)
{
    (void)state;
    struct simulation s;
    const uint32_t equal[NODES] = {5000, 5000};
    begin(&s, 2);
    join_all(&s, true);
    step(&s, equal, NULL);
    policy_leave(&s.nodes[1], &s.settings, s.now_ms);
    assert_int_equal(s.nodes[1].weight, 0);
    s.now_ms += 400;
    policy_join(&s.nodes[1], &s.settings, false, s.now_ms);
    step(&s, equal, NULL);
    assert_in_range(s.nodes[1].weight, 94, 100);
    policy_leave(&s.nodes[1], &s.settings, s.now_ms);
    s.now_ms += 60000; /* a reboot: its caches are cold */
    policy_join(&s.nodes[1], &s.settings, false, s.now_ms);
    step(&s, equal, NULL);
    assert_in_range(s.nodes[1].weight, 9, 12);
}

/* Flapping all the time, half up, half down: it must not gain a full weight, nor lose all. */
static void test_endless_flapping_stays_small(void **state)
{
    (void)state;
    struct simulation s;
    const uint32_t equal[NODES] = {5000, 5000};
    begin(&s, 2);
    policy_join(&s.nodes[0], &s.settings, true, s.now_ms);
    for (int n = 0; n < 200; n++) {
        policy_join(&s.nodes[1], &s.settings, false, s.now_ms);
        step(&s, equal, NULL);
        step(&s, equal, NULL);
        assert_in_range(s.nodes[1].weight, 1, 15);
        policy_leave(&s.nodes[1], &s.settings, s.now_ms);
        s.now_ms += 200;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow_start_of_one_among_others),
        cmocka_unit_test(test_slow_start_of_all_does_not_starve),
        cmocka_unit_test(test_a_short_flap_does_not_reset_the_ramp),
        cmocka_unit_test(test_endless_flapping_stays_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
