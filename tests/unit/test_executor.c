/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The executor against a kernel's table in memory, with simulated time. */
#include "executor_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void fills_an_empty_table(void **state)
{
    struct test *t = *state;

    want(t, 0, "10.1.0.12", 20);
    want(t, 0, "10.1.0.11", 10);
    assert_string_equal(apply(t, false), "+svc +10.1.0.11=10 +10.1.0.12=20 ");
    assert_string_equal(apply(t, true), "");
    assert_int_equal(repairs(t), 0);
    assert_int_equal(fake_ipvs.reads, 2);
}

static void adopts_what_it_finds(void **state)
{
    struct test *t = *state;
    struct ipvs_service other = tcp_service("10.1.0.100", 443);

    ipvs_table_put(&fake_ipvs.table, &t->services[0].service);
    ipvs_table_put(&fake_ipvs.table, &other);
    put_in_kernel(&t->services[0].service, "10.1.0.11", 10, 7);
    put_in_kernel(&other, "10.1.0.99", 3, 0);
    want(t, 0, "10.1.0.11", 10);
    want(t, 0, "10.1.0.12", 20);
    assert_string_equal(apply(t, true), "+10.1.0.12=20 ");
    assert_int_equal(in_kernel(t, "10.1.0.11")->active, 7);
    assert_int_equal(repairs(t), 0);
    assert_int_equal(executor_table(t->executor)->count, 2);
}

static void does_not_touch_foreign_services(void **state)
{
    struct test *t = *state;
    struct ipvs_service other = tcp_service("10.1.0.100", 443);

    ipvs_table_put(&fake_ipvs.table, &other);
    put_in_kernel(&other, "10.1.0.99", 3, 0);
    want(t, 0, "10.1.0.11", 10);
    apply(t, true);
    t->now_ms += 3600000;
    assert_string_equal(apply(t, true), "");
    t->wanted.count = 0;
    apply(t, true);
    assert_non_null(ipvs_table_find(&fake_ipvs.table, &other));
    assert_int_equal(ipvs_table_find(&fake_ipvs.table, &other)->server_count, 1);
}

static void drains_until_connections_ended(void **state)
{
    struct test *t = *state;

    want(t, 0, "10.1.0.11", 10);
    want(t, 0, "10.1.0.12", 20);
    apply(t, true);
    in_kernel(t, "10.1.0.12")->active = 1;
    in_kernel(t, "10.1.0.12")->inactive = 1;
    want_nothing(t, 0);
    want(t, 0, "10.1.0.11", 10);
    assert_string_equal(apply(t, false), "~10.1.0.12=0 ");
    t->now_ms += 1000;
    assert_string_equal(apply(t, true), "");
    in_kernel(t, "10.1.0.12")->active = 0;
    assert_string_equal(apply(t, true), ""); /* the inactive one */
    in_kernel(t, "10.1.0.12")->inactive = 0;
    assert_string_equal(apply(t, false), ""); /* counts are known from readings only */
    assert_string_equal(apply(t, true), "-10.1.0.12 ");
    assert_int_equal(repairs(t), 0);
}

static void does_not_delete_what_could_have_got_a_connection_since(void **state)
{
    struct test *t = *state;

    want(t, 0, "10.1.0.11", 10);
    want(t, 0, "10.1.0.12", 20);
    apply(t, true);
    want_nothing(t, 0);
    want(t, 0, "10.1.0.11", 10);
    assert_string_equal(apply(t, true), "~10.1.0.12=0 "); /* no connections, but the weight stood until now */
    assert_string_equal(apply(t, true), "-10.1.0.12 ");
}

static void deletes_at_the_deadline(void **state)
{
    struct test *t = *state;

    want(t, 0, "10.1.0.11", 10);
    want(t, 0, "10.1.0.12", 20);
    apply(t, true);
    in_kernel(t, "10.1.0.12")->active = 5;
    want_nothing(t, 0);
    want(t, 0, "10.1.0.11", 10);
    apply(t, true);
    t->now_ms += 59999;
    assert_string_equal(apply(t, true), "");
    t->now_ms += 1;
    assert_string_equal(apply(t, false), "-10.1.0.12 ");
}

static void a_server_wanted_again_begins_a_new_drain(void **state)
{
    struct test *t = *state;

    want(t, 0, "10.1.0.11", 10);
    apply(t, true);
    in_kernel(t, "10.1.0.11")->active = 5;
    want_nothing(t, 0);
    apply(t, true);
    t->now_ms += 50000;
    want(t, 0, "10.1.0.11", 10);
    assert_string_equal(apply(t, true), "~10.1.0.11=10 ");
    want_nothing(t, 0);
    apply(t, true);
    t->now_ms += 50000;
    assert_string_equal(apply(t, true), "");
    t->now_ms += 10000;
    assert_string_equal(apply(t, true), "-10.1.0.11 ");
}

static void removes_a_dead_server_at_once(void **state)
{
    struct test *t = *state;

    want(t, 0, "10.1.0.11", 10);
    want(t, 0, "10.1.0.12", 20);
    apply(t, true);
    in_kernel(t, "10.1.0.11")->active = 100;
    t->servers[0][0].remove_now = true;
    t->servers[0][1].weight = 40;
    assert_string_equal(apply(t, false), "-10.1.0.11 ~10.1.0.12=40 ");
    assert_string_equal(apply(t, true), "");
}

static void keeps_the_connections_of_a_late_server_for_a_while(void **state)
{
    struct test *t = *state;
    const struct executor_settings settings = {.drain_timeout_ms = 60000, .silent_timeout_ms = 4000};

    executor_configure(t->executor, &settings);
    want(t, 0, "10.1.0.11", 10);
    want(t, 0, "10.1.0.12", 20);
    apply(t, true);
    t->servers[0][0].remove_now = true;
    assert_string_equal(apply(t, false), "~10.1.0.11=0 ");
    t->now_ms += 3999;
    assert_string_equal(apply(t, true), "");
    t->servers[0][0].remove_now = false;
    assert_string_equal(apply(t, false), "~10.1.0.11=10 ");
    t->servers[0][0].remove_now = true;
    assert_string_equal(apply(t, false), "~10.1.0.11=0 ");
    t->now_ms += 4000;
    assert_string_equal(apply(t, true), "-10.1.0.11 ");
}

static void never_leaves_the_pool_empty_in_between(void **state)
{
    struct test *t = *state;

    want(t, 0, "10.1.0.11", 10);
    apply(t, true);
    t->servers[0][0].remove_now = true;
    want(t, 0, "10.1.0.13", 10);
    assert_string_equal(apply(t, false), "+10.1.0.13=10 -10.1.0.11 ");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(fills_an_empty_table, setup, teardown),
    cmocka_unit_test_setup_teardown(adopts_what_it_finds, setup, teardown),
    cmocka_unit_test_setup_teardown(does_not_touch_foreign_services, setup, teardown),
    cmocka_unit_test_setup_teardown(drains_until_connections_ended, setup, teardown),
    cmocka_unit_test_setup_teardown(does_not_delete_what_could_have_got_a_connection_since, setup, teardown),
    cmocka_unit_test_setup_teardown(deletes_at_the_deadline, setup, teardown),
    cmocka_unit_test_setup_teardown(a_server_wanted_again_begins_a_new_drain, setup, teardown),
    cmocka_unit_test_setup_teardown(removes_a_dead_server_at_once, setup, teardown),
    cmocka_unit_test_setup_teardown(keeps_the_connections_of_a_late_server_for_a_while, setup, teardown),
    cmocka_unit_test_setup_teardown(never_leaves_the_pool_empty_in_between, setup, teardown),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
