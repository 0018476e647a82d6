/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The definition of the wire format: these messages are exactly these bytes. The bytes were computed apart from
 * lib/wire.c, with Python's struct and hashlib.blake2b. A change here breaks clusters that run two versions. */
#ifndef HAS_WIRE_VECTORS_H
#define HAS_WIRE_VECTORS_H

#include "wire.h"

static const struct keyring vector_ring = {
    .count = 2,
    .keys = {{.id = 1, .bytes = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}},
             {.id = 4294967295, .bytes = {0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5,
                                          0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5,
                                          0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5}}},
};

#define VECTOR_COOKIE                                                                                                  \
    {                                                                                                                  \
        0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f                 \
    }
#define VECTOR_10_1_0_11                                                                                               \
    {                                                                                                                  \
        .family = AF_INET, .bytes = { 10, 1, 0, 11 }                                                                   \
    }
/* fd00:1::, with the last byte */
#define VECTOR_FD00_1(last)                                                                                            \
    {                                                                                                                  \
        .family = AF_INET6, .bytes = { 0xfd, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (last) }                        \
    }

struct wire_vector {
    const char *name;
    unsigned key; /* position in vector_ring */
    struct wire_message message;
    const char *hex;
};

static const struct wire_vector wire_vectors[] = {
    {.name = "first report: no cookie yet, no second address, no services",
     .message = {.type = WIRE_REPORT,
                 .report = {.flags = WIRE_WANT_ACK,
                            .session = 0x0102030405060708,
                            .sequence = 1,
                            .address = VECTOR_10_1_0_11,
                            .index = 62,
                            .pressure = 500,
                            .name = "t1"}},
     .hex = "4841533101010060000000010102030405060708000000000000000100000000000000000000000000000000040a0100"
            "0b000000003e01f40000000002743100700632587eb5ef971b6622f5a097a4898266e2462b5884979ba53a9e14027944"},
    {.name = "full report: largest numbers, both families, a name that is not ASCII, the other key",
     .key = 1,
     .message = {.type = WIRE_REPORT,
                 .report = {.flags = WIRE_WANT_ACK | WIRE_DRAINING,
                            .session = 0xffffffffffffffff,
                            .sequence = 0xfffffffffffffffe,
                            .cookie = VECTOR_COOKIE,
                            .address = VECTOR_FD00_1(0x11),
                            .address6 = VECTOR_10_1_0_11,
                            .index = 0xffffffff,
                            .pressure = 1000,
                            .connections = 0x01020304,
                            .name = "Knoten-\xc3\xa4",
                            .service_count = 2,
                            .services = {{.name = "web", .up = true}, {.name = "dns", .up = false}}}},
     .hex = "4841533101030081fffffffffffffffffffffffffffffffffffffffe101112131415161718191a1b1c1d1e1f06fd0000"
            "01000000000000000000000011040a01000bffffffff03e801020304094b6e6f74656e2dc3a40201037765620003646e"
            "73309bcf1cdfddb1887f6a383ee23185b5ebaa16ae77e4158ecb7ad82f4888947f"},
    {.name = "acknowledgement of an accepted report",
     .message = {.type = WIRE_ACKNOWLEDGEMENT,
                 .acknowledgement =
                     {.flags = WIRE_ACCEPTED, .session = 0x0102030405060708, .sequence = 2, .cookie = VECTOR_COOKIE}},
     .hex = "484153310201004c0000000101020304050607080000000000000002101112131415161718191a1b1c1d1e1ff42f2fbb"
            "68d97afd6da2f46bdf038d8e2a556824ccbfec1c01f4aaf6d9857a01"},
    {.name = "acknowledgement that only gives the cookie",
     .key = 1,
     .message = {.type = WIRE_ACKNOWLEDGEMENT,
                 .acknowledgement = {.session = 0x0102030405060708, .sequence = 1, .cookie = VECTOR_COOKIE}},
     .hex = "484153310200004cffffffff01020304050607080000000000000001101112131415161718191a1b1c1d1e1f36b3f3bb"
            "229305d3ab40ff25e7e01c37e829cee704c1b592f6100817c7874a8d"},
    {.name = "hello",
     .message = {.type = WIRE_HELLO, .hello = {.instance = 0x1122334455667788}},
     .hex = "4841533103000034000000011122334455667788972b0e31e55890b35d9fcc5fbf333c2b602317aeda40c2fd97b65521"
            "87d98cbd"},
    {.name = "no overrides",
     .message = {.type = WIRE_OVERRIDES},
     .hex = "484153310400002d000000010078f7f62d83c44814a052ef336ff12edf9895912545046dea7b6026678c81b8c0"},
    {.name = "overrides of either kind and family",
     .message = {.type = WIRE_OVERRIDES,
                 .overrides = {.count = 2,
                               .entries = {{.node = VECTOR_10_1_0_11,
                                            .kind = WIRE_OVERRIDE_DRAIN,
                                            .stamp = 7,
                                            .origin = 0xa0a1a2a3a4a5a6a7},
                                           {.node = VECTOR_FD00_1(0x12),
                                            .kind = WIRE_OVERRIDE_WEIGHT,
                                            .weight = 65535,
                                            .stamp = 8,
                                            .origin = 0xb0b1b2b3b4b5b6b7}}}},
     .hex = "484153310400006d0000000102040a01000b01000000000000000000000007a0a1a2a3a4a5a6a706fd00000100000000"
            "0000000000000012020000ffff0000000000000008b0b1b2b3b4b5b6b7530e9af7f746fb754870f42c3a9d467df7ec0a"
            "47cec4cd1b5174ee327c3086ee"},
};

#define WIRE_VECTOR_COUNT (sizeof(wire_vectors) / sizeof(wire_vectors[0]))

/* Cookies made with the bytes of the first key as secret. */
static const struct {
    struct addr node;
    uint64_t session;
    uint64_t generation;
    const char *hex;
} cookie_vectors[] = {
    {VECTOR_10_1_0_11, 0x0102030405060708, 0, "23c3759aee48aab844c3e5cf131093ea"},
    {VECTOR_FD00_1(0x11), 0x0102030405060708, 3, "bb709d92eef45ac69d49ff33e9816669"},
};

#endif
