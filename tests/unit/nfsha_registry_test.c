/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registry of mounts. */
#include "unit.h"

#include "registry.h"

#include <errno.h>

static struct registry_mount example(const char *directory)
{
    struct registry_mount mount = {.first = 1,
                                   .version = 4,
                                   .replication = REPLICATION_SHARED,
                                   .mismatch = MISMATCH_REMOUNT,
                                   .compare = true,
                                   .readonly = true,
                                   .options = "hard,ro"};
    struct conf_error error;
    assert_int_equal(source_parse("10.0.0.1,[fd00::2]:/srv/content", &mount.source, &error), 0);
    assert_int_equal(source_resolve(&mount.source, &error), 0);
    snprintf(mount.directory, sizeof(mount.directory), "%s", directory);
    return mount;
}

static void what_is_written_is_read(void **state)
{
    char where[PATH_MAX], text[SOURCE_TEXT_MAX];
    struct registry_mount mount = example("/mnt/a b\"/\xc3\xa4"), *read;
    size_t count;

    snprintf(where, sizeof(where), "%s", unit_path(state, "run/mounts"));
    assert_int_equal(registry_read(where, &read, &count), 0); /* no such directory */
    assert_int_equal(count, 0);
    free(read);
    assert_int_equal(registry_write(where, &mount), 0);
    mount.readonly = false;
    assert_int_equal(registry_write(where, &mount), 0); /* replaced */
    assert_int_equal(registry_read(where, &read, &count), 0);
    assert_int_equal(count, 1);
    assert_string_equal(read[0].directory, mount.directory);
    assert_string_equal(source_format(&read[0].source, text), "10.0.0.1,[fd00::2]:/srv/content");
    assert_true(addr_equal(&read[0].source.servers[1].address, &mount.source.servers[1].address));
    assert_int_equal(read[0].first, 1);
    assert_int_equal(read[0].version, 4);
    assert_int_equal(read[0].replication, REPLICATION_SHARED);
    assert_int_equal(read[0].mismatch, MISMATCH_REMOUNT);
    assert_true(read[0].compare);
    assert_false(read[0].readonly);
    assert_string_equal(read[0].options, "hard,ro");
    free(read);
    assert_int_equal(registry_remove(where, mount.directory), 0);
    assert_int_equal(registry_remove(where, mount.directory), 0);
    assert_int_equal(registry_read(where, &read, &count), 0);
    assert_int_equal(count, 0);
    free(read);
}

static void directories_have_their_own_files(void **state)
{
    char longer[SOURCE_PATH_MAX] = "/";
    const char *where = *state;
    static const char *const directories[] = {"/mnt", "/mnt/", "/mnt-", "/mnt%2F", "/.", "/a/b", "/a%2Fb"};
    struct registry_mount mount, *read;
    size_t count;

    for (size_t i = 0; i < 7; i++) {
        mount = example(directories[i]);
        assert_int_equal(registry_write(where, &mount), 0);
    }
    memset(longer + 1, 'x', 600);
    for (size_t i = 0; i < 3; i++) { /* longer than a file's name may be */
        longer[600] = "abc"[i];
        mount = example(longer);
        assert_int_equal(registry_write(where, &mount), 0);
    }
    assert_int_equal(registry_read(where, &read, &count), 0);
    assert_int_equal(count, 10);
    free(read);
    assert_int_equal(registry_remove(where, longer), 0);
    assert_int_equal(registry_read(where, &read, &count), 0);
    assert_int_equal(count, 9);
    free(read);
}

static void other_files_are_skipped(void **state)
{
    static const char *const wrong[] = {
        "",
        "{",
        "[]",
        "{}",
        "null",
        "{\"directory\":\"/x\",\"servers\":[],\"path\":\"/p\",\"first\":0,\"version\":4,\"replication\":\"standby\","
        "\"mismatch\":\"refuse\",\"options\":\"\"}",
        "{\"directory\":\"/x\",\"servers\":[{\"name\":\"a\",\"address\":\"1.2.3.4\"}],\"path\":\"/p\",\"first\":1,"
        "\"version\":4,\"replication\":\"standby\",\"mismatch\":\"refuse\",\"options\":\"\"}",
        "{\"directory\":\"/x\",\"servers\":[{\"name\":\"a\",\"address\":\"1.2.3.4\"}],\"path\":\"/p\",\"first\":0,"
        "\"version\":5,\"replication\":\"standby\",\"mismatch\":\"refuse\",\"options\":\"\"}",
        "{\"directory\":\"x\",\"servers\":[{\"name\":\"a\",\"address\":\"1.2.3.4\"}],\"path\":\"/p\",\"first\":0,"
        "\"version\":4,\"replication\":\"standby\",\"mismatch\":\"refuse\",\"options\":\"\"}",
    };
    struct registry_mount mount = example("/mnt"), *read;
    size_t count;
    char name[32];

    assert_int_equal(registry_write(*state, &mount), 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        snprintf(name, sizeof(name), "wrong%zu.json", i);
        unit_put(unit_path(state, name), wrong[i], strlen(wrong[i]), 0644);
    }
    unit_put(unit_path(state, ".hidden.json"), "{", 1, 0644);
    unit_put(unit_path(state, "other"), "{", 1, 0644);
    assert_int_equal(registry_read(*state, &read, &count), 0);
    assert_int_equal(count, 1);
    assert_string_equal(read[0].directory, "/mnt");
    free(read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(directories_have_their_own_files, unit_directory_make, unit_directory_remove),
        cmocka_unit_test_setup_teardown(other_files_are_skipped, unit_directory_make, unit_directory_remove),
        cmocka_unit_test_setup_teardown(what_is_written_is_read, unit_directory_make, unit_directory_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
