/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole traffic manager as a process, on loopback; only the kernel's table is a fake one (tests/bench/tmd_fake).
 * Nothing here depends on how long something takes: what shall happen is waited for, with a deadline. */
#include "clock.h"
#include "ctl.h"
#include "key.h"
#include "unit.h"
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <sys/wait.h>

#define DEADLINE_MS 20000
#define NODE "127.1.0.11"
#define OTHER "127.1.0.12"

struct daemon {
    char directory[64];
    char control[64];
    uint16_t port;
    pid_t pid;
    int fd;
    struct key key;
    struct wire_report report; /* the client's */
};

/* --- files, process, questions */

static const char *path_of(const struct daemon *d, const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", d->directory, name);
    return path;
}

static void write_configuration(const struct daemon *d, const char *more)
{
    char text[2048];
    int length = snprintf(text, sizeof text,
                          "port %u\nErrorLog %s/log\nkeys %s/keys\nstate %s/overrides\nmetrics %s/prom\nuser root\n"
                          "sysctls no\ntimeout 300\nrepair 100\ndrain_timeout 100\nslow_start 0\n"
                          "master1 127.0.0.1\nservice web tcp 127.1.0.100 80\ntraffic1 " NODE "\n%s",
                          d->port, d->directory, d->directory, d->directory, d->directory, more);
    unit_put(path_of(d, "tmd.conf"), text, (size_t)length, 0644);
}

static void write_keys(struct daemon *d)
{
    char text[128];
    int length = snprintf(text, sizeof text, "7 ");
    d->key.id = 7;
    randombytes_buf(d->key.bytes, sizeof d->key.bytes);
    for (size_t i = 0; i < KEY_BYTES; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "%02x", d->key.bytes[i]);
    length += snprintf(text + length, sizeof text - (size_t)length, "\n");
    unit_put(path_of(d, "keys"), text, (size_t)length, 0600);
}

static json_t *ask(const struct daemon *d, const char *command, const char *node, json_t *value)
{
    json_t *request = json_pack("{s:s}", "command", command);
    json_t *answer = NULL;
    if (node != NULL)
        json_object_set_new(request, "node", json_string(node));
    if (value != NULL)
        json_object_set_new(request, "value", value);
    int rc = ctl_request(d->control, request, 1000, &answer);
    json_decref(request);
    return rc == 0 ? answer : NULL;
}

static bool order(const struct daemon *d, const char *command, const char *node, json_t *value)
{
    json_t *answer = ask(d, command, node, value);
    assert_non_null(answer);
    bool ok = json_is_true(json_object_get(answer, "ok"));
    json_decref(answer);
    return ok;
}

static pid_t run_program(const struct daemon *d, const char *option)
{
    char configuration[128];
    char pidfile[128];
    strcpy(configuration, path_of(d, "tmd.conf"));
    strcpy(pidfile, path_of(d, "pid"));
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execl("tests/bench/tmd_fake", "tmd_fake", "-f", configuration, "-p", pidfile, "-i", d->control, option,
              (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void start(struct daemon *d)
{
    d->pid = run_program(d, "-n");
    for (uint64_t end_ms = clock_ms() + DEADLINE_MS; clock_ms() < end_ms; usleep(10000)) {
        json_t *answer = ask(d, "ping", NULL, NULL);
        if (answer == NULL)
            continue;
        json_decref(answer);
        return;
    }
    fail_msg("the daemon does not answer");
}

static int stop(struct daemon *d)
{
    int status;
    kill(d->pid, SIGTERM);
    assert_int_equal(waitpid(d->pid, &status, 0), d->pid);
    d->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* --- the network */

static uint16_t free_port(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    socklen_t length = sizeof any;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&any, &length), 0);
    close(fd);
    return ntohs(any.sin_port);
}

static void send_bytes(const struct daemon *d, const uint8_t *data, size_t length)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(d->port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(sendto(d->fd, data, length, 0, (struct sockaddr *)&to, sizeof to), (ssize_t)length);
}

static size_t sign(const struct daemon *d, const struct wire_message *message, uint8_t *data)
{
    int length = wire_encode(message, &d->key, data);
    assert_true(length > 0);
    return (size_t)length;
}

static void send_report(struct daemon *d, uint32_t index)
{
    struct wire_message message = {.type = WIRE_REPORT, .report = d->report};
    uint8_t data[WIRE_DATAGRAM_MAX];
    message.report.sequence = ++d->report.sequence;
    message.report.index = index;
    send_bytes(d, data, sign(d, &message, data));
}

/* Takes the answers that are there, or come soon. Returns whether one accepted the last report. */
static bool take_answers(struct daemon *d)
{
    struct keyring ring = {.count = 1, .keys = {d->key}};
    struct pollfd wait = {.fd = d->fd, .events = POLLIN};
    while (poll(&wait, 1, 50) > 0) {
        uint8_t data[WIRE_DATAGRAM_MAX];
        struct wire_message message;
        ssize_t length = recv(d->fd, data, sizeof data, 0);
        if (length < 0 || wire_decode(data, (size_t)length, &ring, &message) != WIRE_OK ||
            message.type != WIRE_ACKNOWLEDGEMENT || message.acknowledgement.session != d->report.session)
            continue;
        memcpy(d->report.cookie, message.acknowledgement.cookie, WIRE_COOKIE_BYTES);
        if (message.acknowledgement.sequence == d->report.sequence)
            return (message.acknowledgement.flags & WIRE_ACCEPTED) != 0;
    }
    return false;
}

static void report_until_accepted(struct daemon *d, uint32_t index)
{
    for (uint64_t end_ms = clock_ms() + DEADLINE_MS; clock_ms() < end_ms;) {
        send_report(d, index);
        if (take_answers(d))
            return;
    }
    fail_msg("no report was accepted");
}

/* --- what it shows */

static json_t *member(const struct daemon *d, const char *command, const char *list, const char *name, size_t *count)
{
    json_t *answer = ask(d, command, NULL, NULL);
    json_t *found = NULL;
    json_t *array = json_object_get(answer, list);
    *count = json_array_size(array);
    for (size_t i = 0; i < *count && found == NULL; i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(array, i), "name")), name) == 0)
            found = json_incref(json_array_get(array, i));
    json_decref(answer);
    return found;
}

static bool has_state(const struct daemon *d, const char *name, const char *state)
{
    size_t count;
    json_t *node = member(d, "nodes", "nodes", name, &count);
    bool same = node != NULL && strcmp(json_string_value(json_object_get(node, "state")), state) == 0;
    json_decref(node);
    return same;
}

/* The weight that the kernel has for the service's first server, -1 when it has none. */
static json_int_t kernel_weight(const struct daemon *d)
{
    size_t count;
    json_t *service = member(d, "services", "services", "web", &count);
    json_t *server = json_array_get(json_object_get(service, "servers"), 0);
    json_int_t weight = server != NULL ? json_integer_value(json_object_get(server, "weight")) : -1;
    json_decref(service);
    return weight;
}

static json_int_t rejected(const struct daemon *d, const char *reason)
{
    json_t *answer = ask(d, "status", NULL, NULL);
    json_t *reports = json_object_get(answer, "reports");
    json_int_t count = json_integer_value(json_object_get(json_object_get(reports, "rejected"), reason));
    json_decref(answer);
    return count;
}

#define WAIT_FOR(condition)                                                                                            \
    do {                                                                                                               \
        uint64_t end_ms_ = clock_ms() + DEADLINE_MS;                                                                   \
        while (!(condition) && clock_ms() < end_ms_)                                                                   \
            usleep(5000);                                                                                              \
        assert_true(condition);                                                                                        \
    } while (0)

/* The same while the node reports. */
#define REPORT_UNTIL(d, condition)                                                                                     \
    do {                                                                                                               \
        uint64_t end_ms_ = clock_ms() + DEADLINE_MS;                                                                   \
        do                                                                                                             \
            report_until_accepted(d, 5000);                                                                            \
        while (!(condition) && clock_ms() < end_ms_);                                                                  \
        assert_true(condition);                                                                                        \
    } while (0)

/* --- tests */

static int set_up(void **state)
{
    struct daemon *d = calloc(1, sizeof *d);
    *state = d;
    strcpy(d->directory, "/tmp/has-tmd.XXXXXX");
    if (d == NULL || sodium_init() < 0 || mkdtemp(d->directory) == NULL)
        return -1;
    snprintf(d->control, sizeof d->control, "has-tmd-test-%ld", (long)getpid());
    d->port = free_port();
    d->fd = socket(AF_INET, SOCK_DGRAM, 0);
    d->report = (struct wire_report){.session = 99, .flags = WIRE_WANT_ACK, .pressure = 700, .name = "t1"};
    addr_parse(NODE, &d->report.address);
    write_keys(d);
    write_configuration(d, "");
    start(d);
    return 0;
}

static int tear_down(void **state)
{
    struct daemon *d = *state;
    if (d->pid > 0) {
        kill(d->pid, SIGKILL);
        waitpid(d->pid, NULL, 0);
    }
    close(d->fd);
    nftw(d->directory, unit_remove, 16, FTW_DEPTH | FTW_PHYS);
    free(d);
    return 0;
}

static void test_from_a_report_to_a_weight(void **state)
{
    struct daemon *d = *state;
    report_until_accepted(d, 5000);
    assert_true(has_state(d, "traffic1", "active"));
    assert_int_equal(kernel_weight(d), 100);
    assert_int_equal(rejected(d, "stale_cookie"), 1); /* the first, which had no cookie */
    WAIT_FOR(has_state(d, "traffic1", "out-of-cluster"));
    assert_int_equal(kernel_weight(d), -1);
    report_until_accepted(d, 5000);
    assert_int_equal(kernel_weight(d), 100);
    report_until_accepted(d, 0);
    assert_true(has_state(d, "traffic1", "out-of-cluster"));
    assert_true(kernel_weight(d) <= 0);
    WAIT_FOR(access(path_of(d, "prom"), R_OK) == 0);
    assert_int_equal(stop(d), 0);
}

static void test_what_is_refused_is_counted(void **state)
{
    struct daemon *d = *state;
    struct wire_message message = {.type = WIRE_REPORT, .report = d->report};
    uint8_t data[WIRE_DATAGRAM_MAX];
    report_until_accepted(d, 5000);
    message.report = d->report;
    message.report.index = 5000;
    size_t length = sign(d, &message, data);
    for (int i = 0; i < 3; i++) /* one may be the copy over the second network */
        send_bytes(d, data, length);
    WAIT_FOR(rejected(d, "replayed") >= 2);
    data[20] ^= 1;
    send_bytes(d, data, length);
    WAIT_FOR(rejected(d, "forged") == 1);
    send_bytes(d, data, length - 1);
    WAIT_FOR(rejected(d, "truncated") == 1);
    data[0] = 'X';
    send_bytes(d, data, length);
    WAIT_FOR(rejected(d, "foreign") == 1);
    addr_parse("127.1.0.77", &message.report.address);
    send_bytes(d, data, sign(d, &message, data));
    WAIT_FOR(rejected(d, "not_listed") == 1);
}

static void test_an_override_survives_a_restart(void **state)
{
    struct daemon *d = *state;
    REPORT_UNTIL(d, kernel_weight(d) == 100);
    assert_true(order(d, "weight", "traffic1", json_integer(33)));
    REPORT_UNTIL(d, kernel_weight(d) == 33);
    assert_true(order(d, "weight", NODE, json_null()));
    assert_true(order(d, "drain", NODE, NULL));
    REPORT_UNTIL(d, has_state(d, "traffic1", "out-of-cluster"));
    kill(d->pid, SIGKILL); /* a crash */
    waitpid(d->pid, NULL, 0);
    start(d);
    REPORT_UNTIL(d, has_state(d, "traffic1", "out-of-cluster"));
    assert_true(kernel_weight(d) <= 0);
    assert_false(order(d, "weight", NODE, json_integer(5)));
    assert_false(order(d, "drain", "nobody", NULL));
    assert_true(order(d, "undrain", "traffic1", NULL));
    assert_false(order(d, "undrain", "traffic1", NULL));
    REPORT_UNTIL(d, kernel_weight(d) == 100);
}

static void test_another_master_gives_an_order(void **state)
{
    struct daemon *d = *state;
    struct wire_message message = {.type = WIRE_OVERRIDES, .overrides.count = 1};
    uint8_t data[WIRE_DATAGRAM_MAX];
    message.overrides.entries[0] = (struct wire_override){
        .node = d->report.address, .kind = WIRE_OVERRIDE_WEIGHT, .weight = 12, .stamp = 4, .origin = 1};
    REPORT_UNTIL(d, kernel_weight(d) == 100);
    send_bytes(d, data, sign(d, &message, data));
    REPORT_UNTIL(d, kernel_weight(d) == 12);
    assert_true(order(d, "weight", "traffic1", json_null())); /* later than stamp 4 */
    send_bytes(d, data, sign(d, &message, data));
    REPORT_UNTIL(d, kernel_weight(d) == 100);
}

static void test_a_reload_takes_good_files_only(void **state)
{
    struct daemon *d = *state;
    size_t count;
    REPORT_UNTIL(d, kernel_weight(d) == 100);
    write_configuration(d, "no_such_keyword 1\n");
    kill(d->pid, SIGHUP);
    REPORT_UNTIL(d, kernel_weight(d) == 100);
    write_configuration(d, "traffic2 " OTHER "\n");
    kill(d->pid, SIGHUP);
    REPORT_UNTIL(d, (json_decref(member(d, "nodes", "nodes", "traffic2", &count)), count == 2));
    assert_int_equal(kernel_weight(d), 100);
    WAIT_FOR(has_state(d, "traffic2", "out-of-cluster"));
}

static void test_a_stranger_joins_when_he_may(void **state)
{
    struct daemon *d = *state;
    size_t count;
    REPORT_UNTIL(d, kernel_weight(d) == 100);
    write_configuration(d, "join any\n");
    kill(d->pid, SIGHUP);
    addr_parse("127.1.0.77", &d->report.address);
    strcpy(d->report.name, "stranger");
    d->report.session = 100;
    report_until_accepted(d, 5000);
    assert_true(has_state(d, "stranger", "active"));
    json_decref(member(d, "nodes", "nodes", "stranger", &count));
    assert_int_equal(count, 2);
}

static void test_the_background_start_tells_the_truth(void **state)
{
    struct daemon *d = *state;
    int status;
    assert_int_equal(stop(d), 0);
    assert_int_equal(waitpid(run_program(d, "-b"), &status, 0) > 0, 1);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    json_t *answer = ask(d, "ping", NULL, NULL); /* at once: it is ready */
    assert_non_null(answer);
    json_decref(answer);
    assert_int_equal(waitpid(run_program(d, "-b"), &status, 0) > 0, 1); /* a second one */
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 69);
    FILE *file = fopen(path_of(d, "pid"), "r");
    int pid = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    kill(pid, SIGTERM);
    WAIT_FOR(access(path_of(d, "pid"), F_OK) != 0);
    write_configuration(d, "no_such_keyword 1\n");
    assert_int_equal(waitpid(run_program(d, "-t"), &status, 0) > 0, 1);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 78);
}

#define DAEMON_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DAEMON_TEST(test_from_a_report_to_a_weight),
        DAEMON_TEST(test_what_is_refused_is_counted),
        DAEMON_TEST(test_an_override_survives_a_restart),
        DAEMON_TEST(test_another_master_gives_an_order),
        DAEMON_TEST(test_a_reload_takes_good_files_only),
        DAEMON_TEST(test_a_stranger_joins_when_he_may),
        DAEMON_TEST(test_the_background_start_tells_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
