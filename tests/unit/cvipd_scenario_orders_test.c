/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Named orders: switchover, models, weights, starts and ends; and what a heartbeat must show before it counts. */
#include "cvipd_scenario.h"

static void begin_planned(struct simulation *s, struct simulation_settings settings)
{
    scenario_begin(s, settings);
    s->settings.planned_only = true;
    s->gap_us = 0;
}

/* Nobody missed a segment of a known connection for an instant. */
static void end_planned(struct simulation *s)
{
    assert_int_equal(s->gap_us, 0);
    assert_int_equal(s->overlaps_apart + s->overlaps_meeting + s->overlaps_alarm, 0);
    scenario_end(s);
}

static void a_switchover_and_back(void **state)
{
    (void)state;
    for (unsigned corosync = 0; corosync < 2; corosync++) {
        struct simulation s;
        begin_planned(
            &s, (struct simulation_settings){.members = 2, .corosync = corosync, .active = 1, .seed = 20 + corosync});
        scenario_assert_owns(&s, 0, 256, 256);
        simulation_aside(&s, 0, true);
        simulation_run(&s, SECOND);
        scenario_assert_owns(&s, 1, 256, 256);
        simulation_aside(&s, 0, false);
        simulation_aside(&s, 1, true);
        simulation_run(&s, SECOND);
        scenario_assert_owns(&s, 0, 256, 256);
        end_planned(&s);
    }
}

static void a_model_is_changed_and_back(void **state)
{
    struct simulation s;
    (void)state;
    begin_planned(&s, (struct simulation_settings){.members = 2, .corosync = true, .active = 1, .seed = 22});
    simulation_set_active(&s, 1, OWNERSHIP_ALL);
    simulation_run(&s, SECOND);
    scenario_assert_owns(&s, 0, 128, 128);
    scenario_assert_owns(&s, 1, 128, 128);
    simulation_set_active(&s, 0, 1);
    simulation_run(&s, SECOND);
    scenario_assert_owns(&s, 0, 256, 256);
    end_planned(&s);
}

/* The order is kept by the others, and a member that was away learns it. */
static void an_order_survives_restarts(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 2, .corosync = true, .active = 1, .seed = 23});
    simulation_set_active(&s, 0, OWNERSHIP_ALL);
    simulation_run(&s, SECOND);
    simulation_power_off(&s, 0);
    simulation_run(&s, 2 * SECOND);
    simulation_boot(&s, 0);
    simulation_run(&s, 6 * SECOND);
    assert_int_equal(simulation_view(&s, 0).active, OWNERSHIP_ALL);
    scenario_assert_owns(&s, 0, 128, 128);
    scenario_end(&s);
}

static void weights_divide(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){
                           .members = 3, .corosync = true, .active = 255, .weights = {1, 2, 5}, .seed = 24});
    scenario_assert_owns(&s, 0, 32, 32);
    scenario_assert_owns(&s, 1, 64, 64);
    scenario_assert_owns(&s, 2, 160, 160);
    scenario_end(&s);
}

/* N+M: two of four are active; a spare takes over for one that is lost, and the other one's share stays. */
static void a_spare_takes_over(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 4, .corosync = true, .active = 2, .seed = 25});
    unsigned before[SIMULATION_MEMBERS], active = 0;
    for (unsigned i = 0; i < 4; i++)
        before[i] = simulation_owned(&s, i);
    assert_int_equal(before[0], 128); /* the other one is whoever was ready first */
    simulation_power_off(&s, 0);
    simulation_run(&s, 3 * SECOND);
    for (unsigned i = 1; i < 4; i++) {
        active += simulation_owned(&s, i) == 128;
        if (before[i] != 0)
            scenario_assert_owns(&s, i, 128, 128);
    }
    assert_int_equal(active, 2);
    scenario_end(&s);
}

/* N-way: what a lost one had is divided; nobody gives anything away. */
static void of_many_one_is_lost(void **state)
{
    struct simulation s;
    uint8_t before[HASH_BUCKETS];
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 5, .corosync = true, .active = 255, .seed = 26});
    memcpy(before, ownership_owners(s.members[0].ownership), sizeof before);
    simulation_power_off(&s, 4);
    simulation_run(&s, SECOND);
    for (unsigned b = 0; b < HASH_BUCKETS; b++)
        if (before[b] != 5)
            assert_int_equal(ownership_owners(s.members[0].ownership)[b], before[b]);
    for (unsigned i = 0; i < 4; i++)
        scenario_assert_owns(&s, i, 64, 64);
    scenario_end(&s);
}

static void an_orderly_end_loses_nothing(void **state)
{
    (void)state;
    for (unsigned member = 0; member < 3; member++) {
        struct simulation s;
        begin_planned(&s,
                      (struct simulation_settings){.members = 3, .corosync = true, .active = 255, .seed = 27 + member});
        simulation_leave(&s, member);
        simulation_run(&s, SECOND);
        assert_null(s.members[member].ownership);
        assert_null(simulation_wrong(&s));
        end_planned(&s);
    }
}

/* Nobody owns anything: no rejoin time is waited for. */
static void a_cold_start_does_not_wait(void **state)
{
    struct simulation s;
    (void)state;
    scenario_begin(&s, (struct simulation_settings){.members = 2, .active = 1, .rejoin_us = 30 * SECOND, .seed = 30});
    assert_null(simulation_wrong(&s));
    simulation_power_off(&s, 0);
    simulation_power_off(&s, 1);
    simulation_run(&s, SECOND);
    simulation_boot(&s, 1);
    assert_true(scenario_until_good(&s, 3 * SECOND) <= SECOND);
    scenario_end(&s);
}

/* --- heartbeats ------------------------------------------------------------------------------------------- */

static const struct ownership_settings first_of_two = {
    .self = 1,
    .members = 3,
    .weight = 1,
    .active = 1,
    .digest = 5,
    .interval_us = INTERVAL,
    .dead_us = DEAD,
    .rejoin_us = SECOND,
    .own_us = SECOND,
    .grace_us = SECOND,
    .session = 11,
};

static struct wire_heartbeat from_second(uint64_t session, uint64_t sequence)
{
    return (struct wire_heartbeat){
        .member = 2,
        .session = session,
        .sequence = sequence,
        .digest = 5,
        .weight = 1,
        .active = 1,
        .flags = WIRE_MEMBER_PORT_UP | WIRE_MEMBER_READY | WIRE_MEMBER_QUORATE,
        .echo_count = 1,
        .echoes = {{.member = 1, .session = 11}},
    };
}

static bool is_heard(struct ownership *o, uint64_t now_us)
{
    struct ownership_member_view views[WIRE_MEMBERS_MAX];
    assert_int_equal(ownership_members(o, now_us, views, WIRE_MEMBERS_MAX), 2);
    return views[1].heard;
}

/* The dead time goes by; awake, or it would not count. */
static void wait_dead(struct ownership *o)
{
    for (uint64_t us = INTERVAL; us <= DEAD; us += INTERVAL)
        ownership_tick(o, SECOND + us);
}

static void a_replayed_heartbeat_is_no_life(void **state)
{
    struct ownership *o = ownership_new(&first_of_two, SECOND);
    struct wire_heartbeat heartbeat = from_second(22, 7);
    (void)state;
    assert_int_equal(ownership_heartbeat(o, &heartbeat, SECOND), OWNERSHIP_NEWS);
    assert_true(is_heard(o, SECOND));
    wait_dead(o);
    assert_int_equal(ownership_heartbeat(o, &heartbeat, SECOND + DEAD), OWNERSHIP_OLD);
    assert_false(is_heard(o, SECOND + DEAD));
    heartbeat = from_second(22, 8);
    heartbeat.echoes[0].session = 10; /* recorded before we were restarted */
    ownership_heartbeat(o, &heartbeat, SECOND + DEAD);
    assert_false(is_heard(o, SECOND + DEAD));
    ownership_free(o);
}

/* Its session is echoed, so that it may show that it hears us; only then it is life. */
static void a_first_heartbeat_is_only_echoed(void **state)
{
    struct ownership *o = ownership_new(&first_of_two, SECOND);
    struct wire_heartbeat heartbeat = from_second(22, 1), ours;
    (void)state;
    heartbeat.echo_count = 0;
    ownership_heartbeat(o, &heartbeat, SECOND);
    assert_false(is_heard(o, SECOND));
    ownership_make_heartbeat(o, SECOND, &ours);
    assert_int_equal(ours.echo_count, 1);
    assert_int_equal(ours.echoes[0].session, 22);
    ownership_free(o);
}

static void other_settings_are_refused(void **state)
{
    struct ownership *o = ownership_new(&first_of_two, SECOND);
    struct wire_heartbeat heartbeat = from_second(22, 1);
    (void)state;
    heartbeat.digest = 6;
    assert_int_equal(ownership_heartbeat(o, &heartbeat, SECOND), OWNERSHIP_MISMATCH);
    assert_false(is_heard(o, SECOND));
    heartbeat.digest = 5;
    heartbeat.member = 3;
    assert_int_equal(ownership_heartbeat(o, &heartbeat, SECOND), OWNERSHIP_STRANGER);
    heartbeat.member = 1;
    assert_int_equal(ownership_heartbeat(o, &heartbeat, SECOND), OWNERSHIP_STRANGER);
    ownership_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_switchover_and_back),
        cmocka_unit_test(a_model_is_changed_and_back),
        cmocka_unit_test(an_order_survives_restarts),
        cmocka_unit_test(weights_divide),
        cmocka_unit_test(a_spare_takes_over),
        cmocka_unit_test(of_many_one_is_lost),
        cmocka_unit_test(an_orderly_end_loses_nothing),
        cmocka_unit_test(a_cold_start_does_not_wait),
        cmocka_unit_test(a_replayed_heartbeat_is_no_life),
        cmocka_unit_test(a_first_heartbeat_is_only_echoed),
        cmocka_unit_test(other_settings_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
