/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people are told, and times. */
#include "nfshad_failover_test.h"

#include <errno.h>

static struct world copies(size_t count)
{
    struct world w = world_of_copies(REPLICATION_COPIES, false, count);
    pass(&w, 100);
    return w;
}

static void names_of_servers(void **state)
{
    struct world w = copies(2);
    (void)state;
    w.up[0] = w.up[1] = false;
    pass(&w, 100);
    assert_string_equal(w.failover.reason, "server 1 does not answer; server 2 does not answer");
    failover_name(&w.failover, 1, "beta");
    assert_string_equal(w.failover.reason, "server 1 does not answer; beta does not answer");
    char name[FAILOVER_NAME_MAX + 10];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    failover_name(&w.failover, 0, name);
    assert_int_equal(strlen(w.failover.servers[0].name), FAILOVER_NAME_MAX - 1);
}

/* Long names and reasons are cut, not more. */
static void long_reasons(void **state)
{
    struct world w = copies(8);
    char why[2 * FAILOVER_REASON_MAX];
    (void)state;
    memset(why, 'y', sizeof why - 1);
    why[sizeof why - 1] = '\0';
    for (size_t i = 1; i < 8; i++)
        failover_compared(&w.failover, i, FAILOVER_DIFFERENT, why, w.now);
    see(&w, 0, false, 2);
    assert_state(&w, FAILOVER_REFUSED, 0);
    assert_int_equal(strlen(w.failover.reason), FAILOVER_REASON_MAX - 1);
}

static void why_is_told(void **state)
{
    struct world w = copies(2);
    (void)state;
    failover_compared(&w.failover, 1, FAILOVER_DIFFERENT, "the root is another one", w.now);
    see(&w, 0, false, 2);
    assert_state(&w, FAILOVER_REFUSED, 0);
    assert_string_equal(w.failover.reason, "server 1 does not answer; server 2 serves it under other file handles: the "
                                           "root is another one");
    failover_compared(&w.failover, 1, FAILOVER_NOT_SERVING, NULL, w.now);
    assert_state(&w, FAILOVER_WAITING, 0);
    assert_string_equal(w.failover.reason, "server 1 does not answer; server 2 does not serve it yet");
    failover_compared(&w.failover, 1, FAILOVER_NOT_SERVING, "no such export", w.now);
    see(&w, 1, false, 2);
    assert_string_equal(w.failover.reason, "server 1 does not answer; server 2 does not answer");
    see(&w, 1, true, 3);
    assert_string_equal(w.failover.reason, "server 1 does not answer; server 2 has not been compared yet");
}

static void a_note_does_not_outlive_its_reason(void **state)
{
    char why[FAILOVER_REASON_MAX];
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct world w = copies(2);
        w.result = -EIO;
        assert_int_equal(failover_switch(&w.failover, 1, w.now, why), 0);
        pass(&w, 10);
        assert_says(w.failover.reason, "the move to server 2 failed");
        w.slow = true;
        if (i == 0)
            assert_int_equal(failover_switch(&w.failover, 1, w.now, why), 0);
        else
            failover_found(&w.failover, 1, w.now);
        assert_string_equal(w.failover.reason, "");
    }
}

static void since_when(void **state)
{
    struct world w = world_of(&usual, 2, 0);
    (void)state;
    assert_int_equal(w.failover.servers[1].since_ms, 1000);
    failover_answered(&w.failover, 0, 1500);
    assert_int_equal(w.failover.servers[0].since_ms, 1500);
}

/* All that is told has its time; a time that is past already does not turn the clock back. */
static void the_clock(void **state)
{
    struct world w = copies(2);
    char why[FAILOVER_REASON_MAX];
    (void)state;
    failover_found(&w.failover, 1, 5000);
    assert_int_equal(w.failover.moved_ms, 5000);
    assert_int_equal(failover_switch(&w.failover, 0, 6000, why), 0);
    assert_int_equal(w.failover.now_ms, 6000);
    failover_missed(&w.failover, 1, 5500);
    failover_missed(&w.failover, 1, 5600);
    assert_int_equal(w.failover.lost_ms, 6000);
    failover_compared(&w.failover, 0, FAILOVER_SAME, NULL, 7000);
    assert_int_equal(w.failover.servers[0].compared_ms, 7000);
    w.now = 7000;
    assert_string_equal(next(&w), "move 0");
    failover_moved(&w.failover, 0, 8000);
    assert_int_equal(w.failover.moved_ms, 8000);
}

/* A server that is asked seldom, and probes that are still more seldom. */
static void never_asked_more_seldom_when_it_is_urgent(void **state)
{
    struct failover_settings settings = usual;
    (void)state;
    settings.compare_ms = 1000;
    settings.compare_soon_ms = 60000;
    struct world w = world_of(&settings, 2, 0);
    pass(&w, 100);
    w.up[0] = false;
    pass(&w, 20);
    w.serves[1] = FAILOVER_SAME;
    pass(&w, 1000);
    assert_state(&w, FAILOVER_STEADY, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_servers),
        cmocka_unit_test(long_reasons),
        cmocka_unit_test(why_is_told),
        cmocka_unit_test(a_note_does_not_outlive_its_reason),
        cmocka_unit_test(since_when),
        cmocka_unit_test(the_clock),
        cmocka_unit_test(never_asked_more_seldom_when_it_is_urgent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
