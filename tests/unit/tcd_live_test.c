/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real tcd, unprivileged, on loopback: two masters, a web server that dies, a client. States are asserted, not
 * times; the times are printed. */
#include "tcd_lab.h"

#include "clock.h"
#include "unit.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sodium.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>

static void reports_say_who_and_what(void **state)
{
    struct lab *lab = *state;
    char text[ADDR_TEXT_MAX];
    lab_start(lab);
    const struct wire_report *report = &lab->peers[0].last;
    assert_string_equal(report->name, "t1");
    assert_string_equal(addr_format(&report->address, text), NODE);
    assert_int_equal(report->address6.family, AF_UNSPEC);
    assert_in_range(report->pressure, 0, 1000);
    assert_int_equal(report->service_count, 2);
    assert_string_equal(report->services[0].name, "web");
    assert_true(report->services[0].up);
    assert_false(report->services[1].up);
    assert_int_not_equal(report->session, lab->peers[1].last.session); /* each master has its own */
}

static void a_dead_web_server_gives_index_0(void **state)
{
    struct lab *lab = *state;
    double ms[3];
    lab_start(lab);
    for (int i = 0; i < 3; i++) {
        lab_reports_within(lab, 0, 100); /* so that the watch connection is open */
        lab_reports_within(lab, 1, 0);
        assert_true(is_up(&lab->peers[0]) && is_up(&lab->peers[1]));
        uint64_t killed_us = clock_us();
        server_kill(&lab->server);
        lab_await(lab, 0, is_down);
        ms[i] = (double)(clock_us() - killed_us) / 1000;
        lab_await(lab, 1, is_down);
        assert_int_equal(lab_reports_within(lab, 0, 500), 0); /* load_index_report_flag: ten updates unsaid */
        assert_int_equal(lab_reports_within(lab, 1, 100), 0);
        lab->server = server_start(GOOD, lab->server.port);
        lab_await_both(lab, is_up);
    }
    print_message("web server killed: index 0 received after %.1f, %.1f, %.1f ms\n", ms[0], ms[1], ms[2]);
}

static void index_0_is_repeated_until_it_is_acknowledged(void **state)
{
    struct lab *lab = *state;
    lab_start(lab);
    lab->peers[0].deaf = true;
    server_kill(&lab->server);
    lab_await_both(lab, is_down);
    assert_true(lab_reports_within(lab, 0, 500) > 1);
    assert_int_equal(lab_reports_within(lab, 1, 100), 0);
    lab->peers[0].deaf = false;
    while (lab_reports_within(lab, 0, 300) > 0)
        ;
    assert_int_equal(lab->peers[0].last.index, 0);
}

static void a_restarted_master_is_answered_at_once(void **state)
{
    struct lab *lab = *state;
    uint8_t noise[64] = "HAS1 is how it begins, but not how it goes on";
    lab_start(lab);
    lab->peers[0].cookie = 9;
    lab->peers[0].accepted = 0;
    peer_hello(&lab->peers[0]);
    lab_await(lab, 0, is_up);
    server_kill(&lab->server); /* also when it had nothing to say any more */
    lab_await_both(lab, is_down);
    lab_reports_within(lab, 0, 200);
    lab->peers[0].cookie = 10;
    lab->peers[0].accepted = 0;
    peer_send(&lab->peers[0], noise, sizeof(noise)); /* from no master: ignored */
    assert_int_equal(lab_reports_within(lab, 0, 200), 0);
    peer_hello(&lab->peers[0]);
    while (lab->peers[0].accepted == 0)
        assert_true(peer_receive(&lab->peers[0], clock_ms() + DEADLINE_MS));
    assert_int_equal(lab->peers[0].last.index, 0);
}

static void agent_check_is_answered(void **state)
{
    struct lab *lab = *state;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(lab->agent_port)};
    char more[64];
    char line[64] = "";
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    snprintf(more, sizeof(more), "agent_check %u 127.0.0.1\n", lab->agent_port);
    lab_write_config(lab, more);
    lab_start(lab);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    size_t used = 0;
    ssize_t count;
    while ((count = recv(fd, line + used, sizeof(line) - 1 - used, 0)) > 0)
        used += (size_t)count;
    close(fd);
    unsigned percent = 0;
    assert_int_equal(sscanf(line, "up ready %u%%", &percent), 1);
    assert_in_range(percent, 1, 100);
    assert_int_equal(line[used - 1], '\n');
}

static const char *check_state(const json_t *status, size_t check)
{
    const json_t *checks = json_object_get(status, "checks");
    return json_string_value(json_object_get(json_array_get(checks, check), "state"));
}

static void control_tells_the_state(void **state)
{
    struct lab *lab = *state;
    lab_start(lab);
    uint64_t deadline_ms = clock_ms() + DEADLINE_MS;
    json_t *answer = lab_ask(lab, "ping");
    assert_string_equal(json_string_value(json_object_get(answer, "daemon")), "tcd");
    do {
        json_decref(answer);
        answer = lab_ask(lab, "status");
        assert_true(clock_ms() < deadline_ms);
    } while (strcmp(check_state(answer, 1), "unknown") == 0);
    assert_string_equal(json_string_value(json_object_get(answer, "name")), "t1");
    assert_true(json_integer_value(json_object_get(answer, "index")) > 0);
    assert_true(json_is_true(json_object_get(answer, "reporting")));
    assert_true(json_is_false(json_object_get(answer, "draining")));
    assert_int_equal(json_array_size(json_object_get(answer, "masters")), 2);
    assert_string_equal(check_state(answer, 0), "up");
    assert_string_equal(check_state(answer, 1), "down");
    json_decref(answer);
}

static int connect_client(const struct lab *lab)
{
    struct sockaddr_in local = {.sin_family = AF_INET};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(lab->server.port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, "127.0.0.3", &local.sin_addr);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&local, sizeof(local)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void leaving_waits_for_the_last_client(void **state)
{
    struct lab *lab = *state;
    lab_start(lab);
    int client = connect_client(lab);
    lab_await(lab, 0, has_client);
    assert_int_equal(kill(lab->tcd, SIGTERM), 0);
    lab_await_both(lab, is_draining);
    assert_true(lab_reports_within(lab, 0, 600) > 1); /* it goes on reporting while the client is there */
    lab_reports_within(lab, 1, 50);
    assert_int_equal(waitpid(lab->tcd, NULL, WNOHANG), 0);
    assert_true(lab->peers[0].last.index > 0);
    close(client);
    pid_t pid = lab->tcd;
    lab->tcd = 0;
    assert_int_equal(lab_end_of(pid), EX_OK);
    assert_int_equal(access(lab_path_in(lab, "tcd.pid"), F_OK), -1);
}

static void leaving_ends_at_the_deadline(void **state)
{
    struct lab *lab = *state;
    lab_write_config(lab, "drain_timeout 200\n");
    lab_start(lab);
    int client = connect_client(lab);
    lab_await(lab, 0, has_client);
    assert_int_equal(kill(lab->tcd, SIGTERM), 0);
    pid_t pid = lab->tcd;
    lab->tcd = 0;
    assert_int_equal(lab_end_of(pid), EX_OK);
    close(client);
}

static bool is_renamed(const struct peer *peer)
{
    return strcmp(peer->last.name, "other") == 0;
}

static void reload_refuses_a_bad_file_and_takes_a_good_one(void **state)
{
    struct lab *lab = *state;
    lab_start(lab);
    uint64_t session = lab->peers[0].last.session;
    lab_write_config(lab, "nonsense 1\n");
    assert_int_equal(kill(lab->tcd, SIGHUP), 0);
    assert_true(lab_reports_within(lab, 0, 500) > 1);
    assert_string_equal(lab->peers[0].last.name, "t1");
    /* A new check of the whole node that does not speak for a minute must not silence it. */
    lab_write_config(lab, "name other\ncheck new program command=\"/bin/sleep 60\" interval=60000 timeout=60000\n");
    assert_int_equal(kill(lab->tcd, SIGHUP), 0);
    lab_await_both(lab, is_renamed);
    assert_int_equal(lab->peers[0].last.session, session);
    assert_true(lab->peers[0].last.index > 0);
}

static void background_returns_when_it_is_ready(void **state)
{
    struct lab *lab = *state;
    char text[32] = "";
    assert_int_equal(lab_end_of(lab_run_tcd(lab, "-b", "tcd.conf")), EX_OK);
    FILE *file = fopen(lab_path_in(lab, "tcd.pid"), "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    fclose(file);
    pid_t daemon = (pid_t)atol(text);
    assert_true(daemon > 1);
    json_t *answer = lab_ask(lab, "ping"); /* it answers already */
    json_decref(answer);
    lab_await_both(lab, is_up);
    assert_int_not_equal(lab_end_of(lab_run_tcd(lab, "-b", "tcd.conf")), EX_OK); /* a second one does not start */
    assert_int_equal(access(lab_path_in(lab, "tcd.pid"), F_OK), 0);
    assert_int_equal(kill(daemon, SIGTERM), 0);
    lab_await_both(lab, is_draining);
    uint64_t deadline_ms = clock_ms() + DEADLINE_MS;
    while (access(lab_path_in(lab, "tcd.pid"), F_OK) == 0) {
        lab_reports_within(lab, 0, 10);
        lab_reports_within(lab, 1, 10);
        assert_true(clock_ms() < deadline_ms);
    }
}

static void bad_configurations_do_not_start(void **state)
{
    struct lab *lab = *state;
    assert_int_equal(lab_end_of(lab_run_tcd(lab, "-t", "tcd.conf")), EX_OK);
    assert_int_equal(lab_end_of(lab_run_tcd(lab, "-t", "nowhere.conf")), EX_CONFIG);
    lab_write_config(lab, "nonsense 1\n");
    assert_int_equal(lab_end_of(lab_run_tcd(lab, "-t", "tcd.conf")), EX_CONFIG);
    assert_int_equal(lab_end_of(lab_run_tcd(lab, "-b", "tcd.conf")), EX_CONFIG);
    lab_write_config(lab, "keys /nowhere/keys\n");
    assert_int_equal(lab_end_of(lab_run_tcd(lab, "-n", "tcd.conf")), EX_CONFIG);
    assert_int_equal(lab_end_of(lab_run_tcd(lab, "-x", "tcd.conf")), EX_USAGE);
}

static void metrics_are_written(void **state)
{
    struct lab *lab = *state;
    char more[PATH_MAX + 16];
    char line[256];
    bool found = false;
    snprintf(more, sizeof(more), "metrics %s\n", lab_path_in(lab, "tcd.prom"));
    lab_write_config(lab, more);
    lab_start(lab);
    FILE *file = fopen(lab_path_in(lab, "tcd.prom"), "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file))
        found = found || strcmp(line, "has_tcd_check_up{check=\"web\"} 1\n") == 0;
    fclose(file);
    assert_true(found);
}

#define LIVE(test) cmocka_unit_test_setup_teardown(test, lab_set_up, lab_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIVE(reports_say_who_and_what),
        LIVE(a_dead_web_server_gives_index_0),
        LIVE(index_0_is_repeated_until_it_is_acknowledged),
        LIVE(a_restarted_master_is_answered_at_once),
        LIVE(agent_check_is_answered),
        LIVE(control_tells_the_state),
        LIVE(leaving_waits_for_the_last_client),
        LIVE(leaving_ends_at_the_deadline),
        LIVE(reload_refuses_a_bad_file_and_takes_a_good_one),
        LIVE(background_returns_when_it_is_ready),
        LIVE(bad_configurations_do_not_start),
        LIVE(metrics_are_written),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
