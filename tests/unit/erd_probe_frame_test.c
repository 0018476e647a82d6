/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What probes ask, byte for byte, and as whom. */
#include "unit.h"

#include "frame.h"
#include "probe_frame.h"

#include <arpa/inet.h>

static const uint8_t ours[6] = {0x02, 0x00, 0x5e, 0x10, 0x20, 0x30};

static struct addr addr_of(const char *text)
{
    struct addr address = {.family = AF_UNSPEC};

    if (text != NULL)
        assert_int_equal(addr_parse(text, &address), 0);
    return address;
}

static void assert_question(const char *source, const char *target, const uint8_t *expected, size_t length)
{
    uint8_t frame[PROBE_FRAME_MAX];
    struct addr from = addr_of(source), to = addr_of(target);

    memset(frame, 0xee, sizeof(frame));
    assert_int_equal(probe_frame_make(frame, ours, NULL, &from, &to), length);
    assert_memory_equal(frame, expected, length);
}

static void test_an_arp_request_is_made(void **state)
{
    uint8_t expected[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x00, 0x5e, 0x10, 0x20, 0x30, 0x08, 0x06,
                          0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, 0x02, 0x00, 0x5e, 0x10, 0x20, 0x30,
                          0x0a, 0x01, 0x00, 0x01, 0,    0,    0,    0,    0,    0,    0x0a, 0x01, 0x00, 0xfe};

    (void)state;
    assert_question("10.1.0.1", "10.1.0.254", expected, sizeof(expected));
    memset(expected + 28, 0, 4);
    assert_question(NULL, "10.1.0.254", expected, sizeof(expected));
    assert_question("fd00:1::1", "10.1.0.254", expected, sizeof(expected)); /* an address of the other family is none */
}

static void test_a_neighbour_solicitation_is_made(void **state)
{
    static const uint8_t with_source[] = {
        0x33, 0x33, 0xff, 0x34, 0x56, 0x78, 0x02, 0x00, 0x5e, 0x10, 0x20, 0x30, 0x86, 0xdd,             /* Ethernet */
        0x60, 0x00, 0x00, 0x00, 0x00, 0x20, 0x3a, 0xff,                                                 /* IPv6 */
        0xfd, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, /* from */
        0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xff, 0x34, 0x56, 0x78, /* to */
        0x87, 0x00, 0x40, 0x01, 0x00, 0x00, 0x00, 0x00,                                                 /* solicits */
        0xfd, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x12, 0x34, 0x56, 0x78, /* target */
        0x01, 0x01, 0x02, 0x00, 0x5e, 0x10, 0x20, 0x30,                                                 /* our MAC */
    };
    static const uint8_t link_local[16] = {0xfe, 0x80, [10] = 0x5e, 0xff, 0xfe, 0x10, 0x20, 0x30};
    uint8_t expected[sizeof(with_source)];

    (void)state;
    assert_question("fd00:1::1", "fd00:1::1234:5678", with_source, sizeof(with_source));
    memcpy(expected, with_source, sizeof(expected));
    memcpy(expected + 22, link_local, sizeof(link_local));
    memcpy(expected + 56, (uint8_t[]){0xc1, 0x42}, 2); /* its checksum */
    assert_question(NULL, "fd00:1::1234:5678", expected, sizeof(expected));
}

/* The last byte counts as the upper one of a word (RFC 1071). */
static void test_the_checksum_of_an_odd_message(void **state)
{
    const struct in6_addr any = in6addr_any;
    const uint8_t message[] = {0x12, 0x34, 0x80};

    (void)state;
    assert_int_equal(ntohs(frame_icmp6_checksum(&any, &any, message, sizeof(message))),
                     0xffff - (0x1234 + 0x8000 + sizeof(message) + 58));
}

static void test_a_spare_mac_is_another_one_and_a_hosts(void **state)
{
    static const uint8_t shared[][6] = {
        {0x02, 0, 0, 0, 0, 1}, {0x52, 0x54, 0, 1, 2, 3}, {0x3c, 0xfd, 0xfe, 1, 2, 3}, {0xfe, 9, 8, 7, 6, 5}};

    (void)state;
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
        uint8_t spare[2][6], again[6];
        for (unsigned port = 0; port < 2; port++) {
            probe_frame_spare_mac(shared[i], port, spare[port]);
            probe_frame_spare_mac(shared[i], port, again);
            assert_memory_equal(spare[port], again, 6);
            assert_memory_not_equal(spare[port], shared[i], 6);
            assert_int_equal(spare[port][0] & 3, 2);
        }
        assert_memory_not_equal(spare[0], spare[1], 6);
    }
}

/* To a target whose MAC is known: nobody else is disturbed. */
static void test_a_known_target_is_asked_directly(void **state)
{
    static const uint8_t theirs[6] = {0x02, 0x00, 0x5e, 0x99, 0x98, 0x97};
    uint8_t frame[PROBE_FRAME_MAX], everyone[PROBE_FRAME_MAX];
    struct addr from = addr_of("10.1.0.1"), to = addr_of("10.1.0.254");
    struct frame_nd solicitation;

    (void)state;
    size_t length = probe_frame_make(everyone, ours, NULL, &from, &to);
    assert_int_equal(probe_frame_make(frame, ours, theirs, &from, &to), length);
    assert_memory_equal(frame, theirs, sizeof theirs);
    assert_memory_equal(frame + 6, everyone + 6, length - 6);
    from = addr_of("fd00:1::1");
    to = addr_of("fd00:1::254");
    assert_int_equal(probe_frame_make(frame, ours, theirs, &from, &to), sizeof solicitation);
    memcpy(&solicitation, frame, sizeof solicitation);
    const struct in6_addr source = solicitation.ip.ip6_src, destination = solicitation.ip.ip6_dst;
    assert_memory_equal(solicitation.ethernet.ether_dhost, theirs, sizeof theirs);
    assert_memory_equal(&destination, &to.v6, sizeof destination);
    assert_int_equal(frame_icmp6_checksum(&source, &destination, frame + offsetof(struct frame_nd, icmp),
                                          sizeof solicitation - offsetof(struct frame_nd, icmp)),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_arp_request_is_made),
        cmocka_unit_test(test_a_neighbour_solicitation_is_made),
        cmocka_unit_test(test_a_known_target_is_asked_directly),
        cmocka_unit_test(test_the_checksum_of_an_odd_message),
        cmocka_unit_test(test_a_spare_mac_is_another_one_and_a_hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
