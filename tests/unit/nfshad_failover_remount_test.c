/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts that are made anew, and what was known that no longer holds. */
#include "nfshad_failover_test.h"

#include <errno.h>

static struct world different(enum replication replication, size_t count)
{
    struct failover_settings settings = usual;
    settings.replication = replication;
    settings.writable = false;
    settings.mismatch = MISMATCH_REMOUNT;
    struct world w = world_of(&settings, count, 0);
    for (size_t i = 1; i < count; i++)
        w.serves[i] = FAILOVER_DIFFERENT;
    pass(&w, 100);
    return w;
}

static void a_remount_is_asked_for_last(void **state)
{
    struct world w = different(REPLICATION_COPIES, 3);
    (void)state;
    w.slow = true;
    w.up[0] = false;
    pass(&w, 20);
    assert_true(w.failover.servers[1].comparing && w.failover.servers[2].comparing);
    compared(&w, 1, FAILOVER_DIFFERENT);
    assert_string_equal(next(&w), "");
    compared(&w, 2, FAILOVER_SAME);
    assert_string_equal(next(&w), "move 2");
}

static void a_remount_begins_anew(void **state)
{
    struct world w = different(REPLICATION_COPIES, 2);
    (void)state;
    w.slow = true;
    w.up[0] = false;
    pass(&w, 20);
    compared(&w, 1, FAILOVER_DIFFERENT);
    assert_string_equal(next(&w), "remount 1");
    assert_state(&w, FAILOVER_MOVING, 0);
    failover_moved(&w.failover, -EBUSY, w.now);
    assert_state(&w, FAILOVER_WAITING, 0);
    w.now += 100;
    assert_string_equal(next(&w), "remount 1");
    failover_moved(&w.failover, 0, w.now);
    assert_state(&w, FAILOVER_STEADY, 1);
    assert_int_equal(w.failover.servers[1].identity, FAILOVER_IDENTITY_UNKNOWN);
    assert_string_equal(next(&w), "compare 1");
}

static void a_new_reference(void **state)
{
    struct world w = world_of_copies(REPLICATION_COPIES, false, 2);
    (void)state;
    pass(&w, 100);
    w.slow = true;
    pass(&w, 10000);
    assert_true(w.failover.servers[1].comparing);
    failover_forget(&w.failover);
    see(&w, 0, false, 2);
    assert_string_equal(next(&w), "");
    compared(&w, 1, FAILOVER_SAME); /* with the old one */
    assert_string_equal(next(&w), "compare 1");
    compared(&w, 1, FAILOVER_SAME);
    assert_string_equal(next(&w), "move 1");
}

static void what_was_forgotten(void **state)
{
    struct failover_settings settings = usual;
    (void)state;
    settings.replication = REPLICATION_COPIES;
    settings.return_ms = 5000;
    struct world w = world_of(&settings, 2, 1);
    w.serves[0] = FAILOVER_SAME;
    pass(&w, 4000);
    failover_forget(&w.failover);
    pass(&w, 4900);
    assert_string_equal(w.done, "");
    pass(&w, 200);
    assert_string_equal(w.done, "move 0");
    failover_compared(&w.failover, 0, FAILOVER_NOT_SERVING, NULL, w.now);
    assert_state(&w, FAILOVER_WAITING, 0);
    failover_forget(&w.failover);
    assert_state(&w, FAILOVER_STEADY, 0);
}

/* A server that cannot be told by then is waited for before a remount, also when it was before. */
static void forgotten_before_a_remount(void **state)
{
    struct failover_settings settings = usual;
    (void)state;
    settings.replication = REPLICATION_COPIES;
    settings.mismatch = MISMATCH_REMOUNT;
    struct world w = world_of(&settings, 3, 0);
    w.serves[1] = FAILOVER_DIFFERENT;
    w.serves[2] = FAILOVER_IDENTITY_UNKNOWN;
    pass(&w, 100);
    see(&w, 0, false, 2);
    w.slow = true;
    act(&w);
    compared(&w, 1, FAILOVER_DIFFERENT);
    compared(&w, 2, FAILOVER_IDENTITY_UNKNOWN);
    failover_forget(&w.failover);
    act(&w);
    compared(&w, 1, FAILOVER_DIFFERENT);
    assert_string_equal(next(&w), "");
    compared(&w, 2, FAILOVER_IDENTITY_UNKNOWN);
    assert_string_equal(next(&w), "remount 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_remount_is_asked_for_last),
        cmocka_unit_test(a_remount_begins_anew),
        cmocka_unit_test(a_new_reference),
        cmocka_unit_test(what_was_forgotten),
        cmocka_unit_test(forgotten_before_a_remount),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
