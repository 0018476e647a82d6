/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moves that are commanded, and that others have made. */
#include "nfshad_failover_test.h"

#include <errno.h>

static struct world copies(size_t count)
{
    struct world w = world_of_copies(REPLICATION_COPIES, false, count);
    pass(&w, 100);
    return w;
}

static int command(struct world *w, size_t server, const char *words)
{
    char why[FAILOVER_REASON_MAX];
    int rc = failover_switch(&w->failover, server, w->now, why);
    if (words == NULL)
        assert_string_equal(why, "");
    else
        assert_says(why, words);
    return rc;
}

static void obeyed_at_once(void **state)
{
    struct world w = copies(3);
    (void)state;
    assert_int_equal(command(&w, 2, NULL), 0);
    assert_string_equal(next(&w), "move 2");
    assert_says(w.failover.reason, "commanded");
    assert_int_equal(command(&w, 1, "a move to server 3 is under way"), -EBUSY);
    failover_moved(&w.failover, 0, w.now);
    assert_state(&w, FAILOVER_STEADY, 2);
    assert_int_equal(w.failover.lost_ms, 0);
    pass(&w, 60000);
    assert_state(&w, FAILOVER_STEADY, 2);
}

static void refused(void **state)
{
    struct world w = copies(4);
    (void)state;
    w.up[1] = false;
    w.serves[2] = FAILOVER_DIFFERENT;
    w.serves[3] = FAILOVER_NOT_SERVING;
    pass(&w, 10000);
    assert_int_equal(command(&w, 0, "server 1 is in use already"), -EALREADY);
    assert_int_equal(command(&w, 1, "server 2 does not answer"), -EHOSTDOWN);
    assert_int_equal(command(&w, 2, "server 3 serves it under other file handles"), -ESTALE);
    assert_int_equal(command(&w, 3, "server 4 does not serve it"), -ENOENT);
    assert_int_equal(command(&w, 4, "no such server"), -EINVAL);
    pass(&w, 20000);
    assert_string_equal(w.done, "");
}

static void refused_for_own_copies(void **state)
{
    struct world w = world_of_copies(REPLICATION_STANDBY, true, 2);
    (void)state;
    pass(&w, 100);
    assert_int_equal(command(&w, 1, "server 2 has a copy of its own"), -EXDEV);
    pass(&w, 20000);
    assert_string_equal(w.done, "");
}

/* A refusal may be out of date: what it was for is looked at again. */
static void refused_and_looked_at_again(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    pass(&w, 100);
    w.serves[0] = FAILOVER_NOT_SERVING;
    w.serves[1] = FAILOVER_SAME;
    assert_int_equal(command(&w, 1, "does not serve it"), -ENOENT);
    pass(&w, 10);
    assert_string_equal(w.done, "move 1");
}

static void compared_first_when_that_is_long_ago(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct world w = copies(2);
        w.serves[1] = FAILOVER_IDENTITY_UNKNOWN;
        pass(&w, 35000);
        w.slow = true;
        assert_int_equal(command(&w, 1, NULL), 0);
        assert_true(w.failover.wanted);
        assert_string_equal(next(&w), "compare 1");
        assert_string_equal(next(&w), "");
        compared(&w, 1, i == 0 ? FAILOVER_SAME : FAILOVER_DIFFERENT);
        assert_string_equal(next(&w), i == 0 ? "move 1" : "");
        if (i == 0)
            continue;
        assert_false(w.failover.wanted);
        assert_state(&w, FAILOVER_STEADY, 0);
        assert_says(w.failover.reason, "server 2 serves it under other file handles");
    }
}

static void the_target_goes_down_first(void **state)
{
    struct world w = copies(2);
    (void)state;
    w.serves[1] = FAILOVER_IDENTITY_UNKNOWN;
    pass(&w, 35000);
    w.slow = true;
    assert_int_equal(command(&w, 1, NULL), 0);
    see(&w, 1, false, 2);
    assert_false(w.failover.wanted);
    assert_says(w.failover.reason, "server 2 does not answer");
    w.slow = false;
    w.serves[1] = FAILOVER_SAME;
    pass(&w, 1000);
    see(&w, 1, true, 3);
    pass(&w, 1000);
    assert_string_equal(w.done, "");
}

/* Where one serves at a time a command moves nothing while the server in use serves. */
static void a_standby_server(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    w.serves[1] = FAILOVER_IDENTITY_UNKNOWN;
    pass(&w, 100);
    w.slow = true;
    assert_int_equal(command(&w, 1, NULL), 0);
    assert_string_equal(next(&w), "compare 1");
    compared(&w, 1, FAILOVER_SAME);
    assert_string_equal(next(&w), "compare 0");
    struct world own = w;
    w.now += 100;
    compared(&w, 0, FAILOVER_NOT_SERVING);
    assert_string_equal(next(&w), "compare 0");
    assert_string_equal(next(&w), "compare 1");
    compared(&w, 1, FAILOVER_SAME);
    assert_string_equal(next(&w), "move 1");
    compared(&own, 0, FAILOVER_SAME);
    assert_string_equal(next(&own), "compare 1");
    assert_true(own.failover.wanted);
    compared(&own, 1, FAILOVER_SAME);
    assert_string_equal(next(&own), "");
    assert_false(own.failover.wanted);
    assert_says(own.failover.reason, "server 2 has a copy of its own");
}

static void the_wanted_one_comes_first(void **state)
{
    struct world w = copies(3);
    (void)state;
    w.serves[2] = FAILOVER_IDENTITY_UNKNOWN;
    pass(&w, 35000);
    w.slow = true;
    assert_int_equal(command(&w, 2, NULL), 0);
    struct world other = w;
    see(&w, 0, false, 2);
    assert_string_equal(next(&w), "move 1"); /* 2 is not known */
    assert_false(w.failover.wanted);
    assert_string_equal(next(&other), "compare 2");
    compared(&other, 2, FAILOVER_SAME);
    see(&other, 0, false, 2);
    assert_string_equal(next(&other), "move 2");
}

static void a_commanded_move_fails(void **state)
{
    struct world w = copies(2);
    (void)state;
    w.result = -EIO;
    assert_int_equal(command(&w, 1, NULL), 0);
    pass(&w, 60000);
    assert_string_equal(w.done, "move 1");
    assert_state(&w, FAILOVER_STEADY, 0);
    assert_says(w.failover.reason, "the move to server 2 failed: Input/output error");
    w.result = 0;
    assert_int_equal(command(&w, 1, NULL), 0);
    pass(&w, 10);
    assert_state(&w, FAILOVER_STEADY, 1);
    assert_string_equal(w.failover.reason, "");
}

static void moved_by_others(void **state)
{
    struct world w = copies(2);
    (void)state;
    failover_found(&w.failover, 0, w.now);
    assert_int_equal(w.failover.moves, 0);
    failover_found(&w.failover, 1, w.now);
    assert_state(&w, FAILOVER_STEADY, 1);
    assert_int_equal(w.failover.moves, 1);
    assert_int_equal(w.failover.moved_ms, w.now);
    assert_string_equal(next(&w), "compare 1");
    assert_int_equal(command(&w, 0, NULL), 0);
    failover_found(&w.failover, 0, w.now);
    assert_false(w.failover.wanted);
}

static void moved_by_others_to_one_that_is_down(void **state)
{
    struct world w = copies(2);
    (void)state;
    w.up[1] = false;
    pass(&w, 1000);
    failover_found(&w.failover, 1, w.now);
    assert_state(&w, FAILOVER_WAITING, 1);
    assert_int_equal(w.failover.lost_ms, w.now);
    pass(&w, 10);
    assert_string_equal(w.done, "move 0");
}

static void moved_by_others_on_the_way(void **state)
{
    (void)state;
    for (size_t found = 1; found < 3; found++) {
        struct world w = copies(3);
        see(&w, 0, false, 2);
        assert_string_equal(next(&w), "move 1");
        failover_found(&w.failover, found, w.now);
        assert_state(&w, FAILOVER_MOVING, found);
        failover_moved(&w.failover, 0, w.now);
        assert_state(&w, FAILOVER_STEADY, 1);
        assert_int_equal(w.failover.moves, found);
    }
}

static void an_end_without_a_beginning(void **state)
{
    struct world w = copies(2);
    (void)state;
    failover_moved(&w.failover, 0, w.now);
    failover_moved(&w.failover, -EIO, w.now);
    assert_state(&w, FAILOVER_STEADY, 0);
    assert_int_equal(w.failover.moves, 0);
    assert_int_equal(w.failover.failed_ms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(obeyed_at_once),
        cmocka_unit_test(refused),
        cmocka_unit_test(refused_for_own_copies),
        cmocka_unit_test(refused_and_looked_at_again),
        cmocka_unit_test(compared_first_when_that_is_long_ago),
        cmocka_unit_test(the_target_goes_down_first),
        cmocka_unit_test(a_standby_server),
        cmocka_unit_test(the_wanted_one_comes_first),
        cmocka_unit_test(a_commanded_move_fails),
        cmocka_unit_test(moved_by_others),
        cmocka_unit_test(moved_by_others_to_one_that_is_down),
        cmocka_unit_test(moved_by_others_on_the_way),
        cmocka_unit_test(an_end_without_a_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
