/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The weight policies, simulated: virtual time, seeded chance. */
#include "tmd_simulation.h"

#include <math.h>

static const uint32_t table_11[NODES] = {4484, 4397, 4353, 4295, 4235, 4190, 4097, 3973};

static void test_weights_follow_the_thesis_table(void **state)
{
    (void)state;
    struct simulation s;
    begin(&s, NODES);
    s.settings.minimum_change = 0;
    join_all(&s, true);
    step(&s, table_11, NULL);
    static const uint32_t weights[NODES] = {100, 98, 97, 96, 94, 93, 91, 89};
    for (size_t i = 0; i < NODES; i++)
        assert_int_equal(s.nodes[i].weight, weights[i]);
}

static void test_rr_is_static(void **state)
{
    (void)state;
    struct simulation s;
    begin(&s, 3);
    s.settings.kind = POLICY_RR;
    s.nodes[1].static_weight = 40;
    s.nodes[2].static_weight = 4000; /* above weight_max */
    join_all(&s, true);
    step(&s, table_11, NULL);
    assert_int_equal(s.nodes[0].weight, 100);
    assert_int_equal(s.nodes[1].weight, 40);
    assert_int_equal(s.nodes[2].weight, 100);
}

static void test_pressure_scales_the_static_weight(void **state)
{
    (void)state;
    struct simulation s;
    const uint16_t free_share[NODES] = {1000, 500, 0, 65535};
    begin(&s, 4);
    s.settings.kind = POLICY_PRESSURE;
    s.settings.smoothing_ms = 0;
    join_all(&s, true);
    step(&s, table_11, free_share);
    assert_int_equal(s.nodes[0].weight, 100);
    assert_int_equal(s.nodes[1].weight, 63); /* 25 + 75 / 2 */
    assert_int_equal(s.nodes[2].weight, 25);
    assert_int_equal(s.nodes[3].weight, 100);
}

/* Whatever is reported, a serving node's weight is within its bounds, and an absent one's is 0. */
static void test_bounded_for_any_input(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct chance chance = {seed};
        struct simulation s;
        begin(&s, NODES);
        s.settings.kind = (enum policy_kind)(seed % 3);
        s.settings.weight_max = chance_between(&chance, 1, POLICY_WEIGHT_LIMIT);
        s.settings.weight_min = chance_between(&chance, 1, s.settings.weight_max);
        s.settings.smoothing_ms = chance_between(&chance, 0, 3) * 700;
        s.settings.slow_start_ms = chance_between(&chance, 0, 3) * 3000;
        s.settings.minimum_change = chance_between(&chance, 0, 100);
        for (int n = 0; n < 200; n++) {
            uint32_t indexes[NODES] = {0};
            uint16_t pressures[NODES] = {0};
            for (size_t i = 0; i < NODES; i++) {
                static const uint32_t extremes[] = {0, 1, 6717, UINT32_MAX};
                indexes[i] = chance_next(&chance) % 2 ? chance_next(&chance) : extremes[chance_next(&chance) % 4];
                pressures[i] = (uint16_t)chance_next(&chance);
                if (chance_next(&chance) % 10 == 0)
                    policy_join(&s.nodes[i], &s.settings, chance_next(&chance) % 2, s.now_ms);
                if (chance_next(&chance) % 20 == 0)
                    policy_leave(&s.nodes[i], &s.settings, s.now_ms);
            }
            step(&s, indexes, pressures);
            for (size_t i = 0; i < NODES; i++)
                if (s.nodes[i].serving)
                    assert_in_range(s.nodes[i].weight, s.settings.weight_min, s.settings.weight_max);
                else
                    assert_int_equal(s.nodes[i].weight, 0);
        }
    }
}

/* Equal nodes whose indexes are noisy by 15 percent: the weights hardly move, and stay together. */
static void test_noise_does_not_oscillate(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct chance chance = {seed};
        struct simulation s;
        begin(&s, NODES);
        join_all(&s, true);
        for (int n = 0; n < 600; n++) { /* a minute */
            uint32_t indexes[NODES] = {0};
            for (size_t i = 0; i < NODES; i++)
                indexes[i] = chance_between(&chance, 3400, 4600);
            step(&s, indexes, NULL);
            for (size_t i = 0; i < NODES && n > 50; i++)
                assert_in_range(s.nodes[i].weight, 80, 100);
        }
        /* 8 nodes reported 600 times each: less than one write in 25 reports */
        assert_true(s.changes < NODES * 600 / 25);
    }
}

/* A closed loop: what a node gets depends on its weight, and what it reports on what it gets, 200 ms later. From a
 * start far off balance, at 90 percent load, the shares settle and stay. */
static void test_pressure_settles_under_its_own_effect(void **state)
{
    (void)state;
    struct simulation s;
    begin(&s, 4);
    s.settings.kind = POLICY_PRESSURE;
    join_all(&s, true);
    uint16_t reported[NODES] = {1000, 0, 700, 300};
    uint16_t next[NODES] = {1000, 0, 700, 300};
    double share_low = 1.0;
    double share_high = 0.0;
    for (int n = 0; n < 600; n++) {
        step(&s, table_11, reported);
        double sum = 0.0;
        for (size_t i = 0; i < 4; i++)
            sum += s.nodes[i].weight;
        for (size_t i = 0; i < 4; i++) {
            double share = s.nodes[i].weight / sum;
            double used = fmin(1.0, share * 4 * 0.9);
            reported[i] = next[i];
            next[i] = (uint16_t)(1000 * (1.0 - used));
            if (n >= 300) {
                share_low = fmin(share_low, share);
                share_high = fmax(share_high, share);
            }
        }
    }
    assert_true(share_low > 0.22 && share_high < 0.28);
}

/* The average goes by time: 20 ms and 2 s reports end at the same place. */
static void test_smoothing_is_by_time(void **state)
{
    (void)state;
    struct policy_settings settings;
    policy_defaults(&settings);
    struct policy_node fast = {0};
    struct policy_node slow = {0};
    policy_report(&fast, &settings, 1000, 0, 0);
    policy_report(&slow, &settings, 1000, 0, 0);
    for (uint64_t t = 20; t <= 2000; t += 20)
        policy_report(&fast, &settings, 3000, 0, t);
    policy_report(&slow, &settings, 3000, 0, 2000);
    assert_true(fabs(fast.average - slow.average) < 1.0);
    assert_true(fast.average > 2700.0 && fast.average < 2750.0); /* 1 - exp(-2) of the way */
    policy_report(&slow, &settings, 3000, 0, 1000);              /* a clock that goes back changes nothing */
    assert_true(slow.average < 2750.0);
}

static void test_quiesce_respects_the_minimum_pool(void **state)
{
    (void)state;
    struct simulation s;
    const uint32_t loaded[NODES] = {8000, 100, 200, 300};
    begin(&s, 4);
    s.settings.quiesce_below = 50;
    s.settings.minimum_pool = 75; /* 3 of 4 */
    join_all(&s, true);
    step(&s, loaded, NULL);
    assert_int_equal(s.nodes[1].weight, 0); /* the most loaded one */
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(s.nodes[i].weight > 0, i != 1);
    s.settings.minimum_pool = 0;
    step(&s, loaded, NULL);
    assert_true(s.nodes[0].weight > 0); /* never all */
    for (size_t i = 1; i < 4; i++)
        assert_int_equal(s.nodes[i].weight, 0);
}

static void test_a_quiesced_node_returns_well_above_the_limit(void **state)
{
    (void)state;
    struct simulation s;
    begin(&s, 2);
    s.settings.quiesce_below = 50;
    s.settings.smoothing_ms = 0;
    join_all(&s, true);
    step(&s, (const uint32_t[NODES]){1000, 300}, NULL); /* mean 650, limit 325 */
    assert_int_equal(s.nodes[1].weight, 0);
    step(&s, (const uint32_t[NODES]){1000, 350}, NULL); /* limit 337: above, but not by a quarter */
    assert_int_equal(s.nodes[1].weight, 0);
    step(&s, (const uint32_t[NODES]){1000, 500}, NULL); /* limit 375, return 469 */
    assert_true(s.nodes[1].weight > 0);
}

static void test_small_changes_are_not_made(void **state)
{
    (void)state;
    struct simulation s;
    begin(&s, 2);
    s.settings.smoothing_ms = 0;
    join_all(&s, true);
    step(&s, (const uint32_t[NODES]){1000, 800}, NULL);
    assert_int_equal(s.nodes[1].weight, 80);
    step(&s, (const uint32_t[NODES]){1000, 830}, NULL);
    assert_int_equal(s.nodes[1].weight, 80);
    step(&s, (const uint32_t[NODES]){1000, 850}, NULL);
    assert_int_equal(s.nodes[1].weight, 85);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights_follow_the_thesis_table),
        cmocka_unit_test(test_rr_is_static),
        cmocka_unit_test(test_pressure_scales_the_static_weight),
        cmocka_unit_test(test_bounded_for_any_input),
        cmocka_unit_test(test_noise_does_not_oscillate),
        cmocka_unit_test(test_pressure_settles_under_its_own_effect),
        cmocka_unit_test(test_smoothing_is_by_time),
        cmocka_unit_test(test_quiesce_respects_the_minimum_pool),
        cmocka_unit_test(test_a_quiesced_node_returns_well_above_the_limit),
        cmocka_unit_test(test_small_changes_are_not_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
