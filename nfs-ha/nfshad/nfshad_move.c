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
#include <sys/fsuid.h>

#define SWEEP_US UINT64_C(200000)

struct job {
    struct nfshad *nfshad;
    unsigned group;
    struct source source;
    size_t server;
    bool left[SOURCE_SERVERS_MAX]; /* transports there stay */
    bool quiet;                    /* the log was told why this fails */
    struct move_way way;
    bool decided;  /* failover.c waits for the end */
    bool remounts; /* with other handles */
    size_t remounted;
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
    size_t count = 0;
    for (size_t i = 0; i < job->source.count; i++)
        if (!job->left[i])
            servers[count++] = job->source.servers[i].address;
    job->result = move_transports(job->transports, servers, count, &job->source.servers[job->server].address, job->way,
                                  &job->report);
}

static void work_remount(void *context)
{
    struct job *job = context;
    char version[16];
    (void)setfsuid(0); /* of this thread: the kernel walks along the server's directories as the user who mounts */
    for (size_t i = 0; i < job->mount_count && job->result == 0; i++) {
        const struct nfshad_mount *mount = &job->mounts[i];
        snprintf(version, sizeof version, mount->ours.version == 3 ? "3" : "4.%u", mount->minor);
        job->result = remount(&mount->ours, version, &job->source.servers[job->server], job->quiet);
        job->remounted += job->result == 0;
    }
}

/* A move that fails is tried again several times in a second, maybe for hours. */
static void tell_failed(struct nfshad_group *group, const struct job *job, uint64_t now)
{
    if (job->result == group->error && now - group->error_ms < NFSHAD_AGAIN_MS)
        return;
    group->error_ms = now;
    log_error("the move to %s failed: %s%s", job->source.servers[job->server].name, strerror(-job->result),
              job->result == -EAFNOSUPPORT ? " (this kernel moves IPv4 transports only; nfs-ha(7))" : "");
}

/* The same may come again and again: the kernel lets a transport of lockd go when it likes. */
static void tell_brought(struct nfshad_group *group, const struct job *job, uint64_t now)
{
    if (job->report.moved == 0 || (group->brought_ms != 0 && now - group->brought_ms < NFSHAD_AGAIN_MS))
        return;
    group->brought_ms = now;
    log_notice("%u transports did not use %s yet: they were moved, too", job->report.moved,
               job->source.servers[job->server].name);
}

static void tell_moved(struct nfshad_group *group, const struct job *job, uint64_t now)
{
    if (job->result != 0)
        tell_failed(group, job, now);
    else if (!job->remounts && !job->decided)
        tell_brought(group, job, now);
    else if (!job->remounts)
        log_notice("moved to %s: %u transports in %" PRIu64 " us, %u connections ended",
                   job->source.servers[job->server].name, job->report.moved, job->report.duration_us,
                   job->report.ended);
    group->error = job->result;
    if (job->decided)
        group->last_move = job->report;
}

/* A remount leaves open files with the server that was in use; what moves to a server has its handles from then on. */
static void note_left(struct nfshad_group *group, const struct job *job)
{
    if (job->result == 0)
        group->left[job->server] = false;
    else if (job->remounted > 0)
        group->left[job->server] = true; /* one of several mounts is there already */
    if (job->remounts && job->result == 0)
        group->left[group->failover.current] = true;
}

/* What failover.c waits for. */
static void tell_failover(struct nfshad_group *group, const struct job *job, uint64_t now)
{
    uint64_t lost = group->failover.lost_ms;
    if (job->result == 0)
        group->last_gap_ms = lost != 0 && !job->way.planned ? now - lost : job->report.duration_us / 1000;
    note_left(group, job);
    if (job->result == 0 && job->remounts)
        nfshad_reference_drop(group); /* a remount: other handles */
    failover_moved(&group->failover, job->result, now);
}

static void done(void *context)
{
    struct job *job = context;
    struct nfshad_group *group = nfshad_groups_find(job->nfshad, job->group);
    if (group != NULL) {
        uint64_t now = clock_ms();
        tell_moved(group, job, now);
        if (job->decided)
            tell_failover(group, job, now);
        else
            group->bringing = false;
        if (!job->way.planned && job->result == 0)
            wake_in(&group->sweep, SWEEP_US);
        if (job->remounts)
            nfshad_groups_read(job->nfshad); /* what was not looked at meanwhile; the group may go */
        else
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
        if (i != group->failover.current && !group->left[i])
            (void)sockets_find(sockets, &group->source.servers[i].address, TRANSPORT_NFS_PORT, SOCKETS_CONNECTED);
    (void)sockets_end(sockets, 0);
    sockets_close(sockets);
}

static int begin(struct nfshad_group *group, size_t server, bool planned, bool remounts)
{
    size_t mounts = remounts ? group->mount_count : 0;
    struct job *job = calloc(1, sizeof *job + mounts * sizeof job->mounts[0]);
    if (job == NULL)
        return -ENOMEM;
    job->nfshad = group->nfshad;
    job->group = group->id;
    job->source = group->source;
    job->server = server;
    job->remounts = remounts;
    job->way = (struct move_way){
        .planned = planned, .series = group->nfshad->config.series, .writers = group->nfshad->writers};
    job->decided = group->failover.state == FAILOVER_MOVING;
    job->quiet = group->error != 0 && clock_ms() - group->error_ms < NFSHAD_AGAIN_MS;
    memcpy(job->left, group->left, sizeof job->left);
    job->transports = group->nfshad->transports;
    for (size_t i = 0; i < group->mount_count && job->mount_count < mounts; i++)
        if (!group->mounts[i].foreign)
            job->mounts[job->mount_count++] = group->mounts[i];
    int rc = worker_run(group->nfshad->worker, remounts ? work_remount : work, done, free, job);
    if (rc != 0)
        free(job);
    else if (!job->decided)
        group->bringing = true;
    return rc;
}

int nfshad_move(struct nfshad_group *group, size_t server, bool planned)
{
    return begin(group, server, planned, false);
}

int nfshad_remount(struct nfshad_group *group, size_t server)
{
    return begin(group, server, false, true);
}
