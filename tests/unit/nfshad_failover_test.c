/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server in use is lost. */
#include "nfshad_failover_test.h"

static struct world copies(size_t count)
{
    struct world w = world_of_copies(REPLICATION_COPIES, false, count);
    pass(&w, 100);
    return w;
}

static void rows_count(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    assert_int_equal(w.failover.servers[0].health, FAILOVER_HEALTH_UNKNOWN);
    see(&w, 0, true, 1);
    assert_int_equal(w.failover.servers[0].health, FAILOVER_UP);
    see(&w, 0, false, 1);
    see(&w, 0, true, 1);
    see(&w, 0, false, 1);
    assert_int_equal(w.failover.servers[0].health, FAILOVER_UP);
    see(&w, 0, false, 1);
    assert_int_equal(w.failover.servers[0].health, FAILOVER_DOWN);
    see(&w, 0, true, 2);
    see(&w, 0, false, 1);
    see(&w, 0, true, 2);
    assert_int_equal(w.failover.servers[0].health, FAILOVER_DOWN);
    w.now += 5;
    see(&w, 0, true, 1);
    assert_int_equal(w.failover.servers[0].health, FAILOVER_UP);
    assert_int_equal(w.failover.servers[0].since_ms, w.now);
    assert_int_equal(w.failover.servers[0].answers, 7);
    assert_int_equal(w.failover.servers[0].misses, 4);
    see(&w, 1, false, 1);
    assert_int_equal(w.failover.servers[1].health, FAILOVER_HEALTH_UNKNOWN);
    see(&w, 1, false, 1);
    assert_int_equal(w.failover.servers[1].health, FAILOVER_DOWN);
}

static void back_before_anyone_took_over(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    pass(&w, 100);
    w.up[0] = false;
    pass(&w, 500);
    assert_state(&w, FAILOVER_WAITING, 0);
    assert_says(w.failover.reason, "server 1 does not answer; server 2 does not serve it yet");
    uint64_t lost = w.failover.lost_ms;
    w.up[0] = true;
    pass(&w, 500);
    assert_state(&w, FAILOVER_STEADY, 0);
    assert_string_equal(w.done, "");
    assert_string_equal(w.failover.reason, "");
    assert_int_equal(w.failover.moves, 0);
    assert_true(lost > 0 && w.failover.lost_ms == lost);
}

static void known_copies_take_over_in_the_same_tick(void **state)
{
    struct world w = copies(2);
    (void)state;
    see(&w, 0, false, 1);
    assert_string_equal(next(&w), "");
    see(&w, 0, false, 1);
    assert_string_equal(next(&w), "move 1");
    assert_state(&w, FAILOVER_MOVING, 0);
    assert_says(w.failover.reason, "server 1 does not answer");
    assert_string_equal(next(&w), "");
    assert_int_equal(failover_due(&w.failover), UINT64_MAX);
    w.now += 30;
    failover_moved(&w.failover, 0, w.now);
    assert_state(&w, FAILOVER_STEADY, 1);
    assert_int_equal(w.failover.moves, 1);
    assert_int_equal(w.failover.moved_ms, w.now);
    assert_int_equal(w.failover.lost_ms, w.now - 30);
}

/* Also when one of the regular comparisons is just being made. */
static void a_comparison_under_way_does_not_delay_it(void **state)
{
    struct world w = copies(2);
    (void)state;
    w.slow = true;
    pass(&w, 10000);
    assert_true(w.failover.servers[1].comparing);
    see(&w, 0, false, 2);
    assert_string_equal(next(&w), "move 1");
}

static void old_knowledge_is_renewed_first(void **state)
{
    struct world w = copies(2);
    (void)state;
    w.serves[1] = FAILOVER_IDENTITY_UNKNOWN;
    pass(&w, 29900);
    uint64_t fresh = w.failover.servers[1].compared_ms + 30000;
    assert_int_equal(w.failover.servers[1].identity, FAILOVER_SAME);
    w.now = fresh;
    struct world old = w;
    see(&w, 0, false, 2);
    assert_string_equal(next(&w), "move 1");
    old.now++;
    see(&old, 0, false, 2);
    assert_string_equal(next(&old), "compare 1");
    assert_string_equal(next(&old), "");
    compared(&old, 1, FAILOVER_SAME);
    assert_string_equal(next(&old), "move 1");
}

/* What the other served before says nothing: it was not its turn. */
static void a_standby_server_is_asked_until_it_serves(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    pass(&w, 100);
    w.comparisons[1] = 0;
    w.up[0] = false;
    pass(&w, 20);
    assert_state(&w, FAILOVER_WAITING, 0);
    assert_int_equal(w.comparisons[1], 1);
    pass(&w, 1000);
    assert_int_equal(w.comparisons[1], 11);
    assert_int_equal(w.comparisons[0], 1);
    w.serves[1] = FAILOVER_SAME;
    pass(&w, 100);
    assert_string_equal(w.done, "move 1");
    assert_state(&w, FAILOVER_STEADY, 1);
    assert_false(w.failover.own_copies);
    pass(&w, 20000);
    assert_string_equal(w.done, "move 1");
}

/* Its port is shut until it serves. */
static void a_standby_server_that_was_silent(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    w.up[1] = false;
    pass(&w, 1000);
    w.up[0] = false;
    pass(&w, 1000);
    assert_state(&w, FAILOVER_WAITING, 0);
    assert_says(w.failover.reason, "server 2 does not answer");
    w.up[1] = true;
    w.serves[1] = FAILOVER_SAME;
    pass(&w, 20);
    assert_string_equal(w.done, "");
    pass(&w, 10);
    assert_state(&w, FAILOVER_STEADY, 1);
}

/* A comparison that was asked for before the loss, too, is of before. */
static void what_was_asked_before_the_loss_does_not_count(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    pass(&w, 10);
    w.slow = true;
    pass(&w, 10000);
    assert_true(w.failover.servers[1].comparing);
    w.now += 10;
    see(&w, 0, false, 2);
    assert_string_equal(next(&w), "");
    compared(&w, 1, FAILOVER_SAME);
    assert_string_equal(next(&w), "compare 1");
    compared(&w, 1, FAILOVER_SAME);
    assert_string_equal(next(&w), "move 1");
}

/* It answers probes, and its data has gone: it is as good as down when another one has that. */
static void answers_and_does_not_serve(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    w.up[1] = false;
    pass(&w, 1000);
    w.serves[0] = FAILOVER_NOT_SERVING;
    w.serves[1] = FAILOVER_SAME;
    w.up[1] = true; /* whoever serves opens its port */
    pass(&w, 40);
    assert_string_equal(w.done, "move 1");
    assert_state(&w, FAILOVER_STEADY, 1);
}

static void serves_again(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    w.serves[0] = FAILOVER_NOT_SERVING;
    pass(&w, 100);
    assert_state(&w, FAILOVER_WAITING, 0);
    assert_says(w.failover.reason, "server 1 does not serve it any more");
    w.serves[0] = FAILOVER_SAME;
    pass(&w, 100);
    assert_state(&w, FAILOVER_STEADY, 0);
}

/* That a server cannot be compared is no reason to leave it. */
static void cannot_be_compared(void **state)
{
    struct world w = world_of_copies(REPLICATION_SHARED, true, 2);
    (void)state;
    w.serves[0] = FAILOVER_IDENTITY_UNKNOWN;
    pass(&w, 60000);
    assert_state(&w, FAILOVER_STEADY, 0);
    assert_string_equal(w.done, "");
}

static void after_the_one_in_use_in_the_list(void **state)
{
    (void)state;
    for (size_t current = 0; current < 4; current++)
        for (size_t down = 0; down < 4; down++) {
            struct world w = copies(4);
            size_t first = (current + 1) % 4;
            char text[16];
            failover_found(&w.failover, current, w.now);
            pass(&w, 100);
            w.up[down] = false;
            pass(&w, 50);
            w.done[0] = '\0';
            w.up[current] = false;
            pass(&w, 50);
            snprintf(text, sizeof text, "move %zu", first == down ? (first + 1) % 4 : first);
            if (down != current)
                assert_string_equal(w.done, text);
        }
}

static void all_down_and_one_returns(void **state)
{
    (void)state;
    for (size_t back = 0; back < 2; back++) {
        struct world w = world_of(&usual, 2, 0);
        pass(&w, 100);
        w.up[0] = w.up[1] = false;
        pass(&w, 1000);
        assert_state(&w, FAILOVER_WAITING, 0);
        assert_int_equal(failover_due(&w.failover), UINT64_MAX);
        w.up[back] = true;
        w.serves[0] = w.serves[1] = FAILOVER_SAME;
        pass(&w, 100);
        assert_state(&w, FAILOVER_STEADY, back);
        assert_string_equal(w.done, back == 0 ? "" : "move 1");
    }
}

static void what_came_back_is_compared_anew(void **state)
{
    struct world w = copies(2);
    (void)state;
    w.slow = true;
    pass(&w, 10000);
    assert_true(w.failover.servers[1].comparing);
    w.up[1] = false;
    pass(&w, 20);
    assert_int_equal(w.failover.servers[1].identity, FAILOVER_IDENTITY_UNKNOWN);
    w.up[1] = true;
    pass(&w, 30);
    see(&w, 0, false, 2);
    assert_string_equal(next(&w), "");
    compared(&w, 1, FAILOVER_SAME); /* of the disk that it had */
    assert_string_equal(next(&w), "compare 1");
    compared(&w, 1, FAILOVER_DIFFERENT);
    assert_string_equal(next(&w), "");
    assert_state(&w, FAILOVER_REFUSED, 0);
}

static void not_compared_when_that_is_off(void **state)
{
    struct failover_settings settings = usual;
    (void)state;
    settings.compare = false;
    struct world w = world_of(&settings, 2, 0);
    w.serves[1] = FAILOVER_SAME;
    pass(&w, 60000);
    assert_false(w.failover.own_copies);
    assert_int_equal(failover_due(&w.failover), UINT64_MAX);
    w.up[0] = false;
    pass(&w, 20);
    assert_state(&w, FAILOVER_STEADY, 1);
    assert_int_equal(w.comparisons[0] + w.comparisons[1], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_count),
        cmocka_unit_test(back_before_anyone_took_over),
        cmocka_unit_test(known_copies_take_over_in_the_same_tick),
        cmocka_unit_test(a_comparison_under_way_does_not_delay_it),
        cmocka_unit_test(old_knowledge_is_renewed_first),
        cmocka_unit_test(a_standby_server_is_asked_until_it_serves),
        cmocka_unit_test(a_standby_server_that_was_silent),
        cmocka_unit_test(what_was_asked_before_the_loss_does_not_count),
        cmocka_unit_test(answers_and_does_not_serve),
        cmocka_unit_test(serves_again),
        cmocka_unit_test(cannot_be_compared),
        cmocka_unit_test(after_the_one_in_use_in_the_list),
        cmocka_unit_test(all_down_and_one_returns),
        cmocka_unit_test(what_came_back_is_compared_anew),
        cmocka_unit_test(not_compared_when_that_is_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
