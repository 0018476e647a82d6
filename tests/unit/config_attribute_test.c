/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking Pacemaker's program, with another one in its place. */
#include "unit.h"

#include "attribute.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/has-attribute-XXXXXX";

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) && setenv("PATH", directory, 1) == 0 ? 0 : -1;
}

static void program_path(char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/attrd_updater", directory);
}

static int remove_directory(void **state)
{
    char path[PATH_MAX];

    (void)state;
    program_path(path);
    unlink(path);
    return rmdir(directory);
}

/* Puts a program there that does this. */
static void put_program(const char *commands)
{
    char path[PATH_MAX];
    FILE *file;

    program_path(path);
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", commands);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0755), 0);
}

static void test_not_installed(void **state)
{
    char *text;

    (void)state;
    assert_int_equal(attribute_ask("has-ports", 10000, &text), -ENOENT);
    assert_null(text);
}

static void test_answer(void **state)
{
    char *text;

    (void)state;
    put_program("echo $#: \"$@\"; echo noise >&2; read none || echo nothing to read");
    assert_int_equal(attribute_ask("has-ports", 10000, &text), 0);
    assert_string_equal(text, "4: -Q -A -n has-ports\nnothing to read\n");
    free(text);
}

static void test_failure(void **state)
{
    char *text;

    (void)state;
    put_program("echo something; exit 6");
    assert_int_equal(attribute_ask("has-ports", 10000, &text), -EIO);
    assert_null(text);
}

/* A Pacemaker that hangs: it would not end by itself. */
static void test_too_late(void **state)
{
    char *text;

    (void)state;
    put_program("echo half; while :; do :; done");
    assert_int_equal(attribute_ask("has-ports", 100, &text), -ETIMEDOUT);
    assert_null(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_installed),
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_too_late),
    };

    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
