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
#define MOVE_US 50000  /* after a port is taken into use: what serves clients comes first */
#define LOOK_SECONDS 5 /* whether everything is still as we made it */
#define MAX_PAUSE 30   /* seconds between trials that fail */

static bool wants(const struct cvipd *cvipd)
{
    return cvipd->config->behind == ENGINE_DISPATCHER && cvipd->config->sync;
}

const char *cvipd_connections_interface(const struct cvipd *cvipd)
{
    const struct cvipd_config *config = cvipd->config;
    if (config->sync_twin[0] == '\0')
        return config->sync_interface;
    if (cvipd_config_syncs_by_service(config))
        return cvipd_ports_active(cvipd);
    return cvipd->sync_pair.active == PORT_PRIMARY ? config->sync_interface : config->sync_twin;
}

/* Whether what is open is on another interface than it should be. */
static bool is_elsewhere(const struct cvipd *cvipd)
{
    const char *interface = cvipd_connections_interface(cvipd);
    return strcmp(cvipd->synchronisation.interface, interface) != 0 ||
           cvipd->synchronisation.index != if_nametoindex(interface);
}

static int open_sync(struct cvipd *cvipd, const char *interface)
{
    struct sync_settings settings = {.id = cvipd->config->sync_id};
    memcpy(settings.interface, interface, sizeof settings.interface);
    if (cvipd->sync == NULL)
        return sync_open(&settings, &cvipd->sync);
    int rc = is_elsewhere(cvipd) ? sync_move(cvipd->sync, interface) : 0;
    if (rc != 0) {
        sync_close(cvipd->sync);
        cvipd->sync = NULL;
    }
    return rc;
}

static int open_reconstruct(struct cvipd *cvipd, const char *interface)
{
    const struct cvipd_config *config = cvipd->config;
    struct reconstruct_settings settings = {
        .sync_id = config->sync_id, .port = config->traffic_port, .address_count = config->address_count};
    memcpy(settings.sync_interface, interface, sizeof settings.sync_interface);
    memcpy(settings.addresses, config->addresses, sizeof settings.addresses);
    if (cvipd->reconstruct == NULL)
        return reconstruct_open(cvipd->loop, &settings, &cvipd->ring, cvipd_reconstructed, cvipd, &cvipd->reconstruct);
    return is_elsewhere(cvipd) ? reconstruct_move(cvipd->reconstruct, interface) : 0;
}

/* Each change once; what fails in the same way again is not told again. */
static void tell(struct cvipd *cvipd, int rc)
{
    struct cvipd_synchronisation *state = &cvipd->synchronisation;
    const char *interface = cvipd_connections_interface(cvipd);
    if (rc != 0 && rc != state->error)
        log_error("connections are not synchronised by %s: %s; trying again", interface,
                  rc == -ENODEV ? "there is no such interface" : strerror(-rc));
    else if (rc == 0 && state->error != 0)
        log_notice("connections are synchronised by %s", interface);
    state->error = rc;
}

/* What was not told to us meanwhile, and what a reconstruction under way entered where nobody listened any more. */
static void close_gap(struct cvipd *cvipd)
{
    const struct cvipd_reconstruction *state = &cvipd->reconstruction;
    if (!cvipd->synchronisation.gap)
        return;
    cvipd->synchronisation.gap = false;
    if (state->running || state->first_done)
        cvipd_reconstruct(cvipd, state->running ? state->epoch : state->last.epoch);
}

/* Each trial may make an administrator's own sync daemons go and come back: not each second. An interface that is
 * missing is seen before that. */
static void try_open(struct cvipd *cvipd)
{
    struct cvipd_synchronisation *state = &cvipd->synchronisation;
    char interface[IF_NAMESIZE];
    memcpy(interface, cvipd_connections_interface(cvipd), sizeof interface); /* a port of the configuration */
    int rc = open_sync(cvipd, interface);
    if (rc == 0)
        rc = open_reconstruct(cvipd, interface);
    tell(cvipd, rc);
    if (rc == 0 || rc == -ENODEV)
        state->pause = 0;
    else
        state->pause = state->pause == 0 ? 1 : state->pause < MAX_PAUSE / 2 ? 2 * state->pause : MAX_PAUSE;
    state->seconds = 0;
    if (rc != 0)
        return;
    memcpy(state->interface, interface, sizeof state->interface);
    state->index = if_nametoindex(interface);
    close_gap(cvipd);
}

/* A reconstruction that is under way uses both; the next look comes soon. */
static void look_after(struct cvipd *cvipd)
{
    struct cvipd_reconstruction *state = &cvipd->reconstruction;
    cvipd->synchronisation.seconds = 0;
    if (state->running || sync_is_well(cvipd->sync))
        return;
    log_warning("somebody has stopped the IPVS sync daemons on %s, or made it anew: starting them again",
                cvipd->synchronisation.interface);
    reconstruct_close(cvipd->reconstruct);
    cvipd->reconstruct = NULL;
    sync_close(cvipd->sync);
    cvipd->sync = NULL;
    cvipd->synchronisation.gap = true;
    try_open(cvipd);
}

void cvipd_connections_moved(struct cvipd *cvipd)
{
    if (wants(cvipd) && cvipd->sync != NULL && is_elsewhere(cvipd))
        wake_in(&cvipd->sync_wake, MOVE_US);
}

/* The port that was active is shut: nothing of a reconstruction under way arrives by it, so that it begins anew. */
void cvipd_connections_move(void *context)
{
    struct cvipd *cvipd = context;
    if (!wants(cvipd) || cvipd->sync == NULL || !is_elsewhere(cvipd))
        return;
    cvipd->synchronisation.gap = true;
    try_open(cvipd);
    if (cvipd->synchronisation.error == 0)
        log_notice("connections are synchronised by %s now", cvipd->synchronisation.interface);
}

static void sync_port_changed(void *context)
{
    struct cvipd *cvipd = context;
    struct port_state states[PORT_PAIR_PORTS];
    port_read(cvipd->sync_port, states);
    port_pair_update(&cvipd->sync_pair, states, clock_boot_us());
    cvipd_connections_moved(cvipd);
}

/* A pair of the sync LAN's own. Without the watch it is the primary for ever. */
static void open_sync_port(struct cvipd *cvipd)
{
    const struct cvipd_config *config = cvipd->config;
    struct port_state states[PORT_PAIR_PORTS];
    if (config->sync_twin[0] == '\0' || cvipd_config_syncs_by_service(config))
        return;
    int rc =
        port_open(cvipd->loop, config->sync_interface, config->sync_twin, sync_port_changed, cvipd, &cvipd->sync_port);
    if (rc != 0) {
        log_error("cannot watch %s and its twin %s: %s", config->sync_interface, config->sync_twin, strerror(-rc));
        return;
    }
    port_read(cvipd->sync_port, states);
    port_pair_begin(&cvipd->sync_pair, states);
}

/* When time decides, or an event may have been lost. */
static void look_at_sync_port(struct cvipd *cvipd)
{
    if (cvipd->sync_port == NULL)
        return;
    if (port_pair_wait_us(&cvipd->sync_pair, clock_boot_us()) != 0 || cvipd->synchronisation.seconds >= LOOK_SECONDS)
        sync_port_changed(cvipd);
}

void cvipd_connections_open(struct cvipd *cvipd, bool first)
{
    struct cvipd_synchronisation *state = &cvipd->synchronisation;
    bool open = cvipd->sync != NULL && cvipd->reconstruct != NULL;
    if (!wants(cvipd))
        return;
    if (first)
        open_sync_port(cvipd);
    state->seconds++;
    look_at_sync_port(cvipd);
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
    port_close(cvipd->sync_port);
    ipvs_table_free(&cvipd->servers);
    cvipd->reconstruct = NULL;
    cvipd->sync = NULL;
    cvipd->ipvs = NULL;
    cvipd->sync_port = NULL;
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
