/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cvipd.h"

#include "clock.h"
#include "notify.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define MS UINT64_C(1000) /* in us */
#define SECOND_US (1000 * MS)
#define GRACE_US (5 * SECOND_US) /* an old owner keeps known connections for so long after a planned move */
#define LEAVE_US (10 * SECOND_US)

static const struct cvipd_member *self_of(const struct cvipd *cvipd)
{
    return &cvipd->config->members[cvipd->config->self];
}

static int open_keys(struct cvipd *cvipd)
{
    struct conf_error error = {""};
    int rc = key_load(cvipd->config->keys, &cvipd->ring, &error);
    if (rc != 0)
        log_error("%s", error.text);
    return rc;
}

static int open_ownership(struct cvipd *cvipd)
{
    const struct cvipd_config *config = cvipd->config;
    struct ownership_settings settings = {
        .self = self_of(cvipd)->id,
        .weight = self_of(cvipd)->weight,
        .active = config->active,
        .corosync = config->corosync,
        .sees_all = config->mac_kind == ENGINE_MAC_SHARED,
        .digest = cvipd_config_digest(config),
        .interval_us = config->heartbeat_ms * MS,
        .dead_us = config->heartbeat_ms * MS * config->dead,
        .rejoin_us = config->rejoin_ms * MS,
        .own_us = config->own_s * SECOND_US,
        .grace_us = GRACE_US,
    };
    for (size_t i = 0; i < config->member_count; i++)
        settings.members = (uint16_t)(settings.members | 1u << (config->members[i].id - 1));
    while (settings.session == 0)
        randombytes_buf(&settings.session, sizeof settings.session);
    cvipd->ownership = ownership_new(&settings, cvipd->started_us);
    return cvipd->ownership == NULL ? -ENOMEM : 0;
}

static void explain_engine(const struct cvipd *cvipd, int rc, const char *what)
{
    char interface[CVIPD_PORTS_TEXT];
    cvipd_ports_text(cvipd->config, interface);
    if (rc == -ENODEV)
        log_error("there is no interface %s: correct interface in %s", interface, cvipd->config_path);
    else if (rc == -EPERM || rc == -EACCES)
        log_error("no right to attach the engine to %s (%s); start cvipd as root", interface, what);
    else if (rc == -EOPNOTSUPP)
        log_error("this kernel cannot run the engine (%s): it needs CONFIG_BPF_SYSCALL, CONFIG_NET_CLS_BPF and "
                  "CONFIG_NET_SCH_INGRESS",
                  what);
    else
        log_error("cannot attach the engine to %s: %s: %s", interface, what, strerror(-rc));
}

static int open_engine(struct cvipd *cvipd)
{
    const struct cvipd_config *config = cvipd->config;
    struct engine_settings settings = {.address_count = config->address_count,
                                       .mac_kind = config->mac_kind,
                                       .behind = config->behind,
                                       .hash = config->hash,
                                       .seed = config->seed};
    const char *what = "";
    memcpy(settings.interfaces[ENGINE_PRIMARY], config->interface, IF_NAMESIZE);
    memcpy(settings.interfaces[ENGINE_TWIN], config->twin, IF_NAMESIZE);
    memcpy(settings.addresses, config->addresses, sizeof settings.addresses);
    memcpy(settings.shared_mac, config->shared_mac, sizeof settings.shared_mac);
    int rc = engine_open(&settings, &cvipd->engine, &what);
    if (rc != 0) {
        explain_engine(cvipd, rc, what);
        return rc;
    }
    engine_use(cvipd->engine, cvipd->pair.active);
    rc = announce_open(cvipd_ports_active(cvipd), &cvipd->announce);
    if (rc != 0)
        log_error("cannot prepare announcements on %s: %s", cvipd_ports_active(cvipd), strerror(-rc));
    return rc;
}

/* Only now: without the engine this machine would answer for them. */
static int open_addresses(struct cvipd *cvipd)
{
    const struct cvipd_config *config = cvipd->config;
    const struct addr *which;
    char text[ADDR_TEXT_MAX];
    const struct addresses_ports ports = {.active = port_pair_index(&cvipd->pair),
                                          .other = cvipd->pair.ports[1 - cvipd->pair.active].index};
    int rc = addresses_open(&ports, config->addresses, config->address_count, &cvipd->addresses, &which);
    if (rc == -EADDRINUSE)
        log_error("%s is on another interface of this machine: remove it there, or correct address in %s",
                  addr_format(which, text), cvipd->config_path);
    else if (rc != 0)
        log_error("cannot add %s to %s: %s", addr_format(which, text), cvipd_ports_active(cvipd), strerror(-rc));
    return rc;
}

static int open_cluster(struct cvipd *cvipd)
{
    static const struct cluster_callbacks callbacks = {.state = cvipd_cluster_changed, .map = cvipd_map_delivered};
    if (!cvipd->config->corosync)
        return 0;
    int rc = cluster_open(cvipd->loop, &cvipd->ring, &callbacks, cvipd, &cvipd->cluster);
    if (rc != 0)
        log_error("cannot prepare the connection to Corosync: %s", strerror(-rc));
    return rc;
}

static int open_heartbeat(struct cvipd *cvipd)
{
    const struct cvipd_config *config = cvipd->config;
    struct heartbeat_settings settings = {.port = config->port, .own_count = self_of(cvipd)->address_count};
    memcpy(settings.own, self_of(cvipd)->addresses, sizeof settings.own);
    for (size_t i = 0; i < config->member_count; i++) {
        const struct cvipd_member *member = &config->members[i];
        if (i == config->self)
            continue;
        struct heartbeat_peer *peer = &settings.peers[settings.peer_count++];
        peer->id = member->id;
        peer->count = member->address_count;
        memcpy(peer->addresses, member->addresses, sizeof peer->addresses);
    }
    int rc = heartbeat_open(cvipd->loop, &settings, &cvipd->ring, cvipd_heartbeat_received, cvipd, &cvipd->heartbeat);
    if (rc != 0)
        log_error("cannot exchange heartbeats on UDP port %u: %s", config->port, strerror(-rc));
    return rc;
}

int cvipd_open(struct cvipd *cvipd, const char *config_path, struct cvipd_config *config)
{
    *cvipd = (struct cvipd){.config_path = config_path, .config = config};
    cvipd->started_us = clock_boot_us();
    cvipd->leave_until_us = UINT64_MAX;
    redundancy_init(&cvipd->redundancy, &config->threshold);
    cvipd->loop = qb_loop_create();
    if (cvipd->loop == NULL)
        return -ENOMEM;
    int rc = open_keys(cvipd);
    if (rc == 0)
        rc = open_ownership(cvipd);
    if (rc == 0)
        rc = cvipd_ports_open(cvipd);
    if (rc == 0)
        rc = open_engine(cvipd);
    if (rc == 0)
        rc = open_addresses(cvipd);
    if (rc == 0)
        cvipd_connections_open(cvipd, true);
    if (rc == 0)
        rc = open_cluster(cvipd);
    return rc == 0 ? open_heartbeat(cvipd) : rc;
}

/* Without it OWN comes by a majority or by the administrator only. */
static void open_fencing(struct cvipd *cvipd)
{
    int rc = cvipd->config->corosync
                 ? fencing_open(cvipd->loop, FENCING_DIRECTORY, cvipd_fencing_told, cvipd, &cvipd->fencing)
                 : 0;
    if (rc != 0)
        log_notice("Pacemaker cannot tell us who was fenced: %s: %s", FENCING_DIRECTORY, strerror(-rc));
}

int cvipd_start(struct cvipd *cvipd, const char *control)
{
    int rc = ctl_server_open(control, cvipd->loop, cvipd_control, cvipd, &cvipd->control);
    if (rc != 0) {
        log_error("cannot offer the control service %s: %s", control, strerror(-rc));
        return rc;
    }
    open_fencing(cvipd);
    rc = cvipd_timers_start(cvipd);
    if (rc != 0) {
        log_error("cannot make timers: %s", strerror(-rc));
        return rc;
    }
    cvipd_tell_routes(cvipd);
    cvipd_judge_readiness(cvipd);
    cvipd_act(cvipd);
    return 0;
}

/* An address that stays must stay filtered: the engine lets nothing in once the lease is over. */
static void close_engine(struct cvipd *cvipd)
{
    char ports[CVIPD_PORTS_TEXT];
    int rc = addresses_close(cvipd->addresses);
    if (rc != 0)
        log_error("a cluster address could not be removed from %s: %s; the engine stays and keeps it silent. Run "
                  "cvipd --clean",
                  cvipd_ports_text(cvipd->config, ports), strerror(-rc));
    if (cvipd->announce != NULL)
        announce_close(cvipd->announce);
    if (cvipd->engine != NULL)
        engine_close(cvipd->engine, rc != 0);
}

void cvipd_close(struct cvipd *cvipd)
{
    cvipd_timers_stop(cvipd);
    if (cvipd->control != NULL)
        ctl_server_close(cvipd->control);
    fencing_close(cvipd->fencing);
    close_engine(cvipd);
    port_close(cvipd->port);
    heartbeat_close(cvipd->heartbeat);
    cluster_close(cvipd->cluster);
    cvipd_connections_close(cvipd);
    ownership_free(cvipd->ownership);
    key_forget(&cvipd->ring);
    if (cvipd->loop != NULL)
        qb_loop_destroy(cvipd->loop);
    cvipd_config_free(cvipd->config);
}

void cvipd_leave(struct cvipd *cvipd)
{
    if (cvipd->leaving) {
        log_notice("ending at once; what is not handed over is taken over");
        qb_loop_stop(cvipd->loop);
        return;
    }
    (void)notify_send("STOPPING=1");
    cvipd->leaving = true;
    cvipd->leave_until_us = clock_boot_us() + LEAVE_US;
    ownership_leave(cvipd->ownership, clock_boot_us());
    cvipd_act(cvipd);
}
