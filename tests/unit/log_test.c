/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "file.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>

static char *content(const char *path)
{
    char *text = NULL;
    size_t length;

    assert_int_equal(file_read(path, 1 << 20, &text, &length), 0);
    return text;
}

static void a_file_gets_what_it_should(void **state)
{
    const char *path = unit_path(state, "log");
    char *text;

    assert_int_equal(log_open("unit", path, false), 0);
    log_error("an error %d", 1);
    log_warning("a warning");
    log_notice("a notice");
    log_info("an information");
    log_debug("a detail");
    log_close();
    text = content(path);
    assert_non_null(strstr(text, "an error 1\n"));
    assert_non_null(strstr(text, "a warning\n"));
    assert_non_null(strstr(text, "a notice\n"));
    assert_non_null(strstr(text, "an information\n"));
    assert_null(strstr(text, "a detail"));
    free(text);
}

static void debug_shows_details(void **state)
{
    const char *path = unit_path(state, "log");
    char *text;

    assert_int_equal(log_open("unit", path, true), 0);
    log_debug("a detail");
    log_close();
    text = content(path);
    assert_non_null(strstr(text, "a detail\n"));
    free(text);
}

static void after_a_rotation_the_new_file_is_written(void **state)
{
    char rotated[PATH_MAX];
    char current[PATH_MAX];
    char *text;

    strcpy(rotated, unit_path(state, "log.1"));
    strcpy(current, unit_path(state, "log"));
    assert_int_equal(log_open("unit", current, false), 0);
    log_info("before");
    assert_int_equal(rename(current, rotated), 0);
    assert_int_equal(log_reopen(), 0);
    log_info("after");
    log_close();
    text = content(rotated);
    assert_non_null(strstr(text, "before"));
    assert_null(strstr(text, "after"));
    free(text);
    text = content(current);
    assert_non_null(strstr(text, "after"));
    assert_null(strstr(text, "before"));
    free(text);
}

static void links_are_not_followed(void **state)
{
    char link[PATH_MAX];
    char other[PATH_MAX];
    struct stat status;

    strcpy(link, unit_path(state, "log"));
    strcpy(other, unit_path(state, "other"));
    assert_int_equal(symlink(other, link), 0);
    assert_int_equal(log_open("unit", link, false), -ELOOP);
    assert_int_equal(access(other, F_OK), -1);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(log_open("unit", link, false), 0);
    assert_int_equal(stat(link, &status), 0);
    assert_int_equal(status.st_mode & 0777 & ~0640U, 0);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(symlink(other, link), 0);
    assert_int_equal(log_reopen(), -ELOOP);
    log_close();
    assert_int_equal(access(other, F_OK), -1);
}

static void targets_that_cannot_be_are_refused(void **state)
{
    assert_int_equal(log_open("unit", unit_path(state, "no/such/log"), false), -ENOENT);
    log_info("into the void");
    assert_int_equal(log_open("unit", "relative/log", false), -EINVAL);
    assert_int_equal(log_reopen(), 0);
}

static void standard_error_gets_the_name(void **state)
{
    const char *path = unit_path(state, "stderr");
    int saved = dup(STDERR_FILENO);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    char *text;

    assert_true(dup2(fd, STDERR_FILENO) == STDERR_FILENO);
    assert_int_equal(log_open("unit", "stderr", false), 0);
    log_warning("watch out");
    assert_int_equal(log_reopen(), 0);
    log_close();
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(fd);
    text = content(path);
    assert_true(strncmp(text, "unit[", 5) == 0);
    assert_non_null(strstr(text, ": warning: watch out\n"));
    free(text);
}

static void syslog_can_be_opened_again_and_again(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(log_open("has-unit-test", "syslog", false), 0);
        assert_int_equal(log_reopen(), 0);
        log_close();
    }
}

static void a_flood_is_limited(void **state)
{
    struct log_limit limit = {0};
    uint64_t suppressed = 99;

    (void)state;
    assert_true(log_allowed(&limit, 0, &suppressed));
    assert_int_equal(suppressed, 0);
    for (uint64_t now = 1; now < 1000; now++)
        assert_false(log_allowed(&limit, now, &suppressed));
    assert_true(log_allowed(&limit, 1001, &suppressed));
    assert_int_equal(suppressed, 999);
    assert_false(log_allowed(&limit, 2000, &suppressed));
    assert_true(log_allowed(&limit, 2001, &suppressed));
    assert_int_equal(suppressed, 1);
    assert_true(log_allowed(&limit, 60000, &suppressed));
    assert_int_equal(suppressed, 0);
}

int main(void)
{
#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, unit_directory_make, unit_directory_remove)
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(a_file_gets_what_it_should),
        WITH_DIRECTORY(debug_shows_details),
        WITH_DIRECTORY(after_a_rotation_the_new_file_is_written),
        WITH_DIRECTORY(links_are_not_followed),
        WITH_DIRECTORY(targets_that_cannot_be_are_refused),
        WITH_DIRECTORY(standard_error_gets_the_name),
        cmocka_unit_test(syslog_can_be_opened_again_and_again),
        cmocka_unit_test(a_flood_is_limited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
