/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to the ports, by chance. */
#include "erd_simulation.h"

#include <stdarg.h>
#include <stdio.h>

/* splitmix64 */
uint64_t simulation_random(struct simulation *s, uint64_t below)
{
    s->random += 0x9e3779b97f4a7c15u;
    uint64_t z = s->random;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (z ^ z >> 31) % below;
}

void simulation_tell(struct simulation *s, const char *format, ...)
{
    va_list args;
    if (!s->trace)
        return;
    printf("%9llu  ", (unsigned long long)s->now);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

bool simulation_linked(const struct simulation *s, unsigned port)
{
    const struct simulation_port *p = &s->ports[port];
    return p->present && p->up && p->carrier;
}

static bool chance(struct simulation *s, unsigned percent)
{
    return simulation_random(s, 100) < percent;
}

static void choose_settings(struct simulation *s)
{
    static const unsigned intervals[] = {0, 10, 20, 100, 100, 1000};
    static const unsigned waits[] = {0, 100, 1000, 2000, 10000};
    s->interval = intervals[simulation_random(s, 6)];
    s->settings.failback = chance(s, 85);
    s->settings.wait_ms = waits[simulation_random(s, 5)];
    s->settings.wait_max_ms = s->settings.wait_ms + (uint32_t)simulation_random(s, 60000);
    if (chance(s, 10))
        s->settings.wait_max_ms = s->settings.wait_ms;
    sight_init(&s->sight, 1 + (unsigned)simulation_random(s, 4));
}

void simulation_world_begin(struct simulation *s)
{
    choose_settings(s);
    s->now = chance(s, 50) ? 0 : simulation_random(s, (uint64_t)1 << 40);
    s->end = s->now + 60000 + simulation_random(s, 300000);
    s->target = chance(s, 95);
    s->loss = chance(s, 30) ? (unsigned)simulation_random(s, 30) : 0;
    s->fault_ms = chance(s, 50) ? 500 : 15000;
    s->fault = s->now + simulation_random(s, s->fault_ms);
    s->round = s->interval > 0 ? s->now + simulation_random(s, s->interval) : NEVER;
    for (unsigned i = 0; i < PAIR_PORTS; i++)
        s->ports[i] = (struct simulation_port){.present = chance(s, 98),
                                               .up = true,
                                               .carrier = chance(s, 90),
                                               .path = chance(s, 95),
                                               .answer = NEVER,
                                               .linked_at = NEVER,
                                               .silent_at = NEVER,
                                               .good_since = NEVER};
    simulation_tell(s, "probes each %u ms missed=%u, loss %u %%, failback %s %u max=%u ms", s->interval,
                    s->sight.missed, s->loss, s->settings.failback ? "yes" : "no", s->settings.wait_ms,
                    s->settings.wait_max_ms);
}

static void heal(struct simulation *s)
{
    s->target = true;
    for (unsigned i = 0; i < PAIR_PORTS; i++)
        s->ports[i].present = s->ports[i].up = s->ports[i].carrier = s->ports[i].path = true;
    simulation_tell(s, "all is well");
}

static void turn(struct simulation *s, const char *what, unsigned port, bool *value)
{
    *value = !*value;
    simulation_tell(s, "%s of port %u: %s", what, port, *value ? "yes" : "no");
}

static void both_carriers(struct simulation *s)
{
    bool carrier = chance(s, 30);
    for (unsigned i = 0; i < PAIR_PORTS; i++)
        s->ports[i].carrier = carrier;
    simulation_tell(s, "carrier of both ports: %s", carrier ? "yes" : "no");
}

static void one_fault(struct simulation *s)
{
    unsigned port = (unsigned)simulation_random(s, PAIR_PORTS);
    struct simulation_port *p = &s->ports[port];
    uint64_t kind = simulation_random(s, 100);
    if (kind < 25)
        turn(s, "carrier", port, &p->carrier);
    else if (kind < 45)
        turn(s, "path", port, &p->path);
    else if (kind < 50)
        turn(s, "presence", port, &p->present);
    else if (kind < 55)
        turn(s, "administrator's up", port, &p->up);
    else if (kind < 62)
        turn(s, "target", port, &s->target);
    else if (kind < 67)
        both_carriers(s);
    else if (kind < 72)
        simulation_command(s, port);
    else if (kind < 75)
        simulation_restart(s);
    else if (kind < 80) {
        s->flap = 1 + (unsigned)simulation_random(s, 12);
        s->flap_port = port;
    } else
        heal(s);
}

void simulation_world_fault(struct simulation *s)
{
    if (s->flap > 0) {
        s->flap--;
        turn(s, "carrier", s->flap_port, &s->ports[s->flap_port].carrier);
        s->fault = s->now + 1 + simulation_random(s, 2 * (s->settings.wait_ms + 500));
        return;
    }
    one_fault(s);
    /* Some come together, most do not. */
    s->fault = s->now + (chance(s, 20) ? simulation_random(s, 5) : 1 + simulation_random(s, 2 * s->fault_ms));
}
