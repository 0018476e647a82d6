/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks on a real loop against real sockets and programs. The intervals are long where a check must not wait for
 * them. */
#include "unit.h"

#include "check.h"
#include "clock.h"
#include "tcd_server.h"

#include <arpa/inet.h>
#include <config.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define DEADLINE_MS 20000
#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nall well"

/* One running check. */
struct bench {
    qb_loop_t *loop;
    struct tcd_config *config;
    struct check_engine *engine;
    enum check_status wanted;
    bool reached;
    struct timer children;
};

static void changed(void *context, const struct check *check)
{
    struct bench *bench = context;
    if (check->state.status != bench->wanted)
        return;
    bench->reached = true;
    qb_loop_stop(bench->loop);
}

/* Starts a check; port 0: one that has no port. */
static void start(struct bench *bench, const char *line, uint16_t port)
{
    char text[1024];
    struct conf_error error = {""};
    if (port)
        snprintf(text, sizeof(text), "master1 127.0.0.1\ncheck a %s port=%u\n", line, port);
    else
        snprintf(text, sizeof(text), "master1 127.0.0.1\ncheck a %s\n", line);
    *bench = (struct bench){.loop = qb_loop_create()};
    assert_non_null(bench->loop);
    if (tcd_config_load_text("test", text, strlen(text), &bench->config, &error) != 0)
        fail_msg("%s", error.text);
    assert_int_equal(check_engine_start(bench->loop, bench->config, NULL, changed, bench, &bench->engine), 0);
}

static void out_of_patience(void *data)
{
    qb_loop_stop(data);
}

/* Runs the loop until the check has that status. */
static void await(struct bench *bench, enum check_status status)
{
    struct timer patience;
    bench->wanted = status;
    bench->reached = bench->engine->checks[0].state.status == status;
    if (bench->reached)
        return;
    assert_int_equal(timer_init(&patience, bench->loop, out_of_patience, bench->loop), 0);
    timer_set(&patience, DEADLINE_MS);
    qb_loop_run(bench->loop);
    timer_close(&patience);
    if (!bench->reached)
        fail_msg("not %s in time: %s", check_status_name(status), bench->engine->checks[0].message);
}

static void says(const struct bench *bench, const char *words)
{
    const char *message = bench->engine->checks[0].message;
    if (!strstr(message, words))
        fail_msg("\"%s\" does not say \"%s\"", message, words);
}

static void stop(struct bench *bench)
{
    check_engine_stop(bench->engine);
    tcd_config_free(bench->config);
    qb_loop_destroy(bench->loop);
}

/* A port on which nobody listens, for a while at least. */
static uint16_t free_port(void)
{
    struct server server = server_start(NULL, 0);
    server_kill(&server);
    return server.port;
}

static void refused_is_down_without_waiting(void **state)
{
    struct bench bench;
    (void)state;
    start(&bench, "tcp interval=3600000 fall=3", free_port());
    await(&bench, CHECK_DOWN);
    says(&bench, "refused");
    assert_int_equal(bench.engine->checks[0].tries, 3);
    stop(&bench);
}

static void a_killed_server_is_known_at_once(void **state)
{
    static const char *const lines[] = {"tcp interval=3600000", "http interval=3600000"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct server server = server_start(GOOD, 0);
        struct bench bench;
        start(&bench, lines[i], server.port);
        await(&bench, CHECK_UP);
        uint64_t killed_us = clock_us();
        server_kill(&server);
        await(&bench, CHECK_DOWN);
        print_message("%s: down %.1f ms after the kill\n", i ? "http" : "tcp", (double)(clock_us() - killed_us) / 1000);
        stop(&bench);
    }
}

static void a_server_is_up_again(void **state)
{
    struct server server = server_start(GOOD, 0);
    struct bench bench;
    (void)state;
    start(&bench, "http interval=50 timeout=10000 match=\"^all well$\" source=127.0.0.3", server.port);
    await(&bench, CHECK_UP);
    says(&bench, "status 200");
    server_kill(&server);
    await(&bench, CHECK_DOWN);
    server = server_start(GOOD, server.port);
    await(&bench, CHECK_UP);
    stop(&bench);
    server_kill(&server);
}

static void wrong_answers(void **state)
{
    static const struct {
        const char *line;
        const char *answer;
        const char *reason;
    } table[] = {
        {"http interval=20 timeout=10000", "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "503"},
        {"http interval=20 timeout=10000 match=ill", GOOD, "does not match"},
        {"http interval=20 timeout=10000", "220 smtp.example.org\r\n", "no HTTP"},
        {"http interval=20 timeout=30", NULL, "within 30 ms"},
        {"tcp interval=20 timeout=10000 send=HELLO match=^250", "220 smtp.example.org\r\n", "do not match"},
        {"tcp interval=20 timeout=30 send=HELLO match=^220", NULL, "within 30 ms"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct server server = server_start(table[i].answer, 0);
        struct bench bench;
        start(&bench, table[i].line, server.port);
        await(&bench, CHECK_DOWN);
        says(&bench, table[i].reason);
        stop(&bench);
        server_kill(&server);
    }
}

static void tcp_request_and_answer(void **state)
{
    struct server server = server_start("220 smtp.example.org\r\n", 0);
    struct bench bench;
    (void)state;
    start(&bench, "tcp interval=20 timeout=10000 send=\"HELLO\\r\\n\" match=^220", server.port);
    await(&bench, CHECK_UP);
    says(&bench, "matches");
    stop(&bench);
    server_kill(&server);
}

static void look_for_children(void *data)
{
    struct bench *bench = data;
    siginfo_t info;
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD)
        qb_loop_stop(bench->loop);
    else
        timer_set(&bench->children, 2);
}

/* A stopped engine has killed the programs that ran; all of them must end, and be waited for by the loop. */
static void await_no_children(struct bench *bench)
{
    assert_int_equal(timer_init(&bench->children, bench->loop, look_for_children, bench), 0);
    timer_set(&bench->children, 0);
    qb_loop_run(bench->loop);
    timer_close(&bench->children);
}

static void programs(void **state)
{
    static const struct {
        const char *line;
        enum check_status status;
        const char *reason;
    } table[] = {
        {"program command=/bin/true interval=20 timeout=10000", CHECK_UP, "status 0"},
        {"program command=/bin/false interval=20 timeout=10000", CHECK_DOWN, "status 1"},
        {"program command=\"/usr/bin/test a = a\" interval=20 timeout=10000", CHECK_UP, "status 0"},
        {"program command=\"/bin/sleep 1000\" interval=20 timeout=30", CHECK_DOWN, "within 30 ms"},
        {"program command=/nowhere/program interval=20 timeout=10000", CHECK_DOWN, "No such file"},
    };
    (void)state;
    if (syscall(SYS_pidfd_open, getpid(), 0) < 0)
        skip(); /* valgrind does not know it */
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct bench bench;
        start(&bench, table[i].line, 0);
        await(&bench, table[i].status);
        says(&bench, table[i].reason);
        check_engine_stop(bench.engine);
        bench.engine = NULL;
        await_no_children(&bench);
        stop(&bench);
    }
}

static void a_status_is_handed_on(void **state)
{
    struct server server = server_start(GOOD, 0);
    struct bench bench;
    struct check_engine *next = NULL;
    (void)state;
    start(&bench, "http interval=3600000", server.port);
    await(&bench, CHECK_UP);
    assert_int_equal(check_engine_start(bench.loop, bench.config, bench.engine, changed, &bench, &next), 0);
    assert_int_equal(next->checks[0].state.status, CHECK_UP);
    check_engine_stop(next);
    stop(&bench);
    server_kill(&server);
}

#ifdef HAVE_CURL
static const char openssl[] = "/usr/bin/openssl";

/* A server with a certificate of its own making. Returns its process, 0 without openssl. */
static pid_t tls_server(const char *directory, uint16_t port)
{
    char certificate[PATH_MAX];
    char key[PATH_MAX];
    char number[8];
    if (access(openssl, X_OK) != 0)
        return 0;
    snprintf(certificate, sizeof(certificate), "%s/certificate", directory);
    snprintf(key, sizeof(key), "%s/key", directory);
    snprintf(number, sizeof(number), "%u", port);
    for (int i = 0; i < 2; i++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            int null = open("/dev/null", O_RDWR);
            for (int fd = 0; fd < 3; fd++)
                dup2(null, fd);
            if (i == 0)
                execl(openssl, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-nodes", "-subj", "/CN=localhost", "-days", "1", "-keyout", key, "-out", certificate, NULL);
            else
                execl(openssl, "openssl", "s_server", "-accept", number, "-cert", certificate, "-key", key, "-www",
                      NULL);
            _exit(127);
        }
        if (i == 1)
            return pid;
        int status = 1;
        waitpid(pid, &status, 0);
        assert_int_equal(status, 0);
    }
    return 0;
}

static void https(void **state)
{
    uint16_t port = free_port();
    struct bench bench;
    pid_t pid = tls_server(*state, port);
    if (pid == 0)
        skip();
    start(&bench, "https interval=50 timeout=5000 verify=no match=\"Cipher\"", port);
    await(&bench, CHECK_UP);
    says(&bench, "status 200");
    stop(&bench);
    start(&bench, "https interval=50 timeout=5000", port); /* nobody vouches for that certificate */
    await(&bench, CHECK_DOWN);
    says(&bench, "certificate");
    stop(&bench);
    char line[PATH_MAX + 64];
    snprintf(line, sizeof(line), "https interval=50 timeout=5000 host=localhost cafile=%s/certificate",
             (const char *)*state);
    start(&bench, line, port); /* it vouches for itself */
    await(&bench, CHECK_UP);
    stop(&bench);
    start(&bench, "https interval=3600000 timeout=5000 verify=no", port);
    await(&bench, CHECK_UP);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    await(&bench, CHECK_DOWN);
    says(&bench, "refused");
    stop(&bench);
}

static void https_is_no_http(void **state)
{
    struct server server = server_start(GOOD, 0);
    struct bench bench;
    (void)state;
    start(&bench, "https interval=20 timeout=10000 verify=no", server.port);
    await(&bench, CHECK_DOWN);
    stop(&bench);
    server_kill(&server);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_is_down_without_waiting),
        cmocka_unit_test(a_killed_server_is_known_at_once),
        cmocka_unit_test(a_server_is_up_again),
        cmocka_unit_test(wrong_answers),
        cmocka_unit_test(tcp_request_and_answer),
        cmocka_unit_test(programs),
        cmocka_unit_test(a_status_is_handed_on),
#ifdef HAVE_CURL
        cmocka_unit_test_setup_teardown(https, unit_directory_make, unit_directory_remove),
        cmocka_unit_test(https_is_no_http),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
