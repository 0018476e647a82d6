/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to the servers, and what their cluster does. */
#include "nfshad_simulation.h"

#include <stdarg.h>
#include <stdio.h>

#define QUIET_MS 20000
#define FIRST_MS 10000
#define WRITE_MS 40
#define SYNC_MS 1000

uint64_t simulation_random(struct simulation *s, uint64_t below)
{
    s->random += 0x9e3779b97f4a7c15u;
    uint64_t x = s->random;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return below == 0 ? 0 : (x ^ x >> 31) % below;
}

void simulation_tell(struct simulation *s, const char *format, ...)
{
    va_list args;
    if (!s->trace)
        return;
    printf("%8llu ", (unsigned long long)s->now);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

static bool clustered(const struct simulation *s)
{
    return s->kind == WORLD_CLUSTER || s->kind == WORLD_UNFENCED;
}

bool simulation_serves(const struct simulation *s, size_t server)
{
    const struct simulated_server *one = &s->servers[server];
    if (!one->alive || one->frozen || !one->service)
        return false;
    return !clustered(s) || s->active == server || one->stale;
}

bool simulation_answers(const struct simulation *s, size_t server)
{
    const struct simulated_server *one = &s->servers[server];
    if (!one->alive || one->frozen || !one->link)
        return false;
    return s->look != LOOK_SILENT || simulation_serves(s, server);
}

enum failover_identity simulation_sample(const struct simulation *s, size_t server)
{
    if (!simulation_answers(s, server))
        return FAILOVER_IDENTITY_UNKNOWN;
    if (simulation_serves(s, server))
        return s->servers[server].handles == s->handles ? FAILOVER_SAME : FAILOVER_DIFFERENT;
    return s->look == LOOK_DIFFERENT ? FAILOVER_DIFFERENT : FAILOVER_NOT_SERVING;
}

static bool is_well(const struct simulated_server *server)
{
    return server->alive && !server->frozen;
}

/* The server that may serve: it has all that was written. */
static size_t candidate(const struct simulation *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (is_well(&s->servers[i]) && s->servers[i].service && !s->servers[i].stale &&
            s->servers[i].data == s->written)
            return i;
    return NONE;
}

/* The cluster looks at its servers. */
static void look_after(struct simulation *s)
{
    if (!clustered(s) || s->promote_at != NEVER)
        return;
    if (s->active != NONE && is_well(&s->servers[s->active]) && s->servers[s->active].service)
        return;
    s->promote_at = s->now + 200 + simulation_random(s, 3000);
    s->next_active = NONE;
}

static void fence(struct simulation *s, size_t server)
{
    struct simulated_server *one = &s->servers[server];
    if (s->kind == WORLD_UNFENCED && one->frozen) {
        one->stale = one->service = true;
        one->service_at = NEVER;
        simulation_tell(s, "%zu is replaced and not fenced", server);
        return;
    }
    one->alive = one->frozen = false;
    one->thaws_at = NEVER;
    one->returns_at = s->now + 2000 + simulation_random(s, 4000);
    simulation_tell(s, "%zu is fenced", server);
}

static void promote(struct simulation *s)
{
    s->promote_at = NEVER;
    if (s->active != NONE && is_well(&s->servers[s->active]) && s->servers[s->active].service)
        return; /* it has come back in time */
    size_t next =
        s->next_active != NONE && is_well(&s->servers[s->next_active]) && s->servers[s->next_active].data == s->written
            ? s->next_active
            : candidate(s);
    if (next == NONE) {
        s->promote_at = s->now + 500;
        return;
    }
    if (s->active != NONE && s->active != next && s->servers[s->active].alive && s->servers[s->active].frozen)
        fence(s, s->active);
    simulation_tell(s, "%zu serves", next);
    s->active = next;
}

static void resync(struct simulation *s, struct simulated_server *server)
{
    server->synced_at = NEVER;
    if (s->kind == WORLD_OWN || s->kind == WORLD_COPIES)
        return;
    if (clustered(s) && (s->active == NONE || !is_well(&s->servers[s->active]) || server->stale))
        server->synced_at = s->now + SYNC_MS;
    else if (is_well(server))
        server->data = s->written;
}

static void crash(struct simulation *s, size_t index)
{
    struct simulated_server *one = &s->servers[index];
    simulation_tell(s, "%zu dies", index);
    one->alive = one->frozen = one->stale = false;
    one->synced_at = one->thaws_at = NEVER;
    one->service = true;
    one->service_at = NEVER;
    one->returns_at = s->now + s->timeout * 4 + s->interval * 10 + simulation_random(s, 6000);
}

static void hand_over(struct simulation *s)
{
    size_t to = simulation_random(s, s->count);
    if (!clustered(s) || s->active == NONE || s->promote_at != NEVER || to == s->active)
        return;
    if (!is_well(&s->servers[to]) || s->servers[to].data != s->written)
        return;
    simulation_tell(s, "the data moves from %zu to %zu", s->active, to);
    s->active = NONE;
    s->next_active = to;
    s->promote_at = s->now + 1 + simulation_random(s, 600);
}

static void fault(struct simulation *s)
{
    size_t index = simulation_random(s, s->count);
    struct simulated_server *one = &s->servers[index];
    uint64_t kind = simulation_random(s, 100);
    s->fault_at = s->now + 1 + simulation_random(s, 2 * s->fault_ms);
    if (kind < 25 && one->alive) {
        crash(s, index);
    } else if (kind < 45 && one->alive && !one->frozen) {
        simulation_tell(s, "%zu freezes", index);
        one->frozen = true;
        one->thaws_at = s->now + simulation_random(s, 5000);
    } else if (kind < 60 && one->link) {
        simulation_tell(s, "the link to %zu is cut", index);
        one->link = false;
        one->link_at = s->now + simulation_random(s, 4000);
    } else if (kind < 70 && one->service && s->kind != WORLD_OWN && !one->stale) {
        simulation_tell(s, "the service of %zu fails", index);
        one->service = false;
        one->service_at = s->now + 500 + simulation_random(s, 4000);
    } else if (kind < 80) {
        hand_over(s);
    } else if (kind < 90) {
        simulation_command(s);
    } else if (kind < 95) {
        simulation_found(s);
    } else {
        simulation_restart(s);
    }
    look_after(s);
}

/* Has the client found who has replaced that server? What is written to the wrong one before, or while nobody shows
 * that it is the wrong one, only fencing could save. */
static bool has_left(const struct simulation *s, size_t server)
{
    return !s->moving && s->mounted != server && s->mounted == s->active && simulation_serves(s, s->active) &&
           s->servers[s->active].link && !s->servers[s->active].comparing && !s->failover.lost &&
           s->failover.servers[s->active].identity == FAILOVER_SAME;
}

static void recover(struct simulation *s, size_t index)
{
    struct simulated_server *one = &s->servers[index];
    if (one->returns_at <= s->now) {
        simulation_tell(s, "%zu is back", index);
        one->returns_at = NEVER;
        one->alive = true;
        /* Another disk, sometimes. */
        if (s->kind == WORLD_COPIES && simulation_random(s, 3) == 0)
            one->handles = (unsigned)simulation_random(s, 2);
        one->synced_at = s->now + SYNC_MS;
    }
    if (one->thaws_at <= s->now && one->stale && !has_left(s, index))
        one->thaws_at = s->now + 300;
    if (one->thaws_at <= s->now) {
        one->thaws_at = NEVER;
        one->frozen = false;
        one->synced_at = s->now + SYNC_MS;
        simulation_tell(s, "%zu goes on%s", index, one->stale ? ", with old data" : "");
        if (one->stale) {
            one->link = true;
            one->link_at = NEVER;
            /* Nothing else happens until that can be seen. */
            s->fault_at = s->fault_at > s->now + 4000 ? s->fault_at : s->now + 4000;
        }
    }
    if (one->link_at <= s->now) {
        one->link_at = NEVER;
        one->link = true;
    }
    if (one->service_at <= s->now) {
        one->service_at = NEVER;
        one->service = true;
    }
    if (one->synced_at <= s->now)
        resync(s, one);
}

/* Everything heals, and the client must find it. */
static void begin_quiet(struct simulation *s)
{
    simulation_tell(s, "quiet");
    for (size_t i = 0; i < s->count; i++) {
        struct simulated_server *one = &s->servers[i];
        uint64_t soon = s->now + simulation_random(s, 1000);
        one->returns_at = one->alive ? NEVER : soon;
        one->thaws_at = one->frozen ? soon : NEVER;
        one->link_at = one->link ? NEVER : soon;
        one->service_at = one->service ? NEVER : soon;
    }
    s->quiet_at = s->fault_at = NEVER;
    s->quiet_end = s->now + QUIET_MS;
}

static void end_quiet(struct simulation *s)
{
    simulation_check_quiet(s);
    s->quiet_end = NEVER;
    s->fault_at = s->now;
    s->quiet_at = s->now + 5000 + simulation_random(s, 10000);
}

/* The client writes, or reads, to the server in use. A write is acknowledged when all have it who can. */
static void write_one(struct simulation *s)
{
    s->write_at = s->now + WRITE_MS;
    struct simulated_server *at = &s->servers[s->mounted];
    if (!at->link || !simulation_serves(s, s->mounted) || at->handles != s->handles)
        return;
    simulation_check_write(s);
    if (!s->settings.writable)
        return;
    s->written++;
    s->counts.writes++;
    at->data++;
    for (size_t i = 0; i < s->count; i++) {
        struct simulated_server *one = &s->servers[i];
        bool shares = s->kind == WORLD_SHARED || (clustered(s) && !at->stale && is_well(one) && !one->stale);
        if (i != s->mounted && shares && (s->kind == WORLD_SHARED || one->synced_at == NEVER))
            one->data = s->written;
    }
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t simulation_world_due(const struct simulation *s)
{
    uint64_t due = earlier(earlier(s->fault_at, s->quiet_at), earlier(s->quiet_end, s->promote_at));
    for (size_t i = 0; i < s->count; i++) {
        const struct simulated_server *one = &s->servers[i];
        due = earlier(due, earlier(earlier(one->returns_at, one->thaws_at), earlier(one->link_at, one->service_at)));
        due = earlier(due, one->synced_at);
    }
    return earlier(due, s->write_at);
}

void simulation_world_step(struct simulation *s)
{
    for (size_t i = 0; i < s->count; i++)
        recover(s, i);
    if (s->promote_at <= s->now)
        promote(s);
    look_after(s);
    if (s->write_at <= s->now)
        write_one(s);
    if (s->quiet_at <= s->now)
        begin_quiet(s);
    if (s->quiet_end <= s->now)
        end_quiet(s);
    if (s->fault_at <= s->now)
        fault(s);
}

void simulation_world_begin(struct simulation *s)
{
    s->kind = (enum world_kind)simulation_random(s, WORLD_KINDS);
    s->look = (enum standby_look)simulation_random(s, STANDBY_LOOKS);
    s->count = 2 + simulation_random(s, 2);
    s->now = 1 + simulation_random(s, 100000);
    s->loss = simulation_random(s, 3) == 0 && s->kind != WORLD_UNFENCED ? 5 : 0;
    s->fault_ms = 200 + (unsigned)simulation_random(s, 2000);
    for (size_t i = 0; i < s->count; i++)
        s->servers[i] = (struct simulated_server){.alive = true,
                                                  .link = true,
                                                  .service = true,
                                                  .returns_at = NEVER,
                                                  .thaws_at = NEVER,
                                                  .link_at = NEVER,
                                                  .service_at = NEVER,
                                                  .synced_at = NEVER};
    s->active = clustered(s) ? simulation_random(s, s->count) : NONE;
    s->promote_at = NEVER;
    s->mounted = s->active != NONE ? s->active : simulation_random(s, s->count);
    s->write_at = s->now;
    s->quiet_at = NEVER;
    s->fault_at = NEVER;
    s->quiet_end = s->now + FIRST_MS; /* the daemon learns what there is */
    s->end = s->now + 50000;
}
