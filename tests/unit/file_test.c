/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "file.h"

#include <dirent.h>
#include <errno.h>

static size_t entries(const char *directory)
{
    DIR *d = opendir(directory);
    size_t count = 0;

    assert_non_null(d);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        count += e->d_name[0] != '.';
    closedir(d);
    return count;
}

static void what_is_written_is_read(void **state)
{
    const char *path = unit_path(state, "file");
    static const char data[] = "a\0b\n";
    char *text = NULL;
    size_t length = 0;
    struct stat status;

    assert_int_equal(file_write(path, data, 4, 0640, 1), 0);
    assert_int_equal(file_read(path, 4, &text, &length), 0);
    assert_int_equal(length, 4);
    assert_memory_equal(text, data, 5);
    free(text);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_int_equal(file_write(path, "", 0, 0644, 0), 0);
    assert_int_equal(file_read(path, 0, &text, &length), 0);
    assert_string_equal(text, "");
    free(text);
    assert_int_equal(entries(*state), 1);
}

static void long_files_are_read_up_to_the_limit(void **state)
{
    const size_t size = 300001;
    const char *path = unit_path(state, "long");
    char *data = malloc(size);
    char *text = NULL;
    size_t length = 0;

    assert_non_null(data);
    memset(data, 'x', size);
    assert_int_equal(file_write(path, data, size, 0600, 0), 0);
    assert_int_equal(file_read(path, size - 1, &text, &length), -EFBIG);
    assert_null(text);
    assert_int_equal(file_read(path, size, &text, &length), 0);
    assert_int_equal(length, size);
    assert_memory_equal(text, data, size);
    free(text);
    free(data);
}

static void files_without_size_are_read(void **state)
{
    char *text = NULL;
    size_t length = 0;

    (void)state;
    assert_int_equal(file_read("/proc/self/status", 1 << 20, &text, &length), 0);
    assert_true(length > 100);
    assert_int_equal(strlen(text), length);
    free(text);
}

static void errors_have_their_names(void **state)
{
    char *text = NULL;
    size_t length = 0;
    char name[PATH_MAX + 10];

    assert_int_equal(file_read(unit_path(state, "none"), 10, &text, &length), -ENOENT);
    assert_int_equal(file_read(*state, 10, &text, &length), -EISDIR);
    assert_int_equal(file_write(unit_path(state, "no/such"), "x", 1, 0600, 0), -ENOENT);
    memset(name, 'x', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(file_write(name, "x", 1, 0600, 0), -ENAMETOOLONG);
}

static void failed_write_leaves_nothing(void **state)
{
    assert_int_equal(mkdir(unit_path(state, "directory"), 0755), 0);
    assert_int_equal(file_write(unit_path(state, "directory"), "x", 1, 0600, 0), -EISDIR);
    assert_int_equal(entries(*state), 1);
}

int main(void)
{
#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, unit_directory_make, unit_directory_remove)
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(what_is_written_is_read),     WITH_DIRECTORY(long_files_are_read_up_to_the_limit),
        WITH_DIRECTORY(files_without_size_are_read), WITH_DIRECTORY(errors_have_their_names),
        WITH_DIRECTORY(failed_write_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
