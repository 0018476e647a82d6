/* SPDX-License-Identifier: GPL-2.0-or-later */
/* External data representation, RFC 4506: what the few calls to NFS servers need. Nothing a server sends is believed:
 * a reader that was asked for more than there is gives zeros from then on and is bad. Pure. */
#ifndef NFSHA_XDR_H
#define NFSHA_XDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xdr_reader {
    const uint8_t *data;
    size_t length;
    size_t at;
    bool bad;
};

uint32_t xdr_get_u32(struct xdr_reader *reader);
uint64_t xdr_get_u64(struct xdr_reader *reader);
/* Any other value than 0 and 1 is bad. */
bool xdr_get_bool(struct xdr_reader *reader);
/* Opaque data of variable length, at most max. Returns where it is, NULL when the reader is bad. */
const uint8_t *xdr_get_opaque(struct xdr_reader *reader, size_t max, size_t *length);
/* Data of fixed length, as it is. */
const uint8_t *xdr_get_bytes(struct xdr_reader *reader, size_t length);

/* A writer into memory of the caller: what does not fit makes it full, and the rest is dropped. */
struct xdr_writer {
    uint8_t *data;
    size_t size;
    size_t length;
    bool full;
};

void xdr_put_u32(struct xdr_writer *writer, uint32_t value);
void xdr_put_u64(struct xdr_writer *writer, uint64_t value);
void xdr_put_bytes(struct xdr_writer *writer, const void *data, size_t length); /* filled up to 4 */
void xdr_put_opaque(struct xdr_writer *writer, const void *data, size_t length);
void xdr_put_text(struct xdr_writer *writer, const char *text);

#endif
