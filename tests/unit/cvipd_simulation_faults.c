/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to nodes, daemons, ports and cables. */
#include "cvipd_simulation.h"

#include <stdlib.h>
#include <string.h>

static void disturb(struct simulation *s)
{
    s->disturbed_us = s->now_us;
}

static uint64_t session(struct simulation *s)
{
    return simulation_chance(s, UINT64_MAX - 1) + 1;
}

void simulation_start_daemon(struct simulation *s, unsigned member)
{
    struct simulation_member *m = &s->members[member];
    const struct simulation_settings *all = &s->settings;
    if (!m->node_on || m->node_paused || m->ownership != NULL)
        return;
    simulation_trace(s, "m%u starts", member + 1);
    const struct ownership_settings settings = {
        .self = (uint8_t)(member + 1),
        .members = (uint16_t)((1U << all->members) - 1),
        .weight = all->weights[member] != 0 ? all->weights[member] : 1,
        .active = all->active,
        .corosync = all->corosync,
        .sees_all = all->sees_all,
        .digest = 7,
        .interval_us = 30 * SIMULATION_MS,
        .dead_us = 90 * SIMULATION_MS,
        .rejoin_us = all->rejoin_us,
        .own_us = 900 * SIMULATION_MS, /* shorter than a boot after fencing */
        .grace_us = SIMULATION_SECOND,
        .session = session(s),
    };
    m->life++;
    m->daemon_paused = false;
    m->aside = false;
    m->sent_us = 0;
    m->fill_epoch = UINT64_MAX;
    m->lease_us = 0; /* the engine is loaded anew */
    memset(m->states, BUCKET_FOREIGN, sizeof m->states);
    memset(m->answered_us, 0, sizeof m->answered_us);
    m->frames = 0;
    for (unsigned i = 0; i < all->members; i++)
        s->contact_us[i][member] = s->contact_us[member][i] = s->lost[i][member] = s->lost[member][i] = 0;
    m->ownership = ownership_new(&settings, simulation_clock(s, member));
    if (m->ownership == NULL)
        abort();
    ownership_port(m->ownership, m->carrier, simulation_clock(s, member));
    simulation_group_changed(s, 0, 0);
    simulation_plan(s, SIMULATION_READY, member, 10 * SIMULATION_MS + simulation_chance(s, 300 * SIMULATION_MS));
    simulation_act(s, member);
}

static void end_daemon(struct simulation *s, unsigned member, uint16_t goodbye)
{
    struct simulation_member *m = &s->members[member];
    if (m->ownership == NULL)
        return;
    ownership_free(m->ownership);
    m->ownership = NULL;
    m->daemon_paused = false;
    for (size_t i = 0; i < m->backlog_count; i++) {
        if (m->backlog[i].kind == SIMULATION_DATAGRAM)
            free(m->backlog[i].heartbeat);
        else if (m->backlog[i].kind == SIMULATION_MAP)
            free(m->backlog[i].map);
    }
    m->backlog_count = 0;
    if (m->node_on)
        simulation_group_changed(s, goodbye, 0);
}

/* The engine stays, and its lease runs out. */
void simulation_kill_daemon(struct simulation *s, unsigned member)
{
    simulation_trace(s, "m%u: daemon killed", member + 1);
    disturb(s);
    end_daemon(s, member, 0);
}

void simulation_boot(struct simulation *s, unsigned member)
{
    struct simulation_member *m = &s->members[member];
    if (m->node_on)
        return;
    if (s->now_us < m->boot_us) {
        simulation_plan(s, SIMULATION_ACTION, member, m->boot_us - s->now_us)->action.what = 0; /* tries again */
        return;
    }
    simulation_trace(s, "m%u boots", member + 1);
    m->node_on = true;
    m->node_paused = false;
    m->ring = (uint16_t)(1U << member);
    m->ring_id = ++s->ring_count;
    m->seen_all = !s->settings.wait_for_all;
    m->group = 0;
    simulation_look(s);
    simulation_start_daemon(s, member);
}

void simulation_power_off(struct simulation *s, unsigned member)
{
    struct simulation_member *m = &s->members[member];
    if (!m->node_on)
        return;
    simulation_trace(s, "m%u: power off", member + 1);
    disturb(s);
    m->node_on = m->node_paused = false;
    m->lease_us = 0;
    end_daemon(s, member, 0);
    simulation_look(s);
    simulation_check(s);
}

void simulation_pause_daemon(struct simulation *s, unsigned member)
{
    simulation_trace(s, "m%u: daemon paused", member + 1);
    disturb(s);
    s->members[member].daemon_paused = s->members[member].ownership != NULL;
}

void simulation_freeze(struct simulation *s, unsigned member)
{
    if (!s->members[member].node_on)
        return;
    simulation_trace(s, "m%u: frozen", member + 1);
    disturb(s);
    s->members[member].node_paused = true;
    simulation_look(s);
}

/* The engine goes on before the daemon does. */
void simulation_thaw(struct simulation *s, unsigned member)
{
    struct simulation_member *m = &s->members[member];
    if (!m->node_on || !m->node_paused)
        return;
    simulation_trace(s, "m%u: thawed", member + 1);
    disturb(s);
    m->node_paused = false;
    simulation_look(s);
    simulation_check(s);
    if (!m->daemon_paused)
        simulation_resume_daemon(s, member);
}

void simulation_carrier(struct simulation *s, unsigned member, bool up)
{
    struct simulation_member *m = &s->members[member];
    simulation_trace(s, "m%u: port %s", member + 1, up ? "up" : "down");
    disturb(s);
    m->carrier = up;
    simulation_look(s);
    if (m->ownership == NULL || m->daemon_paused || m->node_paused)
        return;
    ownership_port(m->ownership, up, simulation_clock(s, member));
    simulation_act(s, member);
}

/* An orderly end: runs until it may go, as the daemon does. */
void simulation_leave(struct simulation *s, unsigned member)
{
    struct simulation_member *m = &s->members[member];
    if (m->ownership == NULL || m->daemon_paused || m->node_paused)
        return;
    simulation_trace(s, "m%u leaves", member + 1);
    ownership_leave(m->ownership, simulation_clock(s, member));
    simulation_act(s, member);
    unsigned life = m->life;
    for (uint64_t limit_us = s->now_us + 12 * SIMULATION_SECOND; s->now_us < limit_us;) {
        simulation_run(s, 10 * SIMULATION_MS);
        if (m->ownership == NULL || m->life != life || s->failure[0] != '\0')
            return;
        if (ownership_is_gone(m->ownership, simulation_clock(s, member)))
            break;
    }
    simulation_trace(s, "m%u is gone", member + 1);
    m->lease_us = 0; /* it takes its engine along */
    simulation_check(s);
    end_daemon(s, member, (uint16_t)(1U << member));
}

void simulation_aside(struct simulation *s, unsigned member, bool aside)
{
    struct simulation_member *m = &s->members[member];
    if (m->ownership == NULL || m->daemon_paused || m->node_paused)
        return;
    simulation_trace(s, "m%u: aside %d", member + 1, aside);
    m->aside = aside;
    ownership_aside(m->ownership, aside, simulation_clock(s, member));
    simulation_act(s, member);
}

void simulation_set_active(struct simulation *s, unsigned member, uint8_t active)
{
    struct simulation_member *m = &s->members[member];
    if (m->ownership == NULL || m->daemon_paused || m->node_paused)
        return;
    simulation_trace(s, "m%u: active %u", member + 1, active);
    ownership_set_active(m->ownership, active, simulation_clock(s, member));
    simulation_act(s, member);
}

void simulation_cut(struct simulation *s, unsigned lan, unsigned from, unsigned to, bool cut)
{
    simulation_trace(s, "%s m%u to m%u, LAN %u", cut ? "cut" : "whole", from + 1, to + 1, lan);
    disturb(s);
    for (unsigned i = 0; i < SIMULATION_LANS; i++)
        if (lan == SIMULATION_LANS || lan == i)
            s->cut[i][from][to] = cut;
    simulation_look(s);
}

void simulation_partition(struct simulation *s, unsigned lan, unsigned group, bool cut)
{
    for (unsigned i = 0; i < s->settings.members; i++)
        for (unsigned j = 0; j < s->settings.members; j++)
            if (i != j && (group >> i & 1) != (group >> j & 1))
                simulation_cut(s, lan, i, j, cut);
}

void simulation_mend(struct simulation *s)
{
    simulation_trace(s, "all is mended");
    s->quiet = true;
    memset(s->cut, 0, sizeof s->cut);
    s->settings.loss_permille = 0;
    s->settings.jitter_us = 2 * SIMULATION_MS;
    simulation_look(s);
    for (unsigned i = 0; i < s->settings.members; i++) {
        struct simulation_member *m = &s->members[i];
        m->sees_clients = true;
        simulation_thaw(s, i);
        if (m->daemon_paused)
            simulation_resume_daemon(s, i);
        if (!m->carrier)
            simulation_carrier(s, i, true);
        simulation_boot(s, i);
        simulation_start_daemon(s, i);
        simulation_aside(s, i, false);
    }
    disturb(s);
}
