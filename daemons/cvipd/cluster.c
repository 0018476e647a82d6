/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The libraries answer within Corosync's own turn of its loop; a call waits so long, and no longer. */
#include "config.h"

#include "cluster.h"

#include "clock.h"
#include "cluster_corosync.h"
#include "log.h"
#include "wake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RECONNECT_US 1000000
#define BUSY_US 20000 /* Corosync was busy: again after so long */

struct word {
    bool connected, quorate, strict_majority;
    uint16_t present;
};

struct cluster {
    struct corosync *corosync; /* NULL: not connected */
    struct corosync_events events;
    qb_loop_t *loop;
    struct keyring ring;
    struct cluster_callbacks callbacks;
    void *context;
    struct wake reconnect;
    struct wake again; /* what Corosync was too busy for */
    int last_error;    /* of the last attempt to connect that was logged */
    bool in_group, counted;
    bool quorate;
    uint16_t present; /* in the group, bits */
    uint16_t nodes;   /* whose nodes quorum was counted with */
    uint16_t lost;    /* nodes gone, but quorum not yet counted without them */
    uint16_t left;    /* to be told */
    struct word told;
    bool waiting; /* a map is to be published */
    struct wire_map map;
    bool stranger_logged;
    struct log_limit refusals;
    struct cluster_counters counters;
};

/* The bit of a member; 0 for a node that can be none. */
static uint16_t bit_of(struct cluster *c, uint32_t id)
{
    if (id >= 1 && id <= WIRE_MEMBERS_MAX)
        return (uint16_t)(1u << (id - 1));
    if (!c->stranger_logged)
        log_warning("Corosync's node %u is ignored: members of the cluster virtual IP have ids from 1 to %d",
                    (unsigned)id, WIRE_MEMBERS_MAX);
    c->stranger_logged = true;
    return 0;
}

/* Tells what has changed. */
static void tell(struct cluster *c)
{
    struct word now = {0};
    uint16_t left = 0;
    if (c->corosync != NULL && c->in_group && c->counted) {
        int majority = c->quorate ? corosync_has_majority(c->corosync) : 0;
        if (majority == -EAGAIN)
            wake_in(&c->again, BUSY_US);
        now = (struct word){
            .connected = true, .quorate = c->quorate, .strict_majority = majority > 0, .present = c->present};
        left = c->left;
        c->left = 0;
    }
    if (left == 0 && now.connected == c->told.connected && now.quorate == c->told.quorate &&
        now.strict_majority == c->told.strict_majority && now.present == c->told.present)
        return;
    c->told = now;
    c->callbacks.state(c->context, now.connected, now.quorate, now.strict_majority, now.present, left);
}

/* Says so first: the others see our end in the group and may then take what we had. */
static void disconnect(struct cluster *c)
{
    struct corosync *corosync = c->corosync;
    if (corosync == NULL)
        return;
    c->corosync = NULL;
    c->in_group = c->counted = c->waiting = false;
    c->present = c->nodes = c->lost = c->left = 0;
    tell(c);
    corosync_close(corosync);
    wake_never(&c->again);
    wake_in(&c->reconnect, RECONNECT_US);
}

static void on_gone(void *context, int error)
{
    struct cluster *c = context;
    log_warning("Corosync is gone: %s; we connect again when it is back", strerror(-error));
    disconnect(c);
}

static void on_group(void *context, bool in_group, const struct corosync_node *present, size_t present_count,
                     const struct corosync_node *left, size_t left_count)
{
    struct cluster *c = context;
    uint16_t ended = 0;
    c->in_group = in_group;
    c->present = 0;
    for (size_t i = 0; i < present_count; i++)
        c->present |= bit_of(c, present[i].id);
    for (size_t i = 0; i < left_count; i++) {
        uint16_t bit = bit_of(c, left[i].id);
        if (left[i].end == COROSYNC_NODE_DOWN)
            c->lost |= bit;
        else if (left[i].end == COROSYNC_PROCESS_DOWN)
            ended |= bit;
    }
    /* A node may have a second process of ours, or be back already. */
    c->left = (uint16_t)((c->left | ended | (c->lost & ~c->nodes)) & ~c->present);
    c->lost = (uint16_t)(c->lost & c->nodes & ~c->present);
    tell(c);
}

static void on_quorum(void *context, bool quorate, const uint32_t *nodes, size_t count)
{
    struct cluster *c = context;
    c->counted = true;
    c->quorate = quorate;
    c->nodes = 0;
    for (size_t i = 0; i < count; i++)
        c->nodes |= bit_of(c, nodes[i]);
    c->left = (uint16_t)(c->left | (c->lost & ~c->nodes));
    c->lost = (uint16_t)(c->lost & c->nodes);
    tell(c);
}

static void on_message(void *context, uint32_t from, const uint8_t *data, size_t length)
{
    struct cluster *c = context;
    struct wire_message message;
    uint64_t suppressed;
    enum wire_result result = wire_decode(data, length, &c->ring, &message);
    if (result == WIRE_OK && message.type == WIRE_MAP) {
        c->counters.delivered++;
        c->callbacks.map(c->context, &message.map);
        return;
    }
    if (result != WIRE_OK)
        c->counters.refused[result]++;
    else
        c->counters.unexpected++;
    if (log_allowed(&c->refusals, clock_ms(), &suppressed))
        log_warning("a message of node %u in Corosync's group is refused: %s (%llu more since the last message)",
                    (unsigned)from, result != WIRE_OK ? wire_result_name(result) : "not a map",
                    (unsigned long long)suppressed);
}

/* Says why not once, and not each second. */
static void connect_now(struct cluster *c)
{
    int rc = corosync_open(c->loop, &c->events, &c->corosync);
    if (rc == 0) {
        c->counters.connections++;
        log_notice("connected to Corosync");
    } else {
        if (rc != c->last_error && rc == -EACCES)
            log_error("Corosync does not let us in: our user needs a file in /etc/corosync/uidgid.d; "
                      "restart Corosync after it was added");
        else if (rc != c->last_error)
            log_warning("no connection to Corosync yet: %s; tried again each second", strerror(-rc));
        wake_in(&c->reconnect, RECONNECT_US);
    }
    c->last_error = rc;
}

static void connect_again(void *context)
{
    connect_now(context);
}

/* Returns 0, -EAGAIN or another error: Corosync is gone. */
static int send_map(struct cluster *c)
{
    uint8_t data[WIRE_DATAGRAM_MAX];
    struct wire_message message = {.type = WIRE_MAP};
    message.map = c->map;
    int length = c->ring.count > 0 ? wire_encode(&message, &c->ring.keys[0], data) : -EINVAL;
    if (length < 0)
        return -EINVAL;
    int rc = corosync_send(c->corosync, data, (size_t)length);
    c->waiting = rc == -EAGAIN;
    if (rc == 0)
        c->counters.published++;
    return rc;
}

static void try_again(void *context)
{
    struct cluster *c = context;
    if (c->corosync == NULL)
        return;
    int rc = c->waiting ? send_map(c) : 0;
    if (rc == -EAGAIN)
        wake_in(&c->again, BUSY_US);
    tell(c);
}

int cluster_publish(struct cluster *cluster, const struct wire_map *map)
{
    if (cluster->corosync == NULL || !cluster->in_group)
        return -ENOTCONN;
    cluster->map = *map;
    int rc = send_map(cluster);
    if (rc == -EAGAIN)
        wake_in(&cluster->again, BUSY_US);
    if (rc == 0 || rc == -EAGAIN)
        return 0;
    return rc == -EINVAL ? rc : -ENOTCONN; /* that Corosync is gone its descriptor says, too */
}

int cluster_open(qb_loop_t *loop, const struct keyring *ring, const struct cluster_callbacks *callbacks, void *context,
                 struct cluster **out)
{
    struct cluster *c = calloc(1, sizeof *c);
    if (c == NULL)
        return -ENOMEM;
    c->loop = loop;
    c->ring = *ring;
    c->callbacks = *callbacks;
    c->context = context;
    c->events = (struct corosync_events){
        .gone = on_gone, .group = on_group, .quorum = on_quorum, .message = on_message, .context = c};
    int rc = wake_open(&c->reconnect, loop, QB_LOOP_LOW, connect_again, c);
    if (rc == 0)
        rc = wake_open(&c->again, loop, QB_LOOP_MED, try_again, c);
    if (rc != 0) {
        cluster_close(c);
        return rc;
    }
    connect_now(c);
    *out = c;
    return 0;
}

void cluster_set_keys(struct cluster *cluster, const struct keyring *ring)
{
    key_forget(&cluster->ring);
    cluster->ring = *ring;
}

const struct cluster_counters *cluster_counters(const struct cluster *cluster)
{
    return &cluster->counters;
}

void cluster_close(struct cluster *cluster)
{
    if (cluster == NULL)
        return;
    if (cluster->corosync != NULL) {
        corosync_leave(cluster->corosync);
        corosync_close(cluster->corosync);
    }
    wake_close(&cluster->reconnect);
    wake_close(&cluster->again);
    key_forget(&cluster->ring);
    free(cluster);
}
