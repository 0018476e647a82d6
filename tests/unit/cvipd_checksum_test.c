/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checksums completed in copies of SYNs. The packets are from a Python program written after RFC 9293 and RFC 8200. */
#include "checksum.h"
#include "unit.h"

#include <stdint.h>
#include <string.h>

static const uint8_t four[] = {0x45, 0x00, 0x00, 0x2c, 0x12, 0x34, 0x40, 0x00, 0x3f, 0x06, 0x5d, 0x29, 0xc0, 0x00, 0x02,
                               0x0a, 0x0a, 0x01, 0x00, 0x64, 0x9c, 0x40, 0x00, 0x50, 0x11, 0x22, 0x33, 0x44, 0x00, 0x00,
                               0x00, 0x00, 0x60, 0x02, 0xfa, 0xf0, 0xcc, 0x8d, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4};
enum { FOUR_FIELD = 36, FOUR_PSEUDO = 0xcc8d, FOUR_WHOLE = 0xefcf };

static const uint8_t six[] = {0x60, 0x00, 0x00, 0x00, 0x00, 0x18, 0x06, 0x40, 0x20, 0x01, 0x0d, 0xb8, 0x00,
                              0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0xfd, 0x00,
                              0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
                              0x00, 0x9c, 0x40, 0x00, 0x50, 0x11, 0x22, 0x33, 0x44, 0x00, 0x00, 0x00, 0x00,
                              0x60, 0x02, 0xfa, 0xf0, 0x2b, 0xeb, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4};
enum { SIX_FIELD = 56, SIX_PSEUDO = 0x2beb, SIX_WHOLE = 0x9072 };

static unsigned field_of(const uint8_t *packet, size_t at)
{
    return (unsigned)packet[at] << 8 | packet[at + 1];
}

static void completes(const uint8_t *kept, size_t length, size_t field, unsigned pseudo, unsigned whole)
{
    uint8_t packet[128];

    memcpy(packet, kept, length);
    assert_int_equal(field_of(packet, field), pseudo);
    checksum_complete(packet, length);
    assert_int_equal(field_of(packet, field), whole);
    checksum_complete(packet, length); /* it is complete: left alone */
    assert_int_equal(field_of(packet, field), whole);
    packet[field + 2] ^= 1; /* damaged: so it stays */
    checksum_complete(packet, length);
    assert_int_equal(field_of(packet, field), whole);
}

static void completes_both_families(void **state)
{
    (void)state;
    completes(four, sizeof(four), FOUR_FIELD, FOUR_PSEUDO, FOUR_WHOLE);
    completes(six, sizeof(six), SIX_FIELD, SIX_PSEUDO, SIX_WHOLE);
}

static void leaves_what_is_no_whole_tcp_packet(void **state)
{
    uint8_t packet[sizeof(six)];

    (void)state;
    for (size_t length = 0; length < FOUR_FIELD + 4; length++) {
        memcpy(packet, four, sizeof(four));
        checksum_complete(packet, length);
        assert_memory_equal(packet, four, sizeof(four));
    }
    memcpy(packet, six, sizeof(six));
    packet[6] = 60; /* an extension header comes first */
    checksum_complete(packet, sizeof(packet));
    assert_int_equal(field_of(packet, SIX_FIELD), SIX_PSEUDO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(completes_both_families),
        cmocka_unit_test(leaves_what_is_no_whole_tcp_packet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
