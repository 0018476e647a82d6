/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a NULL call and its reply: ONC RPC over TCP, RFC 5531. Pure, fuzzed. */
#ifndef NFSHAD_PROBE_MESSAGE_H
#define NFSHAD_PROBE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_CALL_SIZE 44  /* record mark and call with AUTH_NONE */
#define PROBE_REPLY_MAX 512 /* a NULL reply is 24 bytes and a mark; longer records are an error */

void probe_message_call(uint8_t out[PROBE_CALL_SIZE], uint32_t xid, uint32_t version);

struct probe_reader {
    size_t length;
    uint8_t bytes[PROBE_REPLY_MAX + 4];
};

/* Takes bytes of the stream. Calls reply() for each whole reply, with its xid. Returns 0, or -EPROTO when this is no
 * RPC server's stream (not a reply, too long, more than one fragment). */
int probe_reader_take(struct probe_reader *reader, const uint8_t *data, size_t length,
                      void (*reply)(void *context, uint32_t xid), void *context);

#endif
