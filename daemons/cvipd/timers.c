/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done by the clock. */
#include "cvipd.h"

#include "clock.h"

#include <string.h>

#define MS UINT64_C(1000) /* in us */
#define HALF_SECOND_US (500 * MS)
#define SECOND_US (1000 * MS)
#define RECHECK_SECONDS 10 /* an event may have been lost; a look may wait for the kernel's lock of all interfaces */
#define PROC_STAT "/proc/stat"

void cvipd_look(struct cvipd *cvipd, uint64_t now_us)
{
    uint64_t answered[HASH_BUCKETS];
    uint64_t counters[ENGINE_COUNT_MAX];
    engine_answered(cvipd->engine, answered);
    for (size_t i = 0; i < HASH_BUCKETS; i++)
        answered[i] /= 1000; /* ns to us */
    engine_counters(cvipd->engine, counters);
    ownership_sight(cvipd->ownership, answered, counters[ENGINE_COUNT_FRAMES], now_us);
}

/* What has arrived while we did not run counts before anybody is judged by his silence. */
static void on_tick(void *context)
{
    struct cvipd *cvipd = context;
    heartbeat_read(cvipd->heartbeat);
    cvipd_look(cvipd, clock_boot_us());
    ownership_tick(cvipd->ownership, clock_boot_us());
    cvipd_act(cvipd);
}

/* Gratuitous ARP and unsolicited neighbour advertisements may be lost, and are told three times. With a shared MAC they
 * are for neighbours that knew another one: from before the cluster, or from a configuration with own MACs. */
static void on_announce(void *context)
{
    static const uint64_t pauses_us[] = {100 * MS, 900 * MS};
    struct cvipd *cvipd = context;
    uint8_t mac[6];
    const char *port = cvipd_ports_active(cvipd);
    if (!cvipd->announces || port_mac(cvipd->port, port, mac) != 0)
        return;
    if (cvipd->config->mac_kind == ENGINE_MAC_SHARED)
        memcpy(mac, cvipd->config->shared_mac, sizeof mac);
    int rc = announce_use(cvipd->announce, port);
    if (rc == 0)
        rc = announce_send(cvipd->announce, cvipd->config->addresses, cvipd->config->address_count, mac);
    if (rc != 0)
        log_warning("cannot announce the cluster addresses on %s: %s", port, strerror(-rc));
    if (cvipd->announce_round < sizeof pauses_us / sizeof pauses_us[0])
        wake_in(&cvipd->announce_wake, pauses_us[cvipd->announce_round++]);
}

void cvipd_announce_again(struct cvipd *cvipd)
{
    if (!cvipd->announces)
        return;
    cvipd->announce_round = 0;
    wake_in(&cvipd->announce_wake, 0);
}

static void on_half_second(void *context)
{
    cvipd_judge_readiness(context);
}

static void watch_manager(struct cvipd *cvipd)
{
    const char *service = cvipd->config->manager;
    if (service[0] == '\0' || !watch_take(&cvipd->manager, watch_ask(service)))
        return;
    if (cvipd->manager.down)
        log_warning("the traffic manager (%s) does not answer: other masters go first", service);
    else
        log_notice("the traffic manager (%s) answers", service);
    cvipd_apply_aside(cvipd);
}

/* The load of the busiest master that we hear. */
static uint8_t highest_load(const struct cvipd *cvipd, uint64_t now_us)
{
    struct ownership_member_view members[WIRE_MEMBERS_MAX];
    size_t count = ownership_members(cvipd->ownership, now_us, members, WIRE_MEMBERS_MAX);
    uint8_t highest = 0;
    for (size_t i = 0; i < count; i++)
        if (members[i].linked && members[i].load > highest)
            highest = members[i].load;
    return highest;
}

/* A person's order outranks the load, until he orders what the configuration says. */
static bool is_overruled(const struct cvipd *cvipd, const struct ownership_view *view)
{
    return view->ordered && view->active != cvipd->config->active;
}

/* One master decides for all: the coordinator. */
static void watch_load(struct cvipd *cvipd)
{
    struct load_times now;
    struct ownership_view view;
    uint64_t now_us = clock_boot_us();
    if (load_read(PROC_STAT, &now) != 0)
        return;
    ownership_load(cvipd->ownership, load_percent(&cvipd->load, &now));
    cvipd->load = now;
    ownership_view(cvipd->ownership, now_us, &view);
    if (view.coordinator != cvipd->config->members[cvipd->config->self].id || is_overruled(cvipd, &view))
        return;
    uint8_t highest = highest_load(cvipd, now_us);
    enum redundancy_advice advice =
        redundancy_sample(&cvipd->redundancy, highest, view.active == OWNERSHIP_ALL, now_us);
    if (advice == REDUNDANCY_STAY)
        return;
    log_notice("the masters' load is %u %%: %s", highest,
               advice == REDUNDANCY_SPLIT ? "all become active" : "back to the configured model");
    ownership_set_active_by_load(cvipd->ownership, advice == REDUNDANCY_SPLIT ? OWNERSHIP_ALL : cvipd->config->active,
                                 now_us);
    cvipd_act(cvipd);
}

static void on_second(void *context)
{
    struct cvipd *cvipd = context;
    cvipd_connections_open(cvipd, false);
    if (++cvipd->seconds % RECHECK_SECONDS == 0) {
        cvipd_ports_changed(cvipd);
        cvipd_tell_routes(cvipd);
    }
    watch_manager(cvipd);
    watch_load(cvipd);
    if (cvipd->config->metrics[0] != '\0')
        cvipd_metrics_write(cvipd);
}

int cvipd_timers_start(struct cvipd *cvipd)
{
    int rc = wake_open(&cvipd->tick_wake, cvipd->loop, QB_LOOP_HIGH, on_tick, cvipd);
    if (rc == 0)
        rc = wake_open(&cvipd->port_wake, cvipd->loop, QB_LOOP_HIGH, cvipd_ports_changed, cvipd);
    if (rc == 0)
        rc = wake_open(&cvipd->sync_wake, cvipd->loop, QB_LOOP_LOW, cvipd_connections_move, cvipd);
    if (rc == 0)
        rc = wake_open(&cvipd->announce_wake, cvipd->loop, QB_LOOP_HIGH, on_announce, cvipd);
    if (rc == 0)
        rc = wake_open(&cvipd->replay_wake, cvipd->loop, QB_LOOP_MED, cvipd_replay_some, cvipd);
    if (rc == 0)
        rc = wake_open(&cvipd->half_wake, cvipd->loop, QB_LOOP_LOW, on_half_second, cvipd);
    if (rc == 0)
        rc = wake_open(&cvipd->second_wake, cvipd->loop, QB_LOOP_LOW, on_second, cvipd);
    if (rc != 0)
        return rc;
    (void)load_read(PROC_STAT, &cvipd->load);
    wake_each(&cvipd->half_wake, HALF_SECOND_US);
    wake_each(&cvipd->second_wake, SECOND_US);
    return 0;
}

void cvipd_timers_stop(struct cvipd *cvipd)
{
    wake_close(&cvipd->tick_wake);
    wake_close(&cvipd->port_wake);
    wake_close(&cvipd->sync_wake);
    wake_close(&cvipd->announce_wake);
    wake_close(&cvipd->replay_wake);
    wake_close(&cvipd->half_wake);
    wake_close(&cvipd->second_wake);
}
