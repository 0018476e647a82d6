/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the traffic manager does by the clock, and when it reads its socket. */
#include "manager.h"

#include "clock.h"

#include <errno.h>

#define MS UINT64_C(1000) /* in us */
#define BALANCE_MS 100
#define SECOND_MS 1000
/* Many nodes' reports are taken together: when they come thick, the socket is read once in this time. It is part of
 * the way from a report to its weight, and it is what keeps 10,000 reports a second cheap. */
#define PAUSE_US UINT64_C(1500)
/* A timer this late says that we were held up, and not the nodes. */
#define LATE_MS 50
#define HELLO_REPEAT_MS 5000

static int32_t on_readable(int32_t fd, int32_t events, void *data);

/* --- the socket */

static void listen_to(struct manager *manager, int32_t events)
{
    (void)qb_loop_poll_mod(manager->loop, QB_LOOP_HIGH, receiver_descriptor(manager->receiver), events, manager,
                           on_readable);
}

/* Returns how many datagrams there were. */
static int read_all(struct manager *manager)
{
    uint64_t start_us = clock_us();
    int all = 0;
    int some;
    do {
        some = datagram_read(manager);
        all += some;
    } while (some == RECEIVE_BATCH && clock_us() - start_us < 5 * PAUSE_US); /* then let the rest of the loop turn */
    return all;
}

/* The first report after a while is read at once. While reports come in each pause, only the timer looks. */
static int32_t on_readable(int32_t fd, int32_t events, void *data)
{
    (void)fd;
    (void)events;
    struct manager *manager = data;
    uint64_t now_us = clock_us();
    bool thick = now_us - manager->last_read_us < 2 * PAUSE_US;
    manager->last_read_us = now_us;
    (void)read_all(manager);
    if (thick) {
        listen_to(manager, 0);
        wake_each(&manager->pause_wake, PAUSE_US);
    }
    return 0;
}

static void on_pause(void *context)
{
    struct manager *manager = context;
    if (read_all(manager) > 0)
        return;
    wake_never(&manager->pause_wake);
    listen_to(manager, POLLIN);
}

/* --- silence */

/* Says once that no node is heard, and once that one is. */
static void tell_isolation(struct manager *manager)
{
    const struct config *config = manager->config;
    if (manager->isolated == pool_isolated(manager->pool))
        return;
    manager->isolated = !manager->isolated;
    if (manager->isolated)
        log_error("no traffic node is heard: check UDP port %u, the cables and the keys in %s; keeping the table for "
                  "%u ms after the last report",
                  config->port, config->keys, config->isolation_ms);
    else
        log_notice("traffic nodes are heard again");
}

static void on_expiry(void *context)
{
    struct manager *manager = context;
    uint64_t now_ms = clock_ms();
    uint64_t due_ms = manager->expiry_ms;
    manager->expiry_ms = UINT64_MAX;
    /* What waits in the socket speaks for its nodes. */
    (void)read_all(manager);
    if (now_ms > due_ms + LATE_MS) {
        log_warning("held up for %llu ms; nodes are given that much more time", (unsigned long long)(now_ms - due_ms));
        pool_forgive(manager->pool, now_ms - due_ms, clock_ms());
    }
    uint64_t next_ms = pool_expire(manager->pool, clock_ms());
    tell_isolation(manager);
    manager_apply(manager, false);
    timers_expect(manager, next_ms);
}

void timers_expect(struct manager *manager, uint64_t due_ms)
{
    if (due_ms >= manager->expiry_ms)
        return; /* it is looked earlier, and then again */
    manager->expiry_ms = due_ms;
    uint64_t now_ms = clock_ms();
    wake_in(&manager->expiry_wake, due_ms > now_ms ? (due_ms - now_ms) * MS : 0);
}

/* --- regular work */

static void on_balance(void *context)
{
    struct manager *manager = context;
    pool_balance(manager->pool, clock_ms());
    tell_isolation(manager);
    manager_apply(manager, false);
    /* After a time without any node that could fall silent, there may be one again. */
    timers_expect(manager, clock_ms() + manager->config->timeout_ms);
}

static void on_repair(void *context)
{
    struct manager *manager = context;
    manager_apply(manager, true);
    wake_in(&manager->repair_wake, manager->config->repair_ms * MS);
}

static void on_second(void *context)
{
    struct manager *manager = context;
    if (manager->overrides_unsaved)
        orders_save(manager);
    share_overrides(manager);
    bool starting = clock_ms() - manager->started_ms < HELLO_REPEAT_MS;
    share_hello(manager, starting ? SHARE_TO_UNHEARD : SHARE_TO_SILENT); /* the first may have been lost */
    if (manager->config->metrics[0] != '\0')
        metrics_write(manager);
}

static int open_wakes(struct manager *manager)
{
    int rc = wake_open(&manager->pause_wake, manager->loop, QB_LOOP_HIGH, on_pause, manager);
    if (rc == 0)
        rc = wake_open(&manager->expiry_wake, manager->loop, QB_LOOP_HIGH, on_expiry, manager);
    if (rc == 0)
        rc = wake_open(&manager->balance_wake, manager->loop, QB_LOOP_MED, on_balance, manager);
    if (rc == 0)
        rc = wake_open(&manager->repair_wake, manager->loop, QB_LOOP_MED, on_repair, manager);
    return rc == 0 ? wake_open(&manager->second_wake, manager->loop, QB_LOOP_LOW, on_second, manager) : rc;
}

int timers_start(struct manager *manager)
{
    manager->expiry_ms = UINT64_MAX;
    int rc = open_wakes(manager);
    if (rc == 0)
        rc = qb_loop_poll_add(manager->loop, QB_LOOP_HIGH, receiver_descriptor(manager->receiver), POLLIN, manager,
                              on_readable);
    if (rc != 0)
        return rc;
    timers_expect(manager, clock_ms() + manager->config->timeout_ms);
    wake_each(&manager->balance_wake, BALANCE_MS * MS);
    wake_in(&manager->repair_wake, manager->config->repair_ms * MS);
    wake_each(&manager->second_wake, SECOND_MS * MS);
    return 0;
}

void timers_stop(struct manager *manager)
{
    wake_close(&manager->pause_wake);
    wake_close(&manager->expiry_wake);
    wake_close(&manager->balance_wake);
    wake_close(&manager->repair_wake);
    wake_close(&manager->second_wake);
}
