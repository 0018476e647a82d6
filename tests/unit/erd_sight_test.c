/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "sight.h"

static const bool both[PAIR_PORTS] = {true, true};

/* Rounds in which the ports of that mask answer, from the one that is under way; the next one has just started. */
static void rounds(struct sight *sight, unsigned mask, unsigned count)
{
    if (!sight->ports[PAIR_PRIMARY].probed)
        sight_round(sight, both);
    for (unsigned i = 0; i < count; i++) {
        for (unsigned port = 0; port < PAIR_PORTS; port++)
            if ((mask & 1u << port) != 0)
                sight_answer(sight, port);
        sight_round(sight, both);
    }
}

static void assert_sights(const struct sight *sight, enum pair_sight primary, enum pair_sight twin)
{
    assert_int_equal(sight_of(sight, PAIR_PRIMARY), primary);
    assert_int_equal(sight_of(sight, PAIR_TWIN), twin);
}

static struct sight begin(unsigned missed)
{
    struct sight sight;
    sight_init(&sight, missed);
    return sight;
}

static void nothing_is_known_before_a_whole_round(void **state)
{
    struct sight sight = begin(2);
    (void)state;
    assert_sights(&sight, PAIR_SIGHT_NONE, PAIR_SIGHT_NONE);
    sight_round(&sight, both);
    assert_sights(&sight, PAIR_SIGHT_NONE, PAIR_SIGHT_NONE);
    sight_answer(&sight, PAIR_PRIMARY);
    assert_sights(&sight, PAIR_SIGHT_NONE, PAIR_SIGHT_NONE);
    sight_round(&sight, both);
    assert_sights(&sight, PAIR_SIGHT_ANSWERS, PAIR_SIGHT_LATE);
}

/* A port that dies just after an answer is silent when round `missed` + 1 after that starts. */
static void silent_after_so_many_rounds(void **state)
{
    (void)state;
    for (unsigned missed = 1; missed <= 100; missed++) {
        struct sight sight = begin(missed);
        sight_round(&sight, both);
        sight_answer(&sight, PAIR_PRIMARY);
        for (unsigned i = 0; i < missed; i++) {
            sight_round(&sight, both);
            assert_int_equal(sight_of(&sight, PAIR_PRIMARY), i == 0 ? PAIR_SIGHT_ANSWERS : PAIR_SIGHT_LATE);
        }
        sight_round(&sight, both);
        assert_sights(&sight, PAIR_SIGHT_SILENT, PAIR_SIGHT_SILENT);
    }
}

/* Below the count an answer makes up for all. */
static void an_answer_in_time(void **state)
{
    struct sight sight = begin(3);
    (void)state;
    for (int i = 0; i < 5; i++) {
        rounds(&sight, 0, 1);
        assert_sights(&sight, PAIR_SIGHT_LATE, PAIR_SIGHT_LATE);
        rounds(&sight, 3, 1);
        assert_sights(&sight, PAIR_SIGHT_ANSWERS, PAIR_SIGHT_ANSWERS);
    }
}

static void after_a_silence_it_takes_two(void **state)
{
    struct sight sight = begin(3);
    (void)state;
    rounds(&sight, 1, 3);
    assert_sights(&sight, PAIR_SIGHT_ANSWERS, PAIR_SIGHT_SILENT);
    sight_answer(&sight, PAIR_TWIN);
    assert_int_equal(sight_of(&sight, PAIR_TWIN), PAIR_SIGHT_SILENT); /* the round is not over */
    sight_round(&sight, both);
    assert_int_equal(sight_of(&sight, PAIR_TWIN), PAIR_SIGHT_LATE);
    sight_answer(&sight, PAIR_TWIN);
    sight_round(&sight, both);
    assert_int_equal(sight_of(&sight, PAIR_TWIN), PAIR_SIGHT_ANSWERS);
    /* From then on it may miss as many as any other. */
    sight_round(&sight, both);
    sight_round(&sight, both);
    assert_int_equal(sight_of(&sight, PAIR_TWIN), PAIR_SIGHT_LATE);
}

static void silent_again_after_one_answer(void **state)
{
    struct sight sight = begin(3);
    (void)state;
    rounds(&sight, 0, 3);
    sight_answer(&sight, PAIR_PRIMARY);
    sight_round(&sight, both);
    assert_int_equal(sight_of(&sight, PAIR_PRIMARY), PAIR_SIGHT_LATE);
    sight_round(&sight, both);
    assert_int_equal(sight_of(&sight, PAIR_PRIMARY), PAIR_SIGHT_SILENT);
}

static void with_one_missed_one_answer_is_enough(void **state)
{
    struct sight sight = begin(1);
    (void)state;
    rounds(&sight, 0, 5);
    assert_sights(&sight, PAIR_SIGHT_SILENT, PAIR_SIGHT_SILENT);
    sight_answer(&sight, PAIR_TWIN);
    sight_round(&sight, both);
    assert_sights(&sight, PAIR_SIGHT_SILENT, PAIR_SIGHT_ANSWERS);
}

/* When a target comes back, the answers of the two ports may fall into different rounds. */
static void nobody_is_better_when_targets_return(void **state)
{
    struct sight sight = begin(2);
    (void)state;
    rounds(&sight, 0, 10);
    sight_answer(&sight, PAIR_TWIN);
    sight_round(&sight, both);
    assert_sights(&sight, PAIR_SIGHT_SILENT, PAIR_SIGHT_LATE);
    sight_answer(&sight, PAIR_PRIMARY);
    sight_answer(&sight, PAIR_TWIN);
    sight_round(&sight, both);
    assert_sights(&sight, PAIR_SIGHT_LATE, PAIR_SIGHT_ANSWERS);
}

static void a_port_without_probes_is_forgotten(void **state)
{
    static const bool twin_only[PAIR_PORTS] = {false, true};
    struct sight sight = begin(2);
    (void)state;
    rounds(&sight, 2, 5);
    assert_sights(&sight, PAIR_SIGHT_SILENT, PAIR_SIGHT_ANSWERS);
    sight_round(&sight, twin_only);
    assert_int_equal(sight_of(&sight, PAIR_PRIMARY), PAIR_SIGHT_NONE);
    sight_answer(&sight, PAIR_PRIMARY); /* of a question of long ago */
    sight_round(&sight, both);
    assert_int_equal(sight_of(&sight, PAIR_PRIMARY), PAIR_SIGHT_NONE);
    /* It is as new. */
    sight_round(&sight, both);
    assert_int_equal(sight_of(&sight, PAIR_PRIMARY), PAIR_SIGHT_LATE);
    sight_round(&sight, both);
    assert_int_equal(sight_of(&sight, PAIR_PRIMARY), PAIR_SIGHT_SILENT);
}

/* The round in which the carrier came does not count: nobody knows whether the probe went out. */
static void a_reset_forgets_one_port(void **state)
{
    struct sight sight = begin(2);
    (void)state;
    rounds(&sight, 3, 5);
    sight_reset(&sight, PAIR_PRIMARY);
    assert_sights(&sight, PAIR_SIGHT_NONE, PAIR_SIGHT_ANSWERS);
    sight_answer(&sight, PAIR_PRIMARY);
    sight_answer(&sight, PAIR_TWIN);
    sight_round(&sight, both);
    assert_sights(&sight, PAIR_SIGHT_NONE, PAIR_SIGHT_ANSWERS);
    sight_answer(&sight, PAIR_PRIMARY);
    sight_round(&sight, both);
    assert_int_equal(sight_of(&sight, PAIR_PRIMARY), PAIR_SIGHT_ANSWERS);
}

/* Rounds are counted, not datagrams, and through every reset. */
static void counts(void **state)
{
    struct sight sight = begin(2);
    (void)state;
    sight_round(&sight, both);
    sight_answer(&sight, PAIR_PRIMARY);
    sight_answer(&sight, PAIR_PRIMARY);
    sight_round(&sight, both);
    sight_reset(&sight, PAIR_PRIMARY);
    sight_answer(&sight, PAIR_PRIMARY);
    sight_round(&sight, both);
    sight_answer(&sight, PAIR_PRIMARY);
    assert_int_equal(sight.ports[PAIR_PRIMARY].probes, 3);
    assert_int_equal(sight.ports[PAIR_PRIMARY].answers, 2);
    assert_int_equal(sight.ports[PAIR_TWIN].probes, 3);
    assert_int_equal(sight.ports[PAIR_TWIN].answers, 0);
}

static void misses_do_not_run_over(void **state)
{
    struct sight sight = begin(2);
    (void)state;
    rounds(&sight, 0, 3);
    sight.ports[PAIR_PRIMARY].misses = UINT_MAX;
    rounds(&sight, 0, 2);
    assert_int_equal(sight_of(&sight, PAIR_PRIMARY), PAIR_SIGHT_SILENT);
    sight_init(&sight, 0);
    assert_int_equal(sight.missed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_known_before_a_whole_round),
        cmocka_unit_test(silent_after_so_many_rounds),
        cmocka_unit_test(an_answer_in_time),
        cmocka_unit_test(after_a_silence_it_takes_two),
        cmocka_unit_test(silent_again_after_one_answer),
        cmocka_unit_test(with_one_missed_one_answer_is_enough),
        cmocka_unit_test(nobody_is_better_when_targets_return),
        cmocka_unit_test(a_port_without_probes_is_forgotten),
        cmocka_unit_test(a_reset_forgets_one_port),
        cmocka_unit_test(counts),
        cmocka_unit_test(misses_do_not_run_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
