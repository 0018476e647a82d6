/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "failover_rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void look_at_clock(struct failover *failover, uint64_t now_ms)
{
    if (now_ms > failover->now_ms)
        failover->now_ms = now_ms;
}

/* What was known of what the server serves no longer holds. A comparison that is under way does not count. */
static void forget_server(struct failover_server *server)
{
    server->identity = FAILOVER_IDENTITY_UNKNOWN;
    server->same_ms = server->told_ms = server->compared_ms = 0;
    server->outdated = server->comparing;
    server->proof = FAILOVER_PROOF_NONE;
    server->compare_now = true;
    server->why[0] = '\0';
}

static void forget_others(struct failover *failover)
{
    for (size_t i = 0; i < failover->count; i++)
        if (i != failover->current)
            forget_server(&failover->servers[i]);
}

static void forget_proofs(struct failover *failover)
{
    for (size_t i = 0; i < failover->count; i++)
        failover->servers[i].proof = FAILOVER_PROOF_NONE;
}

/* Something has changed: is the server in use lost, or is it found again? */
static void update(struct failover *failover)
{
    bool lost = failover_is_lost(failover);
    if (lost && !failover->lost) {
        failover->lost_ms = failover->now_ms;
        failover->failed = failover->current; /* the order of the list begins anew */
        failover->failures = 0;
        forget_proofs(failover);
        for (size_t i = 0; i < failover->count; i++)
            failover->servers[i].compare_now |= i != failover->current;
    }
    failover->lost = lost;
    failover_describe(failover);
}

void failover_name(struct failover *failover, size_t server, const char *name)
{
    snprintf(failover->servers[server].name, sizeof failover->servers[server].name, "%s", name);
    failover_describe(failover);
}

void failover_start(struct failover *failover, const struct failover_settings *settings, size_t count, size_t current,
                    uint64_t now_ms)
{
    *failover = (struct failover){.settings = *settings, .count = count, .current = current, .now_ms = now_ms};
    for (size_t i = 0; i < count; i++) {
        struct failover_server *server = &failover->servers[i];
        server->since_ms = now_ms;
        snprintf(server->name, sizeof server->name, "server %zu", i + 1);
    }
}

void failover_forget(struct failover *failover)
{
    for (size_t i = 0; i < failover->count; i++)
        forget_server(&failover->servers[i]);
    update(failover);
}

void failover_change(struct failover *failover, const struct failover_settings *settings)
{
    bool stops = failover->settings.compare && !settings->compare;
    failover->settings = *settings;
    if (stops)
        for (size_t i = 0; i < failover->count; i++) {
            forget_server(&failover->servers[i]);
            failover->servers[i].beside = FAILOVER_IDENTITY_UNKNOWN;
        }
    update(failover);
}

static void set_health(struct failover *failover, size_t index, enum failover_health health)
{
    struct failover_server *server = &failover->servers[index];
    server->health = health;
    server->since_ms = failover->now_ms;
    server->row = 0;
    if (health == FAILOVER_UP && index != failover->failed)
        failover->failures = 0; /* it has not had its turn */
    /* What comes back may be another machine with another disk. */
    forget_server(server);
    if (failover->wanted && failover->target == index && failover->state != FAILOVER_MOVING) {
        failover->wanted = false;
        failover_refuse(failover, index, failover->note);
    }
    update(failover);
}

void failover_answered(struct failover *failover, size_t server, uint64_t now_ms)
{
    struct failover_server *one = &failover->servers[server];
    look_at_clock(failover, now_ms);
    one->answers++;
    if (one->health == FAILOVER_UP)
        one->row = 0;
    else if (one->health == FAILOVER_HEALTH_UNKNOWN || ++one->row >= failover->settings.rise)
        set_health(failover, server, FAILOVER_UP);
}

void failover_missed(struct failover *failover, size_t server, uint64_t now_ms)
{
    struct failover_server *one = &failover->servers[server];
    look_at_clock(failover, now_ms);
    one->misses++;
    if (one->health == FAILOVER_DOWN)
        one->row = 0;
    else if (++one->row >= failover->settings.fall)
        set_health(failover, server, FAILOVER_DOWN);
}

/* The server in use was asked. If it serves, a server that does not has no copy; one that does is asked once more. */
static void go_on_with_proofs(struct failover *failover, enum failover_identity current)
{
    for (size_t i = 0; i < failover->count; i++) {
        struct failover_server *server = &failover->servers[i];
        if (server->proof != FAILOVER_PROOF_ASKED)
            continue;
        server->proof = FAILOVER_PROOF_NONE;
        if (current != FAILOVER_SAME)
            continue;
        if (server->identity == FAILOVER_NOT_SERVING) {
            server->beside = FAILOVER_IDENTITY_UNKNOWN;
            continue;
        }
        server->proof = FAILOVER_PROOF_AGAIN;
        server->compare_now = true;
    }
}

/* Another server was compared; before: what it was known to serve. */
static void prove(struct failover *failover, struct failover_server *server, enum failover_identity before)
{
    struct failover_server *current = &failover->servers[failover->current];
    bool checked = server->proof == FAILOVER_PROOF_CHECKING && server->identity == before;
    server->proof = FAILOVER_PROOF_NONE;
    if (failover->settings.replication != REPLICATION_STANDBY || current->health != FAILOVER_UP || failover->lost)
        return;
    if (checked)
        server->beside = server->identity;
    if (checked || (server->identity == FAILOVER_NOT_SERVING && server->beside == FAILOVER_IDENTITY_UNKNOWN))
        return;
    server->proof = FAILOVER_PROOF_WANTED;
    current->compare_now = true;
}

/* A move was commanded: has the comparison shown that it cannot be? */
static void reconsider_wanted(struct failover *failover)
{
    const struct failover_server *target = &failover->servers[failover->target];
    if (!failover->wanted || target->comparing)
        return;
    if (target->identity == FAILOVER_SAME && !failover_is_own_copy(failover, failover->target))
        return;
    failover->wanted = false;
    failover_refuse(failover, failover->target, failover->note);
}

static void set_identity(struct failover *failover, size_t index, enum failover_identity identity, const char *why)
{
    struct failover_server *server = &failover->servers[index];
    enum failover_identity before = server->identity;
    server->told_ms = failover->now_ms;
    snprintf(server->why, sizeof server->why, "%s", why != NULL ? why : "");
    if (identity == FAILOVER_IDENTITY_UNKNOWN) {
        server->proof = FAILOVER_PROOF_NONE;
        return; /* what was known holds until it is too old */
    }
    if (identity != FAILOVER_SAME)
        server->same_ms = 0;
    else if (server->same_ms == 0)
        server->same_ms = failover->now_ms;
    server->identity = identity;
    server->compared_ms = failover->now_ms;
    if (index != failover->current)
        prove(failover, server, before);
    else if (identity == FAILOVER_DIFFERENT && before != FAILOVER_DIFFERENT)
        forget_others(failover); /* it may be the data that has changed, and they with it */
}

void failover_compared(struct failover *failover, size_t server, enum failover_identity identity, const char *why,
                       uint64_t now_ms)
{
    struct failover_server *one = &failover->servers[server];
    bool outdated = one->outdated || one->health != FAILOVER_UP;
    look_at_clock(failover, now_ms);
    one->comparing = one->outdated = false;
    if (outdated)
        return;
    set_identity(failover, server, identity, why);
    if (server == failover->current)
        go_on_with_proofs(failover, identity);
    reconsider_wanted(failover);
    update(failover);
}

/* Another server is in use: what the two served at the same time, they did both. */
static void set_current(struct failover *failover, size_t server)
{
    failover->servers[failover->current].beside = failover->servers[server].beside;
    failover->current = server;
    failover->moves++;
    failover->moved_ms = failover->now_ms;
    failover->failed_ms = 0;
    failover->failures = 0;
    failover->wanted = false;
    failover->note[0] = '\0';
    failover->lost = false;
    forget_proofs(failover);
}

void failover_moved(struct failover *failover, int result, uint64_t now_ms)
{
    look_at_clock(failover, now_ms);
    if (failover->state != FAILOVER_MOVING)
        return;
    failover->state = FAILOVER_STEADY;
    if (result == 0) {
        if (failover->target != failover->current)
            set_current(failover, failover->target);
        if (failover->remounting)
            failover_forget(failover);
    } else {
        failover->failed_ms = failover->now_ms;
        failover->failed = failover->target;
        failover->failures++;
        if (failover->wanted)
            snprintf(failover->note, sizeof failover->note, "the move to %s failed: %s",
                     failover->servers[failover->target].name, strerror(-result));
        failover->wanted = false;
    }
    update(failover);
}

void failover_found(struct failover *failover, size_t server, uint64_t now_ms)
{
    look_at_clock(failover, now_ms);
    if (server == failover->current)
        return;
    set_current(failover, server);
    failover->servers[server].compare_now = true;
    update(failover);
}

int failover_switch(struct failover *failover, size_t server, uint64_t now_ms, char why[FAILOVER_REASON_MAX])
{
    look_at_clock(failover, now_ms);
    int rc = failover_refuse(failover, server, why);
    if (server < failover->count)
        failover->servers[server].compare_now = true; /* also when it is refused: that may have changed */
    if (rc != 0)
        return rc;
    failover->wanted = true;
    failover->failures = 0;
    failover->failed_ms = 0;
    failover->target = server;
    failover->note[0] = '\0';
    update(failover);
    return 0;
}

static void begin_move(struct failover *failover, const struct failover_action *action)
{
    failover->wanted = failover->wanted && failover->target == action->server;
    failover->target = action->server;
    failover->remounting = action->what == FAILOVER_REMOUNT;
    failover->state = FAILOVER_MOVING;
    failover_describe(failover);
}

static void begin_comparison(struct failover *failover, size_t index)
{
    struct failover_server *server = &failover->servers[index];
    server->comparing = true;
    server->compare_now = false;
    server->asked_ms = failover->now_ms;
    if (server->proof == FAILOVER_PROOF_AGAIN)
        server->proof = FAILOVER_PROOF_CHECKING;
    for (size_t i = 0; i < failover->count && index == failover->current; i++)
        if (failover->servers[i].proof == FAILOVER_PROOF_WANTED)
            failover->servers[i].proof = FAILOVER_PROOF_ASKED;
}

bool failover_next(struct failover *failover, uint64_t now_ms, struct failover_action *out)
{
    look_at_clock(failover, now_ms);
    if (failover_plan(failover, out) > failover->now_ms)
        return false;
    if (out->what == FAILOVER_COMPARE)
        begin_comparison(failover, out->server);
    else
        begin_move(failover, out);
    return true;
}

uint64_t failover_due(const struct failover *failover)
{
    struct failover_action action;
    return failover_plan(failover, &action);
}
