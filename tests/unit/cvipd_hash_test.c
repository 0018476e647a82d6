/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The buckets' hash: against the kernel's own, against lookup3 written by somebody else, and how evenly it spreads. */
#include "addr.h"
#include "hash.h"
#include "unit.h"

#include <arpa/inet.h>

struct vector {
    const char *address;
    uint16_t port;
    uint32_t seed;
    uint32_t bucket;
};

static uint32_t bucket_of(const struct addr *address, uint16_t port, uint32_t seed)
{
    uint32_t words[4] = {0};
    uint32_t count = address->family == AF_INET ? 1 : 4;

    memcpy(words, address->bytes, count * sizeof(words[0]));
    return hash_bucket(words, count, htons(port), seed);
}

static void check(const struct vector *vectors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct addr address;

        assert_int_equal(addr_parse(vectors[i].address, &address), 0);
        assert_int_equal(bucket_of(&address, vectors[i].port, vectors[i].seed), vectors[i].bucket);
    }
}

/* What Linux 6.18 put into a set by "meta mark set jhash ip saddr mod 256 seed 24301" and "jhash ip6 saddr …". */
static void equals_the_kernels(void **state)
{
    static const struct vector vectors[] = {
        {"10.1.0.1", 0, 24301, 0xfb},     {"10.1.0.2", 0, 24301, 0x09},  {"192.0.2.77", 0, 24301, 0xc8},
        {"198.51.100.200", 0, 24301, 72}, {"127.0.0.5", 0, 24301, 0xf5}, {"fd00:9::1", 0, 24301, 0x48},
        {"fd00:9::2", 0, 24301, 0x4f},    {"fd00:9::abcd", 0, 24301, 3}, {"::1", 0, 24301, 0x3e},
    };

    (void)state;
    check(vectors, sizeof(vectors) / sizeof(vectors[0]));
}

/* From a Python program written after Bob Jenkins' description of hashword(). */
static void equals_another_implementation(void **state)
{
    static const struct vector vectors[] = {
        {"10.1.0.1", 0, 0, 185},        {"10.1.0.1", 1024, 24301, 130},          {"10.1.0.1", 1025, 24301, 250},
        {"fd00:9::1", 443, 24301, 203}, {"10.1.0.1", 65535, 0xffffffff, 102},    {"fd00:9::1", 0, 1, 15},
        {"0.0.0.0", 0, 0, 4},           {"255.255.255.255", 0, 0xdeadbeef, 197}, {"2001:db8:1:2:3:4:5:6", 50000, 7, 96},
    };

    (void)state;
    check(vectors, sizeof(vectors) / sizeof(vectors[0]));
}

/* 256 × 256 clients in a row: a bucket's share is 256 ± 16 (standard deviation); six of these are beyond chance. */
static void assert_even(const unsigned counts[HASH_BUCKETS])
{
    for (size_t i = 0; i < HASH_BUCKETS; i++) {
        assert_in_range(counts[i], 256 - 6 * 16, 256 + 6 * 16);
    }
}

static void spreads_neighbouring_addresses(void **state)
{
    unsigned ipv4[HASH_BUCKETS] = {0};
    unsigned ipv6[HASH_BUCKETS] = {0};

    (void)state;
    for (uint32_t i = 0; i < 65536; i++) {
        struct addr address = {.family = AF_INET, .v4.s_addr = htonl(0x0a010000U + i)};

        ipv4[bucket_of(&address, 0, 24301)]++;
        assert_int_equal(addr_parse("2001:db8::", &address), 0);
        address.bytes[14] = (uint8_t)(i >> 8);
        address.bytes[15] = (uint8_t)i;
        ipv6[bucket_of(&address, 0, 24301)]++;
    }
    assert_even(ipv4);
    assert_even(ipv6);
}

static void spreads_the_ports_of_one_address(void **state)
{
    unsigned counts[HASH_BUCKETS] = {0};
    struct addr address;

    (void)state;
    assert_int_equal(addr_parse("192.0.2.1", &address), 0);
    for (uint32_t port = 0; port < 65536; port++) {
        counts[bucket_of(&address, (uint16_t)port, 24301)]++;
    }
    assert_even(counts);
}

static void another_seed_spreads_otherwise(void **state)
{
    unsigned same = 0;

    (void)state;
    for (uint32_t i = 0; i < 65536; i++) {
        struct addr address = {.family = AF_INET, .v4.s_addr = htonl(0x0a010000U + i)};

        same += bucket_of(&address, 0, 1) == bucket_of(&address, 0, 2) ? 1 : 0;
    }
    assert_in_range(same, 0, 2 * 65536 / HASH_BUCKETS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_kernels),
        cmocka_unit_test(equals_another_implementation),
        cmocka_unit_test(spreads_neighbouring_addresses),
        cmocka_unit_test(spreads_the_ports_of_one_address),
        cmocka_unit_test(another_seed_spreads_otherwise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
