/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which names are compared, and what the answers mean. */
#include "unit.h"

#include "export_sample.h"
#include "export_verdict.h"

#include <errno.h>

#define NOW 1000000

static struct nfs_listing listing;

static void put(const char *name, uint32_t type, int64_t modified)
{
    struct nfs_name *entry = &listing.names[listing.count++];
    memset(entry, 0, sizeof(*entry));
    snprintf(entry->name, sizeof(entry->name), "%s", name);
    entry->object = (struct nfs_object){.handle = {.length = 1, .bytes = {(uint8_t)listing.count}},
                                        .has_attributes = true,
                                        .type = type,
                                        .fsid_major = 7,
                                        .modified = modified};
}

static void choose(struct export_identity *identity, const char *path, size_t each)
{
    assert_int_equal(export_sample_choose(identity, path, &listing, each, NOW), 0);
}

static struct export_identity *new_identity(void)
{
    struct export_identity *identity = calloc(1, sizeof(*identity));
    assert_non_null(identity);
    identity->version = 4;
    identity->fsid_major = 7;
    identity->root_fileid = 2;
    listing.count = 0;
    return identity;
}

static void names_are_chosen(void **state)
{
    struct export_identity *identity = new_identity();
    (void)state;

    put("z", NFS_TYPE_FILE, 0);
    put("b", NFS_TYPE_DIRECTORY, NOW);
    put("new", NFS_TYPE_FILE, NOW - 59);
    put("a", NFS_TYPE_FILE, NOW - 61);
    put("lost+found", NFS_TYPE_DIRECTORY, 0);
    put(".nfs0001", NFS_TYPE_FILE, 0);
    put("link", 5, 0);
    put("c", NFS_TYPE_FILE, 0);
    put("mounted", NFS_TYPE_DIRECTORY, 0);
    listing.names[listing.count - 1].object.fsid_major = 8;
    put("silent", NFS_TYPE_FILE, 0);
    listing.names[listing.count - 1].object.handle.length = 0;
    choose(identity, "", 2);
    assert_int_equal(identity->count, 3);
    assert_string_equal(identity->entries[0].path, "b");
    assert_string_equal(identity->entries[1].path, "a");
    assert_string_equal(identity->entries[2].path, "c");
    choose(identity, "b/x", 100);
    assert_string_equal(identity->entries[3].path, "b/x/b");
    assert_int_equal(identity->count, 7);
    for (int i = 0; i < 20; i++)
        choose(identity, "b", 100);
    assert_int_equal(identity->count, EXPORT_SAMPLE_MAX);
    export_free(identity);
}

/* d (directory), d/a … and files f0…, with answers that are the same. */
static struct export_identity *example(size_t files, struct export_answers *answers)
{
    struct export_identity *identity = new_identity();
    char name[16];

    memset(answers, 0, sizeof(*answers));
    put("d", NFS_TYPE_DIRECTORY, 0);
    for (size_t i = 0; i + 2 < files; i++) {
        snprintf(name, sizeof(name), "f%02zu", i);
        put(name, NFS_TYPE_FILE, 0);
    }
    choose(identity, "", files);
    listing.count = 0;
    put("a", NFS_TYPE_FILE, 0);
    choose(identity, "d", 1);
    answers->root = (struct nfs_object){.has_attributes = true, .fsid_major = 7, .fileid = 2};
    for (size_t i = 0; i < identity->count; i++)
        answers->names[i].handle = identity->entries[i].handle;
    assert_int_equal(identity->count, files);
    return identity;
}

static void different(const struct export_identity *identity, const struct export_answers *answers, const char *why)
{
    struct conf_error error = {""};
    enum export_verdict verdict = export_judge(identity, answers, &error);
    assert_int_equal(verdict, why[0] == '\0' ? EXPORT_SAME : EXPORT_DIFFERENT);
    assert_string_equal(error.text, why);
}

static void roots_are_judged(void **state)
{
    struct export_answers answers;
    struct export_identity *identity = example(8, &answers);
    (void)state;

    different(identity, &answers, "");
    answers.root.fsid_major = 0x1f;
    different(identity, &answers, "its fsid is 1f:0, not 7:0");
    answers.root.fsid_major = 7;
    answers.root.fileid = 128;
    different(identity, &answers, "its root is inode 128, not 2");
    export_free(identity);
}

static void a_quarter_may_be_replaced(void **state)
{
    struct export_answers answers;
    struct export_identity *identity = example(8, &answers);
    (void)state;

    answers.names[1].handle.bytes[0] = 99;
    answers.names[2].handle.length = 2;
    different(identity, &answers, "");
    answers.names[3].status = -ESTALE;
    different(identity, &answers, "\"f00\" has another file handle there (3 of 8 names have)");
    export_free(identity);
}

static void names_may_be_gone(void **state)
{
    struct export_answers answers;
    struct export_identity *identity = example(8, &answers);
    (void)state;

    assert_int_equal(export_parent(identity, 0), -1);
    assert_int_equal(export_parent(identity, 7), 0);
    answers.names[0].status = -ENOENT; /* and so its child's directory handle is stale */
    answers.names[7].status = -ESTALE;
    for (size_t i = 1; i < 6; i++)
        answers.names[i].status = -ENOENT;
    different(identity, &answers, "");
    answers.names[6].status = -ENOENT;
    different(identity, &answers, "none of 8 names is there");
    answers.names[6].status = -EACCES; /* tells nothing */
    different(identity, &answers, "none of 7 names is there");
    export_free(identity);
}

static void nothing_to_compare_is_the_same(void **state)
{
    struct export_identity *identity = new_identity();
    struct export_answers answers = {.root = {.has_attributes = true, .fsid_major = 7, .fileid = 2}};
    (void)state;
    different(identity, &answers, "");
    export_free(identity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quarter_may_be_replaced), cmocka_unit_test(names_are_chosen),
        cmocka_unit_test(names_may_be_gone),         cmocka_unit_test(nothing_to_compare_is_the_same),
        cmocka_unit_test(roots_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
