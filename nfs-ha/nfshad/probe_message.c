/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe_message.h"

#include <errno.h>
#include <string.h>

#define MARK_SIZE 4
#define LAST_FRAGMENT 0x80000000u
#define REPLY_MIN 12 /* xid, type, and whether it was accepted */

/* RFC 5531 9. */
#define TYPE_CALL 0
#define TYPE_REPLY 1
#define RPC_VERSION 2
#define PROGRAM_NFS 100003
#define PROCEDURE_NULL 0
#define REPLY_DENIED 1

static void put32(uint8_t *out, uint32_t value)
{
    out[0] = (uint8_t)(value >> 24);
    out[1] = (uint8_t)(value >> 16);
    out[2] = (uint8_t)(value >> 8);
    out[3] = (uint8_t)value;
}

static uint32_t get32(const uint8_t *in)
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

void probe_message_call(uint8_t out[PROBE_CALL_SIZE], uint32_t xid, uint32_t version)
{
    const uint32_t words[] = {
        LAST_FRAGMENT | (PROBE_CALL_SIZE - MARK_SIZE),
        xid,
        TYPE_CALL,
        RPC_VERSION,
        PROGRAM_NFS,
        version,
        PROCEDURE_NULL,
        0,
        0,
        0,
        0 /* credential and verifier: AUTH_NONE, empty */
    };
    _Static_assert(sizeof words == PROBE_CALL_SIZE, "the call");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        put32(out + 4 * i, words[i]);
}

/* The length of the record whose mark is there. Returns 0, or -EPROTO. */
static int record_length(const struct probe_reader *reader, size_t *out)
{
    uint32_t mark = get32(reader->bytes);
    *out = mark & ~LAST_FRAGMENT;
    return (mark & LAST_FRAGMENT) != 0 && *out >= REPLY_MIN && *out <= PROBE_REPLY_MAX ? 0 : -EPROTO;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Takes what is missing of the next `wanted` bytes of the record. Returns whether they are all there. */
static bool fill(struct probe_reader *reader, size_t wanted, const uint8_t **data, size_t *length)
{
    size_t part = smaller(wanted - reader->length, *length);
    memcpy(reader->bytes + reader->length, *data, part);
    reader->length += part;
    *data += part;
    *length -= part;
    return reader->length == wanted;
}

int probe_reader_take(struct probe_reader *reader, const uint8_t *data, size_t length,
                      void (*reply)(void *context, uint32_t xid), void *context)
{
    while (length > 0) {
        size_t record;
        if (reader->length < MARK_SIZE && !fill(reader, MARK_SIZE, &data, &length))
            return 0;
        if (record_length(reader, &record) != 0)
            return -EPROTO;
        if (!fill(reader, MARK_SIZE + record, &data, &length))
            return 0;
        const uint8_t *message = reader->bytes + MARK_SIZE;
        if (get32(message + 4) != TYPE_REPLY || get32(message + 8) > REPLY_DENIED)
            return -EPROTO;
        reader->length = 0;
        reply(context, get32(message));
    }
    return 0;
}
