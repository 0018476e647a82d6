/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers that have each a copy of its own, where one set of data was promised; and mounts that are made anew. */
#include "nfshad_failover_test.h"

static struct world own_copies(size_t count)
{
    struct world w = world_of_copies(REPLICATION_STANDBY, true, count);
    pass(&w, 100);
    assert_true(w.failover.own_copies);
    assert_int_equal(w.failover.servers[1].beside, FAILOVER_SAME);
    return w;
}

static void no_move_to_an_own_copy(void **state)
{
    struct world w = own_copies(2);
    (void)state;
    assert_state(&w, FAILOVER_STEADY, 0);
    w.up[0] = false;
    pass(&w, 20000);
    assert_state(&w, FAILOVER_REFUSED, 0);
    assert_says(w.failover.reason, "server 2 has a copy of its own");
    assert_string_equal(w.done, "");
    w.up[0] = true;
    pass(&w, 100);
    assert_state(&w, FAILOVER_STEADY, 0);
}

/* That it was started anew makes it no other copy. */
static void it_stays_one_when_it_is_started_again(void **state)
{
    struct world w = own_copies(2);
    (void)state;
    w.up[1] = false;
    pass(&w, 1000);
    assert_true(w.failover.own_copies);
    w.up[0] = false;
    pass(&w, 1000);
    assert_state(&w, FAILOVER_WAITING, 0);
    w.up[1] = true;
    pass(&w, 1000);
    assert_state(&w, FAILOVER_REFUSED, 0);
    assert_string_equal(w.done, "");
}

static void it_stays_one_while_the_server_in_use_is_down(void **state)
{
    struct world w = own_copies(2);
    (void)state;
    w.up[0] = false;
    w.serves[1] = FAILOVER_NOT_SERVING;
    pass(&w, 1000);
    assert_true(w.failover.own_copies);
    w.serves[1] = FAILOVER_SAME;
    pass(&w, 1000);
    assert_state(&w, FAILOVER_REFUSED, 0);
}

static void taken_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct world w = own_copies(2);
        w.serves[1] = i == 0 ? FAILOVER_NOT_SERVING : FAILOVER_DIFFERENT;
        w.comparisons[0] = w.comparisons[1] = 0;
        pass(&w, 10000);
        assert_false(w.failover.own_copies);
        assert_int_equal(w.comparisons[1], i + 1); /* that it does not serve needs no second question */
        w.up[0] = false;
        w.serves[1] = FAILOVER_SAME;
        pass(&w, 1000);
        assert_state(&w, FAILOVER_STEADY, 1);
    }
}

static void only_that_server(void **state)
{
    struct world w = own_copies(3);
    (void)state;
    w.serves[2] = FAILOVER_NOT_SERVING;
    pass(&w, 10000);
    assert_true(w.failover.own_copies);
    w.up[0] = false;
    pass(&w, 100);
    assert_state(&w, FAILOVER_REFUSED, 0);
    w.serves[2] = FAILOVER_SAME;
    pass(&w, 100);
    assert_state(&w, FAILOVER_STEADY, 2);
    assert_true(w.failover.own_copies);
    w.up[2] = false;
    pass(&w, 1000);
    assert_state(&w, FAILOVER_REFUSED, 2);
    assert_string_equal(w.done, "move 2");
}

/* The data moves from one server to the other while both answer: at no time do both serve. */
static void a_planned_move_of_the_data(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    pass(&w, 10);
    w.slow = true;
    pass(&w, 10000);
    compared(&w, 0, FAILOVER_SAME); /* still */
    compared(&w, 1, FAILOVER_SAME); /* already */
    assert_string_equal(next(&w), "compare 0");
    w.now += 5;
    compared(&w, 0, FAILOVER_NOT_SERVING);
    w.now += 100;
    assert_string_equal(next(&w), "compare 0"); /* does it serve again? */
    assert_string_equal(next(&w), "compare 1");
    compared(&w, 1, FAILOVER_SAME);
    assert_string_equal(next(&w), "move 1");
    assert_false(w.failover.own_copies);
}

/* And back again in the moment between. */
static void to_and_fro_is_no_proof(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    pass(&w, 10);
    w.slow = true;
    pass(&w, 10000);
    compared(&w, 0, FAILOVER_SAME);
    compared(&w, 1, FAILOVER_SAME);
    assert_string_equal(next(&w), "compare 0");
    compared(&w, 0, FAILOVER_SAME); /* served again when it was asked */
    assert_string_equal(next(&w), "compare 1");
    compared(&w, 1, FAILOVER_NOT_SERVING);
    assert_false(w.failover.own_copies);
    assert_int_equal(w.failover.servers[1].beside, FAILOVER_IDENTITY_UNKNOWN);
    assert_state(&w, FAILOVER_STEADY, 0);
}

/* What the server in use was asked before the other one is no proof, nor what cannot be found. */
static void the_order_counts(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    pass(&w, 10);
    w.slow = true;
    pass(&w, 10000);
    assert_true(w.failover.servers[0].comparing && w.failover.servers[1].comparing);
    compared(&w, 1, FAILOVER_SAME);
    compared(&w, 0, FAILOVER_SAME); /* asked earlier */
    assert_string_equal(next(&w), "compare 0");
    compared(&w, 0, FAILOVER_IDENTITY_UNKNOWN);
    assert_string_equal(next(&w), "");
    assert_int_equal(w.failover.servers[1].proof, FAILOVER_PROOF_NONE);
    pass(&w, 10000);
    compared(&w, 1, FAILOVER_SAME);
    compared(&w, 0, FAILOVER_SAME);
    assert_string_equal(next(&w), "compare 0");
    compared(&w, 0, FAILOVER_SAME);
    assert_string_equal(next(&w), "compare 1");
    compared(&w, 1, FAILOVER_IDENTITY_UNKNOWN);
    assert_int_equal(w.failover.servers[1].proof, FAILOVER_PROOF_NONE);
    assert_false(w.failover.own_copies);
}

/* Half a proof from before the server in use was lost is none after it. */
static void a_proof_does_not_outlive_a_loss(void **state)
{
    (void)state;
    for (size_t lost = 0; lost < 2; lost++) {
        struct world w = world_of(&usual, 2, 0);
        pass(&w, 10);
        w.slow = true;
        pass(&w, 10000);
        compared(&w, 0, FAILOVER_SAME);
        compared(&w, 1, FAILOVER_SAME);
        assert_string_equal(next(&w), "compare 0");
        compared(&w, 0, FAILOVER_SAME);
        assert_int_equal(w.failover.servers[1].proof, FAILOVER_PROOF_AGAIN);
        see(&w, lost, false, 2);
        assert_int_equal(w.failover.servers[1].proof, FAILOVER_PROOF_NONE);
        see(&w, lost, true, 3);
        for (const char *what = next(&w); strcmp(what, "compare 1") != 0; what = next(&w)) {
            assert_string_equal(what, "compare 0");
            compared(&w, 0, FAILOVER_IDENTITY_UNKNOWN);
        }
        compared(&w, 1, FAILOVER_SAME);
        assert_int_equal(w.failover.servers[1].beside, FAILOVER_IDENTITY_UNKNOWN);
    }
}

/* Nor does it outlive that the server in use answers, and does not serve for a while. */
static void a_proof_does_not_outlive_a_pause(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    pass(&w, 10);
    w.slow = true;
    pass(&w, 10000);
    compared(&w, 0, FAILOVER_SAME);
    compared(&w, 1, FAILOVER_SAME);
    assert_string_equal(next(&w), "compare 0");
    compared(&w, 0, FAILOVER_SAME);
    assert_string_equal(next(&w), "compare 1");
    w.now += 10;
    compared(&w, 0, FAILOVER_NOT_SERVING); /* unasked for, which does not matter */
    compared(&w, 1, FAILOVER_SAME);
    compared(&w, 0, FAILOVER_SAME);
    assert_state(&w, FAILOVER_STEADY, 0);
    assert_int_equal(w.failover.servers[1].proof, FAILOVER_PROOF_NONE);
    compared(&w, 1, FAILOVER_SAME);
    assert_int_equal(w.failover.servers[1].beside, FAILOVER_IDENTITY_UNKNOWN);
}

/* Nor that another server is in use. */
static void a_proof_does_not_outlive_a_move(void **state)
{
    struct world w = world_of(&usual, 3, 0);
    (void)state;
    pass(&w, 10);
    w.slow = true;
    pass(&w, 10000);
    compared(&w, 2, FAILOVER_SAME);
    compared(&w, 0, FAILOVER_SAME);
    compared(&w, 1, FAILOVER_SAME);
    assert_string_equal(next(&w), "compare 0");
    assert_int_equal(w.failover.servers[1].proof, FAILOVER_PROOF_ASKED);
    failover_found(&w.failover, 2, w.now);
    assert_state(&w, FAILOVER_STEADY, 2);
    assert_int_equal(w.failover.servers[1].proof, FAILOVER_PROOF_NONE);
}

/* A server that was frozen, replaced, and comes back late. */
static void the_old_server_comes_back_and_serves(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    pass(&w, 100);
    w.up[0] = false;
    w.serves[1] = FAILOVER_SAME;
    pass(&w, 100);
    assert_state(&w, FAILOVER_STEADY, 1);
    assert_false(w.failover.own_copies);
    w.up[0] = true;
    pass(&w, 40);
    assert_true(w.failover.own_copies);
    w.up[1] = false;
    pass(&w, 1000);
    assert_state(&w, FAILOVER_REFUSED, 1);
    assert_string_equal(w.done, "move 1");
}

/* Somebody moved the mounts by force: of two copies, the other one is the own one now. */
static void found_at_an_own_copy(void **state)
{
    struct world w = own_copies(2);
    (void)state;
    failover_found(&w.failover, 1, w.now);
    assert_state(&w, FAILOVER_STEADY, 1);
    assert_true(w.failover.own_copies);
    w.up[1] = false;
    pass(&w, 100);
    assert_state(&w, FAILOVER_REFUSED, 1);
}

static void harmless_where_nothing_is_written(void **state)
{
    struct world w = world_of_copies(REPLICATION_STANDBY, false, 2);
    struct failover_settings settings = w.failover.settings;
    (void)state;
    pass(&w, 100);
    assert_false(w.failover.own_copies);
    settings.writable = true; /* a mount was added */
    failover_change(&w.failover, &settings);
    assert_true(w.failover.own_copies);
    settings.writable = false;
    failover_change(&w.failover, &settings);
    assert_false(w.failover.own_copies);
    w.up[0] = false;
    pass(&w, 100);
    assert_state(&w, FAILOVER_STEADY, 1);
}

static void comparing_is_switched_off_and_on(void **state)
{
    struct world w = own_copies(2);
    struct failover_settings settings = w.failover.settings;
    (void)state;
    settings.compare = false;
    failover_change(&w.failover, &settings);
    assert_false(w.failover.own_copies);
    assert_int_equal(w.failover.servers[1].identity, FAILOVER_IDENTITY_UNKNOWN);
    settings.compare = true;
    failover_change(&w.failover, &settings);
    assert_false(w.failover.own_copies);
    assert_string_equal(next(&w), "compare 0");
    pass(&w, 20);
    assert_false(w.failover.servers[1].compare_now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_move_to_an_own_copy),
        cmocka_unit_test(it_stays_one_when_it_is_started_again),
        cmocka_unit_test(it_stays_one_while_the_server_in_use_is_down),
        cmocka_unit_test(taken_back),
        cmocka_unit_test(only_that_server),
        cmocka_unit_test(a_planned_move_of_the_data),
        cmocka_unit_test(to_and_fro_is_no_proof),
        cmocka_unit_test(the_order_counts),
        cmocka_unit_test(a_proof_does_not_outlive_a_loss),
        cmocka_unit_test(a_proof_does_not_outlive_a_pause),
        cmocka_unit_test(a_proof_does_not_outlive_a_move),
        cmocka_unit_test(the_old_server_comes_back_and_serves),
        cmocka_unit_test(found_at_an_own_copy),
        cmocka_unit_test(harmless_where_nothing_is_written),
        cmocka_unit_test(comparing_is_switched_off_and_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
