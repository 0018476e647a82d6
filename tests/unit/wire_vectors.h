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
    {.name = "first heartbeat: no map, nobody heard",
     .message =
         {.type = WIRE_HEARTBEAT,
          .heartbeat = {.member = 1, .session = 0x0102030405060708, .sequence = 1, .digest = 0x0a0b0c0d, .active = 1}},
     .hex = "484153310500026f0000000101010203040506070800000000000000010a0b0c0d000001000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000fd12670d3ae828492d14fd82cf8f3bfa81e78aa5f0a4ce15307da4a6319e6944"},
    {.name = "heartbeat of a member that owns, largest numbers, the other key",
     .key = 1,
     .message = {.type = WIRE_HEARTBEAT,
                 .heartbeat = {.flags = WIRE_MEMBER_READY | WIRE_MEMBER_PORT_UP | WIRE_MEMBER_ASIDE |
                                        WIRE_MEMBER_LEAVING | WIRE_MEMBER_QUORATE,
                               .member = 16,
                               .session = 0xffffffffffffffff,
                               .sequence = 0xfffffffffffffffe,
                               .digest = 0xffffffff,
                               .weight = 100,
                               .load = 99,
                               .active = 255,
                               .active_stamp = 7,
                               .active_origin = 2,
                               .frames = 0x1122334455667788,
                               .released = 41,
                               .filled = 42,
                               .echo_count = 2,
                               .echoes = {{.member = 1, .session = 0xa0a1a2a3a4a5a6a7},
                                          {.member = 2, .session = 0xb0b1b2b3b4b5b6b7, .sequence = 9}},
                               .map = {.epoch = 42,
                                       .coordinator = 1,
                                       .owners = {[0] = 16, [1] = 2, [255] = 16},
                                       .previous = {[0] = 2, [254] = 1}}}},
     .hex = "48415331051f0291ffffffff10fffffffffffffffffffffffffffffffeffffffff6463ff000000000000000702112233"
            "44556677880000000000000029000000000000002a0201a0a1a2a3a4a5a6a7000000000000000002b0b1b2b3b4b5b6b7"
            "0000000000000009000000000000002a0110020000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000010020000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001"
            "000aca5a1546417ddd993bd794879b001d6b31e34196b42c5a0c58940b68594768"},
    {.name = "map",
     .message = {.type = WIRE_MAP,
                 .map = {.epoch = 0x0102030405060708,
                         .coordinator = 3,
                         .owners = {[0] = 1, [7] = 2, [128] = 3, [255] = 16},
                         .previous = {[7] = 1, [255] = 3}}},
     .hex = "484153310600023500000001010203040506070803010000000000000200000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000003000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000100000000000000001000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "00000000035464a8185f4f3e3e104d7286ef3ff357c9cdce6bda6ccf6d3f0f0f753462e9ec"},
    {.name = "request for connections",
     .message = {.type = WIRE_CONNECTIONS_REQUEST,
                 .connections_request = {.request = 0x1122334455667788, .rate = 160000}},
     .hex = "4841533107000038000000011122334455667788000271009364b123526dd3d56da536ad6105e1c0b84e648da0c850df"
            "1c0e77da0a0c444e"},
    {.name = "no connections at all",
     .message = {.type = WIRE_CONNECTIONS,
                 .connections = {.flags = WIRE_CONNECTIONS_LAST,
                                 .request = 0x1122334455667788,
                                 .node = VECTOR_10_1_0_11}},
     .hex = "4841533108010041000000011122334455667788040a01000b0000000000000000115cbbd67bc5ca3a2b0a6a65a49091"
            "d6acb8f0cb5be7e59a6df8a859239f16cf"},
    {.name = "connections over IPv4 to a node of the other family",
     .message = {.type = WIRE_CONNECTIONS,
                 .connections = {.request = 0x1122334455667788,
                                 .node = VECTOR_FD00_1(0x11),
                                 .virtual_address = VECTOR_10_1_0_11,
                                 .virtual_port = 80,
                                 .count = 2,
                                 .connections = {{.client = VECTOR_10_1_0_11, .port = 1},
                                                 {.client = {.family = AF_INET, .bytes = {192, 0, 2, 1}},
                                                  .port = 65535}}}},
     .hex = "484153310800005d00000001112233445566778806fd00000100000000000000000000001100000000040a01000b0050"
            "020a01000b0001c0000201ffffa4b779336ad3238d21412e28bf308e3e3e0692c12c4c797b300cb1d546a14a8c"},
    {.name = "connections over IPv6, the last part",
     .message = {.type = WIRE_CONNECTIONS,
                 .connections = {.flags = WIRE_CONNECTIONS_LAST,
                                 .request = 0x1122334455667788,
                                 .node = VECTOR_10_1_0_11,
                                 .part = 0x01020304,
                                 .virtual_address = VECTOR_FD00_1(0x64),
                                 .virtual_port = 443,
                                 .count = 1,
                                 .connections = {{.client = VECTOR_FD00_1(0xc1), .port = 40000}}}},
     .hex = "4841533108010063000000011122334455667788040a01000b0102030406fd00000100000000000000000000006401bb"
            "01fd0000010000000000000000000000c19c4023d61ea4913f41743c425602e16acba7c5218dc2639452ea76340e11fa"
            "b0a9b0"},
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
