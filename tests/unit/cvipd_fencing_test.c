/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the alert agent leaves in the directory, and what somebody else might. */
#include "unit.h"

#include "fencing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct heard {
    qb_loop_t *loop;
    size_t wanted; /* ends the loop when so many were told */
    size_t count;
    char names[8][65];
};

static void told(void *context, const char *node)
{
    struct heard *heard = context;

    assert_in_range(heard->count, 0, 7);
    snprintf(heard->names[heard->count++], sizeof(heard->names[0]), "%s", node);
    if (heard->count == heard->wanted)
        qb_loop_stop(heard->loop);
}

static void touch(void **state, const char *name)
{
    unit_put(unit_path(state, name), "", 0, 0644);
}

static void set_age(void **state, const char *name, time_t seconds)
{
    struct timespec then[2] = {{.tv_sec = time(NULL) - seconds}, {.tv_sec = time(NULL) - seconds}};

    touch(state, name);
    assert_int_equal(utimensat(AT_FDCWD, unit_path(state, name), then, 0), 0);
}

static void touch_long_ago(void **state, const char *name)
{
    set_age(state, name, FENCING_FRESH_S);
}

/* What the alert agent left while the daemon did not run. */
static void test_fresh_files_are_told(void **state)
{
    struct heard heard = {.loop = qb_loop_create(), .wanted = 1};
    struct fencing *fencing;

    set_age(state, "fresh", FENCING_FRESH_S / 2);
    set_age(state, "stale", FENCING_FRESH_S);
    set_age(state, "future", -FENCING_FRESH_S);
    touch(state, ".hidden");
    assert_int_equal(symlink("fresh", unit_path(state, "link")), 0);
    assert_int_equal(mkdir(unit_path(state, "directory"), 0755), 0);
    assert_int_equal(fencing_open(heard.loop, *state, told, &heard, &fencing), 0);
    qb_loop_run(heard.loop);
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.names[0], "fresh");
    fencing_close(fencing);
    qb_loop_destroy(heard.loop);
}

/* Whether the loop runs before the directory is there again or after: the file is told. */
static void test_a_directory_made_again_is_watched_again(void **state)
{
    struct heard heard = {.loop = qb_loop_create(), .wanted = 1};
    struct fencing *fencing;
    char directory[PATH_MAX];

    snprintf(directory, sizeof(directory), "%s", unit_path(state, "fenced"));
    assert_int_equal(mkdir(directory, 0755), 0);
    assert_int_equal(fencing_open(heard.loop, directory, told, &heard, &fencing), 0);
    assert_int_equal(rmdir(directory), 0);
    assert_int_equal(mkdir(directory, 0755), 0);
    touch(state, "fenced/m2");
    qb_loop_run(heard.loop);
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.names[0], "m2");
    fencing_close(fencing);
    qb_loop_destroy(heard.loop);
}

static void test_written_files_are_told(void **state)
{
    struct heard heard = {.loop = qb_loop_create(), .wanted = 3};
    struct fencing *fencing;

    touch_long_ago(state, "before");
    assert_int_equal(fencing_open(heard.loop, *state, told, &heard, &fencing), 0);
    touch(state, "m1");
    touch(state, ".hidden");
    touch(state, "a b");
    touch(state, "\n");
    touch(state, "m\xc3\xa4");
    touch(state, "0123456789012345678901234567890123456789012345678901234567890123"); /* 64 */
    touch(state, "m-2.example_org");
    touch(state, "m1"); /* again, after it came back */
    qb_loop_run(heard.loop);
    assert_int_equal(heard.count, 3);
    assert_string_equal(heard.names[0], "m1");
    assert_string_equal(heard.names[1], "m-2.example_org");
    assert_string_equal(heard.names[2], "m1");
    fencing_close(fencing);
    qb_loop_destroy(heard.loop);
}

static void test_without_the_directory(void **state)
{
    qb_loop_t *loop = qb_loop_create();
    struct fencing *fencing = NULL;

    (void)state;
    assert_int_equal(fencing_open(loop, "/nonexistent/fenced", told, NULL, &fencing), -ENOENT);
    assert_null(fencing);
    fencing_close(NULL);
    qb_loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fresh_files_are_told, unit_directory_make, unit_directory_remove),
        cmocka_unit_test_setup_teardown(test_a_directory_made_again_is_watched_again, unit_directory_make,
                                        unit_directory_remove),
        cmocka_unit_test_setup_teardown(test_written_files_are_told, unit_directory_make, unit_directory_remove),
        cmocka_unit_test(test_without_the_directory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
