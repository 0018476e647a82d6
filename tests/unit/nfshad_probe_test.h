/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A probe and the server that is played for it. What is waited for has a deadline; nothing else depends on time. */
#ifndef NFSHAD_PROBE_TEST_H
#define NFSHAD_PROBE_TEST_H

#include "unit.h"

#include "probe.h"

#include "clock.h"
#include "fake_probed.h"

#include <errno.h>

#define DEADLINE_MS 20000

struct world {
    qb_loop_t *loop;
    struct fake_probed fake;
    struct probe *probe;
    unsigned answered, failed;
    int error;          /* the last one */
    bool close_at_once; /* at the next result */
    struct wake look;
    bool (*until)(const struct world *w);
    uint64_t deadline;
    unsigned goal;
};

static inline void on_result(void *context, bool answered, int error)
{
    struct world *w = context;
    assert_true(answered ? error == 0 : error < 0);
    w->answered += answered;
    w->failed += !answered;
    if (!answered)
        w->error = error;
    if (w->close_at_once) {
        probe_close(w->probe);
        w->probe = NULL;
    }
}

static inline void look(void *context)
{
    struct world *w = context;
    if (w->until(w) || clock_ms() >= w->deadline)
        qb_loop_stop(w->loop);
}

static inline void wait_until(struct world *w, bool (*until)(const struct world *w), unsigned goal, const char *what)
{
    w->until = until;
    w->goal = goal;
    w->deadline = clock_ms() + DEADLINE_MS;
    qb_loop_run(w->loop);
    if (!until(w))
        fail_msg("%s (%u): %u answered, %u failed (%s), %u connections, %u calls", what, goal, w->answered, w->failed,
                 strerror(-w->error), w->fake.connections, w->fake.calls);
}

#define WAIT(w, condition, goal) wait_until(w, condition, goal, #condition)

static inline bool answers(const struct world *w)
{
    return w->answered >= w->goal;
}

static inline bool failures(const struct world *w)
{
    return w->failed >= w->goal;
}

static inline bool calls(const struct world *w)
{
    return w->fake.calls >= w->goal;
}

static inline bool connections(const struct world *w)
{
    return w->fake.connections >= w->goal;
}

static inline bool closed(const struct world *w)
{
    return w->probe == NULL;
}

static inline void begin(struct world *w, const char *address)
{
    *w = (struct world){.loop = qb_loop_create()};
    assert_non_null(w->loop);
    assert_int_equal(wake_open(&w->look, w->loop, QB_LOOP_MED, look, w), 0);
    wake_each(&w->look, 1000);
    fake_probed_begin(&w->fake, w->loop, address);
}

static inline void start(struct world *w, unsigned interval_ms, unsigned timeout_ms, unsigned version)
{
    struct probe_settings settings = {
        .interval_ms = interval_ms, .timeout_ms = timeout_ms, .version = version, .port = w->fake.port};
    assert_int_equal(probe_open(w->loop, &w->fake.address, &settings, on_result, w, &w->probe), 0);
}

static inline void end(struct world *w)
{
    probe_close(w->probe);
    fake_probed_end(&w->fake);
    wake_close(&w->look);
    qb_loop_destroy(w->loop);
}

#endif
