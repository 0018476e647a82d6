/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "key.h"

#include <errno.h>

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEX2 "A5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5A5"

static int load(void **state, const char *text, mode_t mode, struct keyring *ring, struct conf_error *error)
{
    const char *path = unit_path(state, "keys");

    unit_put(path, text, strlen(text), mode);
    return key_load(path, ring, error);
}

static void keys_are_read_in_their_order(void **state)
{
    struct keyring ring;
    struct conf_error error;

    assert_int_equal(load(state, "# keys\n\n 4294967295\t" HEX2 "\r\n1 " HEX, 0600, &ring, &error), 0);
    assert_string_equal(error.text, "");
    assert_int_equal(ring.count, 2);
    assert_true(ring.keys[0].id == 4294967295);
    assert_int_equal(ring.keys[0].bytes[31], 0xa5);
    assert_int_equal(ring.keys[1].id, 1);
    assert_int_equal(ring.keys[1].bytes[31], 0x1f);
    assert_ptr_equal(key_find(&ring, 1), &ring.keys[1]);
    assert_null(key_find(&ring, 2));
    key_forget(&ring);
    assert_null(key_find(&ring, 1));
}

static void keys_are_read_from_memory(void **state)
{
    static const char text[] = "# keys\n1 " HEX "\n2 " HEX2;
    struct keyring ring = {.count = 7};
    struct conf_error error;

    (void)state;
    assert_int_equal(key_load_text("memory", "", 0, &ring, &error), -EINVAL);
    assert_non_null(strstr(error.text, "memory: holds no key"));
    assert_int_equal(key_load_text("memory", text, strlen(text) - 1, &ring, &error), -EINVAL);
    assert_non_null(strstr(error.text, "memory:3: key 2 must have"));
    assert_int_equal(ring.count, 7);
    assert_int_equal(key_load_text("memory", text, strlen(text), &ring, &error), 0);
    assert_string_equal(error.text, "");
    assert_int_equal(ring.count, 2);
}

static void files_open_to_others_are_refused(void **state)
{
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0644, 0666};
    struct keyring ring = {.count = 7};
    struct conf_error error;

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        assert_int_equal(load(state, "1 " HEX "\n", modes[i], &ring, &error), -EINVAL);
        assert_non_null(strstr(error.text, "chmod 0600"));
        assert_int_equal(ring.count, 7);
    }
    assert_int_equal(load(state, "1 " HEX "\n", 0400, &ring, &error), 0);
}

static void files_of_somebody_else_are_refused(void **state)
{
    const char *path = unit_path(state, "keys");
    struct keyring ring;
    struct conf_error error;

    if (geteuid() != 0)
        skip();
    unit_put(path, "1 " HEX "\n", 67, 0600);
    assert_int_equal(chown(path, 12345, 12345), 0);
    assert_int_equal(key_load(path, &ring, &error), -EINVAL);
    assert_non_null(strstr(error.text, "uid 12345"));
}

static void wrong_files_name_the_line(void **state)
{
    static const struct {
        const char *text, *where;
    } cases[] = {
        {"", "keys: holds no key"},
        {"# nothing\n", "keys: holds no key"},
        {"0 " HEX "\n", "keys:1: the id"},
        {"4294967296 " HEX "\n", "keys:1: the id"},
        {"-1 " HEX "\n", "keys:1: the id"},
        {"1x " HEX "\n", "keys:1: the id"},
        {"\n1\n", "keys:2: a key is a line"},
        {"1 " HEX " extra\n", "keys:1: a key is a line"},
        {"1 " HEX "00\n", "keys:1: key 1 must have 64"},
        {"1 0g" HEX "\n", "keys:1: key 1 must have 64"},
        {"1 00\n", "keys:1: key 1 must have 64"},
        {"1 g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", "keys:1: key 1 must have 64"},
        {"1 " HEX "\n2 " HEX2 "\n1 " HEX2 "\n", "keys:3: key id 1 stands here twice"},
    };
    struct keyring ring = {.count = 7};
    struct conf_error error;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(load(state, cases[i].text, 0600, &ring, &error), -EINVAL);
        if (strstr(error.text, cases[i].where) == NULL)
            fail_msg("case %zu: \"%s\"", i, error.text);
        assert_null(strstr(error.text, "0102030405")); /* no key ever stands in a message */
        assert_int_equal(ring.count, 7);
    }
}

static void nul_bytes_and_long_lines_are_refused(void **state)
{
    const char *path = unit_path(state, "keys");
    char text[1000];
    struct keyring ring;
    struct conf_error error;

    memset(text, 'x', sizeof(text));
    unit_put(path, text, sizeof(text), 0600);
    assert_int_equal(key_load(path, &ring, &error), -EINVAL);
    unit_put(path, "1 " HEX "\0\n2 " HEX2 "\n", 136, 0600);
    assert_int_equal(key_load(path, &ring, &error), -EINVAL);
}

static void too_many_keys_are_refused(void **state)
{
    char text[1024] = "";
    struct keyring ring;
    struct conf_error error;

    for (int i = 1; i <= KEY_MAX + 1; i++) {
        char line[80];

        snprintf(line, sizeof(line), "%d %s\n", i, HEX);
        assert_int_equal(load(state, text, 0600, &ring, &error), i == 1 ? -EINVAL : 0);
        strcat(text, line);
    }
    assert_int_equal(load(state, text, 0600, &ring, &error), -EINVAL);
    assert_non_null(strstr(error.text, "keys:9: too many keys"));
}

static void what_is_no_file_is_refused(void **state)
{
    struct keyring ring;
    struct conf_error error;

    assert_int_equal(key_load(unit_path(state, "none"), &ring, &error), -ENOENT);
    assert_non_null(strstr(error.text, "none: cannot read the keys: No such file"));
    assert_int_equal(mkfifo(unit_path(state, "fifo"), 0600), 0);
    assert_int_equal(key_load(unit_path(state, "fifo"), &ring, &error), -EINVAL);
    assert_int_equal(key_load(*state, &ring, &error), -EINVAL);
}

static void generated_lines_are_read_and_differ(void **state)
{
    char line[80];
    char other[80];
    struct keyring ring;
    struct conf_error error;

    key_generate_line(4294967295, line, sizeof(line));
    key_generate_line(4294967295, other, sizeof(other));
    assert_string_not_equal(line, other);
    assert_int_equal(strlen(line), 10 + 1 + 64 + 1);
    assert_int_equal(load(state, line, 0600, &ring, &error), 0);
    assert_true(ring.keys[0].id == 4294967295);
}

int main(void)
{
#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, unit_directory_make, unit_directory_remove)
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(keys_are_read_in_their_order),         WITH_DIRECTORY(files_open_to_others_are_refused),
        WITH_DIRECTORY(files_of_somebody_else_are_refused),   WITH_DIRECTORY(wrong_files_name_the_line),
        WITH_DIRECTORY(nul_bytes_and_long_lines_are_refused), WITH_DIRECTORY(too_many_keys_are_refused),
        WITH_DIRECTORY(what_is_no_file_is_refused),           WITH_DIRECTORY(generated_lines_are_read_and_differ),
        cmocka_unit_test(keys_are_read_from_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
