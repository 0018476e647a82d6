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

/* With both open nobody has chosen (yet): the primary. With none, what was active until it is gone. */
static int choose(const struct port_pair *pair)
{
    const struct port_state *ports = pair->ports;
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
    pair->active = choose(pair);
    pair->up = works(pair);
}

void port_pair_update(struct port_pair *pair, const struct port_state states[PORT_PAIR_PORTS], uint64_t now_us)
{
    memcpy(pair->ports, states, sizeof pair->ports);
    pair->active = choose(pair);
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

uint64_t port_pair_wait_us(const struct port_pair *pair, uint64_t now_us)
{
    if (pair->lost_us == 0)
        return 0;
    uint64_t passed = now_us - pair->lost_us;
    return passed < PORT_PAIR_GRACE_US ? PORT_PAIR_GRACE_US - passed : 1;
}

unsigned port_pair_index(const struct port_pair *pair)
{
    return pair->ports[pair->active].index;
}
