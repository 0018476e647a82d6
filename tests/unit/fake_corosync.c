/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_corosync.h"

#include <corosync/quorum.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EVENTS_MAX 32
#define NODES_MAX 16

struct event {
    enum { GROUP, MESSAGE, QUORUM } kind;
    struct cpg_address members[NODES_MAX];
    uint32_t nodes[NODES_MAX];
    size_t count;
    struct cpg_address left;
    bool quorate;
    uint8_t data[2048];
};

struct library {
    bool open;
    int fd; /* readable while there are events, or for good after a crash */
    bool crashed;
    size_t count;
    struct event events[EVENTS_MAX];
    void *context;
};

struct fake_corosync fake_corosync;
static struct library group_library = {.fd = -1}, quorum_library = {.fd = -1};
static cpg_model_v1_data_t group_callbacks;
static quorum_callbacks_t quorum_callback;

static void wake_reader(struct library *library)
{
    if (library->fd >= 0)
        (void)eventfd_write(library->fd, 1);
}

static cs_error_t open_library(struct library *library)
{
    if (fake_corosync.refuses != CS_OK)
        return fake_corosync.refuses;
    *library = (struct library){.open = true, .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    fake_corosync.open++;
    return CS_OK;
}

static cs_error_t close_library(struct library *library)
{
    close(library->fd);
    *library = (struct library){.fd = -1};
    fake_corosync.open--;
    return CS_OK;
}

static struct event *add_event(struct library *library)
{
    if (!library->open || library->count == EVENTS_MAX)
        return NULL;
    wake_reader(library);
    struct event *event = &library->events[library->count++];
    memset(event, 0, sizeof *event);
    return event;
}

void fake_corosync_start(void)
{
    fake_corosync =
        (struct fake_corosync){.refuses = CS_OK, .sending = CS_OK, .counting = CS_OK, .total = 3, .expected = 3};
}

void fake_corosync_crash(void)
{
    fake_corosync.refuses = CS_ERR_LIBRARY;
    group_library.crashed = quorum_library.crashed = true;
    wake_reader(&group_library);
    wake_reader(&quorum_library);
}

void fake_corosync_group(const uint32_t *members, size_t count, uint32_t left, cpg_reason_t reason)
{
    struct event *event = add_event(&group_library);
    if (event == NULL)
        return;
    event->kind = GROUP;
    event->count = count;
    for (size_t i = 0; i < count; i++)
        event->members[i] =
            (struct cpg_address){.nodeid = members[i], .pid = members[i] == FAKE_SELF ? (uint32_t)getpid() : 1};
    event->left = (struct cpg_address){.nodeid = left, .pid = 1, .reason = reason};
}

void fake_corosync_quorum(bool quorate, const uint32_t *nodes, size_t count)
{
    struct event *event = add_event(&quorum_library);
    if (event == NULL)
        return;
    event->kind = QUORUM;
    event->count = count;
    event->quorate = quorate;
    memcpy(event->nodes, nodes, count * sizeof *nodes);
}

void fake_corosync_message(const void *data, size_t length)
{
    struct event *event = add_event(&group_library);
    if (event == NULL || length > sizeof event->data)
        return;
    event->kind = MESSAGE;
    event->count = length;
    memcpy(event->data, data, length);
}

static void say(struct event *event)
{
    static const struct cpg_name name = {.length = 8, .value = "has-cvip"};
    switch (event->kind) {
    case GROUP:
        group_callbacks.cpg_confchg_fn(1, &name, event->members, event->count, &event->left, event->left.nodeid != 0,
                                       NULL, 0);
        break;
    case MESSAGE:
        group_callbacks.cpg_deliver_fn(1, &name, 2, 1, event->data, event->count);
        break;
    case QUORUM:
    default:
        quorum_callback.quorum_notify_fn(1, event->quorate, 1, (uint32_t)event->count, event->nodes);
    }
}

static cs_error_t dispatch(struct library *library)
{
    eventfd_t value;
    if (library->crashed)
        return CS_ERR_LIBRARY;
    (void)eventfd_read(library->fd, &value);
    while (library->count > 0) {
        struct event event = library->events[0];
        memmove(library->events, library->events + 1, --library->count * sizeof event);
        say(&event);
    }
    return CS_OK;
}

cs_error_t cpg_model_initialize(cpg_handle_t *handle, cpg_model_t model, cpg_model_data_t *data, void *context)
{
    (void)model;
    cs_error_t error = open_library(&group_library);
    memcpy(&group_callbacks, data, sizeof group_callbacks);
    group_library.context = context;
    *handle = 1;
    return error;
}

cs_error_t cpg_finalize(cpg_handle_t handle)
{
    (void)handle;
    return close_library(&group_library);
}

cs_error_t cpg_local_get(cpg_handle_t handle, unsigned *local_nodeid)
{
    (void)handle;
    *local_nodeid = FAKE_SELF;
    return CS_OK;
}

cs_error_t cpg_join(cpg_handle_t handle, const struct cpg_name *group)
{
    (void)handle;
    return group->length == 8 && memcmp(group->value, "has-cvip", 8) == 0 ? CS_OK : CS_ERR_INVALID_PARAM;
}

cs_error_t cpg_leave(cpg_handle_t handle, const struct cpg_name *group)
{
    (void)handle, (void)group;
    fake_corosync.goodbyes++;
    return CS_OK;
}

cs_error_t cpg_fd_get(cpg_handle_t handle, int *fd)
{
    (void)handle;
    *fd = group_library.fd;
    return CS_OK;
}

cs_error_t cpg_context_get(cpg_handle_t handle, void **context)
{
    (void)handle;
    *context = group_library.context;
    return CS_OK;
}

cs_error_t cpg_dispatch(cpg_handle_t handle, cs_dispatch_flags_t types)
{
    (void)handle, (void)types;
    return dispatch(&group_library);
}

cs_error_t cpg_mcast_joined(cpg_handle_t handle, cpg_guarantee_t guarantee, const struct iovec *iovec, unsigned iov_len)
{
    (void)handle, (void)guarantee, (void)iov_len;
    if (fake_corosync.sending == CS_OK)
        fake_corosync_message(iovec[0].iov_base, iovec[0].iov_len);
    return fake_corosync.sending;
}

cs_error_t quorum_initialize(quorum_handle_t *handle, quorum_callbacks_t *callbacks, uint32_t *type)
{
    cs_error_t error = open_library(&quorum_library);
    quorum_callback = *callbacks;
    *handle = 1;
    *type = fake_corosync.without_votes ? QUORUM_FREE : QUORUM_SET;
    return error;
}

cs_error_t quorum_finalize(quorum_handle_t handle)
{
    (void)handle;
    return close_library(&quorum_library);
}

cs_error_t quorum_context_set(quorum_handle_t handle, const void *context)
{
    (void)handle;
    quorum_library.context = (void *)(uintptr_t)context;
    return CS_OK;
}

cs_error_t quorum_context_get(quorum_handle_t handle, const void **context)
{
    (void)handle;
    *context = quorum_library.context;
    return CS_OK;
}

cs_error_t quorum_trackstart(quorum_handle_t handle, unsigned flags)
{
    (void)handle, (void)flags;
    return CS_OK;
}

cs_error_t quorum_fd_get(quorum_handle_t handle, int *fd)
{
    (void)handle;
    *fd = quorum_library.fd;
    return CS_OK;
}

cs_error_t quorum_dispatch(quorum_handle_t handle, cs_dispatch_flags_t types)
{
    (void)handle, (void)types;
    return dispatch(&quorum_library);
}

cs_error_t votequorum_initialize(votequorum_handle_t *handle, votequorum_callbacks_t *callbacks)
{
    (void)callbacks;
    *handle = 1;
    fake_corosync.open++;
    return CS_OK;
}

cs_error_t votequorum_finalize(votequorum_handle_t handle)
{
    (void)handle;
    fake_corosync.open--;
    return CS_OK;
}

cs_error_t votequorum_getinfo(votequorum_handle_t handle, unsigned node, struct votequorum_info *info)
{
    (void)handle;
    *info = (struct votequorum_info){.total_votes = fake_corosync.total,
                                     .highest_expected = fake_corosync.expected,
                                     .flags = VOTEQUORUM_INFO_QUORATE};
    return node == FAKE_SELF ? fake_corosync.counting : CS_ERR_NOT_EXIST;
}
