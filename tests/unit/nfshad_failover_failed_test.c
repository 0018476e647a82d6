/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moves that fail. */
#include "nfshad_failover_test.h"

#include <errno.h>

static struct world copies(size_t count)
{
    struct world w = world_of_copies(REPLICATION_COPIES, false, count);
    pass(&w, 100);
    return w;
}

static void a_failed_move_is_tried_again(void **state)
{
    struct world w = copies(2);
    (void)state;
    see(&w, 0, false, 2);
    assert_string_equal(next(&w), "move 1");
    w.now += 500;
    failover_moved(&w.failover, -ETIMEDOUT, w.now);
    assert_state(&w, FAILOVER_WAITING, 0);
    while (strncmp(next(&w), "compare", 7) == 0)
        compared(&w, 1, FAILOVER_SAME);
    assert_int_equal(failover_due(&w.failover), w.now + 100);
    w.now += 99;
    assert_string_equal(next(&w), "");
    w.now++;
    assert_string_equal(next(&w), "move 1");
    failover_moved(&w.failover, 0, w.now);
    assert_state(&w, FAILOVER_STEADY, 1);
}

static void the_others_have_their_turn_after_a_failed_move(void **state)
{
    struct world w = copies(3);
    (void)state;
    w.result = -EIO;
    w.up[0] = false;
    pass(&w, 420);
    assert_string_equal(w.done, "move 1, move 2, move 1, move 2"); /* after 0, 100, 200, 400 ms */
    w.done[0] = '\0';
    pass(&w, 400);
    assert_string_equal(w.done, "move 1");
    /* The next time it begins with the first of them. */
    w.up[0] = true;
    pass(&w, 20000);
    w.done[0] = '\0';
    w.up[0] = false;
    pass(&w, 120);
    assert_string_equal(w.done, "move 1, move 2"); /* at once, and soon again */
}

static void the_target_dies_on_the_way(void **state)
{
    struct world w = copies(3);
    (void)state;
    w.slow = true;
    w.up[0] = false;
    pass(&w, 50);
    w.up[1] = false;
    pass(&w, 50);
    assert_string_equal(w.done, "move 1");
    assert_state(&w, FAILOVER_MOVING, 0);
    w.slow = false;
    failover_moved(&w.failover, 0, w.now);
    assert_state(&w, FAILOVER_WAITING, 1);
    assert_int_equal(w.failover.lost_ms, w.now);
    pass(&w, 10);
    assert_string_equal(w.done, "move 1, move 2");
    assert_state(&w, FAILOVER_STEADY, 2);
}

/* A success ends the pauses. */
static void no_pause_after_a_success(void **state)
{
    struct world w = copies(2);
    (void)state;
    w.result = -EIO;
    see(&w, 0, false, 2);
    act(&w);
    w.now += 100;
    w.result = 0;
    act(&w);
    assert_string_equal(w.done, "move 1, move 1");
    see(&w, 0, true, 3);
    act(&w);
    see(&w, 1, false, 2);
    assert_string_equal(next(&w), "move 0");
}

/* Nor does a return wait for the end of one. */
static void no_pause_before_a_return(void **state)
{
    struct world w = copies(2);
    struct failover_settings settings = w.failover.settings;
    (void)state;
    settings.return_ms = 500;
    failover_change(&w.failover, &settings);
    w.result = -EIO;
    w.up[0] = false;
    pass(&w, 20);
    w.result = 0;
    pass(&w, 100);
    assert_string_equal(w.done, "move 1, move 1");
    w.up[0] = true;
    pass(&w, 600);
    assert_state(&w, FAILOVER_STEADY, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_move_is_tried_again),
        cmocka_unit_test(the_others_have_their_turn_after_a_failed_move),
        cmocka_unit_test(the_target_dies_on_the_way),
        cmocka_unit_test(no_pause_after_a_success),
        cmocka_unit_test(no_pause_before_a_return),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
