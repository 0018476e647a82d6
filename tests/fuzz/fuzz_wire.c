/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of datagrams. The first byte of the input chooses: even, the rest is a datagram as the network brings
 * it; odd, the rest is type, flags and body, and is signed here, so that the fuzzer reaches what stands behind the
 * MAC. What is accepted must come out the same when it is written again. */
#include "wire.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 12
#define MAC 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct keyring ring = {.count = 1, .keys = {{.id = 1, .bytes = {1, 2, 3}}}};

static size_t sign(const uint8_t *data, size_t size, uint8_t out[WIRE_DATAGRAM_MAX])
{
    size_t body = size - 2;
    size_t length = HEADER + body + MAC;

    if (length > WIRE_DATAGRAM_MAX)
        return 0;
    memcpy(out, "HAS1", 4);
    memcpy(out + 4, data, 2);
    out[6] = (uint8_t)(length >> 8);
    out[7] = (uint8_t)length;
    memcpy(out + 8, "\0\0\0\1", 4);
    memcpy(out + HEADER, data + 2, body);
    crypto_generichash(out + HEADER + body, MAC, out, HEADER + body, ring.keys[0].bytes, KEY_BYTES);
    return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t datagram[WIRE_DATAGRAM_MAX];
    uint8_t again[WIRE_DATAGRAM_MAX];
    struct wire_message message;
    size_t length;

    if (size < 3)
        return 0;
    if (data[0] % 2 == 0) {
        wire_decode(data + 1, size - 1, &ring, &message);
        return 0;
    }
    length = sign(data + 1, size - 1, datagram);
    if (length > 0 && wire_decode(datagram, length, &ring, &message) == WIRE_OK &&
        (wire_encode(&message, &ring.keys[0], again) != (int)length || memcmp(datagram, again, length) != 0))
        abort();
    return 0;
}
