/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "file.h"
#include "notify.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

/* A service manager's socket; name begins with '@' for the abstract space. */
static int manager(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    strcpy(address.sun_path, name);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    assert_int_equal(
        bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    return fd;
}

static void states_reach_the_manager(void **state)
{
    char abstract[64];
    const char *names[] = {unit_path(state, "notify"), abstract};

    snprintf(abstract, sizeof(abstract), "@has-unit-%ld", (long)getpid());
    for (int i = 0; i < 2; i++) {
        int fd = manager(names[i]);
        char text[32] = "";

        assert_int_equal(notify_send("READY=1"), 0);
        assert_int_equal(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT), 7);
        assert_string_equal(text, "READY=1");
        close(fd);
    }
    assert_int_equal(notify_send("READY=1"), -ECONNREFUSED);
}

static void without_a_manager_nothing_happens(void **state)
{
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(notify_send("READY=1"), 0);
    setenv("NOTIFY_SOCKET", "", 1);
    assert_int_equal(notify_send("READY=1"), 0);
    setenv("NOTIFY_SOCKET", "relative", 1);
    assert_int_equal(notify_send("READY=1"), -EINVAL);
    unsetenv("NOTIFY_SOCKET");
}

static void the_pid_is_written(void **state)
{
    const char *path = unit_path(state, "pid");
    char *text = NULL;
    size_t length;

    assert_int_equal(notify_pidfile(NULL), 0);
    assert_int_equal(notify_pidfile(path), 0);
    assert_int_equal(file_read(path, 32, &text, &length), 0);
    assert_int_equal(atol(text), getpid());
    assert_int_equal(text[length - 1], '\n');
    free(text);
    assert_int_equal(notify_pidfile(unit_path(state, "no/pid")), -ENOENT);
}

int main(void)
{
#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, unit_directory_make, unit_directory_remove)
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(states_reach_the_manager),
        cmocka_unit_test(without_a_manager_nothing_happens),
        WITH_DIRECTORY(the_pid_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
