/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe_calls.h"

#include <errno.h>
#include <stdlib.h>

struct probe_call *probe_calls_at(const struct probe_calls *calls, size_t index)
{
    return &calls->calls[(calls->first + index) % calls->room];
}

void probe_calls_drop_oldest(struct probe_calls *calls)
{
    calls->first = (calls->first + 1) % calls->room;
    calls->count--;
}

int probe_calls_resize(struct probe_calls *calls, size_t room)
{
    struct probe_call *larger = calloc(room, sizeof *larger);
    if (larger == NULL)
        return -ENOMEM;
    while (calls->count > room)
        probe_calls_drop_oldest(calls);
    for (size_t i = 0; i < calls->count; i++)
        larger[i] = *probe_calls_at(calls, i);
    free(calls->calls);
    calls->calls = larger;
    calls->room = room;
    calls->first = 0;
    return 0;
}

void probe_calls_free(struct probe_calls *calls)
{
    free(calls->calls);
    *calls = (struct probe_calls){0};
}

struct probe_call *probe_calls_add(struct probe_calls *calls, uint32_t xid, uint64_t at_us)
{
    if (calls->count == calls->room)
        return NULL;
    struct probe_call *call = probe_calls_at(calls, calls->count++);
    *call = (struct probe_call){.xid = xid, .at_us = at_us};
    return call;
}

bool probe_calls_answered(struct probe_calls *calls, uint32_t xid)
{
    size_t i = 0;
    while (i < calls->count && (probe_calls_at(calls, i)->xid != xid || !probe_calls_at(calls, i)->sent))
        i++;
    if (i == calls->count)
        return false;
    /* Replies come in any order: those before it close the gap. */
    for (; i > 0; i--)
        *probe_calls_at(calls, i) = *probe_calls_at(calls, i - 1);
    probe_calls_drop_oldest(calls);
    return true;
}

void probe_calls_unsent(struct probe_calls *calls)
{
    for (size_t i = 0; i < calls->count; i++)
        probe_calls_at(calls, i)->sent = false;
}
