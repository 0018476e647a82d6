/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's IPVS sync daemons. */
#ifndef CVIPD_SYNC_H
#define CVIPD_SYNC_H

#include <net/if.h>
#include <stdint.h>

struct sync_settings {
    char interface[IF_NAMESIZE];
    uint8_t id;
};
struct sync;

int sync_open(const struct sync_settings *settings, struct sync **out);
void sync_close(struct sync *sync);

#endif
