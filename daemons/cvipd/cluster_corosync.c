/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cluster_corosync.h"

#include <corosync/cpg.h>
#include <corosync/quorum.h>
#include <corosync/votequorum.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

struct corosync {
    qb_loop_t *loop;
    struct corosync_events events;
    cpg_handle_t group;
    quorum_handle_t quorum;
    votequorum_handle_t votes;
    bool group_open, quorum_open, votes_open;
    int group_fd, quorum_fd; /* -1: not on the loop */
    uint32_t self;
    uint32_t pid;
};

static const struct cpg_name group_name = {.length = sizeof COROSYNC_GROUP - 1, .value = COROSYNC_GROUP};

static int to_errno(cs_error_t error)
{
    switch (error) {
    case CS_OK:
        return 0;
    case CS_ERR_TRY_AGAIN:
    case CS_ERR_QUEUE_FULL:
    case CS_ERR_BUSY:
        return -EAGAIN;
    case CS_ERR_ACCESS:
    case CS_ERR_SECURITY:
        return -EACCES;
    case CS_ERR_NO_MEMORY:
        return -ENOMEM;
    case CS_ERR_TIMEOUT:
        return -ETIMEDOUT;
    case CS_ERR_NOT_EXIST:
    case CS_ERR_NOT_SUPPORTED:
        return -EOPNOTSUPP;
    default:
        return -ECONNREFUSED;
    }
}

static enum corosync_end end_of(uint32_t reason)
{
    switch (reason) {
    case CPG_REASON_NODEDOWN:
        return COROSYNC_NODE_DOWN;
    case CPG_REASON_PROCDOWN:
        return COROSYNC_PROCESS_DOWN;
    case CPG_REASON_LEAVE:
        return COROSYNC_GOODBYE;
    default:
        return COROSYNC_HERE;
    }
}

static size_t copy_nodes(struct corosync_node out[CPG_MEMBERS_MAX], const struct cpg_address *from, size_t count,
                         bool gone)
{
    size_t kept = count < CPG_MEMBERS_MAX ? count : CPG_MEMBERS_MAX;
    for (size_t i = 0; i < kept; i++)
        out[i] = (struct corosync_node){from[i].nodeid, gone ? end_of(from[i].reason) : COROSYNC_HERE};
    return kept;
}

static void on_group(cpg_handle_t handle, const struct cpg_name *name, const struct cpg_address *members,
                     size_t member_count, const struct cpg_address *left, size_t left_count,
                     const struct cpg_address *joined, size_t joined_count)
{
    (void)name, (void)joined, (void)joined_count;
    struct corosync_node here[CPG_MEMBERS_MAX], gone[CPG_MEMBERS_MAX];
    struct corosync *c = NULL;
    bool in_group = false;
    if (cpg_context_get(handle, (void **)&c) != CS_OK || c == NULL)
        return;
    for (size_t i = 0; i < member_count; i++)
        in_group = in_group || (members[i].nodeid == c->self && members[i].pid == c->pid);
    size_t here_count = copy_nodes(here, members, member_count, false);
    size_t gone_count = copy_nodes(gone, left, left_count, true);
    c->events.group(c->events.context, in_group, here, here_count, gone, gone_count);
}

static void on_message(cpg_handle_t handle, const struct cpg_name *name, uint32_t node, uint32_t pid, void *data,
                       size_t length)
{
    (void)name, (void)pid;
    struct corosync *c = NULL;
    if (cpg_context_get(handle, (void **)&c) == CS_OK && c != NULL)
        c->events.message(c->events.context, node, data, length);
}

static void on_quorum(quorum_handle_t handle, uint32_t quorate, uint64_t ring, uint32_t count, uint32_t *nodes)
{
    (void)ring;
    const void *context = NULL;
    if (quorum_context_get(handle, &context) != CS_OK || context == NULL)
        return;
    const struct corosync *c = context;
    c->events.quorum(c->events.context, quorate != 0, nodes, count);
}

static int32_t gone_unless(struct corosync *c, cs_error_t error)
{
    if (error != CS_OK && error != CS_ERR_TRY_AGAIN)
        c->events.gone(c->events.context, to_errno(error));
    return 0;
}

static int32_t on_group_readable(int32_t fd, int32_t events, void *data)
{
    (void)fd, (void)events;
    struct corosync *c = data;
    return gone_unless(c, cpg_dispatch(c->group, CS_DISPATCH_ALL));
}

static int32_t on_quorum_readable(int32_t fd, int32_t events, void *data)
{
    (void)fd, (void)events;
    struct corosync *c = data;
    return gone_unless(c, quorum_dispatch(c->quorum, CS_DISPATCH_ALL));
}

/* Each step only when the one before succeeded. */
static cs_error_t open_group(struct corosync *c)
{
    cpg_model_v1_data_t callbacks = {.model = CPG_MODEL_V1, .cpg_deliver_fn = on_message, .cpg_confchg_fn = on_group};
    cs_error_t error = cpg_model_initialize(&c->group, CPG_MODEL_V1, (cpg_model_data_t *)&callbacks, c);
    unsigned self = 0;
    c->group_open = error == CS_OK;
    if (error == CS_OK)
        error = cpg_local_get(c->group, &self);
    if (error == CS_OK)
        error = cpg_join(c->group, &group_name);
    if (error == CS_OK)
        error = cpg_fd_get(c->group, &c->group_fd);
    c->self = self;
    return error;
}

/* Without a provider (type QUORUM_FREE) Corosync counts no votes; then there is no majority. */
static cs_error_t open_quorum(struct corosync *c)
{
    quorum_callbacks_t callbacks = {.quorum_notify_fn = on_quorum};
    uint32_t type = QUORUM_FREE;
    cs_error_t error = quorum_initialize(&c->quorum, &callbacks, &type);
    c->quorum_open = error == CS_OK;
    if (error == CS_OK)
        error = quorum_context_set(c->quorum, c);
    if (error == CS_OK)
        error = quorum_trackstart(c->quorum, CS_TRACK_CURRENT | CS_TRACK_CHANGES);
    if (error == CS_OK)
        error = quorum_fd_get(c->quorum, &c->quorum_fd);
    if (error == CS_OK && type != QUORUM_FREE) {
        error = votequorum_initialize(&c->votes, NULL);
        c->votes_open = error == CS_OK;
    }
    return error;
}

static int add_to_loop(struct corosync *c)
{
    int rc = qb_loop_poll_add(c->loop, QB_LOOP_MED, c->group_fd, POLLIN, c, on_group_readable);
    if (rc != 0) {
        c->group_fd = c->quorum_fd = -1;
        return rc;
    }
    rc = qb_loop_poll_add(c->loop, QB_LOOP_MED, c->quorum_fd, POLLIN, c, on_quorum_readable);
    if (rc != 0)
        c->quorum_fd = -1;
    return rc;
}

int corosync_open(qb_loop_t *loop, const struct corosync_events *events, struct corosync **out)
{
    struct corosync *c = calloc(1, sizeof *c);
    if (c == NULL)
        return -ENOMEM;
    *c = (struct corosync){.loop = loop, .events = *events, .group_fd = -1, .quorum_fd = -1, .pid = (uint32_t)getpid()};
    cs_error_t error = open_group(c);
    if (error == CS_OK)
        error = open_quorum(c);
    int rc = to_errno(error);
    if (rc != 0)
        c->group_fd = c->quorum_fd = -1; /* not on the loop yet */
    else
        rc = add_to_loop(c);
    if (rc != 0) {
        corosync_close(c);
        return rc;
    }
    *out = c;
    return 0;
}

int corosync_has_majority(struct corosync *corosync)
{
    struct votequorum_info info;
    if (!corosync->votes_open)
        return 0;
    int rc = to_errno(votequorum_getinfo(corosync->votes, corosync->self, &info));
    if (rc == -EAGAIN)
        return rc;
    return rc == 0 && (info.flags & VOTEQUORUM_INFO_QUORATE) != 0 && info.total_votes > info.highest_expected / 2;
}

int corosync_send(struct corosync *corosync, const void *data, size_t length)
{
    struct iovec part = {(void *)(uintptr_t)data, length};
    return to_errno(cpg_mcast_joined(corosync->group, CPG_TYPE_AGREED, &part, 1));
}

void corosync_leave(struct corosync *corosync)
{
    (void)cpg_leave(corosync->group, &group_name);
}

void corosync_close(struct corosync *corosync)
{
    if (corosync->group_fd >= 0)
        (void)qb_loop_poll_del(corosync->loop, corosync->group_fd);
    if (corosync->quorum_fd >= 0)
        (void)qb_loop_poll_del(corosync->loop, corosync->quorum_fd);
    if (corosync->votes_open)
        (void)votequorum_finalize(corosync->votes);
    if (corosync->quorum_open)
        (void)quorum_finalize(corosync->quorum);
    if (corosync->group_open)
        (void)cpg_finalize(corosync->group);
    free(corosync);
}
