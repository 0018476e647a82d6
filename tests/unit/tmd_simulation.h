/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools of nodes under simulated time, for the tests of the weight policies. */
#ifndef TEST_TMD_SIMULATION_H
#define TEST_TMD_SIMULATION_H

#include "policy.h"
#include "tmd_test.h"

#define NODES 8
#define STEP_MS 100

struct simulation {
    struct policy_settings settings;
    struct policy_pool pool;
    struct policy_node nodes[NODES];
    struct policy_node *pointers[NODES];
    size_t count;
    uint64_t now_ms;
    unsigned changes; /* of weights that were not 0 before and after */
};

static inline void begin(struct simulation *s, size_t count)
{
    memset(s, 0, sizeof *s);
    policy_defaults(&s->settings);
    s->count = count;
    s->now_ms = 1000000;
    for (size_t i = 0; i < NODES; i++)
        s->pointers[i] = &s->nodes[i];
}

static inline void join_all(struct simulation *s, bool warm)
{
    for (size_t i = 0; i < s->count; i++)
        policy_join(&s->nodes[i], &s->settings, warm, s->now_ms);
}

/* One step: every serving node reports, then all are weighed. */
static inline void step(struct simulation *s, const uint32_t *indexes, const uint16_t *pressures)
{
    s->now_ms += STEP_MS;
    for (size_t i = 0; i < s->count; i++)
        policy_report(&s->nodes[i], &s->settings, indexes[i], pressures != NULL ? pressures[i] : 1000, s->now_ms);
    policy_balance(&s->pool, &s->settings, s->pointers, s->count, s->now_ms);
    for (size_t i = 0; i < s->count; i++) {
        uint32_t before = s->nodes[i].weight;
        bool changed = policy_decide(&s->nodes[i], &s->settings, &s->pool, s->now_ms);
        assert_int_equal(changed, before != s->nodes[i].weight);
        s->changes += changed && before != 0 && s->nodes[i].weight != 0;
    }
}

#endif
