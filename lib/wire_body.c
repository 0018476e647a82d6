/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which walk belongs to which type. */
#include "wire_body.h"

#include <errno.h>
#include <string.h>

size_t wire_body_extent(enum wire_type type)
{
    static const size_t sizes[] = {
        [WIRE_REPORT] = sizeof(struct wire_report),
        [WIRE_ACKNOWLEDGEMENT] = sizeof(struct wire_acknowledgement),
        [WIRE_HELLO] = sizeof(struct wire_hello),
        [WIRE_OVERRIDES] = sizeof(struct wire_overrides),
        [WIRE_HEARTBEAT] = sizeof(struct wire_heartbeat),
        [WIRE_MAP] = sizeof(struct wire_map),
        [WIRE_CONNECTIONS_REQUEST] = sizeof(struct wire_connections_request),
        [WIRE_CONNECTIONS] = sizeof(struct wire_connections),
    };
    size_t known = (size_t)type < sizeof(sizes) / sizeof(sizes[0]) ? sizes[type] : 0;

    return offsetof(struct wire_message, report) + known;
}

static void walk_message(struct wire_walk *w, struct wire_message *m)
{
    switch (m->type) {
    case WIRE_REPORT:
        wire_walk_report(w, &m->report);
        break;
    case WIRE_ACKNOWLEDGEMENT:
        wire_walk_acknowledgement(w, &m->acknowledgement);
        break;
    case WIRE_HELLO:
        wire_walk_u64(w, &m->hello.instance);
        break;
    case WIRE_OVERRIDES:
        wire_walk_overrides(w, &m->overrides);
        break;
    case WIRE_HEARTBEAT:
        wire_walk_heartbeat(w, &m->heartbeat);
        break;
    case WIRE_MAP:
        wire_walk_map(w, &m->map);
        break;
    case WIRE_CONNECTIONS_REQUEST:
        wire_walk_connections_request(w, &m->connections_request);
        break;
    case WIRE_CONNECTIONS:
        wire_walk_connections(w, &m->connections);
        break;
    default:
        wire_require(w, false);
    }
}

static uint8_t *flags_of(struct wire_message *m)
{
    switch (m->type) {
    case WIRE_REPORT:
        return &m->report.flags;
    case WIRE_ACKNOWLEDGEMENT:
        return &m->acknowledgement.flags;
    case WIRE_HEARTBEAT:
        return &m->heartbeat.flags;
    case WIRE_CONNECTIONS:
        return &m->connections.flags;
    default:
        return NULL;
    }
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the walk writes through out */
int wire_body_write(const struct wire_message *message, uint8_t *flags, uint8_t *out)
{
    struct wire_message copy; /* the walk may write into what it walks over */
    struct wire_walk w = {.out = out, .left = WIRE_BODY_MAX};
    const uint8_t *from;

    memcpy(&copy, message, wire_body_extent(message->type));
    walk_message(&w, &copy);
    if (w.fault != WIRE_FAULT_NONE)
        return w.fault == WIRE_FAULT_ROOM ? -EMSGSIZE : -EINVAL;
    from = flags_of(&copy);
    *flags = from != NULL ? *from : 0;
    return (int)w.used;
}

bool wire_body_read(struct wire_message *message, uint8_t flags, const uint8_t *data, size_t length)
{
    struct wire_walk w = {.in = data, .left = length};
    uint8_t *to = flags_of(message);

    if (to != NULL)
        *to = flags;
    else
        wire_require(&w, flags == 0);
    walk_message(&w, message);
    return w.fault == WIRE_FAULT_NONE && w.left == 0;
}
