/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the executor does when somebody else writes the kernel's table, when the kernel refuses, and after a reload. */
#include "executor_test.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void fill(struct test *t)
{
    want(t, 0, "10.1.0.11", 100);
    want(t, 0, "10.1.0.12", 100);
    apply(t, true);
}

static void repairs_a_removed_server(void **state)
{
    struct test *t = *state;

    fill(t);
    ipvs_table_remove_server(&fake_ipvs.table, &t->services[0].service, in_kernel(t, "10.1.0.12"));
    assert_string_equal(apply(t, true), "+10.1.0.12=100 ");
    assert_int_equal(repairs(t), 1);
    assert_int_equal(errors(t), 0);
}

static void repairs_a_removed_service(void **state)
{
    struct test *t = *state;

    fill(t);
    ipvs_table_remove(&fake_ipvs.table, &t->services[0].service);
    assert_string_equal(apply(t, true), "+svc +10.1.0.11=100 +10.1.0.12=100 ");
    assert_int_equal(repairs(t), 3);
}

static void repairs_a_weight_however_small_the_difference(void **state)
{
    struct test *t = *state;

    fill(t);
    in_kernel(t, "10.1.0.12")->weight = 101;
    assert_string_equal(apply(t, true), "~10.1.0.12=100 ");
    assert_int_equal(repairs(t), 1);
}

static void repairs_the_forwarding_method(void **state)
{
    struct test *t = *state;

    fill(t);
    in_kernel(t, "10.1.0.11")->forward = IPVS_NAT;
    assert_string_equal(apply(t, true), "~10.1.0.11=100 ");
    assert_int_equal(in_kernel(t, "10.1.0.11")->forward, IPVS_DIRECT);
    assert_int_equal(repairs(t), 1);
}

static void repairs_scheduler_and_persistence(void **state)
{
    struct test *t = *state;
    struct ipvs_service *service;

    fill(t);
    service = &ipvs_table_find(&fake_ipvs.table, &t->services[0].service)->service;
    strcpy(service->scheduler, "rr");
    assert_string_equal(apply(t, true), "~svc ");
    service->persistence = 300;
    assert_string_equal(apply(t, true), "~svc ");
    assert_string_equal(service->scheduler, "wrr");
    assert_int_equal(service->persistence, 0);
    assert_int_equal(repairs(t), 2);
}

static void quiesces_a_server_that_somebody_added(void **state)
{
    struct test *t = *state;

    fill(t);
    put_in_kernel(&t->services[0].service, "10.1.0.66", 500, 3);
    assert_string_equal(apply(t, true), "~10.1.0.66=0 ");
    assert_int_equal(repairs(t), 1);
    in_kernel(t, "10.1.0.66")->active = 0;
    assert_string_equal(apply(t, true), "-10.1.0.66 ");
    assert_int_equal(repairs(t), 1);
}

static void our_own_changes_are_no_repairs(void **state)
{
    struct test *t = *state;

    fill(t);
    t->servers[0][0].weight = 50;
    t->servers[0][1].forward = IPVS_TUNNEL;
    strcpy(t->services[0].service.scheduler, "wlc");
    assert_string_equal(apply(t, true), "~svc ~10.1.0.11=50 ~10.1.0.12=100 ");
    assert_int_equal(repairs(t), 0);
}

static void reads_again_when_a_write_shows_that_others_wrote(void **state)
{
    struct test *t = *state;

    fill(t);
    ipvs_table_remove_server(&fake_ipvs.table, &t->services[0].service, in_kernel(t, "10.1.0.12"));
    t->servers[0][1].weight = 50;
    assert_string_equal(apply(t, false), "+10.1.0.12=50 ");
    ipvs_table_remove(&fake_ipvs.table, &t->services[0].service);
    t->servers[0][1].weight = 70;
    assert_string_equal(apply(t, false), "+svc +10.1.0.11=100 +10.1.0.12=70 ");
    assert_int_equal(errors(t), 0);
    assert_int_equal(repairs(t), 4);
}

static void reads_again_when_a_server_is_there_already(void **state)
{
    struct test *t = *state;

    fill(t);
    put_in_kernel(&t->services[0].service, "10.1.0.13", 1, 0);
    want(t, 0, "10.1.0.13", 30);
    assert_string_equal(apply(t, false), "~10.1.0.13=30 ");
    assert_int_equal(errors(t), 0);
}

static void an_error_is_told_and_tried_again(void **state)
{
    struct test *t = *state;

    fill(t);
    t->servers[0][0].weight = 10;
    fake_ipvs.write_error = -EPERM;
    assert_int_equal(executor_apply(t->executor, &t->wanted, false, t->now_ms), -EPERM);
    assert_int_equal(errors(t), 1);
    fake_ipvs.write_error = 0;
    assert_string_equal(apply(t, false), "~10.1.0.11=10 ");
    assert_int_equal(repairs(t), 0);
}

static void a_failed_reading_changes_nothing(void **state)
{
    struct test *t = *state;
    unsigned writes;

    fill(t);
    writes = fake_ipvs.writes;
    fake_ipvs.read_error = -EINTR;
    assert_int_equal(executor_apply(t->executor, &t->wanted, true, t->now_ms), -EINTR);
    assert_int_equal(fake_ipvs.writes, writes);
    fake_ipvs.read_error = 0;
    assert_string_equal(apply(t, true), "");
}

static void a_bad_service_does_not_hold_up_the_good_one(void **state)
{
    struct test *t = *state;
    unsigned reads;

    strcpy(t->services[0].service.scheduler, "nonsense");
    want(t, 0, "10.1.0.11", 10);
    want(t, 1, "10.1.0.11", 10);
    t->wanted.count = 2;
    fake_ipvs_clear();
    assert_int_equal(executor_apply(t->executor, &t->wanted, true, t->now_ms), -ENOENT);
    assert_string_equal(fake_ipvs.journal, "+svc +10.1.0.11=10 ");
    /* Later weights of the good one go on without reading the kernel's table each time. */
    reads = fake_ipvs.reads;
    t->servers[1][0].weight = 20;
    fake_ipvs_clear();
    assert_int_equal(executor_apply(t->executor, &t->wanted, false, t->now_ms), -ENOENT);
    assert_string_equal(fake_ipvs.journal, "~10.1.0.11=20 ");
    assert_int_equal(fake_ipvs.reads, reads);
}

static void a_dropped_service_drains_and_goes(void **state)
{
    struct test *t = *state;

    want(t, 0, "10.1.0.11", 10);
    want(t, 1, "10.1.0.11", 10);
    t->wanted.count = 2;
    apply(t, true);
    t->wanted.count = 1; /* the reload */
    put_in_kernel(&t->services[1].service, "10.1.0.11", 10, 0);
    ipvs_table_find(&fake_ipvs.table, &t->services[1].service)->servers[0].active = 4;
    assert_string_equal(apply(t, true), "~10.1.0.11=0 ");
    t->now_ms += 1000;
    assert_string_equal(apply(t, true), "");
    ipvs_table_find(&fake_ipvs.table, &t->services[1].service)->servers[0].active = 0;
    assert_string_equal(apply(t, true), "-10.1.0.11 -svc ");
    /* It is not ours any more. */
    apply(t, true);
    ipvs_table_put(&fake_ipvs.table, &t->services[1].service);
    assert_string_equal(apply(t, true), "");
}

static void a_dropped_service_goes_at_the_deadline(void **state)
{
    struct test *t = *state;

    fill(t);
    in_kernel(t, "10.1.0.11")->active = 4;
    in_kernel(t, "10.1.0.12")->active = 4;
    t->wanted.count = 0;
    assert_string_equal(apply(t, true), "~10.1.0.11=0 ~10.1.0.12=0 ");
    t->now_ms += 60000;
    assert_string_equal(apply(t, true), "-10.1.0.11 -10.1.0.12 -svc ");
}

static void opening_tells_when_there_is_no_ipvs(void **state)
{
    struct executor *executor = NULL;
    struct executor_settings settings = {0};

    (void)state;
    fake_ipvs.open_error = -ENOENT;
    assert_int_equal(executor_open(&executor, &settings), -ENOENT);
    assert_null(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(repairs_a_removed_server, setup, teardown),
    cmocka_unit_test_setup_teardown(repairs_a_removed_service, setup, teardown),
    cmocka_unit_test_setup_teardown(repairs_a_weight_however_small_the_difference, setup, teardown),
    cmocka_unit_test_setup_teardown(repairs_the_forwarding_method, setup, teardown),
    cmocka_unit_test_setup_teardown(repairs_scheduler_and_persistence, setup, teardown),
    cmocka_unit_test_setup_teardown(quiesces_a_server_that_somebody_added, setup, teardown),
    cmocka_unit_test_setup_teardown(our_own_changes_are_no_repairs, setup, teardown),
    cmocka_unit_test_setup_teardown(reads_again_when_a_write_shows_that_others_wrote, setup, teardown),
    cmocka_unit_test_setup_teardown(reads_again_when_a_server_is_there_already, setup, teardown),
    cmocka_unit_test_setup_teardown(an_error_is_told_and_tried_again, setup, teardown),
    cmocka_unit_test_setup_teardown(a_failed_reading_changes_nothing, setup, teardown),
    cmocka_unit_test_setup_teardown(a_bad_service_does_not_hold_up_the_good_one, setup, teardown),
    cmocka_unit_test_setup_teardown(a_dropped_service_drains_and_goes, setup, teardown),
    cmocka_unit_test_setup_teardown(a_dropped_service_goes_at_the_deadline, setup, teardown),
    cmocka_unit_test_setup_teardown(opening_tells_when_there_is_no_ipvs, setup, teardown),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
