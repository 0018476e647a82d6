/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drains.h"

#include "ipvs_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct drain {
    struct ipvs_service service;
    struct ipvs_server server;
    uint64_t since_ms;
};

static int compare_drains(const void *a, const void *b)
{
    const struct drain *first = a;
    const struct drain *second = b;
    int order = ipvs_service_compare(&first->service, &second->service);

    return order != 0 ? order : ipvs_server_compare(&first->server, &second->server);
}

int drains_add(struct drains *drains, const struct ipvs_service *service, const struct ipvs_server *server,
               uint64_t since_ms)
{
    if (drains->count == drains->capacity) {
        size_t capacity = drains->capacity == 0 ? 16 : drains->capacity * 2;
        struct drain *items = reallocarray(drains->items, capacity, sizeof(*items));

        if (items == NULL) {
            return -ENOMEM;
        }
        drains->items = items;
        drains->capacity = capacity;
    }
    drains->items[drains->count++] = (struct drain){.service = *service, .server = *server, .since_ms = since_ms};
    return 0;
}

void drains_sort(struct drains *drains)
{
    if (drains->count > 0) {
        qsort(drains->items, drains->count, sizeof(*drains->items), compare_drains);
    }
}

uint64_t drains_since(const struct drains *drains, const struct ipvs_service *service, const struct ipvs_server *server,
                      uint64_t now_ms)
{
    struct drain key = {.service = *service, .server = *server};
    const struct drain *known = NULL;

    if (drains->count > 0) {
        known = bsearch(&key, drains->items, drains->count, sizeof(key), compare_drains);
    }
    return known == NULL ? now_ms : known->since_ms;
}

void drains_free(struct drains *drains)
{
    free(drains->items);
    memset(drains, 0, sizeof(*drains));
}
