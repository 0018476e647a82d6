/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the traffic manager does by the clock, and when it reads its socket. */
#include "manager.h"

#include "clock.h"

#include <errno.h>

#define MS UINT64_C(1000000) /* in ns */
#define BALANCE_MS 100
#define SECOND_MS 1000
/* Many nodes' reports are taken together: the socket is read at most once in this time. It is part of the way from
 * a report to its weight, and it is what keeps 10,000 reports a second cheap. */
#define PAUSE_US 1000
/* A timer this late says that we were held up, and not the nodes. */
#define LATE_MS 50
#define HELLO_REPEAT_MS 5000

static int32_t on_readable(int32_t fd, int32_t events, void *data);

static void set_timer(struct manager *manager, enum qb_loop_priority priority, uint64_t ns,
                      qb_loop_timer_dispatch_fn function, qb_loop_timer_handle *handle)
{
    if (qb_loop_timer_add(manager->loop, priority, ns, manager, function, handle) != 0)
        log_error("cannot set a timer");
}

/* --- the socket */

static void listen_again(void *data)
{
    struct manager *manager = data;
    qb_loop_poll_mod(manager->loop, QB_LOOP_HIGH, receiver_descriptor(manager->receiver), POLLIN, manager, on_readable);
    on_readable(receiver_descriptor(manager->receiver), POLLIN, manager);
}

static int32_t on_readable(int32_t fd, int32_t events, void *data)
{
    (void)events;
    struct manager *manager = data;
    uint64_t now_us = clock_us();
    bool busy = now_us - manager->last_read_us < PAUSE_US * 2;
    manager->last_read_us = now_us;
    manager->last_read_ms = now_us / 1000;
    while (datagram_read(manager) == RECEIVE_BATCH)
        if (clock_us() - now_us > 5 * PAUSE_US)
            return 0; /* let the rest of the loop turn; we are called again */
    if (!busy)
        return 0;
    qb_loop_poll_mod(manager->loop, QB_LOOP_HIGH, fd, 0, manager, on_readable);
    set_timer(manager, QB_LOOP_HIGH, PAUSE_US * 1000, listen_again, &manager->pause_timer);
    return 0;
}

/* --- silence */

static void on_expiry(void *data)
{
    struct manager *manager = data;
    uint64_t now_ms = clock_ms();
    uint64_t due_ms = manager->expiry_ms;
    manager->expiry_ms = UINT64_MAX;
    /* What waits in the socket speaks for its nodes. */
    while (datagram_read(manager) == RECEIVE_BATCH)
        ;
    if (now_ms > due_ms + LATE_MS) {
        log_warning("held up for %llu ms; nodes are given that much more time", (unsigned long long)(now_ms - due_ms));
        pool_forgive(manager->pool, now_ms - due_ms);
    }
    uint64_t next_ms = pool_expire(manager->pool, clock_ms());
    manager_apply(manager, false);
    timers_expect(manager, next_ms);
}

void timers_expect(struct manager *manager, uint64_t due_ms)
{
    if (due_ms >= manager->expiry_ms)
        return; /* it is looked earlier, and then again */
    if (manager->expiry_ms != UINT64_MAX)
        qb_loop_timer_del(manager->loop, manager->expiry_timer);
    manager->expiry_ms = due_ms;
    uint64_t now_ms = clock_ms();
    uint64_t wait_ms = due_ms > now_ms ? due_ms - now_ms : 0;
    set_timer(manager, QB_LOOP_HIGH, wait_ms * MS, on_expiry, &manager->expiry_timer);
}

/* --- regular work */

static void on_balance(void *data)
{
    struct manager *manager = data;
    set_timer(manager, QB_LOOP_MED, BALANCE_MS * MS, on_balance, &manager->balance_timer);
    pool_balance(manager->pool, clock_ms());
    manager_apply(manager, false);
    /* A node that came back may expire before what the timer waits for. */
    timers_expect(manager, clock_ms() + manager->config->timeout_ms);
}

static void on_repair(void *data)
{
    struct manager *manager = data;
    set_timer(manager, QB_LOOP_MED, manager->config->repair_ms * MS, on_repair, &manager->repair_timer);
    manager_apply(manager, true);
}

static void on_second(void *data)
{
    struct manager *manager = data;
    set_timer(manager, QB_LOOP_LOW, SECOND_MS * MS, on_second, &manager->second_timer);
    if (manager->overrides_unsaved)
        orders_save(manager);
    share_overrides(manager);
    if (clock_ms() - manager->started_ms < HELLO_REPEAT_MS)
        share_hello(manager, false); /* the first may have been lost */
    if (manager->config->metrics[0] != '\0')
        metrics_write(manager);
}

int timers_start(struct manager *manager)
{
    uint64_t now_ms = clock_ms();
    manager->expiry_ms = UINT64_MAX;
    int rc = qb_loop_poll_add(manager->loop, QB_LOOP_HIGH, receiver_descriptor(manager->receiver), POLLIN, manager,
                              on_readable);
    if (rc != 0)
        return rc;
    timers_expect(manager, now_ms + manager->config->timeout_ms);
    set_timer(manager, QB_LOOP_MED, BALANCE_MS * MS, on_balance, &manager->balance_timer);
    set_timer(manager, QB_LOOP_MED, manager->config->repair_ms * MS, on_repair, &manager->repair_timer);
    set_timer(manager, QB_LOOP_LOW, SECOND_MS * MS, on_second, &manager->second_timer);
    return 0;
}
