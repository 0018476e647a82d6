/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills the connection table from the traffic nodes. */
#ifndef CVIPD_RECONSTRUCT_H
#define CVIPD_RECONSTRUCT_H

#include "addr.h"
#include "key.h"

#include <net/if.h>
#include <qb/qbloop.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reconstruct_settings {
    char sync_interface[IF_NAMESIZE];
    uint8_t sync_id;
    uint16_t port;
    size_t address_count;
    struct addr addresses[8];
};
struct reconstruct_result {
    uint64_t epoch;
    unsigned nodes_asked, nodes_complete;
    uint64_t connections;
    uint64_t took_ms;
};
struct reconstruct;

int reconstruct_open(qb_loop_t *loop, const struct reconstruct_settings *settings, const struct keyring *ring,
                     void (*done)(void *context, const struct reconstruct_result *result), void *context,
                     struct reconstruct **out);
int reconstruct_start(struct reconstruct *reconstruct, uint64_t epoch);
bool reconstruct_has_servers(struct reconstruct *reconstruct);
void reconstruct_close(struct reconstruct *reconstruct);

#endif
