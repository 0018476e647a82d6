/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "addr.h"

#include <arpa/inet.h>
#include <errno.h>

static struct addr parsed(const char *text)
{
    struct addr a;

    assert_int_equal(addr_parse(text, &a), 0);
    return a;
}

static void addresses_are_read_and_written(void **state)
{
    static const struct {
        const char *in, *out;
        sa_family_t family;
    } cases[] = {
        {"10.1.0.11", "10.1.0.11", AF_INET},
        {"0.0.0.0", "0.0.0.0", AF_INET},
        {"255.255.255.255", "255.255.255.255", AF_INET},
        {"FD00:1::0011", "fd00:1::11", AF_INET6},
        {"fd00:1:0:0:0:0:0:11", "fd00:1::11", AF_INET6},
        {"2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1", AF_INET6},
        {"::", "::", AF_INET6},
        {"::ffff:10.1.0.11", "10.1.0.11", AF_INET},
    };
    char text[ADDR_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct addr a = parsed(cases[i].in);

        assert_int_equal(a.family, cases[i].family);
        assert_string_equal(addr_format(&a, text), cases[i].out);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    static const char *const texts[] = {"",          "10.1.0",       "10.1.0.256", "10.1.0.11 ",
                                        "localhost", "fe80::1%eth0", "1::2::3",    "10.1.0.11/24",
                                        ":::",       "0x0a010001"};
    struct addr untouched = {.family = AF_UNIX};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(addr_parse(texts[i], &untouched), -EINVAL);
        assert_int_equal(untouched.family, AF_UNIX);
    }
}

static void none_is_written_as_a_dash(void **state)
{
    const struct addr none = {.family = AF_UNSPEC};
    struct sockaddr_storage storage;
    char text[ADDR_TEXT_MAX];

    (void)state;
    assert_string_equal(addr_format(&none, text), "-");
    assert_int_equal(addr_to_sockaddr(&none, 80, &storage), 0);
}

static void order_is_by_family_then_bytes(void **state)
{
    static const char *const rising[] = {"1.2.3.4", "1.2.3.5", "10.0.0.0", "192.0.2.1", "::1", "fd00::1", "fd00::2"};

    (void)state;
    for (size_t i = 0; i < sizeof(rising) / sizeof(rising[0]); i++) {
        for (size_t j = 0; j < sizeof(rising) / sizeof(rising[0]); j++) {
            struct addr a = parsed(rising[i]);
            struct addr b = parsed(rising[j]);

            assert_int_equal(addr_equal(&a, &b), i == j);
            assert_int_equal(addr_compare(&a, &b) < 0, i < j);
            assert_int_equal(addr_compare(&a, &b) > 0, i > j);
        }
    }
}

static void socket_addresses_go_both_ways(void **state)
{
    static const char *const texts[] = {"10.1.0.11", "fd00:1::11"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct addr a = parsed(texts[i]);
        struct addr back;
        struct sockaddr_storage storage;
        uint16_t port = 0;

        assert_int_equal(addr_to_sockaddr(&a, 5500, &storage),
                         i == 0 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
        assert_int_equal(addr_from_sockaddr(&storage, &back, &port), 0);
        assert_true(addr_equal(&a, &back));
        assert_int_equal(port, 5500);
    }
}

static void mapped_socket_address_becomes_ipv4(void **state)
{
    struct sockaddr_storage storage = {0};
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&storage;
    const struct addr expected = parsed("10.1.0.11");
    struct addr a;
    uint16_t port;

    (void)state;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(5500);
    assert_int_equal(inet_pton(AF_INET6, "::ffff:10.1.0.11", &v6->sin6_addr), 1);
    assert_int_equal(addr_from_sockaddr(&storage, &a, &port), 0);
    assert_true(addr_equal(&a, &expected));
    storage.ss_family = AF_UNIX;
    assert_int_equal(addr_from_sockaddr(&storage, &a, &port), -EAFNOSUPPORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written), cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(none_is_written_as_a_dash),      cmocka_unit_test(order_is_by_family_then_bytes),
        cmocka_unit_test(socket_addresses_go_both_ways),  cmocka_unit_test(mapped_socket_address_becomes_ipv4),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
