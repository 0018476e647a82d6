/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port_pair.h"

#include <string.h>

static bool is_there(const struct port_state *port)
{
    return port->index != 0;
}

static bool is_open(const struct port_state *port)
{
    return is_there(port) && !port->shut;
}

/* Both open: nobody has chosen, or not yet. */
static bool stays_with_twin(struct port_pair *pair, uint64_t now_us)
{
    if (pair->active != PORT_TWIN || !is_open(&pair->ports[PORT_PRIMARY]) || !is_open(&pair->ports[PORT_TWIN])) {
        pair->both_us = 0;
        return false;
    }
    if (pair->both_us == 0)
        pair->both_us = now_us;
    if (now_us - pair->both_us < PORT_PAIR_BOTH_US)
        return true;
    pair->both_us = 0;
    return false;
}

/* With none open, what was active until it is gone. */
static int choose(struct port_pair *pair, uint64_t now_us)
{
    const struct port_state *ports = pair->ports;
    if (stays_with_twin(pair, now_us))
        return PORT_TWIN;
    if (is_open(&ports[PORT_PRIMARY]))
        return PORT_PRIMARY;
    if (is_open(&ports[PORT_TWIN]))
        return PORT_TWIN;
    if (is_there(&ports[pair->active]) || !is_there(&ports[1 - pair->active]))
        return pair->active;
    return 1 - pair->active;
}

static bool works(const struct port_pair *pair)
{
    const struct port_state *port = &pair->ports[pair->active];
    return is_open(port) && port->up;
}

/* One could do it as soon as erd opens it. */
static bool may_change_over(const struct port_pair *pair)
{
    for (int i = 0; i < PORT_PAIR_PORTS; i++)
        if (is_there(&pair->ports[i]) && pair->ports[i].up)
            return true;
    return false;
}

void port_pair_begin(struct port_pair *pair, const struct port_state states[PORT_PAIR_PORTS])
{
    *pair = (struct port_pair){.active = PORT_PRIMARY};
    memcpy(pair->ports, states, sizeof pair->ports);
    pair->active = choose(pair, 0);
    pair->up = works(pair);
}

void port_pair_update(struct port_pair *pair, const struct port_state states[PORT_PAIR_PORTS], uint64_t now_us)
{
    memcpy(pair->ports, states, sizeof pair->ports);
    pair->active = choose(pair, now_us);
    if (works(pair) || !pair->up || !may_change_over(pair)) {
        pair->up = works(pair);
        pair->lost_us = 0;
        return;
    }
    if (pair->lost_us == 0)
        pair->lost_us = now_us;
    if (now_us - pair->lost_us < PORT_PAIR_GRACE_US)
        return;
    pair->up = false;
    pair->lost_us = 0;
}

/* us until so long has passed since then; 0 when there is no such time. */
static uint64_t left_us(uint64_t since_us, uint64_t long_us, uint64_t now_us)
{
    if (since_us == 0)
        return 0;
    return now_us - since_us < long_us ? long_us - (now_us - since_us) : 1;
}

uint64_t port_pair_wait_us(const struct port_pair *pair, uint64_t now_us)
{
    uint64_t lost_us = left_us(pair->lost_us, PORT_PAIR_GRACE_US, now_us);
    uint64_t both_us = left_us(pair->both_us, PORT_PAIR_BOTH_US, now_us);
    return lost_us != 0 && (both_us == 0 || lost_us < both_us) ? lost_us : both_us;
}

unsigned port_pair_index(const struct port_pair *pair)
{
    return pair->ports[pair->active].index;
}
