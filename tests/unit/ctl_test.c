/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "ctl.h"
#include "ctl_message.h"
#include "priv.h"

#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <qb/qbipcc.h>
#include <signal.h>
#include <sys/wait.h>

#define PATIENCE_MS 20000 /* valgrind on a busy machine */
#define SOMEBODY 12345    /* uid without a name */

/* A daemon in a child process, unprivileged when the test runs as root. */
struct server {
    char name[64];
    pid_t pid;
};

static json_t *big_answer(size_t size)
{
    char *text = malloc(size + 1);
    json_t *answer;

    memset(text, 'x', size);
    text[size] = '\0';
    answer = json_pack("{s:b, s:s}", "ok", 1, "text", text);
    free(text);
    return answer;
}

static json_t *handle(void *context, const char *command, const json_t *request)
{
    int *count = context;

    ++*count;
    if (strcmp(command, "big") == 0)
        return big_answer((size_t)json_integer_value(json_object_get(request, "size")));
    if (strcmp(command, "nothing") == 0)
        return NULL;
    return json_pack("{s:b, s:i, s:i}", "ok", 1, "count", *count, "uid", (int)geteuid());
}

/* Gives up root; in_group: as the packaged user does, who is a member of group haclient. */
static int drop(bool in_group)
{
    const struct group *group = getgrnam("haclient");

    if (geteuid() != 0 || !in_group)
        return priv_drop("nobody", NULL, 0);
    return setgroups(1, &group->gr_gid) == 0 && setgid(SOMEBODY + 1) == 0 && setuid(SOMEBODY + 1) == 0 ? 0 : -1;
}

static int32_t stop(int32_t signal, void *loop)
{
    (void)signal;
    qb_loop_stop(loop);
    return 0;
}

static int serve(const char *name, bool in_group, int ready)
{
    struct ctl_server *server;
    int count = 0;
    qb_loop_signal_handle handle_of_signal;
    qb_loop_t *loop = qb_loop_create();

    if (drop(in_group) != 0 || ctl_server_open(name, loop, handle, &count, &server) != 0 ||
        qb_loop_signal_add(loop, QB_LOOP_LOW, SIGTERM, loop, stop, &handle_of_signal) != 0 || write(ready, "", 1) != 1)
        return 1;
    qb_loop_run(loop);
    ctl_server_close(server);
    qb_loop_destroy(loop);
    return 0;
}

static int start(void **state, bool in_group)
{
    struct server *server = calloc(1, sizeof(*server));
    int ready[2];
    char byte;

    if (server == NULL || pipe(ready) != 0)
        return -1;
    *state = server;
    snprintf(server->name, sizeof(server->name), "has-unit-%ld", (long)getpid());
    server->pid = fork();
    if (server->pid == 0) {
        close(ready[0]);
        _exit(serve(server->name, in_group, ready[1]));
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1)
        return -1;
    return close(ready[0]);
}

static int server_start(void **state)
{
    return start(state, false);
}

static int server_in_group_start(void **state)
{
    return start(state, getgrnam("haclient") != NULL);
}

static int server_stop(void **state)
{
    struct server *server = *state;
    pid_t pid = server->pid;
    int status = 0;

    free(server);
    if (pid == 0) /* the test has ended it */
        return 0;
    kill(pid, SIGTERM);
    return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

static const char *name_of(void *const *state)
{
    return ((const struct server *)*state)->name;
}

/* Asks and returns the answer, or NULL with *error set. */
static json_t *ask(const char *name, json_t *request, int *error)
{
    json_t *answer = NULL;

    *error = ctl_request(name, request, PATIENCE_MS, &answer);
    json_decref(request);
    return answer;
}

static json_t *ask_well(void *const *state, json_t *request)
{
    int error;
    json_t *answer = ask(name_of(state), request, &error);

    assert_int_equal(error, 0);
    assert_non_null(answer);
    return answer;
}

static void a_request_is_answered(void **state)
{
    for (int i = 1; i <= 3; i++) {
        json_t *answer = ask_well(state, json_pack("{s:s}", "command", "ping"));

        assert_true(json_is_true(json_object_get(answer, "ok")));
        assert_int_equal(json_integer_value(json_object_get(answer, "count")), i);
        json_decref(answer);
    }
}

static void root_is_served_and_the_daemon_is_not_root(void **state)
{
    json_t *answer = ask_well(state, json_pack("{s:s}", "command", "change"));

    assert_true(json_is_true(json_object_get(answer, "ok")));
    if (geteuid() == 0)
        assert_int_not_equal(json_integer_value(json_object_get(answer, "uid")), 0);
    json_decref(answer);
}

/* Asks as another user; returns 0 when it is done, or the negative errno. */
static int change_as(const char *name, uid_t uid, gid_t gid)
{
    pid_t child = fork();
    int status = -1;

    if (child == 0) {
        json_t *answer;
        int error;

        if (setgroups(0, NULL) != 0 || setgid(gid) != 0 || setuid(uid) != 0)
            _exit(100);
        answer = ask(name, json_pack("{s:s}", "command", "change"), &error);
        _exit(error != 0 ? -error : json_is_true(json_object_get(answer, "ok")) ? 0 : 101);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return -WEXITSTATUS(status);
}

static void others_are_refused(void **state)
{
    if (geteuid() != 0)
        skip();
    assert_int_equal(change_as(name_of(state), SOMEBODY, SOMEBODY), -EACCES);
    json_decref(ask_well(state, json_pack("{s:s}", "command", "ping")));
}

static void the_daemon_serves_its_own_user(void **state)
{
    const struct passwd *user = getpwnam("nobody");

    if (geteuid() != 0)
        skip();
    assert_int_equal(change_as(name_of(state), user->pw_uid, user->pw_gid), 0);
}

static void the_group_is_served_by_a_daemon_in_it(void **state)
{
    const struct group *group = getgrnam("haclient");

    if (geteuid() != 0 || group == NULL)
        skip();
    assert_int_equal(change_as(name_of(state), SOMEBODY, group->gr_gid), 0);
    assert_int_equal(change_as(name_of(state), SOMEBODY, SOMEBODY), -EACCES);
    assert_int_equal(change_as(name_of(state), 0, 0), 0);
}

static void the_group_is_refused_by_a_daemon_outside(void **state)
{
    const struct group *group = getgrnam("haclient");

    if (geteuid() != 0 || group == NULL)
        skip();
    assert_int_equal(change_as(name_of(state), SOMEBODY, group->gr_gid), -EACCES);
}

/* Sends bytes as they are under this id. Returns what libqb says: the length of the answer or a negative errno. */
static ssize_t exchange(qb_ipcc_connection_t *connection, int32_t id, const char *data, char *text, size_t size)
{
    struct qb_ipc_request_header header = {.id = id, .size = (int32_t)(sizeof(header) + strlen(data))};
    struct iovec parts[2] = {{&header, sizeof(header)}, {(void *)(uintptr_t)data, strlen(data)}};
    char buffer[4096];
    ssize_t length = qb_ipcc_sendv_recv(connection, parts, 2, buffer, sizeof(buffer), PATIENCE_MS);
    size_t body = sizeof(struct qb_ipc_response_header);

    if (length < (ssize_t)body)
        return length;
    assert_true((size_t)length - body < size);
    memcpy(text, buffer + body, (size_t)length - body);
    text[(size_t)length - body] = '\0';
    return length;
}

static void nonsense_gets_an_error_and_the_connection_goes_on(void **state)
{
    static const char *const nonsense[] = {
        "", "{", "[]", "\"x\"", "{\"command\":5}", "{}", "{\"command\":\"ping\"} x", "\xff", "{\"command\":\"\xff\"}",
    };
    char text[4096];
    qb_ipcc_connection_t *connection = qb_ipcc_connect(name_of(state), 8192);

    assert_non_null(connection);
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        assert_true(exchange(connection, CTL_MESSAGE_ID, nonsense[i], text, sizeof(text)) > 0);
        assert_true(strncmp(text, "{\"ok\":false,\"error\":\"", 21) == 0);
    }
    assert_true(exchange(connection, CTL_MESSAGE_ID, "{\"command\":\"ping\"}", text, sizeof(text)) > 0);
    assert_true(strncmp(text, "{\"ok\":true,", 11) == 0);
    qb_ipcc_disconnect(connection);
}

static void foreign_messages_end_the_connection_only(void **state)
{
    char text[4096];
    qb_ipcc_connection_t *connection = qb_ipcc_connect(name_of(state), 8192);

    assert_non_null(connection);
    assert_true(exchange(connection, CTL_MESSAGE_ID + 1, "{}", text, sizeof(text)) < 0);
    qb_ipcc_disconnect(connection);
    json_decref(ask_well(state, json_pack("{s:s}", "command", "ping")));
}

static void a_handler_without_an_answer_is_an_error(void **state)
{
    json_t *answer = ask_well(state, json_pack("{s:s}", "command", "nothing"));

    assert_true(json_is_false(json_object_get(answer, "ok")));
    json_decref(answer);
}

static void big_answers_arrive_whole(void **state)
{
    json_t *answer = ask_well(state, json_pack("{s:s, s:i}", "command", "big", "size", 1000000));

    assert_int_equal(json_string_length(json_object_get(answer, "text")), 1000000);
    json_decref(answer);
    answer = ask_well(state, json_pack("{s:s, s:i}", "command", "big", "size", 2 * CTL_MESSAGE_MAX));
    assert_true(json_is_false(json_object_get(answer, "ok")));
    json_decref(answer);
}

static size_t shared_memory_of(pid_t server)
{
    char pattern[64];
    glob_t found;
    size_t count = 0;

    snprintf(pattern, sizeof(pattern), "/dev/shm/qb-%ld-*", (long)server);
    if (glob(pattern, 0, NULL, &found) == 0) {
        count = found.gl_pathc;
        globfree(&found);
    }
    return count;
}

/* The daemon may be a moment behind its client: so look only when it has served somebody after him. */
static void nothing_stays_in_shared_memory(void **state)
{
    const struct server *server = *state;

    for (int i = 0; i < 50; i++)
        json_decref(ask_well(state, json_pack("{s:s}", "command", i % 2 == 0 ? "ping" : "change")));
    json_decref(ask_well(state, json_pack("{s:s}", "command", "ping")));
    assert_true(shared_memory_of(server->pid) <= 1);
}

static void a_daemon_that_hangs_is_a_timeout(void **state)
{
    const struct server *server = *state;
    json_t *request = json_pack("{s:s}", "command", "ping");
    json_t *answer = NULL;

    kill(server->pid, SIGSTOP);
    assert_int_equal(ctl_request(server->name, request, 20, &answer), -ETIMEDOUT);
    assert_null(answer);
    kill(server->pid, SIGCONT);
    assert_int_equal(ctl_request(server->name, request, PATIENCE_MS, &answer), 0);
    json_decref(answer);
    json_decref(request);
}

static void a_daemon_that_died_is_refused_and_replaced(void **state)
{
    struct server *server = *state;
    qb_loop_t *loop = qb_loop_create();
    struct ctl_server *second = NULL;
    int error;
    int count = 0;

    assert_int_equal(ctl_server_open(server->name, loop, handle, &count, &second), -EADDRINUSE);
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
    assert_null(ask(server->name, json_pack("{s:s}", "command", "ping"), &error));
    assert_int_equal(error, -ECONNREFUSED);
    assert_int_equal(ctl_server_open(server->name, loop, handle, &count, &second), 0);
    ctl_server_close(second);
    ctl_server_close(NULL);
    assert_null(ask(server->name, json_pack("{s:s}", "command", "ping"), &error));
    assert_int_equal(error, -ECONNREFUSED);
    qb_loop_destroy(loop);
}

static void errors_are_always_text(void **state)
{
    json_t *error = ctl_error("cannot do \"%s\": %d", "x", 5);

    (void)state;
    assert_true(json_is_false(json_object_get(error, "ok")));
    assert_string_equal(json_string_value(json_object_get(error, "error")), "cannot do \"x\": 5");
    json_decref(error);
    error = ctl_error("%s", "\xff");
    assert_true(json_is_string(json_object_get(error, "error")));
    json_decref(error);
}

int main(void)
{
#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, server_start, server_stop)
#define WITH_SERVER_IN_GROUP(test) cmocka_unit_test_setup_teardown(test, server_in_group_start, server_stop)
    const struct CMUnitTest tests[] = {
        WITH_SERVER(a_request_is_answered),
        WITH_SERVER(root_is_served_and_the_daemon_is_not_root),
        WITH_SERVER(others_are_refused),
        WITH_SERVER(the_daemon_serves_its_own_user),
        WITH_SERVER_IN_GROUP(the_group_is_served_by_a_daemon_in_it),
        WITH_SERVER(the_group_is_refused_by_a_daemon_outside),
        WITH_SERVER(nonsense_gets_an_error_and_the_connection_goes_on),
        WITH_SERVER(foreign_messages_end_the_connection_only),
        WITH_SERVER(a_handler_without_an_answer_is_an_error),
        WITH_SERVER(big_answers_arrive_whole),
        WITH_SERVER(nothing_stays_in_shared_memory),
        WITH_SERVER(a_daemon_that_hangs_is_a_timeout),
        WITH_SERVER(a_daemon_that_died_is_refused_and_replaced),
        cmocka_unit_test(errors_are_always_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
