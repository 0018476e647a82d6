/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real tcd, unprivileged, on loopback: two masters, a web server that dies, a client. States are asserted, not
 * times; the times are printed. */
#include "unit.h"

#include "clock.h"
#include "ctl.h"
#include "tcd_peer.h"
#include "tcd_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>

#define DEADLINE_MS 20000
#define NOBODY 65534
#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nall well"
#define NODE "127.0.0.2" /* tcd's own address; the masters have 127.0.0.1 and 127.0.0.5 */

struct lab {
    char directory[64];
    char control[64];
    struct peer peers[2];
    struct server server;
    uint16_t agent_port;
    pid_t tcd;
};

static const char *path_in(const struct lab *lab, const char *name)
{
    static char path[2][PATH_MAX];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof(path[turn]), "%s/%s", lab->directory, name);
    return path[turn];
}

static void write_config(const struct lab *lab, const char *more)
{
    char text[2048];
    int length = snprintf(text, sizeof(text),
                          "master1 127.0.0.1\nmaster2 127.0.0.5\nport %u\nupdates 50\nErrorLog %s\nRAM 256\n"
                          "keys %s\nname t1\naddress " NODE "\nbind " NODE "\nretry 300\n"
                          "service web tcp 127.0.0.1 %u\nservice off tcp 127.0.0.1 1\n"
                          "check web http port=%u interval=200 service=web\n"
                          "check off tcp port=1 interval=200 service=off\n%s",
                          lab->peers[0].port, path_in(lab, "log"), path_in(lab, "keys"), lab->server.port,
                          lab->server.port, more);
    unit_put(path_in(lab, "tcd.conf"), text, (size_t)length, 0644);
}

static void give_to_nobody(const char *path)
{
    if (geteuid() == 0)
        assert_int_equal(chown(path, NOBODY, NOBODY), 0);
}

static void write_keys(const struct lab *lab)
{
    char text[128] = "1 ";
    char *end = text + strlen(text);
    for (int i = 0; i < KEY_BYTES; i++)
        end += snprintf(end, 3, "ab");
    *end++ = '\n';
    unit_put(path_in(lab, "keys"), text, (size_t)(end - text), 0600);
    give_to_nobody(path_in(lab, "keys"));
}

/* Starts tcd with an option and that configuration. Returns its process. The program is opened before the user is
 * changed, so that it may lie where others may not go. */
static pid_t run_tcd(const struct lab *lab, const char *option, const char *config)
{
    const char *name = getenv("TCD") ? getenv("TCD") : "./tcd";
    int program = open(name, O_PATH | O_CLOEXEC);
    assert_true(program >= 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0) {
        close(program);
        return pid;
    }
    int errors = open(path_in(lab, "stderr"), O_WRONLY | O_CREAT | O_APPEND, 0666);
    dup2(errors, STDERR_FILENO);
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char *arguments[] = {
        "tcd", (char *)option,       "-d", "-f", strdup(path_in(lab, config)), "-p", strdup(path_in(lab, "tcd.pid")),
        "-i",  (char *)lab->control, NULL};
    fexecve(program, arguments, environ);
    _exit(127);
}

static int end_of(pid_t pid)
{
    int status = 0;
    uint64_t deadline_ms = clock_ms() + DEADLINE_MS;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        assert_true(clock_ms() < deadline_ms);
        poll(NULL, 0, 2);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static int set_up(void **state)
{
    static struct lab lab;
    static int count;
    lab = (struct lab){.directory = "/tmp/has-tcd.XXXXXX"};
    assert_non_null(mkdtemp(lab.directory));
    assert_int_equal(chmod(lab.directory, 0777), 0);
    snprintf(lab.control, sizeof(lab.control), "has-tcd-%d-%d", (int)getpid(), count++);
    peer_open(&lab.peers[0], "127.0.0.1");
    lab.peers[1] = lab.peers[0]; /* the second master: another address, the same port */
    struct sockaddr_in second = {.sin_family = AF_INET, .sin_port = htons(lab.peers[0].port)};
    inet_pton(AF_INET, "127.0.0.5", &second.sin_addr);
    lab.peers[1].fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    lab.peers[1].cookie = 2;
    assert_int_equal(bind(lab.peers[1].fd, (struct sockaddr *)&second, sizeof(second)), 0);
    lab.server = server_start(GOOD, 0);
    struct server spare = server_start(NULL, 0);
    lab.agent_port = spare.port;
    server_kill(&spare);
    write_keys(&lab);
    write_config(&lab, "");
    *state = &lab;
    return 0;
}

static int tear_down(void **state)
{
    struct lab *lab = *state;
    if (lab->tcd > 0) {
        kill(lab->tcd, SIGKILL);
        waitpid(lab->tcd, NULL, 0);
    }
    server_kill(&lab->server);
    peer_close(&lab->peers[0]);
    peer_close(&lab->peers[1]);
    return nftw(lab->directory, unit_remove, 16, FTW_DEPTH | FTW_PHYS);
}

typedef bool (*condition)(const struct peer *peer);

static bool is_up(const struct peer *peer)
{
    return peer->last.index > 0 && peer->accepted > 0 && peer->last.cookie[0] == peer->cookie;
}

static bool is_down(const struct peer *peer)
{
    return peer->received > 0 && peer->last.index == 0;
}

static bool is_draining(const struct peer *peer)
{
    return peer->last.flags & WIRE_DRAINING;
}

static bool has_client(const struct peer *peer)
{
    return peer->last.connections == 1;
}

static void show_log(const struct lab *lab)
{
    char line[512];
    FILE *log = fopen(path_in(lab, "log"), "r");
    while (log && fgets(line, sizeof(line), log))
        print_message("%s", line);
    if (log)
        fclose(log);
}

/* Receives at one master until the condition holds there. */
static void await(struct lab *lab, int master, condition reached)
{
    struct peer *peer = &lab->peers[master];
    uint64_t deadline_ms = clock_ms() + DEADLINE_MS;
    while (!reached(peer)) {
        if (peer_receive(peer, deadline_ms))
            continue;
        show_log(lab);
        fail_msg("master%d: not reached in time; %llu reports", master + 1, (unsigned long long)peer->received);
    }
}

static void await_both(struct lab *lab, condition reached)
{
    await(lab, 0, reached);
    await(lab, 1, reached);
}

static void start(struct lab *lab)
{
    lab->tcd = run_tcd(lab, "-n", "tcd.conf");
    await_both(lab, is_up);
}

/* Takes what is on its way, and counts what comes after. */
static uint64_t reports_within(struct lab *lab, int master, uint64_t wait_ms)
{
    struct peer *peer = &lab->peers[master];
    while (peer_receive(peer, 0))
        ;
    uint64_t before = peer->received;
    uint64_t deadline_ms = clock_ms() + wait_ms;
    while (peer_receive(peer, deadline_ms))
        ;
    return peer->received - before;
}

static json_t *ask(const struct lab *lab, const char *command)
{
    json_t *request = json_pack("{s:s}", "command", command);
    json_t *answer = NULL;
    assert_int_equal(ctl_request(lab->control, request, DEADLINE_MS, &answer), 0);
    json_decref(request);
    assert_true(json_is_true(json_object_get(answer, "ok")));
    return answer;
}

static void reports_say_who_and_what(void **state)
{
    struct lab *lab = *state;
    char text[ADDR_TEXT_MAX];
    start(lab);
    const struct wire_report *report = &lab->peers[0].last;
    assert_string_equal(report->name, "t1");
    assert_string_equal(addr_format(&report->address, text), NODE);
    assert_int_equal(report->address6.family, AF_UNSPEC);
    assert_in_range(report->pressure, 0, 1000);
    assert_int_equal(report->service_count, 2);
    assert_string_equal(report->services[0].name, "web");
    assert_true(report->services[0].up);
    assert_false(report->services[1].up);
    assert_int_equal(report->session, lab->peers[1].last.session);
}

static void a_dead_web_server_gives_index_0(void **state)
{
    struct lab *lab = *state;
    double ms[3];
    start(lab);
    for (int i = 0; i < 3; i++) {
        reports_within(lab, 0, 100); /* so that the watch connection is open */
        reports_within(lab, 1, 0);
        assert_true(is_up(&lab->peers[0]) && is_up(&lab->peers[1]));
        uint64_t killed_us = clock_us();
        server_kill(&lab->server);
        await(lab, 0, is_down);
        ms[i] = (double)(clock_us() - killed_us) / 1000;
        await(lab, 1, is_down);
        assert_int_equal(reports_within(lab, 0, 500), 0); /* load_index_report_flag: ten updates unsaid */
        assert_int_equal(reports_within(lab, 1, 100), 0);
        lab->server = server_start(GOOD, lab->server.port);
        await_both(lab, is_up);
    }
    print_message("web server killed: index 0 received after %.1f, %.1f, %.1f ms\n", ms[0], ms[1], ms[2]);
}

static void index_0_is_repeated_until_it_is_acknowledged(void **state)
{
    struct lab *lab = *state;
    start(lab);
    lab->peers[0].deaf = true;
    server_kill(&lab->server);
    await_both(lab, is_down);
    assert_true(reports_within(lab, 0, 500) > 1);
    assert_int_equal(reports_within(lab, 1, 100), 0);
    lab->peers[0].deaf = false;
    while (reports_within(lab, 0, 300) > 0)
        ;
    assert_int_equal(lab->peers[0].last.index, 0);
}

static void a_restarted_master_is_answered_at_once(void **state)
{
    struct lab *lab = *state;
    uint8_t noise[64] = "HAS1 is how it begins, but not how it goes on";
    start(lab);
    lab->peers[0].cookie = 9;
    lab->peers[0].accepted = 0;
    peer_hello(&lab->peers[0]);
    await(lab, 0, is_up);
    server_kill(&lab->server); /* also when it had nothing to say any more */
    await_both(lab, is_down);
    reports_within(lab, 0, 200);
    lab->peers[0].cookie = 10;
    lab->peers[0].accepted = 0;
    peer_send(&lab->peers[0], noise, sizeof(noise)); /* from no master: ignored */
    assert_int_equal(reports_within(lab, 0, 200), 0);
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
    write_config(lab, more);
    start(lab);
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
    start(lab);
    uint64_t deadline_ms = clock_ms() + DEADLINE_MS;
    json_t *answer = ask(lab, "ping");
    assert_string_equal(json_string_value(json_object_get(answer, "daemon")), "tcd");
    do {
        json_decref(answer);
        answer = ask(lab, "status");
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
    start(lab);
    int client = connect_client(lab);
    await(lab, 0, has_client);
    assert_int_equal(kill(lab->tcd, SIGTERM), 0);
    await_both(lab, is_draining);
    assert_true(reports_within(lab, 0, 600) > 1); /* it goes on reporting while the client is there */
    reports_within(lab, 1, 50);
    assert_int_equal(waitpid(lab->tcd, NULL, WNOHANG), 0);
    assert_true(lab->peers[0].last.index > 0);
    close(client);
    pid_t pid = lab->tcd;
    lab->tcd = 0;
    assert_int_equal(end_of(pid), EX_OK);
    assert_int_equal(access(path_in(lab, "tcd.pid"), F_OK), -1);
}

static void leaving_ends_at_the_deadline(void **state)
{
    struct lab *lab = *state;
    write_config(lab, "drain_timeout 200\n");
    start(lab);
    int client = connect_client(lab);
    await(lab, 0, has_client);
    assert_int_equal(kill(lab->tcd, SIGTERM), 0);
    pid_t pid = lab->tcd;
    lab->tcd = 0;
    assert_int_equal(end_of(pid), EX_OK);
    close(client);
}

static bool is_renamed(const struct peer *peer)
{
    return strcmp(peer->last.name, "other") == 0;
}

static void reload_refuses_a_bad_file_and_takes_a_good_one(void **state)
{
    struct lab *lab = *state;
    start(lab);
    uint64_t session = lab->peers[0].last.session;
    write_config(lab, "nonsense 1\n");
    assert_int_equal(kill(lab->tcd, SIGHUP), 0);
    assert_true(reports_within(lab, 0, 500) > 1);
    assert_string_equal(lab->peers[0].last.name, "t1");
    write_config(lab, "name other\n");
    assert_int_equal(kill(lab->tcd, SIGHUP), 0);
    await_both(lab, is_renamed);
    assert_int_equal(lab->peers[0].last.session, session);
    assert_true(lab->peers[0].last.index > 0);
}

static void background_returns_when_it_is_ready(void **state)
{
    struct lab *lab = *state;
    char text[32] = "";
    assert_int_equal(end_of(run_tcd(lab, "-b", "tcd.conf")), EX_OK);
    FILE *file = fopen(path_in(lab, "tcd.pid"), "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    fclose(file);
    pid_t daemon = (pid_t)atol(text);
    assert_true(daemon > 1);
    json_t *answer = ask(lab, "ping"); /* it answers already */
    json_decref(answer);
    await_both(lab, is_up);
    assert_int_not_equal(end_of(run_tcd(lab, "-b", "tcd.conf")), EX_OK); /* a second one does not start */
    assert_int_equal(access(path_in(lab, "tcd.pid"), F_OK), 0);
    assert_int_equal(kill(daemon, SIGTERM), 0);
    await_both(lab, is_draining);
    uint64_t deadline_ms = clock_ms() + DEADLINE_MS;
    while (access(path_in(lab, "tcd.pid"), F_OK) == 0) {
        reports_within(lab, 0, 10);
        reports_within(lab, 1, 10);
        assert_true(clock_ms() < deadline_ms);
    }
}

static void bad_configurations_do_not_start(void **state)
{
    struct lab *lab = *state;
    assert_int_equal(end_of(run_tcd(lab, "-t", "tcd.conf")), EX_OK);
    assert_int_equal(end_of(run_tcd(lab, "-t", "nowhere.conf")), EX_CONFIG);
    write_config(lab, "nonsense 1\n");
    assert_int_equal(end_of(run_tcd(lab, "-t", "tcd.conf")), EX_CONFIG);
    assert_int_equal(end_of(run_tcd(lab, "-b", "tcd.conf")), EX_CONFIG);
    write_config(lab, "keys /nowhere/keys\n");
    assert_int_equal(end_of(run_tcd(lab, "-n", "tcd.conf")), EX_CONFIG);
    assert_int_equal(end_of(run_tcd(lab, "-x", "tcd.conf")), EX_USAGE);
}

static void metrics_are_written(void **state)
{
    struct lab *lab = *state;
    char more[PATH_MAX + 16];
    char line[256];
    bool found = false;
    snprintf(more, sizeof(more), "metrics %s\n", path_in(lab, "tcd.prom"));
    write_config(lab, more);
    start(lab);
    FILE *file = fopen(path_in(lab, "tcd.prom"), "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file))
        found = found || strcmp(line, "has_tcd_check_up{check=\"web\"} 1\n") == 0;
    fclose(file);
    assert_true(found);
}

#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

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
