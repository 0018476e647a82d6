/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pool of nodes under virtual time: silence, index 0, overrides, joining, reload, placement. */
#include "tmd_world.h"

static const char *const a[] = {A, NULL};
static const char *const ab[] = {A, B, NULL};
static const char two[] = TIMEOUT WEB "traffic1 " A "\ntraffic2 " B "\n";

static void test_silence_and_return(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    assert_int_equal(state_of(&w, A), NODE_STATE_IN_TRANSITION);
    run(&w, 1000, ab);
    assert_int_equal(state_of(&w, A), NODE_STATE_ACTIVE);
    run(&w, 300, a);
    assert_int_equal(state_of(&w, B), NODE_STATE_ACTIVE);
    run(&w, 100, a);
    assert_int_equal(state_of(&w, B), NODE_STATE_OUT_OF_CLUSTER);
    assert_true(wanted(&w, B)->remove_now);
    assert_false(wanted(&w, A)->remove_now);
    report(&w, B, 5000);
    assert_int_equal(state_of(&w, B), NODE_STATE_ACTIVE);
    assert_true(wanted(&w, B)->weight > 0);
    assert_false(wanted(&w, B)->remove_now);
    end(&w);
}

static void test_expiry_says_when_to_look_again(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    assert_int_equal(pool_expire(w.pool, w.now_ms), 5400);
    w.now_ms = 5100;
    report(&w, A, 1);
    assert_int_equal(pool_expire(w.pool, w.now_ms), 5400); /* of B */
    w.now_ms = 5200;
    report(&w, B, 1);
    assert_int_equal(pool_expire(w.pool, w.now_ms), 5500); /* of A */
    w.config->isolation_ms = 0;
    assert_int_equal(pool_expire(w.pool, 5500), 5600);
    assert_int_equal(pool_expire(w.pool, 5600), UINT64_MAX);
    assert_int_equal(state_of(&w, B), NODE_STATE_OUT_OF_CLUSTER);
    end(&w);
}

static void test_a_manager_that_was_held_up_forgives(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 500, ab);
    w.now_ms += 3000;    /* the machine stood still */
    report(&w, B, 5000); /* was in the socket */
    pool_forgive(w.pool, 3000, w.now_ms);
    pool_expire(w.pool, w.now_ms);
    assert_int_equal(state_of(&w, A), NODE_STATE_ACTIVE);
    assert_true(node(&w, B)->last_ms == w.now_ms); /* not later than now */
    w.config->isolation_ms = 0;
    pool_expire(w.pool, w.now_ms + 400);
    assert_int_equal(state_of(&w, A), NODE_STATE_OUT_OF_CLUSTER);
    assert_int_equal(state_of(&w, B), NODE_STATE_OUT_OF_CLUSTER);
    end(&w);
}

static void test_index_0_is_at_once(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 1000, ab);
    report(&w, B, 0);
    assert_int_equal(state_of(&w, B), NODE_STATE_OUT_OF_CLUSTER);
    assert_string_equal(node_reason(node(&w, B)->condition), "application down");
    assert_null(wanted(&w, B)); /* drained: its connections may still be answered */
    run(&w, 60000, a);          /* updates stop until it passes again */
    assert_null(wanted(&w, B));
    report(&w, B, 1);
    assert_int_equal(state_of(&w, B), NODE_STATE_ACTIVE);
    end(&w);
}

static void test_a_leaving_node_is_drained(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 1000, ab);
    report_as(&w, B, 5000, WIRE_DRAINING);
    assert_int_equal(state_of(&w, B), NODE_STATE_IN_TRANSITION);
    assert_null(wanted(&w, B));
    run(&w, 400, a); /* it is gone */
    assert_int_equal(state_of(&w, B), NODE_STATE_OUT_OF_CLUSTER);
    end(&w);
}

static void test_a_fixed_weight_holds(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 20000, ab);
    pool_override(w.pool, node(&w, A), WIRE_OVERRIDE_WEIGHT, 7, w.now_ms);
    run(&w, 1000, ab);
    assert_int_equal(wanted(&w, A)->weight, 7);
    pool_override(w.pool, node(&w, A), WIRE_OVERRIDE_WEIGHT, 0, w.now_ms); /* quiesced */
    assert_int_equal(wanted(&w, A)->weight, 0);
    assert_false(wanted(&w, A)->remove_now);
    report(&w, A, 0); /* a fixed weight does not keep a dead application in */
    assert_null(wanted(&w, A));
    report(&w, A, 5000);
    pool_override(w.pool, node(&w, A), WIRE_OVERRIDE_NONE, 0, w.now_ms);
    assert_true(wanted(&w, A)->weight > 90);
    end(&w);
}

static void test_services_fail_one_by_one(void **state)
{
    (void)state;
    struct world w;
    begin(&w, TIMEOUT WEB "service mail tcp 10.1.0.100 25\ntraffic1 " A "\n");
    struct wire_report mixed = a_report(A, 5000);
    mixed.service_count = 2;
    strcpy(mixed.services[0].name, "web");
    strcpy(mixed.services[1].name, "mail");
    mixed.services[1].up = true;
    pool_report(w.pool, node(&w, A), &mixed, w.now_ms);
    assert_null(wanted(&w, A));
    const struct executor_wanted *table = placement_build(w.placement, w.config, w.pool);
    assert_int_equal(table->services[1].server_count, 1);
    assert_true(table->services[1].servers[0].weight > 0);
    mixed.services[0].up = true;
    pool_report(w.pool, node(&w, A), &mixed, w.now_ms);
    assert_true(wanted(&w, A)->weight > 0);
    end(&w);
}

static void test_joining(void **state)
{
    (void)state;
    struct world w;
    begin(&w, TIMEOUT WEB "join any\ntraffic1 " A "\n");
    struct wire_report stranger = a_report("10.1.0.77", 5000);
    strcpy(stranger.name, "new");
    struct pool_node *joined = pool_join(w.pool, &stranger, w.now_ms);
    assert_non_null(joined);
    assert_string_equal(joined->name, "new");
    pool_report(w.pool, joined, &stranger, w.now_ms);
    assert_int_equal(state_of(&w, "10.1.0.77"), NODE_STATE_ACTIVE);
    assert_true(wanted(&w, "10.1.0.77")->weight > 0);
    stranger = a_report("10.1.0.78", 5000);
    strcpy(stranger.name, "new"); /* taken */
    joined = pool_join(w.pool, &stranger, w.now_ms);
    assert_string_equal(joined->name, "10.1.0.78");
    run(&w, 1000, a);
    assert_int_equal(state_of(&w, "10.1.0.77"), NODE_STATE_OUT_OF_CLUSTER);
    end(&w);
    begin(&w, two);
    assert_null(pool_join(w.pool, &stranger, w.now_ms));
    end(&w);
}

static void test_reload(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 1000, ab);
    uint64_t generation = node(&w, A)->admission.generation;
    reload(&w, TIMEOUT WEB "traffic1 " A " name=first\ntraffic9 10.1.0.19\n");
    assert_int_equal(pool_count(w.pool), 2);
    assert_int_equal(state_of(&w, A), NODE_STATE_ACTIVE);
    assert_int_equal(node(&w, A)->admission.generation, generation);
    assert_string_equal(node(&w, A)->name, "first");
    assert_int_equal(state_of(&w, "10.1.0.19"), NODE_STATE_IN_TRANSITION);
    struct addr gone = an_address(B);
    assert_null(pool_find(w.pool, &gone));
    assert_null(wanted(&w, B)); /* drained */
    run(&w, 500, a);
    assert_int_equal(state_of(&w, "10.1.0.19"), NODE_STATE_OUT_OF_CLUSTER);
    end(&w);
}

static void test_a_reload_with_another_policy(void **state)
{
    (void)state;
    struct world w;
    begin(&w, two);
    run(&w, 15000, ab);
    reload(&w, "policy pressure\n" TIMEOUT WEB "traffic1 " A "\ntraffic2 " B "\n");
    assert_int_equal(wanted(&w, A)->weight, 100); /* nothing is known yet */
    run(&w, 1000, ab);
    assert_in_range(wanted(&w, A)->weight, 62, 63); /* half is free */
    end(&w);
}

static void test_families_and_the_sorry_server(void **state)
{
    (void)state;
    struct world w;
    begin(&w, TIMEOUT WEB "service web tcp fd00:1::100 80\nsorry web 10.1.0.200 forward=tunnel\n"
                          "traffic1 " A " fd00:1::11\ntraffic2 fd00:1::12\n");
    const struct executor_wanted *table = placement_build(w.placement, w.config, w.pool);
    assert_int_equal(table->services[0].server_count, 1);
    assert_int_equal(table->services[0].servers[0].forward, IPVS_TUNNEL);
    assert_int_equal(table->services[1].server_count, 0); /* it has no sorry server */
    report(&w, "fd00:1::11", 5000);                       /* the same node by its other address */
    report(&w, "fd00:1::12", 5000);
    table = placement_build(w.placement, w.config, w.pool);
    assert_int_equal(table->services[0].server_count, 1);
    assert_null(wanted(&w, "10.1.0.200"));
    assert_true(wanted(&w, A)->weight > 0);
    assert_int_equal(table->services[1].server_count, 2);
    report(&w, "fd00:1::11", 0);
    assert_int_equal(wanted(&w, "10.1.0.200")->weight, 1);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silence_and_return),
        cmocka_unit_test(test_expiry_says_when_to_look_again),
        cmocka_unit_test(test_a_manager_that_was_held_up_forgives),
        cmocka_unit_test(test_index_0_is_at_once),
        cmocka_unit_test(test_a_leaving_node_is_drained),
        cmocka_unit_test(test_a_fixed_weight_holds),
        cmocka_unit_test(test_services_fail_one_by_one),
        cmocka_unit_test(test_joining),
        cmocka_unit_test(test_reload),
        cmocka_unit_test(test_a_reload_with_another_policy),
        cmocka_unit_test(test_families_and_the_sorry_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
