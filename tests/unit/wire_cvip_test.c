/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The datagrams of the cluster virtual IP: what is refused, and how large they may be. Their bytes, truncation and
 * wrong bits are tested in wire_test.c, for all vectors. */
#include "unit.h"

#include "wire.h"

#include <errno.h>
#include <sodium.h>

#define HEADER 12
#define MAC 32

static const struct keyring ring = {.count = 1, .keys = {{.id = 1, .bytes = {1, 2, 3}}}};

static int encode(const struct wire_message *message, uint8_t data[WIRE_DATAGRAM_MAX])
{
    return wire_encode(message, &ring.keys[0], data);
}

/* Encodes the message, changes a byte, signs again and decodes. */
static enum wire_result decode_changed(const struct wire_message *message, size_t at, uint8_t value)
{
    uint8_t data[WIRE_DATAGRAM_MAX];
    struct wire_message back = {.type = 77};
    int length = encode(message, data);
    enum wire_result result;

    assert_true(length > (int)at);
    data[at] = value;
    crypto_generichash(data + length - MAC, MAC, data, (size_t)length - MAC, ring.keys[0].bytes, KEY_BYTES);
    result = wire_decode(data, (size_t)length, &ring, &back);
    if (result != WIRE_OK)
        assert_int_equal(back.type, 77);
    return result;
}

struct change {
    size_t at;
    uint8_t value;
};

static void assert_refused(const struct wire_message *message, const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (decode_changed(message, changes[i].at, changes[i].value) != WIRE_MALFORMED)
            fail_msg("byte %zu = %u was taken", changes[i].at, changes[i].value);
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A heartbeat with two echoes and a map. */
static struct wire_message heartbeat(void)
{
    return (struct wire_message){
        .type = WIRE_HEARTBEAT,
        .heartbeat = {.flags = WIRE_MEMBER_READY,
                      .member = 1,
                      .session = 2,
                      .sequence = 3,
                      .weight = 50,
                      .load = 20,
                      .active = 1,
                      .echo_count = 2,
                      .echoes = {{.member = 2, .session = 4}, {.member = 3, .session = 5, .sequence = 6}},
                      .map = {.epoch = 7, .coordinator = 1}}};
}

/* Places in the body: member 0, session 1, sequence 9, weight 21, load 22, active 23, its origin 32, count of echoes
 * 57, the echoes 58 and 75, epoch 92, coordinator 100, owners 101, previous 357, end 613. */
static void malformed_heartbeats_are_refused(void **state)
{
    static const struct change changes[] = {
        {5, 0x40},           /* unknown flag */
        {HEADER, 0},         /* nobody */
        {HEADER, 17},        /* no such member */
        {HEADER + 8, 0},     /* session 0 */
        {HEADER + 16, 0},    /* sequence 0 */
        {HEADER + 21, 101},  /* weight */
        {HEADER + 22, 101},  /* load */
        {HEADER + 23, 0},    /* none active */
        {HEADER + 32, 17},   /* no such origin */
        {HEADER + 57, 1},    /* an echo fewer than there are */
        {HEADER + 57, 3},    /* more */
        {HEADER + 57, 17},   /* too many */
        {HEADER + 57, 255},  /* likewise */
        {HEADER + 58, 0},    /* an echo of nobody */
        {HEADER + 58, 17},   /* of no such member */
        {HEADER + 58, 3},    /* of a member twice */
        {HEADER + 66, 0},    /* of session 0 */
        {HEADER + 99, 0},    /* no epoch, but a coordinator */
        {HEADER + 100, 0},   /* an epoch, but no coordinator */
        {HEADER + 100, 17},  /* no such coordinator */
        {HEADER + 101, 17},  /* no such owner */
        {HEADER + 356, 255}, /* likewise */
        {HEADER + 357, 17},  /* no such owner before */
        {HEADER + 612, 17},  /* likewise */
    };
    struct wire_message good = heartbeat();
    uint8_t data[WIRE_DATAGRAM_MAX];

    (void)state;
    assert_int_equal(encode(&good, data), HEADER + 613 + MAC);
    assert_refused(&good, changes, COUNT(changes));
    assert_int_equal(decode_changed(&good, HEADER, 16), WIRE_OK);
    assert_int_equal(decode_changed(&good, HEADER + 612, 16), WIRE_OK);
    assert_int_equal(decode_changed(&good, HEADER + 23, 255), WIRE_OK);
}

static int encode_heartbeat(const struct wire_heartbeat *h)
{
    uint8_t data[WIRE_DATAGRAM_MAX];
    struct wire_message message = {.type = WIRE_HEARTBEAT, .heartbeat = *h};

    return encode(&message, data);
}

static void heartbeats_out_of_range_are_not_encoded(void **state)
{
    const struct wire_heartbeat good = heartbeat().heartbeat;
    struct wire_heartbeat h;

    (void)state;
    h = good, h.flags = 0x80;
    assert_int_equal(encode_heartbeat(&h), -EINVAL);
    h = good, h.member = 0;
    assert_int_equal(encode_heartbeat(&h), -EINVAL);
    h = good, h.session = 0;
    assert_int_equal(encode_heartbeat(&h), -EINVAL);
    h = good, h.sequence = 0;
    assert_int_equal(encode_heartbeat(&h), -EINVAL);
    h = good, h.weight = 101;
    assert_int_equal(encode_heartbeat(&h), -EINVAL);
    h = good, h.load = 101;
    assert_int_equal(encode_heartbeat(&h), -EINVAL);
    h = good, h.echo_count = WIRE_MEMBERS_MAX + 1;
    assert_int_equal(encode_heartbeat(&h), -EINVAL);
    h = good, h.echoes[1].member = 2;
    assert_int_equal(encode_heartbeat(&h), -EINVAL);
    h = good, h.map.epoch = 0;
    assert_int_equal(encode_heartbeat(&h), -EINVAL);
    h = good, h.map.owners[200] = 17;
    assert_int_equal(encode_heartbeat(&h), -EINVAL);
    h = good, h.map = (struct wire_map){0};
    assert_true(encode_heartbeat(&h) > 0);
}

static void the_largest_heartbeat_fits(void **state)
{
    struct wire_message message = heartbeat();
    struct wire_message back;
    uint8_t data[WIRE_DATAGRAM_MAX];
    int length;

    (void)state;
    message.heartbeat.echo_count = WIRE_MEMBERS_MAX;
    for (uint8_t i = 0; i < WIRE_MEMBERS_MAX; i++)
        message.heartbeat.echoes[i] = (struct wire_echo){.member = (uint8_t)(i + 1), .session = i + 1u, .sequence = i};
    length = encode(&message, data);
    assert_int_equal(length, 895);
    assert_int_equal(wire_decode(data, (size_t)length, &ring, &back), WIRE_OK);
    assert_int_equal(back.heartbeat.echo_count, WIRE_MEMBERS_MAX);
    assert_int_equal(back.heartbeat.echoes[15].member, 16);
    assert_int_equal(back.heartbeat.echoes[15].sequence, 15);
}

static void malformed_maps_are_refused(void **state)
{
    static const struct change changes[] = {
        {5, 1},             /* a map has no flags */
        {HEADER + 7, 0},    /* no epoch */
        {HEADER + 8, 0},    /* no coordinator */
        {HEADER + 8, 17},   /* no such coordinator */
        {HEADER + 9, 17},   /* no such owner */
        {HEADER + 520, 17}, /* no such owner before */
    };
    struct wire_message map = {.type = WIRE_MAP, .map = {.epoch = 1, .coordinator = 1}};
    struct wire_message none = {.type = WIRE_MAP};
    uint8_t data[WIRE_DATAGRAM_MAX];

    (void)state;
    assert_int_equal(encode(&map, data), HEADER + 521 + MAC);
    assert_refused(&map, changes, COUNT(changes));
    assert_int_equal(encode(&none, data), -EINVAL);
}

static void a_request_asks_for_a_sane_rate(void **state)
{
    struct wire_message request = {.type = WIRE_CONNECTIONS_REQUEST};
    uint8_t data[WIRE_DATAGRAM_MAX];

    (void)state;
    request.connections_request.rate = 999;
    assert_int_equal(encode(&request, data), -EINVAL);
    request.connections_request.rate = 1000001;
    assert_int_equal(encode(&request, data), -EINVAL);
    request.connections_request.rate = 1000000;
    assert_true(encode(&request, data) > 0);
    request.connections_request.rate = 1000;
    assert_true(encode(&request, data) > 0);
    assert_int_equal(decode_changed(&request, 5, 1), WIRE_MALFORMED);           /* no flags */
    assert_int_equal(decode_changed(&request, HEADER + 10, 0), WIRE_MALFORMED); /* rate 232 */
    assert_int_equal(decode_changed(&request, HEADER + 8, 1), WIRE_MALFORMED);  /* rate above 16 millions */
}

static struct wire_message connections(sa_family_t family, size_t count)
{
    struct wire_message message = {.type = WIRE_CONNECTIONS,
                                   .connections = {.request = 1,
                                                   .node = {.family = AF_INET6, .bytes = {0xfd, [15] = 1}},
                                                   .virtual_address = {.family = family, .bytes = {10, 1, 0, 100}},
                                                   .virtual_port = 80,
                                                   .count = count}};

    for (size_t i = 0; i < count && i < WIRE_CONNECTIONS_MAX; i++)
        message.connections.connections[i] =
            (struct wire_connection){{.family = family, .bytes = {192, 0, 2, (uint8_t)i}}, (uint16_t)(1024 + i)};
    return message;
}

/* Places in the body: request 0, node 8, part 25, virtual address 29, port 34, count 36, the connections 37. */
static void malformed_connections_are_refused(void **state)
{
    static const struct change changes[] = {
        {5, 2},             /* unknown flag */
        {HEADER + 8, 0},    /* no node */
        {HEADER + 8, 4},    /* a node shorter than its address */
        {HEADER + 29, 0},   /* connections to no address */
        {HEADER + 29, 5},   /* no such family */
        {HEADER + 29, 6},   /* the other family: longer */
        {HEADER + 35, 0},   /* port 0 */
        {HEADER + 36, 0},   /* fewer than there are */
        {HEADER + 36, 3},   /* more than there are */
        {HEADER + 36, 201}, /* too many */
        {HEADER + 36, 255}, /* likewise */
    };
    struct wire_message good = connections(AF_INET, 2);

    (void)state;
    assert_refused(&good, changes, COUNT(changes));
    good.connections.connections[0].port = 0x100;
    assert_int_equal(decode_changed(&good, HEADER + 41, 0), WIRE_MALFORMED); /* a client's port 0 */
}

static void connections_out_of_range_are_not_encoded(void **state)
{
    struct wire_message message = connections(AF_INET, 2);
    uint8_t data[WIRE_DATAGRAM_MAX];

    (void)state;
    message.connections.connections[1].client.family = AF_INET6;
    assert_int_equal(encode(&message, data), -EINVAL); /* of the other family */
    message = connections(AF_INET, 2);
    message.connections.connections[1].port = 0;
    assert_int_equal(encode(&message, data), -EINVAL);
    message = connections(AF_INET6, 1);
    message.connections.connections[0].client =
        (struct addr){.family = AF_INET6, .bytes = {[10] = 0xff, 0xff, 10, 1, 0, 11}};
    assert_int_equal(encode(&message, data), -EINVAL); /* an IPv4 client has one name only */
    message = connections(AF_INET, WIRE_CONNECTIONS_MAX + 1);
    assert_int_equal(encode(&message, data), -EINVAL);
    message = connections(AF_UNSPEC, 1);
    assert_int_equal(encode(&message, data), -EINVAL);
}

static void as_many_connections_fit_as_there_is_room(void **state)
{
    static const sa_family_t families[] = {AF_INET, AF_INET6};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        size_t room = wire_connections_room(families[i]);
        struct wire_message message = connections(families[i], room);
        struct wire_message back;
        uint8_t data[WIRE_DATAGRAM_MAX];
        int length = encode(&message, data);

        assert_true(length > 0);
        assert_int_equal(wire_decode(data, (size_t)length, &ring, &back), WIRE_OK);
        assert_int_equal(back.connections.count, room);
        for (size_t j = 0; j < room; j++) {
            assert_true(
                addr_equal(&back.connections.connections[j].client, &message.connections.connections[j].client));
            assert_int_equal(back.connections.connections[j].port, 1024 + j);
        }
        message = connections(families[i], room + 1);
        assert_true(encode(&message, data) < 0);
    }
    assert_int_equal(wire_connections_room(AF_INET), 200);
    assert_int_equal(wire_connections_room(AF_INET6), 72);
    assert_int_equal(wire_connections_room(AF_UNSPEC), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_heartbeats_are_refused),
        cmocka_unit_test(heartbeats_out_of_range_are_not_encoded),
        cmocka_unit_test(the_largest_heartbeat_fits),
        cmocka_unit_test(malformed_maps_are_refused),
        cmocka_unit_test(a_request_asks_for_a_sane_rate),
        cmocka_unit_test(malformed_connections_are_refused),
        cmocka_unit_test(connections_out_of_range_are_not_encoded),
        cmocka_unit_test(as_many_connections_fit_as_there_is_room),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
