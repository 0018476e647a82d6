/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the kernel's connection synchronisation, byte for byte as net/netfilter/ipvs/ip_vs_sync.c lays them out.
 */
#include "unit.h"

#include "sync_message.h"

#include <errno.h>
#include <netinet/in.h>

static struct addr address(const char *text)
{
    struct addr result;

    assert_int_equal(addr_parse(text, &result), 0);
    return result;
}

static struct sync_connection connection(const char *client, const char *ours, const char *server)
{
    return (struct sync_connection){
        .protocol = IPPROTO_TCP,
        .client = address(client),
        .virtual_address = address(ours),
        .server = address(server),
        .client_port = 0x1234,
        .virtual_port = 80,
        .server_port = 8080,
        .flags = 3,
        .state = 1,
        .timeout = 900,
    };
}

static void assert_bytes(const struct sync_message *message, const uint8_t *expected, size_t length)
{
    assert_int_equal(message->length, length);
    assert_memory_equal(message->bytes, expected, length);
}

static void an_empty_message_is_a_header(void **state)
{
    static const uint8_t expected[] = {0, 7, 0, 8, 0, 1, 0, 0};
    struct sync_message message;

    (void)state;
    sync_message_begin(&message, 7);
    assert_bytes(&message, expected, sizeof(expected));
    assert_int_equal(sync_message_count(&message), 0);
}

static void ipv4(void **state)
{
    static const uint8_t expected[] = {
        0,    7,    0, 8 + 36, 1,    1,    0,    0,    /* reserved, id, size, connections, version, spare */
        0,    6,    0, 36,                             /* type, protocol, version and size */
        0,    0,    0, 3,                              /* flags: direct routing */
        0,    1,                                       /* state: established */
        0x12, 0x34, 0, 80,     0x1f, 0x90,             /* the ports of client, service and server */
        0,    0,    0, 0,      0,    0,    0x03, 0x84, /* mark, timeout */
        192,  0,    2, 9,      10,   1,    0,    100,  10, 1, 0, 11,
    };
    struct sync_connection one = connection("192.0.2.9", "10.1.0.100", "10.1.0.11");
    struct sync_message message;

    (void)state;
    sync_message_begin(&message, 7);
    assert_int_equal(sync_message_add(&message, &one), 0);
    assert_bytes(&message, expected, sizeof(expected));
    assert_int_equal(sync_message_count(&message), 1);
}

static void ipv6(void **state)
{
    static const uint8_t expected[] = {
        0,    255,  0,    8 + 72, 1,    1,    0,    0,    /* header */
        1,    6,    0,    72,                             /* type: IPv6 */
        0,    0,    0x10, 3,                              /* a template */
        0,    0,                                          /* without a state */
        0,    0,    0,    80,     0x1f, 0x90,             /* of any port */
        0,    0,    0,    0,      0,    0,    0x01, 0x2c, /* for 300 s */
        0x20, 0x01, 0x0d, 0xb8,   0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0xfd, 0, 0, 1, 0, 0, 0, 0,
        0,    0,    0,    0,      0,    0,    0x01, 0,    0xfd, 0, 0, 1, 0, 0, 0, 0, 0,    0, 0, 0, 0, 0, 0, 0x11,
    };
    struct sync_connection one = connection("2001:db8::", "fd00:1::100", "fd00:1::11");
    struct sync_message message;

    (void)state;
    one.client_port = 0;
    one.flags |= SYNC_TEMPLATE;
    one.state = 0;
    one.timeout = 300;
    sync_message_begin(&message, 255);
    assert_int_equal(sync_message_add(&message, &one), 0);
    assert_bytes(&message, expected, sizeof(expected));
}

static void a_message_fits_into_a_frame(void **state)
{
    struct sync_connection four = connection("192.0.2.9", "10.1.0.100", "10.1.0.11");
    struct sync_connection six = connection("2001:db8::1", "fd00:1::100", "fd00:1::11");
    struct sync_message message;
    unsigned count = 0;

    (void)state;
    sync_message_begin(&message, 1);
    assert_int_equal(sync_message_add(&message, &six), 0);
    while (sync_message_add(&message, &four) == 0)
        count++;
    assert_int_equal(sync_message_add(&message, &four), -EMSGSIZE);
    assert_int_equal(count, (SYNC_MESSAGE_MAX - 8 - 72) / 36);
    assert_int_equal(sync_message_count(&message), count + 1);
    assert_int_equal(message.length, 8 + 72 + 36 * count);
    assert_int_equal(message.bytes[2] << 8 | message.bytes[3], message.length);
}

static void families_are_not_mixed_in_a_connection(void **state)
{
    struct sync_connection mixed = connection("192.0.2.9", "10.1.0.100", "fd00:1::11");
    struct sync_connection none = connection("192.0.2.9", "10.1.0.100", "10.1.0.11");
    struct sync_message message;

    (void)state;
    none.client = none.virtual_address = none.server = (struct addr){.family = AF_UNSPEC};
    sync_message_begin(&message, 1);
    assert_int_equal(sync_message_add(&message, &mixed), -EINVAL);
    assert_int_equal(sync_message_add(&message, &none), -EINVAL);
    assert_int_equal(sync_message_count(&message), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_message_is_a_header),
        cmocka_unit_test(ipv4),
        cmocka_unit_test(ipv6),
        cmocka_unit_test(a_message_fits_into_a_frame),
        cmocka_unit_test(families_are_not_mixed_in_a_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
