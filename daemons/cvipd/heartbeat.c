/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "heartbeat.h"

#include <errno.h>

int heartbeat_open(qb_loop_t *loop, const struct heartbeat_settings *settings, const struct keyring *ring,
                   void (*received)(void *context, const struct wire_heartbeat *heartbeat), void *context,
                   struct heartbeat **out)
{
    (void)loop, (void)settings, (void)ring, (void)received, (void)context, (void)out;
    return -ENOSYS;
}

void heartbeat_set_keys(struct heartbeat *heartbeat, const struct keyring *ring)
{
    (void)heartbeat, (void)ring;
}

void heartbeat_send(struct heartbeat *heartbeat, const struct wire_heartbeat *message)
{
    (void)heartbeat, (void)message;
}

const struct heartbeat_counters *heartbeat_counters(const struct heartbeat *heartbeat)
{
    (void)heartbeat;
    static const struct heartbeat_counters none;
    return &none;
}

void heartbeat_close(struct heartbeat *heartbeat)
{
    (void)heartbeat;
}
