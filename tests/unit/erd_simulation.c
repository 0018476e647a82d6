/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's part: when something happens it looks at the ports, and each interval it starts a round. */
#include "erd_simulation.h"

static void digest(struct simulation *s, uint64_t value)
{
    s->digest = (s->digest ^ value) * 0x100000001b3u;
}

/* The carrier has come or gone: what was known of the port is not worth anything. */
static void note_link(struct simulation *s, unsigned port)
{
    struct simulation_port *p = &s->ports[port];
    bool linked = simulation_linked(s, port);
    if (linked == p->linked)
        return;
    p->linked = linked;
    p->linked_at = linked ? s->now : NEVER;
    p->good_since = p->linked_at;
    p->asked = p->answered = p->lost = false;
    p->missed_in_row = p->answered_in_row = 0;
    p->answer = NEVER;
    sight_reset(&s->sight, port);
}

static void read_links(struct simulation *s, struct pair_link links[PAIR_PORTS])
{
    for (unsigned i = 0; i < PAIR_PORTS; i++) {
        const struct simulation_port *p = &s->ports[i];
        links[i] = (struct pair_link){
            .present = p->present, .up = p->up, .carrier = p->carrier, .sight = sight_of(&s->sight, i)};
    }
}

static void count(struct simulation *s, const struct pair *before, enum pair_reason reason)
{
    s->counts.looks++;
    s->counts.no_port += s->pair.no_port && !before->no_port;
    s->counts.back_offs += s->pair.wait_ms > before->wait_ms;
    s->counts.by_link += reason == PAIR_REASON_GONE || reason == PAIR_REASON_DOWN || reason == PAIR_REASON_CARRIER;
    s->counts.by_silence += reason == PAIR_REASON_SILENT;
    s->counts.failbacks += reason == PAIR_REASON_FAILBACK;
}

void simulation_look(struct simulation *s)
{
    struct pair_link links[PAIR_PORTS];
    struct pair before = s->pair;
    for (unsigned i = 0; i < PAIR_PORTS; i++)
        note_link(s, i);
    read_links(s, links);
    enum pair_reason reason = pair_update(&s->pair, links, s->now);
    if (reason != PAIR_REASON_NONE)
        simulation_tell(s, "port %u is in use: %s", s->pair.active, pair_reason_name(reason));
    count(s, &before, reason);
    digest(s, s->now << 8 | (uint64_t)reason << 1 | s->pair.active);
    simulation_check(s, &before, reason);
}

void simulation_command(struct simulation *s, unsigned port)
{
    simulation_look(s); /* as the daemon does before it obeys */
    struct pair before = s->pair;
    int rc = pair_command(&s->pair, port, s->now);
    simulation_tell(s, "somebody wants port %u: %s", port, rc == 0 ? "yes" : "refused");
    s->counts.commands += rc == 0;
    s->counts.refusals += rc != 0;
    digest(s, (uint64_t)port << 4 | (rc == 0));
    simulation_check_command(s, &before, port, rc);
    simulation_look(s);
}

void simulation_restart(struct simulation *s)
{
    unsigned active = s->pair.active;
    simulation_tell(s, "the daemon is started again");
    s->counts.restarts++;
    sight_init(&s->sight, s->sight.missed);
    pair_init(&s->pair, &s->settings, active, s->now);
    s->known_since = s->now;
    s->held = false;
    s->failbacks = 0;
    for (unsigned i = 0; i < PAIR_PORTS; i++)
        s->ports[i].linked = false;
    simulation_look(s);
    simulation_check_restart(s, active);
}

/* The record of a round that is over. */
static void close_round(struct simulation *s, struct simulation_port *p)
{
    if (p->answered) {
        p->answered_in_row++;
        p->missed_in_row = 0;
        if (p->answered_in_row >= 2 || s->sight.missed == 1)
            p->lost = false;
        if (p->good_since == NEVER)
            p->good_since = s->now;
        return;
    }
    p->missed_in_row++;
    p->answered_in_row = 0;
    p->good_since = NEVER;
    if (p->missed_in_row >= s->sight.missed)
        p->lost = true;
    if (p->lost)
        p->silent_at = s->now;
}

static void ask(struct simulation *s, struct simulation_port *p)
{
    bool answers = p->path && s->target && simulation_random(s, 100) >= s->loss;
    /* Rarely it takes longer than a round. */
    uint64_t way = simulation_random(s, simulation_random(s, 50) == 0 ? 2 * s->interval : 1 + s->interval / 10);
    if (answers && p->answer == NEVER)
        p->answer = s->now + way;
    p->asked = true;
    p->answered = false;
}

static void start_round(struct simulation *s)
{
    bool probed[PAIR_PORTS];
    for (unsigned i = 0; i < PAIR_PORTS; i++) {
        struct simulation_port *p = &s->ports[i];
        note_link(s, i);
        probed[i] = p->linked;
        if (p->asked)
            close_round(s, p);
        if (p->linked)
            ask(s, p);
    }
    sight_round(&s->sight, probed);
    s->counts.rounds++;
    s->round = s->now + s->interval;
    simulation_look(s);
}

static void answer(struct simulation *s, unsigned port)
{
    struct simulation_port *p = &s->ports[port];
    p->answer = NEVER;
    if (!p->linked || !p->path || !s->target)
        return;
    p->answered = true;
    p->answered_at = s->now;
    sight_answer(&s->sight, port);
    simulation_look(s); /* nothing may come of it before the round is over */
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void step(struct simulation *s)
{
    uint64_t due = pair_due(&s->pair);
    uint64_t next = earlier(earlier(s->fault, s->round), due);
    for (unsigned i = 0; i < PAIR_PORTS; i++)
        next = earlier(next, s->ports[i].answer);
    if (next > s->now)
        s->now = next;
    for (unsigned i = 0; i < PAIR_PORTS; i++)
        if (s->ports[i].answer <= s->now)
            answer(s, i);
    if (s->fault <= s->now) {
        simulation_world_fault(s);
        simulation_look(s);
    }
    if (s->round <= s->now)
        start_round(s);
    if (due <= s->now) {
        simulation_look(s);
        if (pair_due(&s->pair) <= s->now)
            simulation_fail(s, "pair_due does not move");
    }
}

bool simulation_run(struct simulation *s, uint64_t seed, bool trace)
{
    *s = (struct simulation){.seed = seed, .random = seed, .trace = trace, .digest = seed};
    simulation_world_begin(s);
    pair_init(&s->pair, &s->settings, (unsigned)simulation_random(s, PAIR_PORTS), s->now);
    s->known_since = s->now;
    simulation_look(s);
    while (s->now < s->end && s->failure[0] == '\0')
        step(s);
    return s->failure[0] == '\0';
}
