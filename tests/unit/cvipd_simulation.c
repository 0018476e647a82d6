/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cvipd_simulation.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define BACKLOG_MAX 400 /* datagrams that a socket keeps */

uint64_t simulation_chance(struct simulation *s, uint64_t below)
{
    uint64_t x = s->random += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    return below == 0 ? 0 : x % below;
}

uint64_t simulation_clock(const struct simulation *s, unsigned member)
{
    const struct simulation_member *m = &s->members[member];
    int64_t drift = (int64_t)s->now_us * m->clock_ppm / 1000000;
    return (uint64_t)((int64_t)s->now_us + m->clock_offset_us + drift);
}

void simulation_trace(const struct simulation *s, const char *format, ...)
{
    va_list arguments;
    if (!s->settings.trace)
        return;
    fprintf(stderr, "%10.3f ", (double)s->now_us / 1000);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static bool is_earlier(const struct simulation_event *a, const struct simulation_event *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void swap(struct simulation_event *a, struct simulation_event *b)
{
    struct simulation_event keep = *a;
    *a = *b;
    *b = keep;
}

static struct simulation_event *push(struct simulation *s, const struct simulation_event *event)
{
    if (s->count == s->room) {
        s->room = s->room == 0 ? 256 : 2 * s->room;
        s->heap = realloc(s->heap, s->room * sizeof *s->heap);
        if (s->heap == NULL)
            abort();
    }
    size_t at = s->count++;
    s->heap[at] = *event;
    for (; at > 0 && is_earlier(&s->heap[at], &s->heap[(at - 1) / 2]); at = (at - 1) / 2)
        swap(&s->heap[at], &s->heap[(at - 1) / 2]);
    return &s->heap[at];
}

static struct simulation_event pop(struct simulation *s)
{
    struct simulation_event first = s->heap[0];
    s->heap[0] = s->heap[--s->count];
    for (size_t at = 0;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < s->count; child++)
            if (is_earlier(&s->heap[child], &s->heap[least]))
                least = child;
        if (least == at)
            return first;
        swap(&s->heap[at], &s->heap[least]);
        at = least;
    }
}

/* The event is completed by the caller before it plans the next one. */
struct simulation_event *simulation_plan(struct simulation *s, enum simulation_kind kind, unsigned member,
                                         uint64_t in_us)
{
    struct simulation_event event = {.at_us = s->now_us + in_us,
                                     .order = s->order++,
                                     .kind = kind,
                                     .member = member,
                                     .life = s->members[member].life};
    return push(s, &event);
}

static void free_payload(struct simulation_event *event)
{
    if (event->kind == SIMULATION_DATAGRAM)
        free(event->heartbeat);
    else if (event->kind == SIMULATION_MAP)
        free(event->map);
}

static void plan_wake(struct simulation *s, unsigned member)
{
    struct simulation_member *m = &s->members[member];
    uint64_t now_us = simulation_clock(s, member);
    uint64_t next_us = ownership_next_us(m->ownership, now_us);
    uint64_t beat_us = m->sent_us + 30 * SIMULATION_MS;
    if (beat_us < next_us)
        next_us = beat_us;
    uint64_t in_us = next_us > now_us ? next_us - now_us : 0;
    in_us += simulation_chance(s, s->settings.late_us);
    m->wake_us = s->now_us + in_us;
    simulation_plan(s, SIMULATION_WAKE, member, in_us);
}

static void beat(struct simulation *s, unsigned member, uint64_t now_us)
{
    struct wire_heartbeat heartbeat;
    ownership_make_heartbeat(s->members[member].ownership, now_us, &heartbeat);
    simulation_send(s, member, &heartbeat);
    s->members[member].sent_us = now_us;
}

static void trace_states(const struct simulation *s, unsigned member)
{
    struct ownership_view view = simulation_view(s, member);
    uint64_t now_us = simulation_clock(s, member);
    uint64_t lease_us = s->members[member].lease_us;
    simulation_trace(s, "m%u: epoch %llu of m%u: owns %u; silent %u, own %u, holding %u, lease %lld us", member + 1,
                     (unsigned long long)view.epoch, view.coordinator, view.owned, view.silent, view.own, view.holding,
                     (long long)(lease_us - now_us));
}

/* As daemons/cvipd/act.c does it. */
void simulation_act(struct simulation *s, unsigned member)
{
    struct simulation_member *m = &s->members[member];
    struct ownership_orders orders;
    uint64_t now_us = simulation_clock(s, member);
    ownership_take_orders(m->ownership, now_us, &orders);
    bool renewed = m->lease_us <= now_us && orders.lease_until_us > now_us;
    if (orders.states_changed)
        memcpy(m->states, orders.states, sizeof m->states);
    m->lease_us = orders.lease_until_us;
    if (orders.send || now_us - m->sent_us >= 30 * SIMULATION_MS) {
        struct ownership_orders again; /* the lease counts from this one */
        beat(s, member, now_us);
        ownership_take_orders(m->ownership, now_us, &again);
        memcpy(m->states, again.states, sizeof m->states);
        m->lease_us = again.lease_until_us;
    }
    if (orders.publish && s->settings.corosync)
        simulation_publish(s, member, &orders.publish_map);
    if (orders.reconstruct) {
        m->fill_epoch = orders.reconstruct_epoch;
        simulation_plan(s, SIMULATION_FILLED, member, 1 + simulation_chance(s, s->settings.fill_us))->value =
            orders.reconstruct_epoch;
    }
    plan_wake(s, member);
    if (!orders.states_changed && !renewed)
        return;
    if (s->settings.trace)
        trace_states(s, member);
    simulation_check(s);
}

static void receive(struct simulation *s, const struct simulation_event *event)
{
    unsigned to = event->member, from = event->from;
    struct simulation_member *m = &s->members[to];
    s->datagrams++;
    enum ownership_verdict verdict = ownership_heartbeat(m->ownership, event->heartbeat, simulation_clock(s, to));
    if (verdict != OWNERSHIP_NEWS)
        return;
    bool silent = s->lost[from][to] > 0 && s->now_us - s->contact_us[from][to] >= 60 * SIMULATION_MS;
    if (silent || s->contact_us[from][to] == 0)
        s->regained_us[from][to] = s->now_us;
    s->contact_us[from][to] = s->now_us;
    s->lost[from][to] = 0;
    simulation_act(s, to);
}

static void tick(struct simulation *s, unsigned member)
{
    struct simulation_member *m = &s->members[member];
    uint64_t now_us = simulation_clock(s, member);
    ownership_sight(m->ownership, m->answered_us, m->frames, now_us);
    ownership_tick(m->ownership, now_us);
    simulation_act(s, member);
}

static void tell_daemon(struct simulation *s, const struct simulation_event *event)
{
    struct simulation_member *m = &s->members[event->member];
    uint64_t now_us = simulation_clock(s, event->member);
    if (event->kind == SIMULATION_READY)
        ownership_ready(m->ownership, true, now_us);
    else if (event->kind == SIMULATION_FILLED && event->value == m->fill_epoch)
        ownership_filled(m->ownership, event->value, now_us);
    else if (event->kind == SIMULATION_FENCED)
        ownership_fenced(m->ownership, (uint8_t)(event->from + 1), now_us);
    else if (event->kind == SIMULATION_MAP)
        ownership_map(m->ownership, event->map, now_us);
    else if (event->kind == SIMULATION_WORD)
        ownership_cluster(m->ownership, true, event->word.quorate, event->word.strict, event->word.present,
                          event->word.left, now_us);
    simulation_act(s, event->member);
}

static void keep_for_later(struct simulation_member *m, struct simulation_event *event)
{
    if (event->kind == SIMULATION_DATAGRAM && m->backlog_count >= BACKLOG_MAX) {
        free_payload(event);
        return;
    }
    if (m->backlog_count == m->backlog_room) {
        m->backlog_room = m->backlog_room == 0 ? 64 : 2 * m->backlog_room;
        m->backlog = realloc(m->backlog, m->backlog_room * sizeof *m->backlog);
        if (m->backlog == NULL)
            abort();
    }
    m->backlog[m->backlog_count++] = *event;
}

static void note_lapse(struct simulation *s, unsigned member)
{
    struct simulation_member *m = &s->members[member];
    bool leased = m->lease_us > simulation_clock(s, member);
    if (m->was_leased && !leased) {
        s->lapses++;
        simulation_check(s);
    }
    m->was_leased = leased;
}

/* One event for a daemon. A paused one finds it later. */
static void deliver(struct simulation *s, struct simulation_event *event)
{
    struct simulation_member *m = &s->members[event->member];
    bool current = m->ownership != NULL && event->life == m->life;
    bool frozen = event->kind == SIMULATION_DATAGRAM && !m->node_on;
    if (current && !frozen && (m->daemon_paused || m->node_paused)) {
        if (event->kind != SIMULATION_WAKE)
            keep_for_later(m, event);
        return;
    }
    if (current && !frozen) {
        note_lapse(s, event->member);
        if (event->kind == SIMULATION_DATAGRAM)
            receive(s, event);
        else if (event->kind != SIMULATION_WAKE)
            tell_daemon(s, event);
        else if (event->at_us == m->wake_us)
            tick(s, event->member);
        m->was_leased = m->lease_us > simulation_clock(s, event->member);
    }
    free_payload(event);
}

/* After a pause: what waited and the timer come in any order. */
void simulation_resume_daemon(struct simulation *s, unsigned member)
{
    struct simulation_member *m = &s->members[member];
    m->daemon_paused = false;
    if (m->ownership == NULL || m->node_paused)
        return;
    size_t count = m->backlog_count;
    struct simulation_event *backlog = m->backlog;
    m->backlog = NULL;
    m->backlog_count = m->backlog_room = 0;
    size_t before = simulation_chance(s, 2) == 0 ? 0 : (size_t)simulation_chance(s, count + 1);
    for (size_t i = 0; i <= count; i++) {
        if (i == before && m->ownership != NULL)
            tick(s, member);
        if (i < count)
            deliver(s, &backlog[i]);
    }
    free(backlog);
}

static void handle(struct simulation *s, struct simulation_event *event)
{
    if (event->kind <= SIMULATION_FENCED)
        deliver(s, event);
    else if (event->kind == SIMULATION_FORM)
        simulation_form(s);
    else if (event->kind == SIMULATION_FENCE)
        simulation_fence(s, event);
    else if (event->kind == SIMULATION_CLIENTS)
        simulation_clients(s);
    else
        simulation_do(s, event);
}

void simulation_run(struct simulation *s, uint64_t us)
{
    uint64_t end_us = s->now_us + us;
    while (s->count > 0 && s->heap[0].at_us <= end_us && s->failure[0] == '\0') {
        struct simulation_event event = pop(s);
        s->now_us = event.at_us;
        handle(s, &event);
    }
    s->now_us = end_us;
}

void simulation_begin(struct simulation *s, const struct simulation_settings *settings)
{
    memset(s, 0, sizeof *s);
    s->settings = *settings;
    s->random = settings->seed;
    for (unsigned i = 0; i < settings->members; i++) {
        struct simulation_member *m = &s->members[i];
        m->clock_offset_us = (int64_t)(1000 * SIMULATION_SECOND + simulation_chance(s, 5000 * SIMULATION_SECOND));
        m->clock_ppm = (int)simulation_chance(s, 401) - 200;
        m->sees_clients = m->carrier = true;
        for (unsigned j = 0; j < settings->members; j++)
            s->apart_us[i][j] = SIMULATION_NEVER;
    }
    simulation_plan(s, SIMULATION_CLIENTS, 0, 0);
}

void simulation_end(struct simulation *s)
{
    for (size_t i = 0; i < s->count; i++)
        free_payload(&s->heap[i]);
    for (unsigned i = 0; i < s->settings.members; i++) {
        struct simulation_member *m = &s->members[i];
        for (size_t k = 0; k < m->backlog_count; k++)
            free_payload(&m->backlog[k]);
        free(m->backlog);
        ownership_free(m->ownership);
    }
    free(s->heap);
}
