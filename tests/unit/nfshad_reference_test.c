/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reference.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char file[] = "/tmp/nfshad_reference_XXXXXX";

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(file);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(file);
}

static void write_text(const char *text)
{
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct export_identity *back;
    struct export_identity identity = {.version = 4,
                                       .fsid_major = UINT64_C(0xfedcba9876543210),
                                       .fsid_minor = 7,
                                       .root = {.length = 3, .bytes = {1, 0, 255}},
                                       .root_fileid = 2,
                                       .writable = true,
                                       .count = 2};
    char first[] = "a", second[] = "a/with \"quotes\"\n";
    identity.entries[0] = (struct export_entry){.path = first, .handle = {.length = 1, .bytes = {9}}, .type = 2};
    identity.entries[1] =
        (struct export_entry){.path = second, .handle = {.length = 2, .bytes = {8, 7}}, .fileid = 12, .type = 1};
    assert_int_equal(reference_write(file, &identity), 0);
    assert_int_equal(reference_read(file, &back), 0);
    assert_int_equal(back->version, 4);
    assert_true(back->fsid_major == identity.fsid_major);
    assert_true(back->fsid_minor == 7);
    assert_int_equal(back->root.length, 3);
    assert_memory_equal(back->root.bytes, identity.root.bytes, 3);
    assert_true(back->writable);
    assert_int_equal(back->count, 2);
    assert_string_equal(back->entries[1].path, second);
    assert_int_equal(back->entries[1].handle.length, 2);
    assert_memory_equal(back->entries[1].handle.bytes, identity.entries[1].handle.bytes, 2);
    assert_true(back->entries[1].fileid == 12);
    export_free(back);
}

static void a_damaged_file_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{\"version\":4}",
        "{\"version\":2,\"root\":\"01\"}",
        "{\"version\":4,\"root\":\"zz\"}",
        "{\"version\":4,\"root\":\"01\",\"entries\":[{}]}",
        "{\"version\":4,\"root\":\"01\",\"entries\":[{\"path\":\"b\",\"handle\":\"\"}]}",
    };
    struct export_identity *back;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        write_text(texts[i]);
        assert_int_equal(reference_read(file, &back), -EBADMSG);
    }
    assert_int_equal(reference_read("/nonexistent/reference", &back), -ENOENT);
}

static void each_path_and_group_has_its_file(void **state)
{
    (void)state;
    char one[REFERENCE_PATH_MAX], other[REFERENCE_PATH_MAX];
    reference_path("/run", "s1,s2:/", "/a", 4, one);
    reference_path("/run", "s1,s2:/", "/b", 4, other);
    assert_string_not_equal(one, other);
    reference_path("/run", "s1,s3:/", "/a", 4, other);
    assert_string_not_equal(one, other);
    reference_path("/run", "s1,s2:/", "/a", 3, other);
    assert_string_not_equal(one, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_written_is_read),
                                       cmocka_unit_test(a_damaged_file_is_refused),
                                       cmocka_unit_test(each_path_and_group_has_its_file)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
