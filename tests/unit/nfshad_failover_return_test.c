/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Back to the first server, by policy. */
#include "nfshad_failover_test.h"

#include <errno.h>

static struct world copies(size_t count)
{
    struct world w = world_of_copies(REPLICATION_COPIES, false, count);
    pass(&w, 100);
    return w;
}

static struct world away(uint64_t return_ms)
{
    struct world w = copies(2);
    struct failover_settings settings = w.failover.settings;
    settings.return_ms = (unsigned)return_ms;
    failover_change(&w.failover, &settings);
    w.up[0] = false;
    pass(&w, 1000);
    assert_state(&w, FAILOVER_STEADY, 1);
    w.done[0] = '\0';
    w.up[0] = true;
    return w;
}

static void no_return_without_the_policy(void **state)
{
    struct world w = away(0);
    (void)state;
    pass(&w, 300000);
    assert_state(&w, FAILOVER_STEADY, 1);
}

static void returns_after_its_time(void **state)
{
    struct world w = away(25000);
    (void)state;
    pass(&w, 30);
    uint64_t since = w.failover.servers[0].since_ms;
    assert_int_equal(since, w.now);
    pass(&w, 24990);
    assert_int_equal(failover_due(&w.failover), since + 25000);
    assert_string_equal(w.done, "");
    pass(&w, 10);
    assert_string_equal(w.done, "move 0");
    assert_state(&w, FAILOVER_STEADY, 0);
}

static void the_time_begins_anew(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct world w = away(25000);
        pass(&w, 12000);
        if (i == 0)
            w.up[0] = false;
        else
            w.serves[0] = FAILOVER_DIFFERENT;
        pass(&w, 10000);
        w.up[0] = true;
        w.serves[0] = FAILOVER_SAME;
        pass(&w, 24000);
        assert_string_equal(w.done, "");
        pass(&w, 11000);
        assert_string_equal(w.done, "move 0");
    }
}

static void no_return_to_what_is_not_known(void **state)
{
    struct world w = away(25000);
    (void)state;
    w.serves[0] = FAILOVER_IDENTITY_UNKNOWN;
    pass(&w, 60000);
    assert_string_equal(w.done, "");
    struct world standby = world_of_copies(REPLICATION_STANDBY, true, 2);
    struct failover_settings settings = standby.failover.settings;
    settings.return_ms = 10;
    failover_change(&standby.failover, &settings);
    failover_found(&standby.failover, 1, standby.now);
    pass(&standby, 20000);
    assert_string_equal(standby.done, "");
}

static void a_return_that_fails_is_not_hurried(void **state)
{
    struct world w = away(1000);
    (void)state;
    w.result = -EIO;
    pass(&w, 1040 + 20000);
    assert_string_equal(w.done, "move 0, move 0, move 0");
    /* A loss does not wait for that. */
    w.done[0] = '\0';
    w.result = 0;
    w.up[1] = false;
    pass(&w, 110);
    assert_string_equal(w.done, "move 0");
}

static void returns_without_comparing(void **state)
{
    struct failover_settings settings = usual;
    (void)state;
    settings.compare = false;
    settings.replication = REPLICATION_SHARED;
    settings.return_ms = 500;
    struct world w = world_of(&settings, 2, 1);
    pass(&w, 500);
    assert_string_equal(w.done, "");
    pass(&w, 10);
    assert_string_equal(w.done, "move 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_return_without_the_policy),
        cmocka_unit_test(returns_after_its_time),
        cmocka_unit_test(the_time_begins_anew),
        cmocka_unit_test(no_return_to_what_is_not_known),
        cmocka_unit_test(a_return_that_fails_is_not_hurried),
        cmocka_unit_test(returns_without_comparing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
