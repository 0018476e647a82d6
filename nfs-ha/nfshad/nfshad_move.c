/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moves a group's transports, by a thread, and tells how it ended. */
#include "nfshad.h"

#include "clock.h"
#include "remount.h"
#include "sockets.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SWEEP_US UINT64_C(200000)

struct job {
    struct nfshad *nfshad;
    unsigned group;
    struct source source;
    size_t server;
    struct move_way way;
    bool decided; /* failover.c waits for the end */
    const char *transports;
    struct move_report report;
    int result;
    size_t mount_count;
    struct nfshad_mount mounts[]; /* to be mounted anew */
};

static void work(void *context)
{
    struct job *job = context;
    struct addr servers[SOURCE_SERVERS_MAX];
    for (size_t i = 0; i < job->source.count; i++)
        servers[i] = job->source.servers[i].address;
    job->result =
        move_transports(job->transports, servers, job->source.count, &servers[job->server], job->way, &job->report);
}

static void work_remount(void *context)
{
    struct job *job = context;
    char version[16];
    for (size_t i = 0; i < job->mount_count && job->result == 0; i++) {
        const struct nfshad_mount *mount = &job->mounts[i];
        snprintf(version, sizeof version, mount->ours.version == 3 ? "3" : "4.%u", mount->minor);
        job->result = remount(&mount->ours, version, &job->source.servers[job->server]);
    }
}

static void tell_moved(struct nfshad_group *group, const struct job *job)
{
    const char *name = job->source.servers[job->server].name;
    if (job->result != 0)
        log_error("the move to %s failed: %s%s", name, strerror(-job->result),
                  job->result == -EAFNOSUPPORT ? " (this kernel moves IPv4 transports only; nfs-ha(7))" : "");
    else if (job->mount_count == 0)
        log_notice("moved to %s: %u transports in %" PRIu64 " us, %u connections ended", name, job->report.moved,
                   job->report.duration_us, job->report.ended);
    group->last_move = job->report;
}

static void done(void *context)
{
    struct job *job = context;
    struct nfshad_group *group = nfshad_groups_find(job->nfshad, job->group);
    if (group != NULL) {
        uint64_t now = clock_ms();
        tell_moved(group, job);
        if (job->decided) {
            uint64_t lost = group->failover.lost_ms;
            if (job->result == 0)
                group->last_gap_ms = lost != 0 && !job->way.planned ? now - lost : job->report.duration_us / 1000;
            if (job->result == 0 && job->mount_count > 0)
                nfshad_reference_drop(group); /* a remount: other handles */
            failover_moved(&group->failover, job->result, now);
        }
        if (!job->way.planned)
            wake_in(&group->sweep, SWEEP_US);
        nfshad_act(group);
    }
    free(job);
}

void nfshad_move_sweep(void *context)
{
    struct nfshad_group *group = context;
    struct sockets *sockets;
    if (sockets_open(&sockets) != 0)
        return;
    for (size_t i = 0; i < group->source.count; i++)
        if (i != group->failover.current)
            (void)sockets_find(sockets, &group->source.servers[i].address, TRANSPORT_NFS_PORT, SOCKETS_CONNECTED);
    (void)sockets_end(sockets, 0);
    sockets_close(sockets);
}

static int begin(struct nfshad_group *group, size_t server, bool planned, void (*what)(void *), size_t mounts)
{
    struct job *job = calloc(1, sizeof *job + mounts * sizeof job->mounts[0]);
    if (job == NULL)
        return -ENOMEM;
    job->nfshad = group->nfshad;
    job->group = group->id;
    job->source = group->source;
    job->server = server;
    job->way = (struct move_way){.planned = planned, .series = group->nfshad->config.series};
    job->decided = group->failover.state == FAILOVER_MOVING;
    job->transports = group->nfshad->transports;
    for (size_t i = 0; i < group->mount_count && job->mount_count < mounts; i++)
        if (!group->mounts[i].foreign)
            job->mounts[job->mount_count++] = group->mounts[i];
    int rc = worker_run(group->nfshad->worker, what, done, free, job);
    if (rc != 0)
        free(job);
    return rc;
}

int nfshad_move(struct nfshad_group *group, size_t server, bool planned)
{
    return begin(group, server, planned, work, 0);
}

int nfshad_remount(struct nfshad_group *group, size_t server)
{
    return begin(group, server, false, work_remount, group->mount_count);
}
