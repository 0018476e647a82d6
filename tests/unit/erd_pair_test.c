/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the active port is left at once: every cell of the table in pair.h. */
#include "erd_pair_test.h"

#include <errno.h>

#define LOOKS 7 /* how a port can look: three without a link, four with one */

static struct pair_link link_of(unsigned number)
{
    return (struct pair_link){.present = number != 0,
                              .up = number != 0 && number != 1,
                              .carrier = number > 2,
                              .sight = number > 3 ? (enum pair_sight)(number - 3) : PAIR_SIGHT_NONE};
}

/* The table. rows: the port in use; columns: the other one, in the order of link_of. */
static enum pair_reason expected(unsigned active, unsigned other)
{
    static const enum pair_reason links[] = {PAIR_REASON_GONE, PAIR_REASON_DOWN, PAIR_REASON_CARRIER};
    enum { LINKED = 3, ANSWERS = LINKED + PAIR_SIGHT_ANSWERS, SILENT = LINKED + PAIR_SIGHT_SILENT };
    if (active < LINKED)
        return other < LINKED ? PAIR_REASON_NONE : links[active];
    return active == SILENT && other == ANSWERS ? PAIR_REASON_SILENT : PAIR_REASON_NONE;
}

static void try_cell(unsigned active, unsigned first, unsigned second, bool known)
{
    const struct pair_settings settings = {.failback = false};
    struct world w = world_with(&settings, active);
    if (known)
        assert_int_equal(look(&w), PAIR_REASON_NONE);
    w.links[active] = link_of(first);
    w.links[1 - active] = link_of(second);
    enum pair_reason reason = expected(first, second);
    if (look(&w) != reason || w.pair.active != (reason == PAIR_REASON_NONE ? active : 1 - active))
        fail_msg("active %u looks like %u, the other one like %u: %s", active, first, second,
                 pair_reason_name(w.pair.reason));
    assert_int_equal(w.pair.changes, reason != PAIR_REASON_NONE);
    assert_int_equal(w.pair.failovers, reason != PAIR_REASON_NONE);
    assert_int_equal(w.pair.no_port, first < 3 && second < 3);
    assert_int_equal(w.pair.reason, reason);
    /* That was all: with the same links it stays. */
    assert_int_equal(later(&w, 1), PAIR_REASON_NONE);
}

static void every_cell(void **state)
{
    (void)state;
    for (unsigned active = 0; active < PAIR_PORTS; active++)
        for (unsigned first = 0; first < LOOKS; first++)
            for (unsigned second = 0; second < LOOKS; second++) {
                try_cell(active, first, second, false);
                try_cell(active, first, second, true);
            }
}

/* Whether a port works does not depend on which one is in use. */
static void what_works(void **state)
{
    (void)state;
    for (unsigned first = 0; first < LOOKS; first++)
        for (unsigned second = 0; second < LOOKS; second++) {
            struct world w = world_begin(PAIR_PRIMARY);
            w.links[PAIR_PRIMARY] = link_of(first);
            w.links[PAIR_TWIN] = link_of(second);
            look(&w);
            bool works = first >= 3 && (first != 6 || second == 6);
            bool twin_works = second >= 3 && (second != 6 || first == 6);
            assert_int_equal(pair_works(&w.pair, PAIR_PRIMARY), works);
            assert_int_equal(pair_works(&w.pair, PAIR_TWIN), twin_works);
            assert_int_equal(pair_working(&w.pair), works + twin_works);
        }
}

static void nothing_is_known_before_the_first_look(void **state)
{
    struct world w = world_begin(PAIR_TWIN);
    (void)state;
    assert_int_equal(pair_working(&w.pair), 0);
    assert_false(w.pair.no_port);
    assert_int_equal(pair_due(&w.pair), NEVER);
    assert_int_equal(pair_command(&w.pair, PAIR_PRIMARY, 0), -ENETDOWN);
}

static void a_restart_keeps_the_port(void **state)
{
    (void)state;
    for (unsigned active = 0; active < PAIR_PORTS; active++) {
        struct world w = world_begin(active);
        w.now = 700;
        assert_int_equal(look(&w), PAIR_REASON_NONE);
        assert_int_equal(w.pair.active, active);
        assert_int_equal(w.pair.changes, 0);
        assert_int_equal(pair_due(&w.pair), active == PAIR_TWIN ? 700 + WAIT : NEVER);
    }
}

static void both_down_and_back(void **state)
{
    struct world w = world_begin(PAIR_PRIMARY);
    (void)state;
    look(&w);
    w.now = 100;
    assert_int_equal(both_carriers(&w, false), PAIR_REASON_NONE);
    assert_true(w.pair.no_port);
    assert_int_equal(w.pair.active, PAIR_PRIMARY);
    assert_int_equal(later(&w, 100), PAIR_REASON_NONE);
    assert_true(w.pair.no_port);
    assert_int_equal(both_carriers(&w, true), PAIR_REASON_NONE);
    assert_false(w.pair.no_port);
    assert_int_equal(w.pair.changes, 0);
}

static void both_down_and_the_twin_first(void **state)
{
    struct world w = world_begin(PAIR_PRIMARY);
    (void)state;
    look(&w);
    both_carriers(&w, false);
    w.now = 100;
    assert_int_equal(carrier(&w, PAIR_TWIN, true), PAIR_REASON_CARRIER);
    assert_int_equal(w.pair.active, PAIR_TWIN);
    assert_int_equal(pair_due(&w.pair), NEVER);
    w.now = 200;
    assert_int_equal(carrier(&w, PAIR_PRIMARY, true), PAIR_REASON_NONE);
    assert_int_equal(pair_due(&w.pair), 200 + WAIT);
    assert_int_equal(later(&w, WAIT), PAIR_REASON_FAILBACK);
}

/* The primary in use goes, then the twin; the primary returns first and is used at once. */
static void both_down_one_after_the_other(void **state)
{
    struct world w = world_begin(PAIR_PRIMARY);
    (void)state;
    look(&w);
    assert_int_equal(carrier(&w, PAIR_PRIMARY, false), PAIR_REASON_CARRIER);
    assert_int_equal(carrier(&w, PAIR_TWIN, false), PAIR_REASON_NONE);
    assert_int_equal(w.pair.active, PAIR_TWIN);
    assert_int_equal(carrier(&w, PAIR_PRIMARY, true), PAIR_REASON_CARRIER);
    assert_int_equal(w.pair.active, PAIR_PRIMARY);
    assert_int_equal(w.pair.failovers, 2);
}

/* The target dies: both miss it in the same round, and nobody is blamed, also not when it returns. */
static void a_target_dies(void **state)
{
    struct world w = world_begin(PAIR_PRIMARY);
    (void)state;
    assert_int_equal(sights(&w, PAIR_SIGHT_ANSWERS, PAIR_SIGHT_ANSWERS), PAIR_REASON_NONE);
    assert_int_equal(sights(&w, PAIR_SIGHT_LATE, PAIR_SIGHT_LATE), PAIR_REASON_NONE);
    assert_int_equal(sights(&w, PAIR_SIGHT_SILENT, PAIR_SIGHT_SILENT), PAIR_REASON_NONE);
    assert_int_equal(pair_working(&w.pair), 2);
    assert_int_equal(sights(&w, PAIR_SIGHT_LATE, PAIR_SIGHT_LATE), PAIR_REASON_NONE);
    assert_int_equal(sights(&w, PAIR_SIGHT_ANSWERS, PAIR_SIGHT_ANSWERS), PAIR_REASON_NONE);
    assert_int_equal(w.pair.changes, 0);
}

/* The port in use is silent, and it turns out later that the other one is better. */
static void silent_both_then_one_answers(void **state)
{
    struct world w = world_begin(PAIR_PRIMARY);
    (void)state;
    sights(&w, PAIR_SIGHT_SILENT, PAIR_SIGHT_SILENT);
    assert_int_equal(sights(&w, PAIR_SIGHT_SILENT, PAIR_SIGHT_LATE), PAIR_REASON_NONE);
    assert_int_equal(sights(&w, PAIR_SIGHT_SILENT, PAIR_SIGHT_ANSWERS), PAIR_REASON_SILENT);
    assert_int_equal(w.pair.active, PAIR_TWIN);
    assert_int_equal(pair_working(&w.pair), 1);
    /* And the other way round it waits for nothing. */
    assert_int_equal(sights(&w, PAIR_SIGHT_ANSWERS, PAIR_SIGHT_SILENT), PAIR_REASON_SILENT);
    assert_int_equal(w.pair.active, PAIR_PRIMARY);
}

static void a_silent_port_is_better_than_none(void **state)
{
    struct world w = world_begin(PAIR_PRIMARY);
    (void)state;
    sights(&w, PAIR_SIGHT_ANSWERS, PAIR_SIGHT_SILENT);
    assert_int_equal(carrier(&w, PAIR_PRIMARY, false), PAIR_REASON_CARRIER);
    assert_int_equal(w.pair.active, PAIR_TWIN);
    assert_int_equal(pair_working(&w.pair), 0);
    /* The primary's link returns; nothing is known of it, so the twin stays until it answers. */
    w.links[PAIR_PRIMARY] = (struct pair_link){true, true, true, PAIR_SIGHT_NONE};
    assert_int_equal(look(&w), PAIR_REASON_NONE);
    w.links[PAIR_PRIMARY].sight = PAIR_SIGHT_ANSWERS;
    assert_int_equal(look(&w), PAIR_REASON_SILENT);
}

/* What was seen of a port before it lost its link is over. */
static void without_a_link_the_sight_is_nothing(void **state)
{
    struct world w = world_begin(PAIR_PRIMARY);
    (void)state;
    w.links[PAIR_TWIN].carrier = false;
    sights(&w, PAIR_SIGHT_SILENT, PAIR_SIGHT_SILENT);
    assert_false(pair_works(&w.pair, PAIR_PRIMARY));
    assert_int_equal(sights(&w, PAIR_SIGHT_SILENT, PAIR_SIGHT_ANSWERS), PAIR_REASON_NONE);
    assert_int_equal(pair_command(&w.pair, PAIR_PRIMARY, w.now), 0);
    assert_int_equal(sights(&w, PAIR_SIGHT_NONE, PAIR_SIGHT_ANSWERS), PAIR_REASON_NONE);
    assert_int_equal(pair_command(&w.pair, PAIR_TWIN, w.now), -ENETDOWN);
}

static void reasons_have_names(void **state)
{
    (void)state;
    for (int i = PAIR_REASON_NONE; i <= PAIR_REASON_COMMAND; i++)
        for (int j = PAIR_REASON_NONE; j < i; j++)
            assert_string_not_equal(pair_reason_name((enum pair_reason)i), pair_reason_name((enum pair_reason)j));
    assert_string_equal(pair_reason_name(PAIR_REASON_CARRIER), "carrier lost");
    assert_string_equal(pair_reason_name(PAIR_REASON_SILENT), "silent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell),
        cmocka_unit_test(what_works),
        cmocka_unit_test(nothing_is_known_before_the_first_look),
        cmocka_unit_test(a_restart_keeps_the_port),
        cmocka_unit_test(both_down_and_back),
        cmocka_unit_test(both_down_and_the_twin_first),
        cmocka_unit_test(both_down_one_after_the_other),
        cmocka_unit_test(a_target_dies),
        cmocka_unit_test(silent_both_then_one_answers),
        cmocka_unit_test(a_silent_port_is_better_than_none),
        cmocka_unit_test(without_a_link_the_sight_is_nothing),
        cmocka_unit_test(reasons_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
