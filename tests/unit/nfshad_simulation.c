/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's part: probes, comparisons and moves as nfshad makes them. */
#include "nfshad_simulation.h"

#include <errno.h>

static void digest(struct simulation *s, uint64_t value)
{
    s->digest = (s->digest ^ value) * 0x100000001b3u;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void begin_comparison(struct simulation *s, size_t index)
{
    struct simulated_server *one = &s->servers[index];
    uint64_t takes = simulation_random(s, 20) == 0 ? 300 : 1 + simulation_random(s, 30);
    one->comparing = true;
    one->asked_at = s->now;
    one->sample_at = s->now + simulation_random(s, takes);
    one->told_at = s->now + takes;
    s->counts.comparisons++;
}

static void begin_move(struct simulation *s, const struct failover_action *action)
{
    s->moving = true;
    s->move_remounts = action->what == FAILOVER_REMOUNT;
    s->move_to = action->server;
    s->move_begun = s->now;
    s->move_at = s->now + 5 + simulation_random(s, 100);
    simulation_tell(s, "%s to %zu: %s", s->move_remounts ? "remount" : "move", action->server, s->failover.reason);
}

void simulation_act(struct simulation *s)
{
    struct failover_action action;
    unsigned actions = 0;
    while (failover_next(&s->failover, s->now, &action)) {
        digest(s, s->now << 8 | (uint64_t)action.what << 4 | action.server);
        simulation_check_action(s, &action);
        if (action.what == FAILOVER_COMPARE)
            begin_comparison(s, action.server);
        else
            begin_move(s, &action);
        if (++actions > 20) {
            simulation_fail(s, "no end of actions");
            return;
        }
    }
    simulation_check_due(s);
}

void simulation_command(struct simulation *s)
{
    char why[FAILOVER_REASON_MAX];
    size_t to = simulation_random(s, s->count);
    int rc = failover_switch(&s->failover, to, s->now, why);
    simulation_tell(s, "a switch to %zu is commanded: %d %s", to, rc, why);
    s->counts.commands++;
    if ((rc == 0) != (why[0] == '\0'))
        simulation_fail(s, "commanded: %d \"%s\"", rc, why);
    simulation_act(s);
}

/* Somebody else has moved the transports; not to where that would be wrong, which is not our fault. */
void simulation_found(struct simulation *s)
{
    size_t at = simulation_random(s, s->count);
    if (s->kind == WORLD_OWN || s->kind == WORLD_UNFENCED || s->moving || s->servers[at].handles != s->handles)
        return;
    simulation_tell(s, "found at %zu", at);
    s->mounted = at;
    s->counts.found++;
    failover_found(&s->failover, at, s->now);
    simulation_act(s);
}

void simulation_restart(struct simulation *s)
{
    if (s->kind == WORLD_OWN || s->kind == WORLD_UNFENCED || s->moving)
        return;
    simulation_tell(s, "the daemon is started again");
    s->counts.restarts++;
    for (size_t i = 0; i < s->count; i++) {
        struct simulated_server *one = &s->servers[i];
        one->comparing = false;
        one->miss_count = 0;
        one->same_at = 0;
        one->last = FAILOVER_IDENTITY_UNKNOWN;
    }
    failover_start(&s->failover, &s->settings, s->count, s->mounted, s->now);
}

static void note_health(struct simulation *s, size_t index, enum failover_health before)
{
    struct simulated_server *one = &s->servers[index];
    enum failover_health health = s->failover.servers[index].health;
    if (health == before)
        return;
    simulation_tell(s, "%zu is %s", index, failover_health_name(health));
    one->same_at = 0;
    one->last = FAILOVER_IDENTITY_UNKNOWN;
}

static void probe_all(struct simulation *s)
{
    s->tick_at = s->now + s->interval;
    for (size_t i = 0; i < s->count; i++) {
        struct simulated_server *one = &s->servers[i];
        enum failover_health before = s->failover.servers[i].health;
        bool lost = s->quiet_end == NEVER && simulation_random(s, 100) < s->loss;
        if (lost || !simulation_answers(s, i)) {
            if (one->miss_count < MISSES_MAX)
                one->misses[(one->miss_first + one->miss_count++) % MISSES_MAX] = s->now + s->timeout;
            continue;
        }
        failover_answered(&s->failover, i, s->now);
        note_health(s, i, before);
        simulation_act(s);
    }
}

static uint64_t miss_due(const struct simulated_server *server)
{
    return server->miss_count > 0 ? server->misses[server->miss_first] : NEVER;
}

static void tell_comparison(struct simulation *s, size_t index)
{
    struct simulated_server *one = &s->servers[index];
    one->told_at = NEVER;
    one->comparing = false;
    if (s->failover.servers[index].health == FAILOVER_UP && !s->failover.servers[index].outdated &&
        one->found != FAILOVER_IDENTITY_UNKNOWN) {
        one->last = one->found;
        one->same_at = one->found == FAILOVER_SAME ? one->asked_at : 0;
    }
    failover_compared(&s->failover, index, one->found, NULL, s->now);
    simulation_tell(s, "%zu, asked at %llu: %s", index, (unsigned long long)one->asked_at,
                    failover_identity_name(one->found));
    simulation_act(s);
}

static void end_move(struct simulation *s)
{
    bool good = simulation_answers(s, s->move_to) || simulation_random(s, 2) == 0;
    s->moving = false;
    s->move_at = NEVER;
    simulation_tell(s, "that %s", good ? "is done" : "fails");
    if (good) {
        s->mounted = s->move_to;
        s->counts.moves++;
        s->counts.remounts += s->move_remounts;
    } else {
        s->counts.failed++;
    }
    if (good && s->move_remounts) {
        s->handles = s->servers[s->move_to].handles;
        for (size_t i = 0; i < s->count; i++)
            s->servers[i].same_at = 0;
    }
    failover_moved(&s->failover, good ? 0 : -ETIMEDOUT, s->now);
    simulation_act(s);
}

static void daemon_server(struct simulation *s, size_t index)
{
    struct simulated_server *one = &s->servers[index];
    enum failover_health before = s->failover.servers[index].health;
    if (one->comparing && one->sample_at <= s->now) {
        one->found = simulation_sample(s, index);
        one->sample_at = NEVER;
    }
    if (one->comparing && one->told_at <= s->now)
        tell_comparison(s, index);
    while (miss_due(one) <= s->now) {
        one->miss_first = (one->miss_first + 1) % MISSES_MAX;
        one->miss_count--;
        failover_missed(&s->failover, index, s->now);
        note_health(s, index, before);
        before = s->failover.servers[index].health;
        simulation_act(s);
    }
}

static uint64_t daemon_due(const struct simulation *s)
{
    uint64_t due = earlier(s->tick_at, s->move_at);
    for (size_t i = 0; i < s->count; i++) {
        const struct simulated_server *one = &s->servers[i];
        due = earlier(due, miss_due(one));
        if (one->comparing)
            due = earlier(due, earlier(one->sample_at, one->told_at));
    }
    return earlier(due, failover_due(&s->failover));
}

static void step(struct simulation *s)
{
    uint64_t next = earlier(daemon_due(s), simulation_world_due(s));
    if (next > s->now)
        s->now = next;
    s->counts.events++;
    simulation_world_step(s);
    for (size_t i = 0; i < s->count; i++)
        daemon_server(s, i);
    if (s->move_at <= s->now)
        end_move(s);
    if (s->tick_at <= s->now)
        probe_all(s);
    simulation_act(s);
    simulation_check_always(s);
}

static void daemon_begin(struct simulation *s)
{
    static const enum replication replications[] = {REPLICATION_STANDBY, REPLICATION_STANDBY, REPLICATION_STANDBY,
                                                    REPLICATION_SHARED, REPLICATION_COPIES};
    s->interval = 20 + 10 * (unsigned)simulation_random(s, 9);
    s->timeout = s->interval * (1 + (unsigned)simulation_random(s, 4));
    s->settings = (struct failover_settings){
        .replication = replications[s->kind],
        .mismatch = s->kind == WORLD_COPIES && simulation_random(s, 2) == 0 ? MISMATCH_REMOUNT : MISMATCH_REFUSE,
        .compare = true,
        .writable = s->kind != WORLD_COPIES,
        .fall = 1 + (unsigned)simulation_random(s, 3) + (s->loss > 0 ? 1 : 0),
        .rise = 1 + (unsigned)simulation_random(s, 4),
        .compare_ms = 1000 + (unsigned)simulation_random(s, 1000),
        .compare_soon_ms = s->interval,
        .return_ms = simulation_random(s, 2) == 0 ? 0 : 1000 + (unsigned)simulation_random(s, 5000)};
    s->tick_at = s->now;
    s->move_at = NEVER;
    for (size_t i = 0; i < s->count; i++)
        s->servers[i].told_at = s->servers[i].sample_at = NEVER;
    failover_start(&s->failover, &s->settings, s->count, s->mounted, s->now);
    simulation_tell(s, "world %d, standby servers look %d, %zu servers, interval %u, timeout %u, return %u, at %zu",
                    (int)s->kind, (int)s->look, s->count, s->interval, s->timeout, s->settings.return_ms, s->mounted);
}

bool simulation_run(struct simulation *s, uint64_t seed, bool trace)
{
    *s = (struct simulation){.seed = seed, .random = seed, .trace = trace, .digest = seed};
    simulation_world_begin(s);
    daemon_begin(s);
    while (s->now < s->end && s->failure[0] == '\0')
        step(s);
    return s->failure[0] == '\0';
}
