/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The LANs between the members, and the clients in front of them. */
#include "cvipd_simulation.h"

#include <stdlib.h>
#include <string.h>

#define LATE_US (10 * SIMULATION_MS)    /* a network that delays by more may hold the dead time up */
#define CLIENTS_US (10 * SIMULATION_MS) /* so often something comes from clients … */
#define CLIENTS_SYNS 6                  /* … so many of it SYNs */
#define CLIENTS_FRAMES 12

static void carry(struct simulation *s, unsigned from, unsigned to, const struct wire_heartbeat *heartbeat)
{
    uint64_t delay_us = s->settings.delay_us + simulation_chance(s, s->settings.jitter_us);
    struct wire_heartbeat *copy = malloc(sizeof *copy);
    if (copy == NULL)
        abort();
    *copy = *heartbeat;
    struct simulation_event *event = simulation_plan(s, SIMULATION_DATAGRAM, to, delay_us);
    event->from = from;
    event->heartbeat = copy;
}

static bool carry_on(struct simulation *s, unsigned lan, unsigned from, unsigned to,
                     const struct wire_heartbeat *heartbeat)
{
    bool port = lan > 0 || (s->members[from].carrier && s->members[to].carrier);
    if (!port || s->cut[lan][from][to] || simulation_chance(s, 1000) < s->settings.loss_permille)
        return false;
    carry(s, from, to, heartbeat);
    if (simulation_chance(s, 1000) < s->settings.double_permille)
        carry(s, from, to, heartbeat);
    return s->settings.jitter_us < LATE_US;
}

void simulation_send(struct simulation *s, unsigned member, const struct wire_heartbeat *heartbeat)
{
    for (unsigned to = 0; to < s->settings.members; to++) {
        bool carried = false;
        for (unsigned lan = 0; to != member && s->members[to].node_on && lan < SIMULATION_LANS; lan++)
            carried = carry_on(s, lan, member, to, heartbeat) || carried;
        s->lost[member][to] += !carried;
    }
}

static bool works(const struct simulation *s, unsigned member)
{
    const struct simulation_member *m = &s->members[member];
    return m->node_on && !m->node_paused && m->carrier && m->sees_clients;
}

/* A SYN: when somebody takes it the client goes on, and all others see that. */
static void request(struct simulation *s, unsigned bucket)
{
    bool answered = false;
    for (unsigned i = 0; i < s->settings.members; i++)
        answered = answered || (works(s, i) && simulation_passes_new(s, i, bucket));
    for (unsigned i = 0; answered && s->settings.sees_all && i < s->settings.members; i++)
        if (works(s, i) && !simulation_passes_known(s, i, bucket))
            s->members[i].answered_us[bucket] = simulation_clock(s, i);
}

void simulation_clients(struct simulation *s)
{
    for (unsigned i = 0; i < s->settings.members; i++)
        if (works(s, i))
            s->members[i].frames += CLIENTS_FRAMES;
    for (unsigned i = 0; i < CLIENTS_SYNS; i++)
        request(s, (unsigned)simulation_chance(s, HASH_BUCKETS));
    simulation_plan(s, SIMULATION_CLIENTS, 0, CLIENTS_US);
    if (s->overlapping)
        simulation_check(s); /* how long */
}
