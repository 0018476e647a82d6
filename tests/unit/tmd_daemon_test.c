/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole traffic manager as a process, on loopback; only the kernel's table is a fake one (tests/bench/tmd_fake).
 * Nothing here depends on how long something takes: what shall happen is waited for, with a deadline. */
#include "tmd_daemon.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void test_from_a_report_to_a_weight(void **state)
{
    struct daemon *d = *state;
    daemon_report_until_accepted(d, 5000);
    assert_true(daemon_has_state(d, "traffic1", "active"));
    assert_int_equal(daemon_kernel_weight(d), 100);
    assert_int_equal(daemon_rejected(d, "stale_cookie"), 1); /* the first, which had no cookie */
    WAIT_FOR(daemon_has_state(d, "traffic1", "out-of-cluster"));
    assert_true(daemon_kernel_weight(d) <= 0); /* no new connections at once; deleted a minute later */
    daemon_report_until_accepted(d, 5000);
    assert_int_equal(daemon_kernel_weight(d), 100);
    daemon_report_until_accepted(d, 0);
    assert_true(daemon_has_state(d, "traffic1", "out-of-cluster"));
    assert_true(daemon_kernel_weight(d) <= 0);
    WAIT_FOR(access(daemon_path_of(d, "prom"), R_OK) == 0);
    assert_int_equal(daemon_stop(d), 0);
}

static void test_what_is_refused_is_counted(void **state)
{
    struct daemon *d = *state;
    struct wire_message message = {.type = WIRE_REPORT, .report = d->report};
    uint8_t data[WIRE_DATAGRAM_MAX];
    daemon_report_until_accepted(d, 5000);
    message.report = d->report;
    message.report.index = 5000;
    size_t length = daemon_sign(d, &message, data);
    for (int i = 0; i < 3; i++) /* one may be the copy over the second network */
        daemon_send_bytes(d, data, length);
    WAIT_FOR(daemon_rejected(d, "replayed") >= 2);
    data[20] ^= 1;
    daemon_send_bytes(d, data, length);
    WAIT_FOR(daemon_rejected(d, "forged") == 1);
    daemon_send_bytes(d, data, length - 1);
    WAIT_FOR(daemon_rejected(d, "truncated") == 1);
    data[0] = 'X';
    daemon_send_bytes(d, data, length);
    WAIT_FOR(daemon_rejected(d, "foreign") == 1);
    addr_parse("127.1.0.77", &message.report.address);
    daemon_send_bytes(d, data, daemon_sign(d, &message, data));
    WAIT_FOR(daemon_rejected(d, "not_listed") == 1);
}

static void test_an_override_survives_a_restart(void **state)
{
    struct daemon *d = *state;
    REPORT_UNTIL(d, daemon_kernel_weight(d) == 100);
    assert_true(daemon_order(d, "weight", "traffic1", json_integer(33)));
    REPORT_UNTIL(d, daemon_kernel_weight(d) == 33);
    assert_true(daemon_order(d, "weight", NODE, json_null()));
    assert_true(daemon_order(d, "drain", NODE, NULL));
    REPORT_UNTIL(d, daemon_has_state(d, "traffic1", "out-of-cluster"));
    kill(d->pid, SIGKILL); /* a crash */
    waitpid(d->pid, NULL, 0);
    daemon_start(d);
    REPORT_UNTIL(d, daemon_has_state(d, "traffic1", "out-of-cluster"));
    assert_true(daemon_kernel_weight(d) <= 0);
    assert_false(daemon_order(d, "weight", NODE, json_integer(5)));
    assert_false(daemon_order(d, "drain", "nobody", NULL));
    assert_true(daemon_order(d, "undrain", "traffic1", NULL));
    assert_false(daemon_order(d, "undrain", "traffic1", NULL));
    REPORT_UNTIL(d, daemon_kernel_weight(d) == 100);
}

static void test_a_damaged_file_is_set_aside(void **state)
{
    struct daemon *d = *state;
    char aside[128];
    assert_int_equal(daemon_stop(d), 0);
    unit_put(daemon_path_of(d, "overrides"), "{", 1, 0600);
    daemon_start(d);
    snprintf(aside, sizeof aside, "%s", daemon_path_of(d, "overrides.damaged"));
    assert_int_equal(access(aside, R_OK), 0);
    assert_true(daemon_order(d, "drain", NODE, NULL));
    assert_int_equal(access(aside, R_OK), 0);
    assert_int_equal(access(daemon_path_of(d, "overrides"), R_OK), 0);
}

static void test_an_order_that_the_disk_refuses(void **state)
{
    struct daemon *d = *state;
    assert_int_equal(mkdir(daemon_path_of(d, "overrides"), 0700), 0); /* no file can take its place */
    json_t *answer = daemon_ask(d, "drain", NODE, NULL);
    assert_true(json_is_true(json_object_get(answer, "ok")));
    const char *warning = json_string_value(json_object_get(answer, "warning"));
    assert_non_null(warning);
    assert_non_null(strstr(warning, "not kept on disk"));
    json_decref(answer);
    REPORT_UNTIL(d, daemon_has_state(d, "traffic1", "out-of-cluster")); /* in force */
    assert_int_equal(rmdir(daemon_path_of(d, "overrides")), 0);
    WAIT_FOR(access(daemon_path_of(d, "overrides"), R_OK) == 0); /* it tries again */
    answer = daemon_ask(d, "undrain", NODE, NULL);
    assert_null(json_object_get(answer, "warning"));
    json_decref(answer);
}

static void test_another_master_gives_an_order(void **state)
{
    struct daemon *d = *state;
    struct wire_message message = {.type = WIRE_OVERRIDES, .overrides.count = 1};
    uint8_t data[WIRE_DATAGRAM_MAX];
    message.overrides.entries[0] = (struct wire_override){
        .node = d->report.address, .kind = WIRE_OVERRIDE_WEIGHT, .weight = 12, .stamp = 4, .origin = 1};
    REPORT_UNTIL(d, daemon_kernel_weight(d) == 100);
    daemon_send_bytes(d, data, daemon_sign(d, &message, data));
    REPORT_UNTIL(d, daemon_kernel_weight(d) == 12);
    assert_true(daemon_order(d, "weight", "traffic1", json_null())); /* later than stamp 4 */
    daemon_send_bytes(d, data, daemon_sign(d, &message, data));
    REPORT_UNTIL(d, daemon_kernel_weight(d) == 100);
}

static void test_a_reload_takes_good_files_only(void **state)
{
    struct daemon *d = *state;
    size_t count;
    REPORT_UNTIL(d, daemon_kernel_weight(d) == 100);
    daemon_write_configuration(d, "no_such_keyword 1\n");
    kill(d->pid, SIGHUP);
    REPORT_UNTIL(d, daemon_kernel_weight(d) == 100);
    daemon_write_configuration(d, "traffic2 " OTHER "\n");
    kill(d->pid, SIGHUP);
    REPORT_UNTIL(d, (json_decref(daemon_member(d, "nodes", "nodes", "traffic2", &count)), count == 2));
    assert_int_equal(daemon_kernel_weight(d), 100);
    WAIT_FOR(daemon_has_state(d, "traffic2", "out-of-cluster"));
}

static bool log_has(const struct daemon *d, const char *words)
{
    char line[1024];
    bool found = false;
    FILE *file = fopen(daemon_path_of(d, "log"), "r");
    assert_non_null(file);
    while (!found && fgets(line, sizeof line, file) != NULL)
        found = strstr(line, words) != NULL;
    fclose(file);
    return found;
}

static void test_a_reload_says_what_needs_a_restart(void **state)
{
    struct daemon *d = *state;
    daemon_write_configuration(d, "user nobody\nstate /nowhere\nErrorLog stderr\n");
    kill(d->pid, SIGHUP);
    WAIT_FOR(log_has(d, "configuration") && log_has(d, "read again"));
    assert_true(log_has(d, "user is root until tmd is started again; the file says nobody"));
    assert_true(log_has(d, "until tmd is started again; the file says /nowhere"));
    assert_true(log_has(d, "until tmd is started again; the file says stderr"));
    assert_true(daemon_order(d, "drain", NODE, NULL));
    assert_int_equal(access(daemon_path_of(d, "overrides"), R_OK), 0);
}

static void test_a_stranger_joins_when_he_may(void **state)
{
    struct daemon *d = *state;
    size_t count;
    REPORT_UNTIL(d, daemon_kernel_weight(d) == 100);
    daemon_write_configuration(d, "join any\n");
    kill(d->pid, SIGHUP);
    addr_parse("127.1.0.77", &d->report.address);
    strcpy(d->report.name, "stranger");
    d->report.session = 100;
    daemon_report_until_accepted(d, 5000);
    assert_true(daemon_has_state(d, "stranger", "active"));
    json_decref(daemon_member(d, "nodes", "nodes", "stranger", &count));
    assert_int_equal(count, 2);
}

static void test_the_background_start_tells_the_truth(void **state)
{
    struct daemon *d = *state;
    int status;
    assert_int_equal(daemon_stop(d), 0);
    assert_int_equal(waitpid(daemon_run_program(d, "-b"), &status, 0) > 0, 1);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    json_t *answer = daemon_ask(d, "ping", NULL, NULL); /* at once: it is ready */
    assert_non_null(answer);
    json_decref(answer);
    assert_int_equal(waitpid(daemon_run_program(d, "-b"), &status, 0) > 0, 1); /* a second one */
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 69);
    FILE *file = fopen(daemon_path_of(d, "pid"), "r");
    int pid = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    kill(pid, SIGTERM);
    WAIT_FOR(access(daemon_path_of(d, "pid"), F_OK) != 0);
    daemon_write_configuration(d, "no_such_keyword 1\n");
    assert_int_equal(waitpid(daemon_run_program(d, "-t"), &status, 0) > 0, 1);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 78);
}

#define DAEMON_TEST(function) cmocka_unit_test_setup_teardown(function, daemon_set_up, daemon_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DAEMON_TEST(test_from_a_report_to_a_weight),      DAEMON_TEST(test_what_is_refused_is_counted),
        DAEMON_TEST(test_an_override_survives_a_restart), DAEMON_TEST(test_a_damaged_file_is_set_aside),
        DAEMON_TEST(test_an_order_that_the_disk_refuses), DAEMON_TEST(test_another_master_gives_an_order),
        DAEMON_TEST(test_a_reload_takes_good_files_only), DAEMON_TEST(test_a_reload_says_what_needs_a_restart),
        DAEMON_TEST(test_a_stranger_joins_when_he_may),   DAEMON_TEST(test_the_background_start_tells_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
