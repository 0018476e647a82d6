/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A manager that hears nobody keeps its table for a time, under virtual time. */
#include "tmd_world.h"

static const char *const nobody[] = {NULL};
static const char *const a[] = {A, NULL};
static const char *const ab[] = {A, B, NULL};
static const char *const abs_[] = {A, B, S, NULL};
static const char two[] = TIMEOUT WEB "sorry web 10.1.0.200\ntraffic1 " A "\ntraffic2 " B "\n";

static void test_all_silent_are_kept_and_then_go(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 1000, ab);
    uint32_t weight = wanted(&w, A)->weight;
    run(&w, 4900, nobody);
    assert_true(pool_isolated(w.pool));
    assert_int_equal(state_of(&w, A), NODE_STATE_ACTIVE);
    assert_int_equal(wanted(&w, A)->weight, weight);
    assert_int_equal(wanted(&w, B)->weight, weight);
    assert_null(wanted(&w, "10.1.0.200"));
    run(&w, 100, nobody);
    assert_true(wanted(&w, A)->remove_now);
    assert_true(wanted(&w, B)->remove_now);
    assert_int_equal(wanted(&w, "10.1.0.200")->weight, 1);
    assert_true(pool_isolated(w.pool)); /* still, until one is heard */
    run(&w, 100, a);
    assert_false(pool_isolated(w.pool));
    assert_true(wanted(&w, A)->weight > 0);
    end(&w);
}

/* They are not last heard in the same millisecond: the first one waits for what becomes of the others. */
static void test_the_first_waits_for_the_others(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 1000, ab);
    w.now_ms += 90;
    report(&w, B, 5000); /* and then nobody is heard */
    uint64_t first_ms = node(&w, A)->last_ms + 400;
    assert_in_range(pool_expire(w.pool, first_ms), first_ms + 1, first_ms + 90);
    assert_int_equal(state_of(&w, A), NODE_STATE_ACTIVE);
    assert_false(pool_isolated(w.pool));
    assert_int_equal(pool_expire(w.pool, w.now_ms + 400), w.now_ms + 5000);
    assert_true(pool_isolated(w.pool));
    assert_int_equal(state_of(&w, A), NODE_STATE_ACTIVE);
    assert_int_equal(state_of(&w, B), NODE_STATE_ACTIVE);
    end(&w);
}

/* The same beginning, but the other one only lost two reports: the dead one goes as soon as that is known. */
static void test_the_other_is_heard_after_all(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 1000, ab);
    w.now_ms += 90;
    report(&w, B, 5000);
    w.now_ms += 320;
    pool_expire(w.pool, w.now_ms);
    assert_int_equal(state_of(&w, A), NODE_STATE_ACTIVE);
    report(&w, B, 5000);
    pool_expire(w.pool, w.now_ms);
    assert_int_equal(state_of(&w, A), NODE_STATE_OUT_OF_CLUSTER);
    assert_int_equal(state_of(&w, B), NODE_STATE_ACTIVE);
    end(&w);
}

static void test_while_others_report_the_dead_go_at_once(void **state)
{
    (void)state;
    struct world w;
    begin(&w, TIMEOUT WEB "traffic1 " A "\ntraffic2 " B "\ntraffic3 " S "\n");
    run(&w, 1000, abs_);
    run(&w, 300, a);
    assert_int_equal(state_of(&w, B), NODE_STATE_ACTIVE);
    run(&w, 100, a);
    assert_true(wanted(&w, B)->remove_now);
    assert_true(wanted(&w, S)->remove_now);
    assert_false(pool_isolated(w.pool));
    run(&w, 1000, nobody); /* the last one is held */
    assert_true(pool_isolated(w.pool));
    assert_true(wanted(&w, A)->weight > 0);
    assert_true(wanted(&w, B)->remove_now);
    run(&w, 4000, nobody);
    assert_true(wanted(&w, A)->remove_now);
    end(&w);
}

static void test_after_it_all_may_be_heard_again(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 1000, ab);
    run(&w, 3000, nobody);
    run(&w, 300, a); /* the first one */
    assert_false(pool_isolated(w.pool));
    assert_int_equal(state_of(&w, B), NODE_STATE_ACTIVE);
    run(&w, 200, a);
    assert_int_equal(state_of(&w, B), NODE_STATE_OUT_OF_CLUSTER); /* it was not the cable alone */
    end(&w);
}

static void test_a_start(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two); /* cold: there is nothing to keep */
    run(&w, 400, nobody);
    assert_int_equal(state_of(&w, A), NODE_STATE_OUT_OF_CLUSTER);
    assert_false(pool_isolated(w.pool));
    end(&w);
    begin(&w, two); /* a restart behind a closed port */
    pool_adopt(w.pool, node(&w, A), 0, 42);
    run(&w, 4900, nobody);
    assert_true(pool_isolated(w.pool));
    assert_int_equal(wanted(&w, A)->weight, 42);
    run(&w, 100, nobody);
    assert_true(wanted(&w, A)->remove_now);
    end(&w);
}

static void test_the_last_one_leaves_in_order(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 1000, ab);
    report_as(&w, A, 5000, WIRE_DRAINING);
    report(&w, B, 0);
    run(&w, 400, nobody);
    assert_int_equal(state_of(&w, A), NODE_STATE_OUT_OF_CLUSTER);
    assert_false(pool_isolated(w.pool));
    assert_int_equal(wanted(&w, "10.1.0.200")->weight, 1);
    end(&w);
}

/* Who is sent a hello each second. */
static void test_who_is_silent(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 1000, ab);
    assert_false(pool_is_silent(w.pool, node(&w, B), w.now_ms));
    run(&w, 1000, a);
    assert_true(pool_is_silent(w.pool, node(&w, B), w.now_ms));
    assert_false(pool_is_silent(w.pool, node(&w, A), w.now_ms));
    run(&w, 1000, nobody); /* A is held */
    assert_int_equal(state_of(&w, A), NODE_STATE_ACTIVE);
    assert_true(pool_is_silent(w.pool, node(&w, A), w.now_ms));
    report(&w, A, 0);
    report_as(&w, B, 5000, WIRE_DRAINING);
    run(&w, 1000, nobody);
    assert_false(pool_is_silent(w.pool, node(&w, A), w.now_ms)); /* its application is down */
    assert_false(pool_is_silent(w.pool, node(&w, B), w.now_ms)); /* it has left */
    end(&w);
}

static void test_off(void **state)
{
    (void)state;
    struct world w;
    begin(&w, "isolation 0\n" TIMEOUT WEB "traffic1 " A "\ntraffic2 " B "\n");
    run(&w, 1000, ab);
    run(&w, 400, nobody);
    assert_true(wanted(&w, A)->remove_now);
    assert_true(wanted(&w, B)->remove_now);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_silent_are_kept_and_then_go),
        cmocka_unit_test(test_the_first_waits_for_the_others),
        cmocka_unit_test(test_the_other_is_heard_after_all),
        cmocka_unit_test(test_while_others_report_the_dead_go_at_once),
        cmocka_unit_test(test_after_it_all_may_be_heard_again),
        cmocka_unit_test(test_a_start),
        cmocka_unit_test(test_the_last_one_leaves_in_order),
        cmocka_unit_test(test_who_is_silent),
        cmocka_unit_test(test_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
