/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From load indexes to weights: the traffic distribution policies (thesis 3.22.6). Pure: numbers and the time come in,
 * a weight goes out. docs/weights.md gives the formulas, the reasons and the bounds. */
#ifndef TMD_POLICY_H
#define TMD_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_WEIGHT_LIMIT 65535
#define POLICY_PRESSURE_FULL 1000 /* "everything is free" in a report */

enum policy_kind {
    POLICY_RR,       /* static weights */
    POLICY_HAS,      /* the weight follows the load index */
    POLICY_PRESSURE, /* the static weight, scaled by what is free now */
};

struct policy_settings {
    enum policy_kind kind;
    uint32_t weight_min;     /* 1 to weight_max: of a node that takes connections */
    uint32_t weight_max;     /* up to POLICY_WEIGHT_LIMIT */
    uint32_t smoothing_ms;   /* time constant of the moving average; 0: none */
    uint32_t slow_start_ms;  /* length of the ramp; 0: none */
    uint32_t minimum_pool;   /* percent of the serving nodes that load may never quiesce */
    uint32_t quiesce_below;  /* percent of the pool's mean; 0: never quiesce */
    uint32_t minimum_change; /* percent of the larger weight; smaller changes are not made */
};

/* What is remembered of one node. Zeroed at first. */
struct policy_node {
    bool serving;
    bool measured;        /* average holds something */
    double average;       /* of the index, or of the pressure */
    uint64_t measured_ms; /* when the average was last brought up to date */
    double ramp;          /* 0 to 1, at ramp_ms */
    uint64_t ramp_ms;
    uint32_t static_weight;
    bool quiesced;   /* too loaded for new connections */
    uint32_t weight; /* as decided; 0 while not serving or quiesced */
};

/* What all nodes are compared with. Zeroed at first; policy_balance brings it up to date. */
struct policy_pool {
    double reference;    /* the average that stands for weight_max */
    double largest_ramp; /* of the serving nodes, as a factor */
};

void policy_defaults(struct policy_settings *settings);

/* The node begins to serve. warm: it served before the manager started, so there is no slow start. */
void policy_join(struct policy_node *node, const struct policy_settings *settings, bool warm, uint64_t now_ms);

/* It stops serving; its weight is 0 from now on. */
void policy_leave(struct policy_node *node, const struct policy_settings *settings, uint64_t now_ms);

/* A report came in. index: any; pressure: what is above POLICY_PRESSURE_FULL counts as that. */
void policy_report(struct policy_node *node, const struct policy_settings *settings, uint32_t index, uint16_t pressure,
                   uint64_t now_ms);

/* Decides the node's weight now. Returns true when node->weight changed. */
bool policy_decide(struct policy_node *node, const struct policy_settings *settings, const struct policy_pool *pool,
                   uint64_t now_ms);

/* Compares all nodes: the reference, the slow start of all, and who is quiesced. To be called several times a
 * second, and when a node joins or leaves. Weights are decided afterwards. */
void policy_balance(struct policy_pool *pool, const struct policy_settings *settings, struct policy_node *const *nodes,
                    size_t count, uint64_t now_ms);

/* Whether the node has ended its slow start. */
bool policy_ramped(const struct policy_node *node, const struct policy_settings *settings, uint64_t now_ms);

#endif
