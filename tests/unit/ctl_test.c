/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "ctl.h"
#include "priv.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#define PATIENCE_MS 20000 /* valgrind on a busy machine */
#define SOMEBODY 12345    /* uid without a name */

/* A daemon in a child process, unprivileged when the test runs as root. */
struct server {
    char *directory;
    char socket[100];
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

static json_t *handle(void *context, const char *command, const json_t *request, bool privileged)
{
    int *count = context;

    ++*count;
    if (strcmp(command, "big") == 0)
        return big_answer((size_t)json_integer_value(json_object_get(request, "size")));
    if (strcmp(command, "nothing") == 0)
        return NULL;
    if (strcmp(command, "change") == 0 && !privileged)
        return ctl_error("only root and group haclient may do this");
    return json_pack("{s:b, s:b, s:i, s:i}", "ok", 1, "privileged", (int)privileged, "count", *count, "uid",
                     (int)geteuid());
}

static void serve(const char *path, int ready)
{
    struct ctl_server *server;
    int count = 0;
    qb_loop_t *loop = qb_loop_create();

    if (priv_drop("nobody", NULL, 0) != 0 || ctl_server_open(path, loop, handle, &count, &server) != 0)
        _exit(1);
    if (write(ready, "", 1) != 1)
        _exit(1);
    qb_loop_run(loop);
    _exit(0);
}

static int server_start(void **state)
{
    struct server *server = calloc(1, sizeof(*server));
    void *directory;
    int ready[2];
    char byte;

    if (server == NULL || unit_directory_make(&directory) != 0 || pipe(ready) != 0)
        return -1;
    server->directory = directory;
    snprintf(server->socket, sizeof(server->socket), "%s/ctl.sock", server->directory);
    server->pid = fork();
    if (server->pid == 0) {
        close(ready[0]);
        serve(server->socket, ready[1]);
    }
    close(ready[1]);
    *state = server;
    if (read(ready[0], &byte, 1) != 1)
        return -1;
    return close(ready[0]);
}

static int server_stop(void **state)
{
    struct server *server = *state;
    void *directory = server->directory;

    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    free(server);
    return unit_directory_remove(&directory);
}

static const char *socket_of(void *const *state)
{
    return ((const struct server *)*state)->socket;
}

/* Asks and returns the answer, or NULL with *error set. */
static json_t *ask(const char *path, json_t *request, int *error)
{
    json_t *answer = NULL;

    *error = ctl_request(path, request, PATIENCE_MS, &answer);
    json_decref(request);
    return answer;
}

static json_t *ask_well(void *const *state, json_t *request)
{
    int error;
    json_t *answer = ask(socket_of(state), request, &error);

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

static void root_is_privileged_and_the_daemon_is_not_root(void **state)
{
    json_t *answer = ask_well(state, json_pack("{s:s}", "command", "change"));

    assert_true(json_is_true(json_object_get(answer, "privileged")));
    if (geteuid() == 0)
        assert_int_not_equal(json_integer_value(json_object_get(answer, "uid")), 0);
    json_decref(answer);
}

/* Asks as another user; returns 0 when refused politely, 1 when allowed, more when something went wrong. */
static int change_as(const char *path, uid_t uid, gid_t gid, const gid_t *extra)
{
    pid_t child = fork();
    int status = -1;

    if (child == 0) {
        json_t *answer;
        int error;

        if (setgroups(extra != NULL ? 1 : 0, extra) != 0 || setgid(gid) != 0 || setuid(uid) != 0)
            _exit(10);
        answer = ask(path, json_pack("{s:s}", "command", "change"), &error);
        if (error != 0)
            _exit(11);
        _exit(json_is_true(json_object_get(answer, "ok")) ? 1 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void others_may_look_only(void **state)
{
    if (geteuid() != 0)
        skip();
    assert_int_equal(change_as(socket_of(state), SOMEBODY, SOMEBODY, NULL), 0);
}

static void the_group_may_change_things(void **state)
{
    const struct group *group = getgrnam("haclient");
    gid_t gid;

    if (geteuid() != 0 || group == NULL)
        skip();
    gid = group->gr_gid;
    assert_int_equal(change_as(socket_of(state), SOMEBODY, SOMEBODY, &gid), 1);
    assert_int_equal(change_as(socket_of(state), SOMEBODY, gid, NULL), 1);
}

static int raw_connection(void *const *state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strcpy(address.sun_path, socket_of(state));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd;
}

/* Sends bytes and reads one line of answer into text. */
static void exchange(int fd, const void *data, size_t length, char *text, size_t size)
{
    size_t used = 0;

    assert_int_equal(send(fd, data, length, MSG_NOSIGNAL), length);
    do {
        assert_true(used < size - 1);
        assert_int_equal(recv(fd, text + used, 1, 0), 1);
    } while (text[used++] != '\n');
    text[used] = '\0';
}

static void nonsense_gets_an_error_and_the_connection_goes_on(void **state)
{
    static const char *const nonsense[] = {"{\n",
                                           "\n",
                                           "[]\n",
                                           "\"x\"\n",
                                           "{\"command\":5}\n",
                                           "{}\n",
                                           "{\"a\":1,\"a\":2}\n",
                                           "\xff\n",
                                           "{\"command\":\"nothing\"}\n"};
    char text[1000];
    int fd = raw_connection(state);

    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        exchange(fd, nonsense[i], strlen(nonsense[i]), text, sizeof(text));
        assert_true(strncmp(text, "{\"ok\":false,\"error\":\"", 21) == 0);
    }
    exchange(fd, "\0\n", 2, text, sizeof(text));
    assert_true(strncmp(text, "{\"ok\":false,", 12) == 0);
    exchange(fd, "{\"command\":\"ping\"}\n", 19, text, sizeof(text));
    assert_true(strncmp(text, "{\"ok\":true,", 11) == 0);
    close(fd);
}

static void requests_may_come_in_pieces_and_together(void **state)
{
    char text[1000];
    int fd = raw_connection(state);

    assert_int_equal(send(fd, "{\"comm", 6, MSG_NOSIGNAL), 6);
    exchange(fd, "and\":\"ping\"}\n{\"command\":\"ping\"}\n{", 33, text, sizeof(text));
    assert_non_null(strstr(text, "\"count\":1"));
    exchange(fd, "", 0, text, sizeof(text));
    assert_non_null(strstr(text, "\"count\":2"));
    exchange(fd, "\"command\":\"ping\"}\n", 18, text, sizeof(text));
    assert_non_null(strstr(text, "\"count\":3"));
    close(fd);
}

static void big_answers_arrive_whole(void **state)
{
    json_t *answer = ask_well(state, json_pack("{s:s, s:i}", "command", "big", "size", 1000000));

    assert_int_equal(json_string_length(json_object_get(answer, "text")), 1000000);
    json_decref(answer);
    answer = ask_well(state, json_pack("{s:s, s:i}", "command", "big", "size", CTL_MESSAGE_MAX));
    assert_true(json_is_false(json_object_get(answer, "ok")));
    json_decref(answer);
}

/* The daemon neither waits for a reader nor forgets what it owes him. */
static void slow_readers_hold_up_nobody(void **state)
{
    static const char request[] = "{\"command\":\"big\",\"size\":900000}\n{\"command\":\"ping\"}\n";
    size_t newlines = 0;
    char text[65536];
    int fd = raw_connection(state);

    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    json_decref(ask_well(state, json_pack("{s:s}", "command", "ping")));
    while (newlines < 2) {
        ssize_t got = recv(fd, text, sizeof(text), 0);

        assert_true(got > 0);
        for (ssize_t i = 0; i < got; i++)
            newlines += text[i] == '\n';
    }
    close(fd);
}

static void endless_requests_are_cut_off(void **state)
{
    char text[1000];
    char junk[4096];
    int fd = raw_connection(state);

    memset(junk, 'x', sizeof(junk));
    for (int i = 0; i < 100; i++) {
        if (send(fd, junk, sizeof(junk), MSG_NOSIGNAL) < 0)
            break;
    }
    assert_true(recv(fd, text, sizeof(text), 0) <= 0);
    close(fd);
    json_decref(ask_well(state, json_pack("{s:s}", "command", "ping")));
}

static void idle_lookers_keep_nobody_out(void **state)
{
    int fds[100];
    int ready[2];
    pid_t child;
    char byte;

    if (geteuid() != 0)
        skip();
    assert_int_equal(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        if (setuid(SOMEBODY) != 0)
            _exit(1);
        for (int i = 0; i < 100; i++)
            fds[i] = raw_connection(state);
        if (write(ready[1], "", 1) != 1)
            _exit(1);
        pause();
        _exit(fds[0]);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    json_decref(ask_well(state, json_pack("{s:s}", "command", "ping")));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ready[0]);
    close(ready[1]);
}

static void a_daemon_that_hangs_is_a_timeout(void **state)
{
    const struct server *server = *state;
    json_t *request = json_pack("{s:s}", "command", "ping");
    json_t *answer = NULL;

    kill(server->pid, SIGSTOP);
    assert_int_equal(ctl_request(server->socket, request, 20, &answer), -ETIMEDOUT);
    assert_null(answer);
    kill(server->pid, SIGCONT);
    assert_int_equal(ctl_request(server->socket, request, PATIENCE_MS, &answer), 0);
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

    assert_int_equal(ctl_server_open(server->socket, loop, handle, &count, &second), -EADDRINUSE);
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    assert_null(ask(server->socket, json_pack("{s:s}", "command", "ping"), &error));
    assert_int_equal(error, -ECONNREFUSED);
    assert_int_equal(ctl_server_open(server->socket, loop, handle, &count, &second), 0);
    ctl_server_close(second);
    assert_int_equal(access(server->socket, F_OK), -1);
    assert_null(ask(server->socket, json_pack("{s:s}", "command", "ping"), &error));
    assert_int_equal(error, -ECONNREFUSED);
    qb_loop_destroy(loop);
    server->pid = fork(); /* for the end of the test */
    if (server->pid == 0)
        _exit(0);
}

static void what_is_no_socket_is_not_removed(void **state)
{
    const char *path = unit_path(state, "file");
    qb_loop_t *loop = qb_loop_create();
    struct ctl_server *server = NULL;

    unit_put(path, "precious", 8, 0600);
    assert_int_equal(ctl_server_open(path, loop, handle, NULL, &server), -EEXIST);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(ctl_server_open(unit_path(state, "no/dir"), loop, handle, NULL, &server), -ENOENT);
    qb_loop_destroy(loop);
}

static void names_are_sockets_in_the_directory(void **state)
{
    qb_loop_t *loop = qb_loop_create();
    struct ctl_server *server = NULL;
    int count = 0;

    assert_int_equal(setenv("HAS_RUNDIR", *state, 1), 0);
    assert_int_equal(ctl_server_open("has-unit", loop, handle, &count, &server), 0);
    assert_int_equal(access(unit_path(state, "has-unit.sock"), F_OK), 0);
    ctl_server_close(server);
    unsetenv("HAS_RUNDIR");
    qb_loop_destroy(loop);
    ctl_server_close(NULL);
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
#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, unit_directory_make, unit_directory_remove)
    const struct CMUnitTest tests[] = {
        WITH_SERVER(a_request_is_answered),
        WITH_SERVER(root_is_privileged_and_the_daemon_is_not_root),
        WITH_SERVER(others_may_look_only),
        WITH_SERVER(the_group_may_change_things),
        WITH_SERVER(nonsense_gets_an_error_and_the_connection_goes_on),
        WITH_SERVER(requests_may_come_in_pieces_and_together),
        WITH_SERVER(big_answers_arrive_whole),
        WITH_SERVER(slow_readers_hold_up_nobody),
        WITH_SERVER(endless_requests_are_cut_off),
        WITH_SERVER(idle_lookers_keep_nobody_out),
        WITH_SERVER(a_daemon_that_hangs_is_a_timeout),
        WITH_SERVER(a_daemon_that_died_is_refused_and_replaced),
        WITH_DIRECTORY(what_is_no_socket_is_not_removed),
        WITH_DIRECTORY(names_are_sockets_in_the_directory),
        cmocka_unit_test(errors_are_always_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
