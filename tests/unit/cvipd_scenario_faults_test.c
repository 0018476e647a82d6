/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Named faults: crashes, partitions, pauses, ports. The rules are checked after each event besides. */
#include "cvipd_scenario.h"

/* At 12 moments within an interval: the take-over is done within the dead time and two intervals. */
static void assert_fast_take_over(struct simulation_settings settings, unsigned victim)
{
    for (unsigned phase = 0; phase < 12; phase++) {
        struct simulation s;
        settings.seed = 100 + phase;
        scenario_begin(&s, settings);
        simulation_run(&s, phase * 2500);
        simulation_power_off(&s, victim);
        scenario_assert_owns(&s, victim, 0, 0);
        assert_true(scenario_until_good(&s, SECOND) <= DEAD + 2 * INTERVAL);
        scenario_end(&s);
    }
}

static void a_clean_loss_is_taken_over_in_time(void **state)
{
    (void)state;
    for (int corosync = 0; corosync < 2; corosync++) {
        assert_fast_take_over((struct simulation_settings){.members = 2, .corosync = corosync, .active = 1}, 0);
        for (unsigned victim = 0; victim < 2; victim++)
            assert_fast_take_over(
                (struct simulation_settings){.members = 2, .corosync = corosync, .active = OWNERSHIP_ALL}, victim);
        for (unsigned victim = 0; victim < 3; victim++)
            assert_fast_take_over(
                (struct simulation_settings){.members = 3, .corosync = corosync, .active = OWNERSHIP_ALL}, victim);
    }
}

/* Standby: who took over keeps what it has when the first one returns. */
static void a_return_preempts_nobody(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 2, .corosync = true, .active = 1, .seed = 1});
    scenario_assert_owns(&s, 0, 256, 256);
    simulation_power_off(&s, 0);
    simulation_run(&s, 3 * SECOND);
    simulation_boot(&s, 0);
    simulation_run(&s, 5 * SECOND);
    scenario_assert_owns(&s, 1, 256, 256);
    scenario_end(&s);
}

/* Split: it gets its share back, after the rejoin time, and nothing else moves. */
static void a_return_gets_its_share(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 2, .corosync = true, .active = 255, .seed = 2});
    simulation_power_off(&s, 1);
    simulation_run(&s, 3 * SECOND);
    scenario_assert_owns(&s, 0, 256, 256);
    s.settings.planned_only = true; /* from here on nobody is missing for an instant */
    simulation_boot(&s, 1);
    simulation_run(&s, 400 * MS);
    scenario_assert_owns(&s, 1, 0, 0);
    simulation_run(&s, 6 * SECOND);
    scenario_assert_owns(&s, 0, 128, 128);
    scenario_assert_owns(&s, 1, 128, 128);
    assert_int_equal(s.gap_us, 0);
    scenario_end(&s);
}

/* OWN comes only with Corosync's word by a strict majority, or with fencing. */
static void a_loss_is_owned_when_it_is_confirmed(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 3, .corosync = true, .active = 255, .seed = 3});
    simulation_power_off(&s, 2);
    simulation_run(&s, 400 * MS);
    assert_int_equal(simulation_view(&s, 0).own + simulation_view(&s, 1).own, 0);
    simulation_run(&s, 1800 * MS);
    assert_true(simulation_view(&s, 0).own > 0);
    simulation_run(&s, 3 * SECOND);
    assert_int_equal(simulation_view(&s, 0).own, 0); /* for a while only */
    scenario_end(&s);
}

static void static_members_never_own(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 2, .active = 255, .seed = 4});
    simulation_power_off(&s, 1);
    for (int i = 0; i < 300; i++) {
        simulation_run(&s, 10 * MS);
        assert_int_equal(simulation_view(&s, 0).own, 0);
    }
    scenario_end(&s);
}

static void the_coordinator_may_die(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 3, .corosync = true, .active = 255, .seed = 5});
    simulation_power_off(&s, 0);
    simulation_run(&s, 200 * MS);
    assert_int_equal(simulation_view(&s, 1).coordinator, 2);
    scenario_assert_owns(&s, 1, 100, 156);
    scenario_assert_owns(&s, 2, 100, 156);
    scenario_end(&s);
}

/* Of three, the one that is cut off stops before the others begin. */
static void a_minority_stops(void **state)
{
    (void)state;
    for (unsigned phase = 0; phase < 30; phase++) {
        struct simulation s;
        scenario_begin(&s, (struct simulation_settings){.members = 3, .active = 255, .seed = 60 + phase});
        simulation_run(&s, phase * MS);
        simulation_partition(&s, SIMULATION_LANS, 1, true);
        simulation_run(&s, 300 * MS);
        scenario_assert_owns(&s, 0, 0, 0);
        assert_null(simulation_wrong(&s));
        scenario_end(&s);
    }
}

static void without_quorum_nothing_is_let_in(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 3, .corosync = true, .active = 255, .seed = 6});
    simulation_power_off(&s, 1);
    simulation_power_off(&s, 2);
    simulation_run(&s, 2 * SECOND);
    scenario_assert_owns(&s, 0, 0, 0);
    assert_false(simulation_view(&s, 0).quorate);
    scenario_end(&s);
}

/* Paused for any time, node or daemon alone, at any moment: it gives way by itself. */
static void a_paused_member_gives_way(void **state)
{
    (void)state;
    for (unsigned phase = 0; phase < 40; phase++) {
        struct simulation s;
        scenario_begin(
            &s, (struct simulation_settings){.members = 2, .corosync = true, .active = 255, .seed = 200 + phase});
        simulation_run(&s, phase * MS);
        if (phase % 2 == 0)
            simulation_freeze(&s, phase / 2 % 2);
        else
            simulation_pause_daemon(&s, phase / 2 % 2);
        simulation_run(&s, (60 + 10 * phase) * MS);
        simulation_mend(&s);
        simulation_run(&s, 3 * SECOND);
        assert_null(simulation_wrong(&s));
        assert_int_equal(s.overlaps_apart, 0);
        scenario_end(&s);
    }
}

/* One way of both LANs is cut: exactly one goes on. */
static void a_link_may_work_one_way(void **state)
{
    (void)state;
    for (unsigned from = 0; from < 2; from++) {
        struct simulation s;
        scenario_begin(&s, (struct simulation_settings){.members = 3, .active = 255, .seed = 7 + from});
        simulation_cut(&s, SIMULATION_LANS, from, 1 - from, true);
        simulation_run(&s, 4 * SECOND);
        assert_null(simulation_wrong(&s));
        simulation_mend(&s);
        simulation_run(&s, 4 * SECOND);
        assert_null(simulation_wrong(&s));
        scenario_end(&s);
    }
}

/* With the clients' frames to be seen, a loss of all heartbeats between two members moves nothing. */
static void work_that_is_seen_is_not_taken_over(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 2, .active = 255, .seed = 9});
    simulation_cut(&s, SIMULATION_LANS, 0, 1, true);
    simulation_cut(&s, SIMULATION_LANS, 1, 0, true);
    simulation_run(&s, 3 * SECOND);
    scenario_assert_owns(&s, 0, 128, 128);
    scenario_assert_owns(&s, 1, 128, 128);
    scenario_end(&s);
}

static void a_flapping_member_waits_longer(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 2, .active = 255, .seed = 10});
    uint64_t before_us = 0;
    for (int round = 0; round < 3; round++) {
        simulation_power_off(&s, 1);
        simulation_run(&s, 300 * MS);
        simulation_boot(&s, 1);
        uint64_t begin_us = s.now_us;
        while (simulation_owned(&s, 1) == 0 && s.now_us < begin_us + 60 * SECOND)
            simulation_run(&s, 10 * MS);
        assert_true(s.now_us - begin_us > before_us + before_us / 2);
        before_us = s.now_us - begin_us;
    }
    scenario_end(&s);
}

static void a_port_without_carrier_owns_nothing(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 2, .corosync = true, .active = 255, .seed = 11});
    simulation_carrier(&s, 0, false);
    scenario_assert_owns(&s, 0, 0, 0);
    assert_true(scenario_until_good(&s, SECOND) <= INTERVAL);
    simulation_carrier(&s, 0, true);
    simulation_run(&s, 3 * SECOND);
    scenario_assert_owns(&s, 0, 128, 128);
    scenario_end(&s);
}

/* Who sees no frame while others see many has lost its way to the clients, carrier or not. */
static void a_blind_member_owns_nothing(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 2, .corosync = true, .active = 255, .seed = 12});
    s.members[0].sees_clients = false;
    simulation_run(&s, SECOND);
    scenario_assert_owns(&s, 1, 256, 256);
    scenario_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_loss_is_taken_over_in_time),
        cmocka_unit_test(a_return_preempts_nobody),
        cmocka_unit_test(a_return_gets_its_share),
        cmocka_unit_test(a_loss_is_owned_when_it_is_confirmed),
        cmocka_unit_test(static_members_never_own),
        cmocka_unit_test(the_coordinator_may_die),
        cmocka_unit_test(a_minority_stops),
        cmocka_unit_test(without_quorum_nothing_is_let_in),
        cmocka_unit_test(a_paused_member_gives_way),
        cmocka_unit_test(a_link_may_work_one_way),
        cmocka_unit_test(work_that_is_seen_is_not_taken_over),
        cmocka_unit_test(a_flapping_member_waits_longer),
        cmocka_unit_test(a_port_without_carrier_owns_nothing),
        cmocka_unit_test(a_blind_member_owns_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
