/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire_walk.h"

#include <string.h>

void wire_require(struct wire_walk *w, bool fits)
{
    if (!fits && w->fault == WIRE_FAULT_NONE)
        w->fault = WIRE_FAULT_RANGE;
}

void wire_walk_bytes(struct wire_walk *w, void *bytes, size_t count)
{
    if (w->fault == WIRE_FAULT_NONE && count > w->left)
        w->fault = WIRE_FAULT_ROOM;
    if (w->fault != WIRE_FAULT_NONE)
        return;
    if (w->in != NULL)
        memcpy(bytes, w->in + w->used, count);
    else
        memcpy(w->out + w->used, bytes, count);
    w->used += count;
    w->left -= count;
}

/* A number of so many bytes, most significant first. */
static uint64_t walk_number(struct wire_walk *w, uint64_t value, size_t count)
{
    uint8_t bytes[8] = {0};
    uint64_t result = 0;

    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)(value >> (8 * (count - 1 - i)));
    wire_walk_bytes(w, bytes, count);
    for (size_t i = 0; i < count; i++)
        result = result << 8 | bytes[i];
    return result;
}

void wire_walk_u8(struct wire_walk *w, uint8_t *value)
{
    *value = (uint8_t)walk_number(w, *value, 1);
}

void wire_walk_u16(struct wire_walk *w, uint16_t *value)
{
    *value = (uint16_t)walk_number(w, *value, 2);
}

void wire_walk_u32(struct wire_walk *w, uint32_t *value)
{
    *value = (uint32_t)walk_number(w, *value, 4);
}

void wire_walk_u64(struct wire_walk *w, uint64_t *value)
{
    *value = walk_number(w, *value, 8);
}

void wire_walk_bool(struct wire_walk *w, bool *value)
{
    uint64_t number = walk_number(w, *value, 1);

    wire_require(w, number <= 1);
    *value = number == 1;
}

void wire_walk_count(struct wire_walk *w, size_t *count, size_t max)
{
    wire_require(w, *count <= max);
    *count = (size_t)walk_number(w, *count, 1);
    wire_require(w, *count <= max);
    if (w->fault != WIRE_FAULT_NONE)
        *count = 0;
}

void wire_walk_addr(struct wire_walk *w, struct addr *a, bool may_be_none)
{
    uint8_t version = a->family == AF_INET ? 4 : a->family == AF_INET6 ? 6 : 0;

    wire_walk_u8(w, &version);
    wire_require(w, version == 4 || version == 6 || (version == 0 && may_be_none));
    a->family = version == 4 ? AF_INET : version == 6 ? AF_INET6 : AF_UNSPEC;
    if (a->family != AF_UNSPEC)
        wire_walk_addr_bytes(w, a);
}

void wire_walk_addr_bytes(struct wire_walk *w, struct addr *a)
{
    wire_walk_bytes(w, a->bytes, a->family == AF_INET ? sizeof(a->v4) : sizeof(a->v6));
    wire_require(w, a->family == AF_INET || !IN6_IS_ADDR_V4MAPPED(&a->v6)); /* the same node would have two names */
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

void wire_walk_name(struct wire_walk *w, char name[WIRE_NAME_MAX])
{
    size_t length = w->in != NULL ? 0 : strnlen(name, WIRE_NAME_MAX);

    wire_walk_count(w, &length, WIRE_NAME_MAX - 1);
    wire_require(w, length > 0);
    wire_walk_bytes(w, name, length);
    if (w->fault == WIRE_FAULT_NONE)
        wire_require(w, name_is_clean(name, length));
}
