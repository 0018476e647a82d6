/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool of two active and two standby nodes in a world with its own time, for tests. */
#ifndef TEST_TMD_WORLD_H
#define TEST_TMD_WORLD_H

#include "placement.h"
#include "pool.h"
#include "tmd_test.h"

#define TIMEOUT "timeout 400\n"
#define WEB "service web tcp 10.1.0.100 80\n"

struct world {
    struct config *config;
    struct pool *pool;
    struct placement *placement;
    uint64_t now_ms;
    unsigned changes; /* of conditions */
};

static inline void count_change(void *context, const struct pool_node *node, enum node_condition from)
{
    struct world *w = context;
    assert_int_not_equal(node->condition, from);
    w->changes++;
}

static inline void begin(struct world *w, const char *text)
{
    *w = (struct world){.config = a_config(text), .now_ms = 5000};
    w->pool = pool_new(count_change, w);
    w->placement = placement_new();
    assert_non_null(w->pool);
    assert_int_equal(pool_configure(w->pool, w->config, w->now_ms), 0);
}

static inline void reload(struct world *w, const char *text)
{
    struct config *next = a_config(text);
    assert_int_equal(pool_configure(w->pool, next, w->now_ms), 0);
    config_free(w->config);
    w->config = next;
}

static inline void end(struct world *w)
{
    pool_free(w->pool);
    placement_free(w->placement);
    config_free(w->config);
}

static inline struct pool_node *node(const struct world *w, const char *text)
{
    struct addr address = an_address(text);
    struct pool_node *found = pool_find(w->pool, &address);
    assert_non_null(found);
    return found;
}

static inline enum node_state state_of(const struct world *w, const char *text)
{
    return node_state(node(w, text)->condition);
}

static inline void report_as(struct world *w, const char *text, uint32_t index, uint8_t flags)
{
    struct wire_report report = a_report(text, index);
    report.flags = flags;
    pool_report(w->pool, node(w, text), &report, w->now_ms);
}

static inline void report(struct world *w, const char *text, uint32_t index)
{
    report_as(w, text, index, 0);
}

/* Time goes on in steps of 100 ms; in each, these nodes (ends with NULL) report an index of 5000. */
static inline void run(struct world *w, uint64_t ms, const char *const *texts)
{
    for (uint64_t end_ms = w->now_ms + ms; w->now_ms < end_ms;) {
        w->now_ms += 100;
        for (size_t i = 0; texts[i] != NULL; i++)
            report(w, texts[i], 5000);
        pool_expire(w->pool, w->now_ms);
        pool_balance(w->pool, w->now_ms);
    }
}

/* What the executor is told about the server in the first service, or NULL. */
static inline const struct executor_wanted_server *wanted(struct world *w, const char *text)
{
    const struct executor_wanted *table = placement_build(w->placement, w->config, w->pool);
    struct addr address = an_address(text);
    assert_non_null(table);
    for (size_t i = 0; i < table->services[0].server_count; i++)
        if (addr_equal(&table->services[0].servers[i].address, &address))
            return &table->services[0].servers[i];
    return NULL;
}

#define A "10.1.0.11"
#define B "10.1.0.12"
#define S "10.1.0.15"
#define S2 "10.1.0.16"

#endif
