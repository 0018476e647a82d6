/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "erd.h"

#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOK_MS 20
#define METRICS_US UINT64_C(1000000)

static int open_pair(struct erd *erd, const struct erd_pair_config *config)
{
    struct erd_pair *pair = &erd->pairs[erd->pair_count++];
    *pair = (struct erd_pair){.erd = erd, .config = config, .look_ms = LOOK_MS};
    sight_init(&pair->sight, config->missed);
    book_init(&pair->book, table_release);
    int rc = wake_open(&pair->round, erd->loop, QB_LOOP_HIGH, erd_probes_round, pair);
    if (rc == 0)
        rc = wake_open(&pair->due, erd->loop, QB_LOOP_HIGH, erd_ports_due, pair);
    if (rc == 0)
        rc = wake_open(&pair->look, erd->loop, QB_LOOP_MED, erd_book_look, pair);
    if (rc == 0)
        rc = wake_open(&pair->repeat, erd->loop, QB_LOOP_MED, erd_move_repeat, pair);
    if (rc != 0) {
        log_error("cannot make timers: %s", strerror(-rc));
        return rc;
    }
    return erd_ports_start(pair);
}

static void close_pair(struct erd_pair *pair)
{
    wake_close(&pair->round);
    wake_close(&pair->due);
    wake_close(&pair->look);
    wake_close(&pair->repeat);
    announce_close(pair->announce);
    for (unsigned which = 0; which < PAIR_PORTS; which++)
        erd_probes_close(pair, which);
    book_clear(&pair->book);
}

static int open_kernel(struct erd *erd)
{
    int rc = link_open(&erd->links);
    if (rc == 0)
        rc = gate_connect(&erd->gate);
    if (rc == 0)
        rc = table_open(&erd->table);
    erd->query = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (rc == 0 && erd->query < 0)
        rc = -errno;
    if (rc != 0)
        log_error("cannot talk to the kernel: %s", strerror(-rc));
    return rc;
}

int erd_open(struct erd *erd, const char *config_path, char *const *ports, struct erd_config *config)
{
    *erd = (struct erd){.config_path = config_path, .ports = ports, .config = config, .events = -1, .query = -1};
    erd->poll.fd = erd->metrics.fd = -1;
    erd->started_ms = clock_ms();
    erd->loop = qb_loop_create();
    if (erd->loop == NULL)
        return -ENOMEM;
    int rc = open_kernel(erd);
    if (rc == 0) { /* before the ports are read: what changes meanwhile is not missed */
        rc = erd_events_open(erd);
        if (rc != 0)
            log_error("cannot listen to the kernel's events: %s", strerror(-rc));
    }
    for (size_t i = 0; rc == 0 && i < config->pair_count; i++)
        rc = open_pair(erd, &config->pairs[i]);
    return rc;
}

static void write_metrics(void *context)
{
    erd_metrics_write(context);
}

int erd_start(struct erd *erd, const char *control)
{
    int rc = ctl_server_open(control, erd->loop, erd_control, erd, &erd->control);
    if (rc != 0) {
        log_error("cannot offer the control service %s: %s", control, strerror(-rc));
        return rc;
    }
    rc = wake_open(&erd->metrics, erd->loop, QB_LOOP_LOW, write_metrics, erd);
    if (rc != 0)
        return rc;
    if (erd->config->metrics[0] != '\0')
        wake_each(&erd->metrics, METRICS_US);
    erd_events_note(erd); /* what we did ourselves, before the ports are seen as they are now */
    for (size_t i = 0; i < erd->pair_count; i++) {
        erd_ports_check(&erd->pairs[i]);
        erd_book_look_soon(&erd->pairs[i]);
        erd_probes_start(&erd->pairs[i]);
    }
    return 0;
}

void erd_close(struct erd *erd)
{
    if (erd->control != NULL)
        ctl_server_close(erd->control);
    if (erd->loop != NULL) {
        wake_close(&erd->metrics);
        erd_events_close(erd);
    }
    for (size_t i = 0; i < erd->pair_count; i++)
        close_pair(&erd->pairs[i]);
    table_close(erd->table);
    gate_disconnect(erd->gate);
    link_close(erd->links);
    if (erd->query >= 0)
        close(erd->query);
    if (erd->loop != NULL)
        qb_loop_destroy(erd->loop);
    erd_config_free(erd->config);
}

static bool has_same_pairs(const struct erd_config *one, const struct erd_config *other)
{
    if (one->pair_count != other->pair_count)
        return false;
    for (size_t i = 0; i < one->pair_count; i++)
        for (unsigned which = 0; which < PAIR_PORTS; which++)
            if (strcmp(one->pairs[i].names[which], other->pairs[i].names[which]) != 0)
                return false;
    return true;
}

static void take_settings(struct erd *erd, struct erd_config *config)
{
    struct erd_config *before = erd->config;
    erd->config = config;
    for (size_t i = 0; i < erd->pair_count; i++) {
        struct erd_pair *pair = &erd->pairs[i];
        bool rounds = config->pairs[i].probe_ms != pair->config->probe_ms;
        pair->config = &config->pairs[i];
        pair->sight.missed = pair->config->missed;
        pair_settings(&pair->machine, &pair->config->failback);
        if (rounds)
            erd_probes_start(pair);
        erd_ports_check(pair);
    }
    if (config->poll_ms == 0)
        wake_never(&erd->poll);
    else
        wake_each(&erd->poll, (uint64_t)config->poll_ms * 1000);
    if (config->metrics[0] == '\0')
        wake_never(&erd->metrics);
    else
        wake_each(&erd->metrics, METRICS_US);
    erd_config_free(before);
}

void erd_reload(struct erd *erd)
{
    struct erd_config *config;
    struct conf_error error = {""};
    (void)log_reopen();
    if (erd_config_load(erd->config_path, erd->ports, &config, &error) != 0) {
        log_error("%s; going on with the settings from before", error.text);
        return;
    }
    if (!has_same_pairs(erd->config, config)) {
        log_error("%s: the pairs have changed: start erd again for that, it moves no traffic; going on with the "
                  "settings from before",
                  erd->config_path);
        erd_config_free(config);
        return;
    }
    take_settings(erd, config);
    log_notice("the configuration was read again");
}
