/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cluster.h"

#include <errno.h>

int cluster_open(qb_loop_t *loop, const struct keyring *ring, const struct cluster_callbacks *callbacks, void *context,
                 struct cluster **out)
{
    (void)loop, (void)ring, (void)callbacks, (void)context, (void)out;
    return -ENOSYS;
}

void cluster_set_keys(struct cluster *cluster, const struct keyring *ring)
{
    (void)cluster, (void)ring;
}

int cluster_publish(struct cluster *cluster, const struct wire_map *map)
{
    (void)cluster, (void)map;
    return -ENOTCONN;
}

const struct cluster_counters *cluster_counters(const struct cluster *cluster)
{
    (void)cluster;
    static const struct cluster_counters none;
    return &none;
}

void cluster_close(struct cluster *cluster)
{
    (void)cluster;
}
