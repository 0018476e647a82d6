/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which servers are draining, and since when. */
#ifndef TMD_DRAINS_H
#define TMD_DRAINS_H

#include "ipvs.h"

struct drain;

struct drains {
    size_t count;
    size_t capacity;
    struct drain *items;
};

/* Returns 0 or -ENOMEM. */
int drains_add(struct drains *drains, const struct ipvs_service *service, const struct ipvs_server *server,
               uint64_t since_ms);

/* To be called after the last drains_add and before drains_since. */
void drains_sort(struct drains *drains);

/* Since when that server drains; now_ms when it is not known to. */
uint64_t drains_since(const struct drains *drains, const struct ipvs_service *service, const struct ipvs_server *server,
                      uint64_t now_ms);

void drains_free(struct drains *drains);

#endif
