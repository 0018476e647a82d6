/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own answers about the loopback interface, which every machine has. */
#include "unit.h"

#include "route.h"

#include <net/if.h>

static int ask(const char *source, const char *destination, unsigned *interface)
{
    struct addr from, to;

    assert_int_equal(addr_parse(source, &from), 0);
    assert_int_equal(addr_parse(destination, &to), 0);
    return route_interface(&from, &to, interface);
}

static void test_the_loopback_interface(void **state)
{
    unsigned interface = 0;

    (void)state;
    assert_int_equal(ask("127.0.0.1", "127.0.0.1", &interface), 0);
    assert_int_equal(interface, if_nametoindex("lo"));
    interface = 0;
    if (ask("::1", "::1", &interface) == 0) /* else a machine without IPv6 */
        assert_int_equal(interface, if_nametoindex("lo"));
}

static void test_a_source_that_is_not_ours(void **state)
{
    unsigned interface = 99;
    int rc = ask("203.0.113.77", "127.0.0.1", &interface);

    (void)state;
    assert_true(rc < 0 || interface == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_loopback_interface),
        cmocka_unit_test(test_a_source_that_is_not_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
