/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function a message walks over its fields in the order of the wire, for writing and for reading alike: so the
 * two directions cannot differ. Range checks are the same for both. */
#include "wire_body.h"

#include <errno.h>
#include <string.h>

#define WEIGHT_MAX 65535
#define PRESSURE_MAX 1000

enum fault { FAULT_NONE, FAULT_RANGE, FAULT_ROOM };

/* A place in a body. Exactly one of in and out is set. After a fault nothing is touched any more. */
struct walk {
    const uint8_t *in;
    uint8_t *out;
    size_t left;
    size_t used;
    enum fault fault;
};

static void require(struct walk *w, bool fits)
{
    if (!fits && w->fault == FAULT_NONE)
        w->fault = FAULT_RANGE;
}

static void walk_bytes(struct walk *w, void *bytes, size_t count)
{
    if (w->fault == FAULT_NONE && count > w->left)
        w->fault = FAULT_ROOM;
    if (w->fault != FAULT_NONE)
        return;
    if (w->in != NULL)
        memcpy(bytes, w->in + w->used, count);
    else
        memcpy(w->out + w->used, bytes, count);
    w->used += count;
    w->left -= count;
}

/* A number of so many bytes, most significant first. */
static uint64_t walk_number(struct walk *w, uint64_t value, size_t count)
{
    uint8_t bytes[8] = {0};
    uint64_t result = 0;

    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)(value >> (8 * (count - 1 - i)));
    walk_bytes(w, bytes, count);
    for (size_t i = 0; i < count; i++)
        result = result << 8 | bytes[i];
    return result;
}

static void walk_u8(struct walk *w, uint8_t *value)
{
    *value = (uint8_t)walk_number(w, *value, 1);
}

static void walk_u16(struct walk *w, uint16_t *value)
{
    *value = (uint16_t)walk_number(w, *value, 2);
}

static void walk_u32(struct walk *w, uint32_t *value)
{
    *value = (uint32_t)walk_number(w, *value, 4);
}

static void walk_u64(struct walk *w, uint64_t *value)
{
    *value = walk_number(w, *value, 8);
}

static void walk_bool(struct walk *w, bool *value)
{
    uint64_t number = walk_number(w, *value, 1);

    require(w, number <= 1);
    *value = number == 1;
}

/* A count of entries; never above max, also after a fault. */
static void walk_count(struct walk *w, size_t *count, size_t max)
{
    require(w, *count <= max);
    *count = (size_t)walk_number(w, *count, 1);
    require(w, *count <= max);
    if (w->fault != FAULT_NONE)
        *count = 0;
}

/* Family as 4, 6 or 0 (none), then the bytes of the address. */
static void walk_addr(struct walk *w, struct addr *a, bool may_be_none)
{
    uint8_t version = a->family == AF_INET ? 4 : a->family == AF_INET6 ? 6 : 0;

    walk_u8(w, &version);
    require(w, version == 4 || version == 6 || (version == 0 && may_be_none));
    a->family = version == 4 ? AF_INET : version == 6 ? AF_INET6 : AF_UNSPEC;
    walk_bytes(w, a->bytes, version == 4 ? 4 : version == 6 ? 16 : 0);
    require(w, version != 6 || !IN6_IS_ADDR_V4MAPPED(&a->v6)); /* the same node would have two names */
}

/* Bytes that follow the first byte of a UTF-8 character, and the smallest character of that length; -1: no first. */
static int utf8_follow(uint8_t first, uint32_t *smallest)
{
    *smallest = first < 0x80 ? 0 : first < 0xe0 ? 0x80 : first < 0xf0 ? 0x800 : 0x10000;
    if (first < 0x80)
        return 0;
    if (first < 0xc2 || first > 0xf4)
        return -1;
    return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

/* RFC 3629, without control characters: names are shown on terminals and stand in logs. */
static bool name_is_clean(const char *name, size_t length)
{
    const uint8_t *bytes = (const uint8_t *)name;

    for (size_t i = 0; i < length;) {
        uint32_t smallest;
        int follow = utf8_follow(bytes[i], &smallest);
        uint32_t c = follow <= 0 ? bytes[i] : bytes[i] & (0x3fu >> follow);

        i++;
        if (follow < 0 || (size_t)follow > length - i)
            return false;
        for (; follow > 0; follow--, i++) {
            if ((bytes[i] & 0xc0) != 0x80)
                return false;
            c = c << 6 | (bytes[i] & 0x3f);
        }
        if (c < smallest || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
            return false;
        if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
            return false;
    }
    return true;
}

static void walk_name(struct walk *w, char name[WIRE_NAME_MAX])
{
    size_t length = w->in != NULL ? 0 : strnlen(name, WIRE_NAME_MAX);

    walk_count(w, &length, WIRE_NAME_MAX - 1);
    require(w, length > 0);
    walk_bytes(w, name, length);
    if (w->fault == FAULT_NONE)
        require(w, name_is_clean(name, length));
}

static void walk_report(struct walk *w, struct wire_report *r)
{
    require(w, (r->flags & ~(WIRE_WANT_ACK | WIRE_DRAINING)) == 0);
    walk_u64(w, &r->session);
    walk_u64(w, &r->sequence);
    require(w, r->session != 0 && r->sequence != 0);
    walk_bytes(w, r->cookie, sizeof(r->cookie));
    walk_addr(w, &r->address, false);
    walk_addr(w, &r->address6, true);
    require(w, r->address.family != r->address6.family);
    walk_u32(w, &r->index);
    walk_u16(w, &r->pressure);
    require(w, r->pressure <= PRESSURE_MAX);
    walk_u32(w, &r->connections);
    walk_name(w, r->name);
    walk_count(w, &r->service_count, WIRE_SERVICES_MAX);
    for (size_t i = 0; i < r->service_count; i++) {
        walk_bool(w, &r->services[i].up);
        walk_name(w, r->services[i].name);
    }
}

static void walk_acknowledgement(struct walk *w, struct wire_acknowledgement *a)
{
    require(w, (a->flags & ~WIRE_ACCEPTED) == 0);
    walk_u64(w, &a->session);
    walk_u64(w, &a->sequence);
    require(w, a->session != 0 && a->sequence != 0);
    walk_bytes(w, a->cookie, sizeof(a->cookie));
}

static void walk_overrides(struct walk *w, struct wire_overrides *o)
{
    walk_count(w, &o->count, WIRE_OVERRIDES_MAX);
    for (size_t i = 0; i < o->count; i++) {
        struct wire_override *entry = &o->entries[i];

        walk_addr(w, &entry->node, false);
        walk_u8(w, &entry->kind);
        require(w, entry->kind <= WIRE_OVERRIDE_WEIGHT);
        walk_u32(w, &entry->weight);
        require(w, entry->weight <= WEIGHT_MAX);
        walk_u64(w, &entry->stamp);
        walk_u64(w, &entry->origin);
    }
}

static void walk_message(struct walk *w, struct wire_message *m)
{
    switch (m->type) {
    case WIRE_REPORT:
        walk_report(w, &m->report);
        break;
    case WIRE_ACKNOWLEDGEMENT:
        walk_acknowledgement(w, &m->acknowledgement);
        break;
    case WIRE_HELLO:
        walk_u64(w, &m->hello.instance);
        break;
    case WIRE_OVERRIDES:
        walk_overrides(w, &m->overrides);
        break;
    default:
        require(w, false);
    }
}

static uint8_t *flags_of(struct wire_message *m)
{
    if (m->type == WIRE_REPORT)
        return &m->report.flags;
    return m->type == WIRE_ACKNOWLEDGEMENT ? &m->acknowledgement.flags : NULL;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the walk writes through out */
int wire_body_write(const struct wire_message *message, uint8_t *flags, uint8_t *out, size_t size)
{
    struct wire_message copy = *message; /* the walk may write into what it walks over */
    struct walk w = {.out = out, .left = size};
    const uint8_t *from = flags_of(&copy);

    walk_message(&w, &copy);
    if (w.fault != FAULT_NONE)
        return w.fault == FAULT_ROOM ? -EMSGSIZE : -EINVAL;
    *flags = from != NULL ? *from : 0;
    return (int)w.used;
}

bool wire_body_read(struct wire_message *message, uint8_t flags, const uint8_t *data, size_t length)
{
    struct walk w = {.in = data, .left = length};
    uint8_t *to = flags_of(message);

    if (to != NULL)
        *to = flags;
    else
        require(&w, flags == 0);
    walk_message(&w, message);
    return w.fault == FAULT_NONE && w.left == 0;
}

size_t wire_connections_room(sa_family_t family)
{
    return family == AF_INET ? WIRE_CONNECTIONS_MAX : family == AF_INET6 ? 70 : 0;
}
