/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls that have been made and not answered, oldest first. Pure. */
#ifndef NFSHAD_PROBE_CALLS_H
#define NFSHAD_PROBE_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe_call {
    uint32_t xid;
    bool sent; /* on the connection that there is now */
    uint64_t at_us;
};

/* A ring; zeroed is empty and without room. */
struct probe_calls {
    struct probe_call *calls;
    size_t room, first, count;
};

/* Makes room for so many; the oldest that do not fit are forgotten. Returns 0, or -ENOMEM and changes nothing. */
int probe_calls_resize(struct probe_calls *calls, size_t room);
void probe_calls_free(struct probe_calls *calls);

/* index: 0, the oldest one, to count - 1. */
struct probe_call *probe_calls_at(const struct probe_calls *calls, size_t index);
/* Returns NULL when there is no room. */
struct probe_call *probe_calls_add(struct probe_calls *calls, uint32_t xid, uint64_t at_us);
void probe_calls_drop_oldest(struct probe_calls *calls);
/* Removes the call that was sent with that xid. Returns false when there is none. */
bool probe_calls_answered(struct probe_calls *calls, uint32_t xid);
/* The connection is gone: all have to be sent again. */
void probe_calls_unsent(struct probe_calls *calls);

#endif
