/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sight.h"

#include <limits.h>

void sight_init(struct sight *sight, unsigned missed)
{
    *sight = (struct sight){.missed = missed > 0 ? missed : 1};
}

/* The round that is under way is over. A port that was silent is one miss away from it again: it answers only after a
 * second answered round, if `missed` is above 1. When targets come back, the first answers may pass one port alone, and
 * it would be taken for the better one. */
static void end_round(struct sight_port *port, unsigned missed)
{
    port->known = true;
    if (!port->answered)
        port->misses += port->misses < UINT_MAX ? 1 : 0;
    else
        port->misses = port->misses < missed ? 0 : missed - 1;
}

void sight_round(struct sight *sight, const bool probed[PAIR_PORTS])
{
    for (unsigned i = 0; i < PAIR_PORTS; i++) {
        struct sight_port *port = &sight->ports[i];
        if (!probed[i]) {
            sight_reset(sight, i);
            continue;
        }
        if (port->probed)
            end_round(port, sight->missed);
        port->probed = true;
        port->answered = false;
        port->probes++;
    }
}

void sight_answer(struct sight *sight, unsigned port)
{
    struct sight_port *seen = &sight->ports[port];
    if (!seen->probed || seen->answered)
        return;
    seen->answered = true;
    seen->answers++;
}

void sight_reset(struct sight *sight, unsigned port)
{
    struct sight_port *seen = &sight->ports[port];
    *seen = (struct sight_port){.probes = seen->probes, .answers = seen->answers};
}

enum pair_sight sight_of(const struct sight *sight, unsigned port)
{
    const struct sight_port *seen = &sight->ports[port];
    if (!seen->known)
        return PAIR_SIGHT_NONE;
    if (seen->misses >= sight->missed)
        return PAIR_SIGHT_SILENT;
    return seen->misses == 0 ? PAIR_SIGHT_ANSWERS : PAIR_SIGHT_LATE;
}
