/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wanted.h"

#include <stdlib.h>

struct ipvs_server wanted_as_server(const struct executor_wanted_server *wanted)
{
    return (struct ipvs_server){
        .address = wanted->address, .port = wanted->port, .forward = wanted->forward, .weight = wanted->weight};
}

static int compare_wanted(const void *a, const void *b)
{
    const struct executor_wanted_server *first = *(const struct executor_wanted_server *const *)a;
    const struct executor_wanted_server *second = *(const struct executor_wanted_server *const *)b;
    int order = addr_compare(&first->address, &second->address);

    return order != 0 ? order : (first->port > second->port) - (first->port < second->port);
}

const struct executor_wanted_server **wanted_sort(const struct executor_wanted_service *wanted, size_t *count)
{
    const struct executor_wanted_server **sorted = calloc(wanted->server_count + 1, sizeof(const void *));
    bool in_order = true;
    size_t kept = 0;

    if (sorted == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < wanted->server_count; i++) {
        sorted[i] = &wanted->servers[i];
        in_order = in_order && (i == 0 || compare_wanted(&sorted[i - 1], &sorted[i]) < 0);
    }
    if (!in_order) {
        qsort(sorted, wanted->server_count, sizeof(const void *), compare_wanted);
    }
    for (size_t i = 0; i < wanted->server_count; i++) {
        if (kept == 0 || compare_wanted(&sorted[kept - 1], &sorted[i]) != 0) {
            sorted[kept++] = sorted[i];
        }
    }
    *count = kept;
    return sorted;
}
