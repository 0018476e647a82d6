/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of traffic nodes (thesis 3.22.3: "the list of available nodes and their load index"): finds a node by
 * any of its addresses, notices silence, puts standby nodes in the place of lost active ones (N+M), and lets
 * nodes join. No I/O; the time is passed in. */
#ifndef TMD_POOL_H
#define TMD_POOL_H

#include "admission.h"
#include "configuration.h"
#include "node.h"
#include "policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POOL_NODES_MAX 8192

struct pool_node {
    char name[WIRE_NAME_MAX];
    struct addr address;
    struct addr address6; /* of the other family, or none */
    bool standby;         /* configured role */
    bool listed;          /* false: it joined by itself */
    bool stranger;        /* found in the kernel at the start; nothing is known but one address */
    enum node_condition condition;
    struct admission admission;
    struct policy_node policy;

    bool reported;    /* the values below were sent by the node */
    uint64_t last_ms; /* of the last report; of the start before the first */
    uint32_t index;
    uint16_t pressure;
    uint32_t connections;
    uint64_t services_down; /* bit i: config->services[i] */

    uint8_t override_kind; /* enum wire_override_kind */
    uint32_t override_weight;

    /* Per service: the weight that the kernel had when the manager started, or -1. NULL: nothing was found, or
     * it is no longer of interest. */
    int32_t *adopted;

    struct pool_node *older; /* by last_ms, among those that may expire */
    struct pool_node *newer;
};

struct pool;

/* Told after each change of a node's condition. */
typedef void (*pool_listener)(void *context, const struct pool_node *node, enum node_condition from);

struct pool *pool_new(pool_listener listener, void *context);
void pool_free(struct pool *pool);

/* Takes the listed nodes over from the configuration, which must outlive the pool or the next pool_configure. Nodes
 * that were listed before keep what is known of them; those no longer listed are forgotten; new ones are waited
 * for as at a start. Returns 0 or -ENOMEM; then the pool is as before. */
int pool_configure(struct pool *pool, const struct config *config, uint64_t now_ms);

struct pool_node *pool_find(const struct pool *pool, const struct addr *address);
struct pool_node *pool_find_name(const struct pool *pool, const char *name);

/* In the order of the configuration, then as they joined. */
size_t pool_count(const struct pool *pool);
struct pool_node *pool_at(const struct pool *pool, size_t i);

/* Lets an authenticated node that is not listed join. NULL when it may not, or there is no room. */
struct pool_node *pool_join(struct pool *pool, const struct wire_report *report, uint64_t now_ms);

/* join any: a server of ours in the kernel that is no node's, when the manager starts. It is likely a node that joined
 * before, and is waited for like the listed ones; pool_adopt tells its weight. NULL when there is no room. */
struct pool_node *pool_adopt_stranger(struct pool *pool, const struct addr *address, uint64_t now_ms);

/* What a node that was adopted as a stranger first says of itself: its name and its other address. */
void pool_introduce(struct pool *pool, struct pool_node *node, const struct wire_report *report);

/* A number that no entry had before, for admission_start. */
uint64_t pool_generation(struct pool *pool);

/* An accepted report. */
void pool_report(struct pool *pool, struct pool_node *node, const struct wire_report *report, uint64_t now_ms);

/* Takes out the nodes that were silent too long. When none at all is heard, the fault is likely our own: then they stay
 * as they are until config->isolation_ms after the last report. Returns when to look again: a time in ms, UINT64_MAX
 * for never. */
uint64_t pool_expire(struct pool *pool, uint64_t now_ms);

/* Whether no node is heard: from the `timeout` after the last report until the next one. */
bool pool_isolated(const struct pool *pool);

/* Out by silence, or held in isolation: to be asked for a report. Not so those that left or reported index 0; they have
 * said all there is to say. */
bool pool_is_silent(const struct pool *pool, const struct pool_node *node, uint64_t now_ms);

/* The manager itself could not listen for so long: silence in that time says nothing about the nodes. */
void pool_forgive(struct pool *pool, uint64_t lost_ms, uint64_t now_ms);

/* The administrator's override of a node has changed. */
void pool_override(struct pool *pool, struct pool_node *node, enum wire_override_kind kind, uint32_t weight,
                   uint64_t now_ms);

/* The node's last connection has ended, by the kernel's table. */
void pool_idle(struct pool *pool, struct pool_node *node, uint64_t now_ms);

/* What the kernel had for this node when the manager started. Only while the node has not reported. */
void pool_adopt(struct pool *pool, struct pool_node *node, size_t service, uint32_t weight);

/* To be called about every 100 ms: compares all nodes and decides all weights. */
void pool_balance(struct pool *pool, uint64_t now_ms);

/* The node's weight now, with its override; only of a serving node. */
uint32_t pool_weight(const struct pool_node *node);

/* True once after anything has changed that the kernel should know. */
bool pool_take_changes(struct pool *pool);

#endif
