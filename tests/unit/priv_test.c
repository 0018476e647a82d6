/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "file.h"
#include "priv.h"

#include <errno.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/wait.h>

#define SOMEBODY "nobody" /* every system has this one */

static bool status_has(const char *line)
{
    char *text = NULL;
    size_t length;
    bool found;

    if (file_read("/proc/self/status", 1 << 16, &text, &length) != 0)
        return false;
    found = strstr(text, line) != NULL;
    free(text);
    return found;
}

/* In a child: the exit status tells which step failed. */
static int dropped(void)
{
    static const int kept[] = {CAP_NET_ADMIN, CAP_NET_RAW};
    const struct passwd *user = getpwnam(SOMEBODY);
    uid_t uid = user->pw_uid;

    if (priv_drop(SOMEBODY, kept, 2) != 0)
        return 1;
    if (getuid() != uid || geteuid() != uid)
        return 2;
    if (!status_has("\nCapEff:\t0000000000003000\n") || !status_has("\nCapPrm:\t0000000000003000\n"))
        return 3;
    if (!status_has("\nCapBnd:\t0000000000000000\n"))
        return 4;
    if (!status_has("\nNoNewPrivs:\t1\n"))
        return 5;
    if (setuid(0) == 0)
        return 6;
    return priv_drop(SOMEBODY, kept, 2) == 0 ? 0 : 7; /* no more to do */
}

static void root_is_given_up(void **state)
{
    int status = -1;
    pid_t child;

    (void)state;
    if (geteuid() != 0)
        skip();
    child = fork();
    if (child == 0)
        _exit(dropped());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void unknown_users_are_refused(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(priv_drop("no-such-user-here", NULL, 0), -ENOENT);
    assert_int_equal(geteuid(), 0);
    assert_int_equal(priv_directory(unit_path(state, "d"), "no-such-user-here"), -ENOENT);
}

static void directories_get_their_owner(void **state)
{
    const char *path = unit_path(state, "run");
    const struct passwd *user = getpwnam(SOMEBODY);
    struct stat status;

    if (geteuid() != 0)
        skip();
    assert_int_equal(priv_directory(path, SOMEBODY), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_uid, user->pw_uid);
    assert_int_equal(status.st_gid, user->pw_gid);
    assert_int_equal(status.st_mode & 07777, 0755);
    assert_int_equal(chown(path, 0, 0), 0);
    assert_int_equal(chmod(path, 0700), 0);
    assert_int_equal(priv_directory(path, SOMEBODY), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_uid, user->pw_uid);
    assert_int_equal(status.st_mode & 07777, 0755);
}

static void links_are_not_followed(void **state)
{
    struct stat status;

    if (geteuid() != 0)
        skip();
    assert_int_equal(symlink("/etc", unit_path(state, "run")), 0);
    assert_int_not_equal(priv_directory(unit_path(state, "run"), SOMEBODY), 0);
    assert_int_equal(stat("/etc", &status), 0);
    assert_int_equal(status.st_uid, 0);
    unit_put(unit_path(state, "file"), "", 0, 0644);
    assert_int_equal(priv_directory(unit_path(state, "file"), SOMEBODY), -ENOTDIR);
}

int main(void)
{
#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, unit_directory_make, unit_directory_remove)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(root_is_given_up),
        WITH_DIRECTORY(unknown_users_are_refused),
        WITH_DIRECTORY(directories_get_their_owner),
        WITH_DIRECTORY(links_are_not_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
