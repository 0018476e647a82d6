/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connections behind the engine: the kernel's IPVS sync daemons, and the reconstruction from the traffic nodes.
 * Both need the sync interface, which may come later than we. */
#include "cvipd.h"

#include "clock.h"
#include "ipvs_table.h"
#include "reconstruct_table.h"

#include <errno.h>
#include <string.h>

#define SECOND_US UINT64_C(1000000)
/* Without the sync interface nothing can be filled in. After that time a master with an empty table is better than
 * none. */
#define WITHOUT_SYNC_US (10 * SECOND_US)
#define LOOK_SECONDS 5 /* whether everything is still as we made it */
#define MAX_PAUSE 30   /* seconds between trials that fail */

static bool wants(const struct cvipd *cvipd)
{
    return cvipd->config->behind == ENGINE_DISPATCHER && cvipd->config->sync;
}

static int open_sync(struct cvipd *cvipd)
{
    struct sync_settings settings = {.id = cvipd->config->sync_id};
    memcpy(settings.interface, cvipd->config->sync_interface, sizeof settings.interface);
    return cvipd->sync != NULL ? 0 : sync_open(&settings, &cvipd->sync);
}

static int open_reconstruct(struct cvipd *cvipd)
{
    const struct cvipd_config *config = cvipd->config;
    struct reconstruct_settings settings = {
        .sync_id = config->sync_id, .port = config->traffic_port, .address_count = config->address_count};
    memcpy(settings.sync_interface, config->sync_interface, sizeof settings.sync_interface);
    memcpy(settings.addresses, config->addresses, sizeof settings.addresses);
    return cvipd->reconstruct != NULL ? 0
                                      : reconstruct_open(cvipd->loop, &settings, &cvipd->ring, cvipd_reconstructed,
                                                         cvipd, &cvipd->reconstruct);
}

/* Each change once; what fails in the same way again is not told again. */
static void tell(struct cvipd *cvipd, int rc)
{
    struct cvipd_synchronisation *state = &cvipd->synchronisation;
    const char *interface = cvipd->config->sync_interface;
    if (rc != 0 && rc != state->error)
        log_error("connections are not synchronised by %s: %s; trying again", interface,
                  rc == -ENODEV ? "there is no such interface" : strerror(-rc));
    else if (rc == 0 && state->error != 0)
        log_notice("connections are synchronised by %s", interface);
    state->error = rc;
}

/* Each trial may make an administrator's own sync daemons go and come back: not each second. An interface that is
 * missing is seen before that. */
static void try_open(struct cvipd *cvipd)
{
    struct cvipd_synchronisation *state = &cvipd->synchronisation;
    int rc = open_sync(cvipd);
    if (rc == 0)
        rc = open_reconstruct(cvipd);
    tell(cvipd, rc);
    if (rc == 0 || rc == -ENODEV)
        state->pause = 0;
    else
        state->pause = state->pause == 0 ? 1 : state->pause < MAX_PAUSE / 2 ? 2 * state->pause : MAX_PAUSE;
    state->seconds = 0;
}

/* A reconstruction that is under way uses both; the next look comes soon. */
static void look_after(struct cvipd *cvipd)
{
    struct cvipd_reconstruction *state = &cvipd->reconstruction;
    cvipd->synchronisation.seconds = 0;
    if (state->running || sync_is_well(cvipd->sync))
        return;
    log_warning("somebody has stopped the IPVS sync daemons on %s, or made it anew: starting them again",
                cvipd->config->sync_interface);
    reconstruct_close(cvipd->reconstruct);
    cvipd->reconstruct = NULL;
    sync_close(cvipd->sync);
    cvipd->sync = NULL;
    try_open(cvipd);
    if (cvipd->reconstruct != NULL && state->first_done)
        cvipd_reconstruct(cvipd, state->last.epoch); /* what was not told meanwhile */
}

void cvipd_connections_open(struct cvipd *cvipd, bool first)
{
    struct cvipd_synchronisation *state = &cvipd->synchronisation;
    bool open = cvipd->sync != NULL && cvipd->reconstruct != NULL;
    if (!wants(cvipd))
        return;
    state->seconds++;
    if (!open && (first || state->seconds >= state->pause))
        try_open(cvipd);
    else if (open && state->seconds >= LOOK_SECONDS)
        look_after(cvipd);
}

void cvipd_connections_close(struct cvipd *cvipd)
{
    if (cvipd->reconstruct != NULL)
        reconstruct_close(cvipd->reconstruct);
    if (cvipd->sync != NULL)
        sync_close(cvipd->sync);
    if (cvipd->ipvs != NULL)
        ipvs_close(cvipd->ipvs);
    ipvs_table_free(&cvipd->servers);
    cvipd->reconstruct = NULL;
    cvipd->sync = NULL;
    cvipd->ipvs = NULL;
}

/* With a server the kernel deletes its connections as their packets come. When the server is back, the node may still
 * have them: it was only late, or cut off for a while. Takes the table over. */
static void watch_servers(struct cvipd *cvipd, struct ipvs_table *table)
{
    struct cvipd_reconstruction *state = &cvipd->reconstruction;
    ipvs_table_sort(table);
    bool came = reconstruct_table_newcomer(&cvipd->servers, table);
    if (came && state->running)
        return; /* look again when it is done */
    ipvs_table_free(&cvipd->servers);
    cvipd->servers = *table;
    *table = (struct ipvs_table){0};
    if (came && state->first_done && cvipd->reconstruct != NULL)
        cvipd_reconstruct(cvipd, state->last.epoch);
}

/* Whether the kernel's table could send a client anywhere. */
static bool has_servers(struct cvipd *cvipd)
{
    const struct cvipd_config *config = cvipd->config;
    struct ipvs_table table = {0};
    if (cvipd->ipvs == NULL && ipvs_open(&cvipd->ipvs) != 0)
        return false; /* IPVS may be loaded later */
    bool read = ipvs_read(cvipd->ipvs, &table) == 0;
    bool has = read && reconstruct_table_has_servers(&table, config->addresses, config->address_count);
    if (read)
        watch_servers(cvipd, &table);
    ipvs_table_free(&table);
    return has;
}

/* NULL: we could serve; else why not. */
static const char *obstacle(struct cvipd *cvipd)
{
    struct cvipd_reconstruction *state = &cvipd->reconstruction;
    bool late = clock_boot_us() - cvipd->started_us >= WITHOUT_SYNC_US;
    if (cvipd->config->behind == ENGINE_SOCKETS)
        return NULL;
    if (!has_servers(cvipd))
        return "the IPVS table has no server with a weight for our addresses";
    if (!cvipd->config->sync || (cvipd->reconstruct == NULL && late))
        return NULL;
    if (cvipd->reconstruct == NULL)
        return "the sync interface is missing";
    if (!state->first_started) {
        state->first_started = true;
        cvipd_reconstruct(cvipd, 0);
    }
    return state->first_done ? NULL : "the connection table is being filled";
}

void cvipd_judge_readiness(struct cvipd *cvipd)
{
    const char *why = obstacle(cvipd);
    bool ready = why == NULL;
    if (ready == cvipd->ready && (ready || cvipd->told.blocked))
        return;
    if (ready)
        log_notice("ready to own buckets");
    else
        log_notice("not ready to own buckets: %s", why);
    cvipd->told.blocked = !ready;
    cvipd->ready = ready;
    ownership_ready(cvipd->ownership, ready, clock_boot_us());
    cvipd_act(cvipd);
}
