/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "announce.h"

#include <errno.h>

/* Only so that the rest links until it is here. */
int announce_open(const char *interface, struct announce **out)
{
    (void)interface;
    (void)out;
    return -EOPNOTSUPP;
}

void announce_close(struct announce *announce)
{
    (void)announce;
}

int announce_send(struct announce *announce, const struct addr *addresses, size_t count, const uint8_t mac[6])
{
    (void)announce;
    (void)addresses;
    (void)count;
    (void)mac;
    return 0;
}
