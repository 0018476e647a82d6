/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xdr.h"

#include <string.h>

const uint8_t *xdr_get_bytes(struct xdr_reader *reader, size_t length)
{
    size_t left = reader->length - reader->at;
    size_t padded = length + (4 - length % 4) % 4;

    if (reader->bad || padded < length || padded > left) {
        reader->bad = true;
        return NULL;
    }
    const uint8_t *data = reader->data + reader->at;
    reader->at += padded;
    return data;
}

uint32_t xdr_get_u32(struct xdr_reader *reader)
{
    const uint8_t *data = xdr_get_bytes(reader, 4);
    if (data == NULL)
        return 0;
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

uint64_t xdr_get_u64(struct xdr_reader *reader)
{
    uint64_t high = xdr_get_u32(reader);
    return high << 32 | xdr_get_u32(reader);
}

bool xdr_get_bool(struct xdr_reader *reader)
{
    uint32_t value = xdr_get_u32(reader);
    if (value > 1)
        reader->bad = true;
    return value == 1 && !reader->bad;
}

const uint8_t *xdr_get_opaque(struct xdr_reader *reader, size_t max, size_t *length)
{
    *length = xdr_get_u32(reader);
    if (*length > max)
        reader->bad = true;
    const uint8_t *data = xdr_get_bytes(reader, *length);
    if (data == NULL)
        *length = 0;
    return data;
}

void xdr_put_bytes(struct xdr_writer *writer, const void *data, size_t length)
{
    size_t padding = (4 - length % 4) % 4;

    if (writer->full || length > writer->size - writer->length || padding > writer->size - writer->length - length) {
        writer->full = true;
        return;
    }
    if (length > 0)
        memcpy(writer->data + writer->length, data, length);
    memset(writer->data + writer->length + length, 0, padding);
    writer->length += length + padding;
}

void xdr_put_u32(struct xdr_writer *writer, uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    xdr_put_bytes(writer, bytes, sizeof(bytes));
}

void xdr_put_u64(struct xdr_writer *writer, uint64_t value)
{
    xdr_put_u32(writer, (uint32_t)(value >> 32));
    xdr_put_u32(writer, (uint32_t)value);
}

void xdr_put_opaque(struct xdr_writer *writer, const void *data, size_t length)
{
    xdr_put_u32(writer, (uint32_t)length);
    xdr_put_bytes(writer, data, length);
}

void xdr_put_text(struct xdr_writer *writer, const char *text)
{
    xdr_put_opaque(writer, text, strlen(text));
}
