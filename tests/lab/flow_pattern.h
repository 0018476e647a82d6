/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a long transfer carries: bytes that follow from a seed, so that both ends can check each of them.
 *
 * The client begins with a greeting; the server answers with its name, FLOW_NAME bytes filled up with zeros. Then comes
 * the pattern: in an echo the client sends it and the server sends back what it gets; in a stream the server sends it,
 * a block every FLOW_PACE_MS. */
#ifndef LAB_FLOW_PATTERN_H
#define LAB_FLOW_PATTERN_H

#include <stddef.h>
#include <stdint.h>

enum { FLOW_PORT = 7777, FLOW_NAME = 32, FLOW_BLOCK = 256, FLOW_PACE_MS = 50 };
enum { FLOW_ECHO = 'e', FLOW_STREAM = 's' };

struct flow_greeting {
    char magic[7]; /* "flow-1", with its zero */
    char mode;
    uint64_t seed; /* in the machine's order: all of the lab is one machine */
};
#define FLOW_MAGIC "flow-1"

/* The pattern's byte at an offset. */
static inline uint8_t flow_byte(uint64_t seed, uint64_t offset)
{
    uint64_t x = seed + (offset / 8 + 1) * 0x9e3779b97f4a7c15u; /* splitmix64 */

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    x ^= x >> 31;
    return (uint8_t)(x >> (offset % 8 * 8));
}

static inline void flow_fill(uint8_t *bytes, size_t length, uint64_t seed, uint64_t offset)
{
    for (size_t i = 0; i < length; i++)
        bytes[i] = flow_byte(seed, offset + i);
}

#endif
