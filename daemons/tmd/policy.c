/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy.h"

#include <math.h>
#include <stdlib.h>

/* A joining node begins with this share of its weight: enough to warm its caches, too little to hurt. */
#define RAMP_START 0.1
/* A node without anything free keeps this share of its weight. It bounds how strongly a weight answers to the load
 * that it causes itself; docs/weights.md shows why that keeps the loop stable. */
#define PRESSURE_FLOOR 0.25
/* The reference is held while the best node is within these bounds of it, so that one node's noise does not
 * rewrite everybody's weight. */
#define REFERENCE_LOW 0.8
#define REFERENCE_HIGH 1.05
/* A quiesced node comes back when it is this much above the limit. */
#define QUIESCE_RETURN 1.25

void policy_defaults(struct policy_settings *settings)
{
    *settings = (struct policy_settings){
        .kind = POLICY_HAS,
        .weight_min = 1,
        .weight_max = 100,
        .smoothing_ms = 1000,
        .slow_start_ms = 10000,
        .minimum_pool = 50,
        .quiesce_below = 0,
        .minimum_change = 5,
    };
}

/* The clock may not run backwards, but a caller's may. */
static double elapsed(uint64_t from_ms, uint64_t now_ms)
{
    return now_ms > from_ms ? (double)(now_ms - from_ms) : 0.0;
}

/* The ramp's position now: it goes up while the node serves, and down as fast while it does not. So a short flap
 * costs no more than its own length, and a long absence costs the whole ramp. */
static double ramp_position(const struct policy_node *node, const struct policy_settings *settings, uint64_t now_ms)
{
    if (settings->slow_start_ms == 0)
        return node->serving ? 1.0 : 0.0;
    double moved = elapsed(node->ramp_ms, now_ms) / (double)settings->slow_start_ms;
    double ramp = node->serving ? node->ramp + moved : node->ramp - moved;
    return fmin(1.0, fmax(0.0, ramp));
}

static double ramp_factor(const struct policy_node *node, const struct policy_settings *settings, uint64_t now_ms)
{
    return RAMP_START + (1.0 - RAMP_START) * ramp_position(node, settings, now_ms);
}

bool policy_ramped(const struct policy_node *node, const struct policy_settings *settings, uint64_t now_ms)
{
    return ramp_position(node, settings, now_ms) >= 1.0;
}

void policy_join(struct policy_node *node, const struct policy_settings *settings, bool warm, uint64_t now_ms)
{
    if (node->serving)
        return;
    node->ramp = warm ? 1.0 : ramp_position(node, settings, now_ms);
    node->ramp_ms = now_ms;
    node->serving = true;
    node->quiesced = false;
}

void policy_leave(struct policy_node *node, const struct policy_settings *settings, uint64_t now_ms)
{
    if (!node->serving)
        return;
    node->ramp = ramp_position(node, settings, now_ms);
    node->ramp_ms = now_ms;
    node->serving = false;
    node->quiesced = false;
    node->weight = 0;
}

void policy_report(struct policy_node *node, const struct policy_settings *settings, uint32_t index, uint16_t pressure,
                   uint64_t now_ms)
{
    double value = index;
    if (settings->kind == POLICY_PRESSURE)
        value = pressure < POLICY_PRESSURE_FULL ? pressure : POLICY_PRESSURE_FULL;
    if (!node->measured || settings->smoothing_ms == 0) {
        node->average = value;
    } else {
        /* By the time that passed, not by the number of reports: the same for 20 ms and for 60 s. */
        double keep = exp(-elapsed(node->measured_ms, now_ms) / (double)settings->smoothing_ms);
        node->average = value + (node->average - value) * keep;
    }
    node->measured = true;
    node->measured_ms = now_ms;
}

static double static_share(const struct policy_node *node, const struct policy_settings *settings)
{
    uint32_t weight = node->static_weight != 0 ? node->static_weight : settings->weight_max;
    return (double)weight;
}

/* The weight before bounds and slow start. */
static double raw_weight(const struct policy_node *node, const struct policy_settings *settings,
                         const struct policy_pool *pool)
{
    double weight_max = (double)settings->weight_max;
    if (!node->measured)
        return static_share(node, settings); /* its first report under this policy is on its way */
    switch (settings->kind) {
    case POLICY_RR:
        return static_share(node, settings);
    case POLICY_PRESSURE:
        return static_share(node, settings) *
               (PRESSURE_FLOOR + (1.0 - PRESSURE_FLOOR) * node->average / POLICY_PRESSURE_FULL);
    case POLICY_HAS:
    default:
        return pool->reference > 0.0 ? weight_max * fmin(1.0, node->average / pool->reference) : weight_max;
    }
}

static uint32_t bounded(double weight, const struct policy_settings *settings)
{
    double low = (double)settings->weight_min;
    double high = (double)settings->weight_max;
    if (!(weight > low)) /* also for what is not a number */
        return settings->weight_min;
    return weight >= high ? settings->weight_max : (uint32_t)lround(weight);
}

/* Small changes are not worth a write; going to or from 0 always is. */
static bool worth_it(uint32_t from, uint32_t to, const struct policy_settings *settings)
{
    if (from == to)
        return false;
    if (from == 0 || to == 0)
        return true;
    uint64_t larger = from > to ? from : to;
    uint64_t change = from > to ? from - to : to - from;
    return change * 100 >= larger * settings->minimum_change;
}

bool policy_decide(struct policy_node *node, const struct policy_settings *settings, const struct policy_pool *pool,
                   uint64_t now_ms)
{
    uint32_t weight = 0;
    if (node->serving && !node->quiesced) {
        double factor = ramp_factor(node, settings, now_ms);
        if (pool->largest_ramp > factor)
            factor /= pool->largest_ramp;
        else
            factor = 1.0;
        weight = bounded(raw_weight(node, settings, pool) * factor, settings);
    }
    if (!worth_it(node->weight, weight, settings))
        return false;
    node->weight = weight;
    return true;
}

static void hold_reference(struct policy_pool *pool, double best)
{
    if (best < pool->reference * REFERENCE_LOW || best > pool->reference * REFERENCE_HIGH)
        pool->reference = best;
}

static int by_average(const void *a, const void *b)
{
    const struct policy_node *const *x = a;
    const struct policy_node *const *y = b;
    return ((*x)->average > (*y)->average) - ((*x)->average < (*y)->average);
}

/* Of the nodes below the limit, quiesces as many as the minimum pool allows, the most loaded ones first. */
static void quiesce(const struct policy_settings *settings, struct policy_node *const *nodes, size_t count, double mean,
                    size_t serving)
{
    size_t keep = (serving * settings->minimum_pool + 99) / 100;
    size_t allowed = serving - (keep > 0 ? keep : 1); /* somebody must take the connections */
    double limit = mean * settings->quiesce_below / 100.0;
    struct policy_node **below = calloc(serving, sizeof(struct policy_node *));
    size_t found = 0;
    for (size_t i = 0; i < count && below != NULL; i++) {
        struct policy_node *node = nodes[i];
        double mine = node->quiesced ? limit * QUIESCE_RETURN : limit;
        node->quiesced = false;
        if (node->serving && node->measured && node->average < mine)
            below[found++] = node;
    }
    if (found > allowed)
        qsort(below, found, sizeof(struct policy_node *), by_average);
    for (size_t i = 0; i < found && i < allowed; i++)
        below[i]->quiesced = true;
    free(below);
}

void policy_balance(struct policy_pool *pool, const struct policy_settings *settings, struct policy_node *const *nodes,
                    size_t count, uint64_t now_ms)
{
    double best = 0.0;
    double sum = 0.0;
    size_t serving = 0;
    pool->largest_ramp = 0.0;
    for (size_t i = 0; i < count; i++) {
        if (!nodes[i]->serving)
            continue;
        serving++;
        sum += nodes[i]->average;
        best = fmax(best, nodes[i]->average);
        pool->largest_ramp = fmax(pool->largest_ramp, ramp_factor(nodes[i], settings, now_ms));
    }
    if (serving == 0)
        return;
    hold_reference(pool, best);
    if (settings->quiesce_below > 0 && settings->kind != POLICY_RR)
        quiesce(settings, nodes, count, sum / (double)serving, serving);
}
