/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tmd_daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <sys/wait.h>

/* --- files, process, questions */

const char *daemon_path_of(const struct daemon *d, const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", d->directory, name);
    return path;
}

void daemon_write_configuration(const struct daemon *d, const char *more)
{
    char text[2048];
    int length = snprintf(text, sizeof text,
                          "port %u\nErrorLog %s/log\nkeys %s/keys\nstate %s/overrides\nmetrics %s/prom\nuser root\n"
                          "sysctls no\ntimeout 300\nisolation 500\nrepair 100\ndrain_timeout 100\nslow_start 0\n"
                          "master1 127.0.0.1\nservice web tcp 127.1.0.100 80\ntraffic1 " NODE "\n%s",
                          d->port, d->directory, d->directory, d->directory, d->directory, more);
    unit_put(daemon_path_of(d, "tmd.conf"), text, (size_t)length, 0644);
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
    unit_put(daemon_path_of(d, "keys"), text, (size_t)length, 0600);
}

json_t *daemon_ask(const struct daemon *d, const char *command, const char *node, json_t *value)
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

bool daemon_order(const struct daemon *d, const char *command, const char *node, json_t *value)
{
    json_t *answer = daemon_ask(d, command, node, value);
    assert_non_null(answer);
    bool ok = json_is_true(json_object_get(answer, "ok"));
    json_decref(answer);
    return ok;
}

pid_t daemon_run_program(const struct daemon *d, const char *option)
{
    char configuration[128];
    char pidfile[128];
    snprintf(configuration, sizeof configuration, "%s/tmd.conf", d->directory);
    snprintf(pidfile, sizeof pidfile, "%s/pid", d->directory);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execl("tests/bench/tmd_fake", "tmd_fake", "-f", configuration, "-p", pidfile, "-i", d->control, option,
              (char *)NULL);
        _exit(127);
    }
    return pid;
}

void daemon_start(struct daemon *d)
{
    d->pid = daemon_run_program(d, "-n");
    for (uint64_t end_ms = clock_ms() + DEADLINE_MS; clock_ms() < end_ms; usleep(10000)) {
        json_t *answer = daemon_ask(d, "ping", NULL, NULL);
        if (answer == NULL)
            continue;
        json_decref(answer);
        return;
    }
    fail_msg("the daemon does not answer");
}

int daemon_stop(struct daemon *d)
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

void daemon_send_bytes(const struct daemon *d, const uint8_t *data, size_t length)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(d->port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(sendto(d->fd, data, length, 0, (struct sockaddr *)&to, sizeof to), (ssize_t)length);
}

size_t daemon_sign(const struct daemon *d, const struct wire_message *message, uint8_t *data)
{
    int length = wire_encode(message, &d->key, data);
    assert_true(length > 0);
    return (size_t)length;
}

void daemon_send_report(struct daemon *d, uint32_t index)
{
    struct wire_message message = {.type = WIRE_REPORT, .report = d->report};
    uint8_t data[WIRE_DATAGRAM_MAX];
    message.report.sequence = ++d->report.sequence;
    message.report.index = index;
    daemon_send_bytes(d, data, daemon_sign(d, &message, data));
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

void daemon_report_until_accepted(struct daemon *d, uint32_t index)
{
    for (uint64_t end_ms = clock_ms() + DEADLINE_MS; clock_ms() < end_ms;) {
        daemon_send_report(d, index);
        if (take_answers(d))
            return;
    }
    fail_msg("no report was accepted");
}

/* --- what it shows */

json_t *daemon_member(const struct daemon *d, const char *command, const char *list, const char *name, size_t *count)
{
    json_t *answer = daemon_ask(d, command, NULL, NULL);
    json_t *found = NULL;
    json_t *array = json_object_get(answer, list);
    *count = json_array_size(array);
    for (size_t i = 0; i < *count && found == NULL; i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(array, i), "name")), name) == 0)
            found = json_incref(json_array_get(array, i));
    json_decref(answer);
    return found;
}

bool daemon_has_state(const struct daemon *d, const char *name, const char *state)
{
    size_t count;
    json_t *node = daemon_member(d, "nodes", "nodes", name, &count);
    bool same = node != NULL && strcmp(json_string_value(json_object_get(node, "state")), state) == 0;
    json_decref(node);
    return same;
}

json_int_t daemon_kernel_weight(const struct daemon *d)
{
    size_t count;
    json_t *service = daemon_member(d, "services", "services", "web", &count);
    json_t *server = json_array_get(json_object_get(service, "servers"), 0);
    json_int_t weight = server != NULL ? json_integer_value(json_object_get(server, "weight")) : -1;
    json_decref(service);
    return weight;
}

json_int_t daemon_rejected(const struct daemon *d, const char *reason)
{
    json_t *answer = daemon_ask(d, "status", NULL, NULL);
    json_t *reports = json_object_get(answer, "reports");
    json_int_t count = json_integer_value(json_object_get(json_object_get(reports, "rejected"), reason));
    json_decref(answer);
    return count;
}

int daemon_set_up(void **state)
{
    struct daemon *d = calloc(1, sizeof *d);
    *state = d;
    if (d == NULL)
        return -1;
    strcpy(d->directory, "/tmp/has-tmd.XXXXXX");
    if (sodium_init() < 0 || mkdtemp(d->directory) == NULL)
        return -1;
    snprintf(d->control, sizeof d->control, "has-tmd-test-%ld", (long)getpid());
    d->port = free_port();
    d->fd = socket(AF_INET, SOCK_DGRAM, 0);
    d->report = (struct wire_report){.session = 99, .flags = WIRE_WANT_ACK, .pressure = 700, .name = "t1"};
    addr_parse(NODE, &d->report.address);
    write_keys(d);
    daemon_write_configuration(d, "");
    daemon_start(d);
    return 0;
}

int daemon_tear_down(void **state)
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
