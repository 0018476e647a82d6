/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random schedules: a random cluster, some seconds of random faults and orders, then quiet. */
#include "cvipd_simulation.h"

#include <string.h>

#define FAULTS_US (6 * SIMULATION_SECOND)
#define QUIET_US (25 * SIMULATION_SECOND) /* a member that flapped waits */
#define STABLE_US (400 * SIMULATION_MS)

enum action {
    DO_BOOT,
    DO_POWER_OFF,
    DO_KILL,
    DO_PAUSE,
    DO_FREEZE,
    DO_CUT,
    DO_ISOLATE,
    DO_PARTITION,
    DO_CARRIER,
    DO_LOSS,
    DO_JITTER,
    DO_BLIND,
    DO_LAST_FAULT = DO_BLIND,
    DO_ASIDE,
    DO_ACTIVE,
    DO_LEAVE,
    DO_COUNT,
    DO_START = 100, /* what ends a fault */
    DO_RESUME,
    DO_THAW,
    DO_JOIN,
    DO_UNISOLATE,
    DO_UNPARTITION,
    DO_CARRIER_UP,
    DO_LOSS_END,
    DO_JITTER_END,
    DO_SEE,
    DO_ASIDE_END,
};

static void later(struct simulation *s, enum action what, unsigned member, uint64_t in_us, unsigned a, unsigned b)
{
    struct simulation_event *event = simulation_plan(s, SIMULATION_ACTION, member, in_us);
    event->action.what = what;
    event->action.a = a;
    event->action.b = b;
}

/* Mostly around the times that matter: some heartbeats, the dead time, the token. */
static uint64_t duration(struct simulation *s)
{
    static const uint64_t at_most_ms[] = {60, 120, 250, 1000, 2500};
    return (10 + simulation_chance(s, at_most_ms[simulation_chance(s, 5)])) * SIMULATION_MS;
}

static void begin_cuts(struct simulation *s, enum action what, unsigned member, uint64_t us)
{
    unsigned n = s->settings.members;
    unsigned lan = (unsigned)simulation_chance(s, SIMULATION_LANS + 1);
    unsigned other = (member + 1 + (unsigned)simulation_chance(s, n - 1)) % n;
    unsigned group = 1 + (unsigned)simulation_chance(s, (1U << n) - 2);
    if (what == DO_CUT) {
        simulation_cut(s, lan, member, other, true);
        later(s, DO_JOIN, member, us, lan, other);
    } else if (what == DO_ISOLATE) {
        simulation_partition(s, lan, 1U << member, true);
        later(s, DO_UNPARTITION, member, us, lan, 1U << member);
    } else {
        simulation_partition(s, lan, group, true);
        later(s, DO_UNPARTITION, member, us, lan, group);
    }
}

static void begin_fault(struct simulation *s, enum action what, unsigned member, uint64_t us)
{
    if (what == DO_POWER_OFF) {
        simulation_power_off(s, member);
        later(s, DO_BOOT, member, us, 0, 0);
    } else if (what == DO_KILL) {
        simulation_kill_daemon(s, member);
        later(s, DO_START, member, us, 0, 0);
    } else if (what == DO_PAUSE) {
        simulation_pause_daemon(s, member);
        later(s, DO_RESUME, member, us, 0, 0);
    } else if (what == DO_FREEZE) {
        simulation_freeze(s, member);
        later(s, DO_THAW, member, us, 0, 0);
    } else if (what == DO_CARRIER) {
        simulation_carrier(s, member, false);
        later(s, DO_CARRIER_UP, member, us, 0, 0);
    } else if (what == DO_LOSS) {
        s->settings.loss_permille = 50 + (unsigned)simulation_chance(s, 700);
        later(s, DO_LOSS_END, member, us, 0, 0);
    } else if (what == DO_JITTER) {
        s->settings.jitter_us = simulation_chance(s, 60 * SIMULATION_MS);
        later(s, DO_JITTER_END, member, us, 0, 0);
    } else if (what == DO_BLIND) {
        s->members[member].sees_clients = false;
        later(s, DO_SEE, member, us, 0, 0);
    } else if (what != DO_BOOT) {
        begin_cuts(s, what, member, us);
    }
}

/* Whether somebody else is there to take over. */
static bool may_leave(const struct simulation *s, unsigned member)
{
    for (unsigned i = 0; i < s->settings.members; i++)
        if (i != member && simulation_view(s, i).epoch != 0 && !simulation_view(s, i).leaving)
            return true;
    return !s->settings.planned_only;
}

static void begin_order(struct simulation *s, enum action what, unsigned member, uint64_t us)
{
    static const uint8_t models[] = {1, 2, OWNERSHIP_ALL};
    if (what == DO_ASIDE) {
        simulation_aside(s, member, true);
        later(s, DO_ASIDE_END, member, us + SIMULATION_SECOND, 0, 0);
    } else if (what == DO_ACTIVE) {
        simulation_set_active(s, member, models[simulation_chance(s, 3)]);
    } else if (may_leave(s, member)) {
        later(s, DO_START, member, us + 2 * SIMULATION_SECOND, 0, 0);
        simulation_leave(s, member);
    }
}

static void end_fault(struct simulation *s, const struct simulation_event *event)
{
    unsigned member = event->member;
    switch (event->action.what) {
    case DO_BOOT:
        simulation_boot(s, member);
        break;
    case DO_START:
        simulation_start_daemon(s, member);
        break;
    case DO_RESUME:
        simulation_trace(s, "m%u: daemon goes on", member + 1);
        simulation_resume_daemon(s, member);
        break;
    case DO_THAW:
        simulation_thaw(s, member);
        break;
    case DO_JOIN:
        simulation_cut(s, event->action.a, member, event->action.b, false);
        break;
    case DO_UNPARTITION:
        simulation_partition(s, event->action.a, event->action.b, false);
        break;
    case DO_CARRIER_UP:
        simulation_carrier(s, member, true);
        break;
    case DO_LOSS_END:
        s->settings.loss_permille = 0;
        break;
    case DO_JITTER_END:
        s->settings.jitter_us = 2 * SIMULATION_MS;
        break;
    case DO_SEE:
        s->members[member].sees_clients = true;
        break;
    case DO_ASIDE_END:
        simulation_aside(s, member, false);
        break;
    default:
        break;
    }
}

void simulation_do(struct simulation *s, const struct simulation_event *event)
{
    end_fault(s, event);
}

static struct simulation_settings random_settings(struct simulation *dice, uint64_t seed, bool trace)
{
    static const unsigned sizes[] = {2, 2, 2, 3, 3, 4, 5};
    static const uint8_t models[] = {1, 1, 2, OWNERSHIP_ALL, OWNERSHIP_ALL};
    struct simulation_settings settings = {
        .seed = seed,
        .trace = trace,
        .members = sizes[simulation_chance(dice, 7)],
        .corosync = simulation_chance(dice, 3) != 0,
        .fencing = simulation_chance(dice, 3) != 0,
        .wait_for_all = simulation_chance(dice, 3) == 0,
        .sees_all = simulation_chance(dice, 4) != 0,
        .active = models[simulation_chance(dice, 5)],
        .loss_permille = simulation_chance(dice, 3) == 0 ? (unsigned)simulation_chance(dice, 60) : 0,
        .double_permille = (unsigned)simulation_chance(dice, 30),
        .delay_us = 50 + simulation_chance(dice, 1000),
        .jitter_us = simulation_chance(dice, 2 * SIMULATION_MS),
        .late_us = simulation_chance(dice, 4 * SIMULATION_MS),
        .fill_us = simulation_chance(dice, 400 * SIMULATION_MS),
        .rejoin_us = 200 * SIMULATION_MS,
        .planned_only = simulation_chance(dice, 5) == 0,
    };
    for (unsigned i = 0; i < settings.members; i++)
        settings.weights[i] = (uint8_t)(1 + simulation_chance(dice, 3));
    if (settings.planned_only)
        settings.loss_permille = 0;
    return settings;
}

static void boot_all(struct simulation *s)
{
    for (unsigned i = 0; i < s->settings.members; i++) {
        simulation_boot(s, i);
        simulation_run(s, simulation_chance(s, 4) == 0 ? simulation_chance(s, SIMULATION_SECOND) : 1);
    }
    simulation_run(s, 3 * SIMULATION_SECOND);
    s->gap_us = 0;
}

static void run_faults(struct simulation *s)
{
    uint64_t end_us = s->now_us + FAULTS_US;
    while (s->now_us < end_us && s->failure[0] == '\0') {
        bool order = s->settings.planned_only || simulation_chance(s, 5) == 0;
        unsigned member = (unsigned)simulation_chance(s, s->settings.members);
        uint64_t us = duration(s);
        if (order)
            begin_order(s, (enum action)(DO_LAST_FAULT + 1 + simulation_chance(s, DO_COUNT - DO_LAST_FAULT - 1)),
                        member, us);
        else
            begin_fault(s, (enum action)(1 + simulation_chance(s, DO_LAST_FAULT)), member, us);
        simulation_run(s, simulation_chance(s, 3) == 0 ? simulation_chance(s, 40 * SIMULATION_MS) : duration(s));
    }
}

/* Until everything has been in order for a while. */
static void run_quiet(struct simulation *s)
{
    uint64_t end_us = s->now_us + QUIET_US, good_us = s->now_us;
    const char *wrong = NULL;
    while (s->now_us < end_us && s->failure[0] == '\0') {
        simulation_run(s, 20 * SIMULATION_MS);
        wrong = simulation_wrong(s);
        if (wrong != NULL)
            good_us = s->now_us;
        else if (s->now_us - good_us >= STABLE_US)
            return;
    }
    simulation_fail(s, "not in order %llu s after the last fault: %s",
                    (unsigned long long)(QUIET_US / SIMULATION_SECOND), wrong != NULL ? wrong : "comes and goes");
}

bool simulation_schedule(uint64_t seed, bool trace, struct simulation *s)
{
    struct simulation dice = {.random = ~seed};
    struct simulation_settings settings = random_settings(&dice, seed, trace);
    simulation_begin(s, &settings);
    simulation_trace(s, "members %u corosync %d fencing %d wait %d sees %d active %u planned %d", settings.members,
                     settings.corosync, settings.fencing, settings.wait_for_all, settings.sees_all, settings.active,
                     settings.planned_only);
    boot_all(s);
    run_faults(s);
    if (s->settings.planned_only && s->gap_us != 0)
        simulation_fail(s, "nobody let known connections of a bucket in at %.3f ms, though nothing failed",
                        (double)s->gap_us / 1000);
    simulation_mend(s);
    run_quiet(s);
    return s->failure[0] == '\0';
}
