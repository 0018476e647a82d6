/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's IPVS connection synchronisation: a master daemon that sends, a backup daemon that receives (both may
 * run). */
#ifndef HAS_IPVS_SYNC_H
#define HAS_IPVS_SYNC_H

#include "ipvs.h"

#include <net/if.h>
#include <stdbool.h>

enum ipvs_sync_role { IPVS_SYNC_MASTER = 1, IPVS_SYNC_BACKUP = 2 }; /* IP_VS_STATE_MASTER, IP_VS_STATE_BACKUP */

struct ipvs_sync_daemon {
    enum ipvs_sync_role role;
    char interface[IF_NAMESIZE]; /* whose multicast it uses */
    uint8_t id;                  /* 0 to 255; a backup with 0 takes every id */
    uint16_t maxlen;             /* bytes of UDP payload; 0: what fits into a frame */
};

/* Returns 0 or a negative errno: -EEXIST one of that role runs already, -ENODEV no such interface. */
int ipvs_sync_start(struct ipvs *ipvs, const struct ipvs_sync_daemon *daemon);
/* -ESRCH: none runs. */
int ipvs_sync_stop(struct ipvs *ipvs, const struct ipvs_sync_daemon *daemon);
/* Reads those that run, at most two. Returns how many, or a negative errno. */
int ipvs_sync_read(struct ipvs *ipvs, struct ipvs_sync_daemon daemons[2]);

#endif
