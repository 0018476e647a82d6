/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a server serves, against a server of the test's own; the kernel's: nfsha_mount_live.sh. */
#include "unit.h"

#include "export.h"
#include "fake_nfs.h"
#include "veth.h"

#include <errno.h>

#define TIMEOUT_MS 5000 /* nothing here takes that long, but a busy machine */
#define SHORT_MS 300    /* where the time-out is what is tested */

static int read_at(const char *address, unsigned timeout_ms, struct export_identity **out, struct conf_error *error)
{
    struct addr server;
    assert_int_equal(addr_parse(address, &server), 0);
    return export_read(&server, "/content", 4, timeout_ms, out, error);
}

/* Reads at a server with that fault; what it returns. */
static int fails(enum fake_nfs_fault fault, unsigned timeout_ms)
{
    struct fake_nfs server = {.address = "127.0.0.1", .fsid = 7, .generation = 1, .fault = fault};
    struct export_identity *identity = NULL;
    struct conf_error error = {""};
    pid_t pid = fake_nfs_start(&server);
    int result = read_at("127.0.0.1", timeout_ms, &identity, &error);

    fake_nfs_stop(pid);
    assert_true((result == 0) == (identity != NULL));
    assert_true((result == 0) == (error.text[0] == '\0'));
    assert_true(result == 0 || strstr(error.text, "127.0.0.1") != NULL);
    export_free(identity);
    return result;
}

static void identity_is_read(void **state)
{
    static const char *const addresses[] = {"127.0.0.1", "::1"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fake_nfs server = {.address = addresses[i], .fsid = 7, .generation = 1};
        struct export_identity *identity;
        struct conf_error error;
        pid_t pid = fake_nfs_start(&server);

        assert_int_equal(read_at(addresses[i], TIMEOUT_MS, &identity, &error), 0);
        fake_nfs_stop(pid);
        assert_int_equal(identity->version, 4);
        assert_int_equal(identity->fsid_major, 7);
        assert_int_equal(identity->root_fileid, 2);
        assert_true(identity->writable);
        assert_int_equal(identity->count, 9);
        assert_string_equal(identity->entries[0].path, "d1"); /* directories first */
        assert_int_equal(identity->entries[0].type, 2);
        assert_string_equal(identity->entries[1].path, "f1");
        assert_string_equal(identity->entries[8].path, "d1/g2");
        assert_int_equal(identity->entries[8].fileid, 32);
        assert_int_equal(identity->entries[8].handle.length, 8);
        export_free(identity);
    }
}

static void faults_have_errors(void **state)
{
    (void)state;
    assert_int_equal(fails(FAKE_NFS_SILENT, SHORT_MS), -ETIMEDOUT);
    assert_int_equal(fails(FAKE_NFS_EMPTY, TIMEOUT_MS), -ENOENT);
    assert_int_equal(fails(FAKE_NFS_UNKNOWN, TIMEOUT_MS), -ENOENT);
    assert_int_equal(fails(FAKE_NFS_SECURE, TIMEOUT_MS), -EACCES);
    assert_int_equal(fails(FAKE_NFS_OLD, TIMEOUT_MS), -EPROTONOSUPPORT); /* and no version 3 either */
    assert_int_equal(fails(FAKE_NFS_LATER, TIMEOUT_MS), 0);
    assert_int_equal(fails(FAKE_NFS_CUT, TIMEOUT_MS), -ECONNRESET);
    assert_int_equal(fails(FAKE_NFS_LONG, TIMEOUT_MS), -EPROTO);
    assert_int_equal(fails(FAKE_NFS_LENGTHS, TIMEOUT_MS), -EPROTO);
    assert_int_equal(fails(FAKE_NFS_ENDLESS, TIMEOUT_MS), 0);
}

static void nobody_there_is_refused(void **state)
{
    struct export_identity *identity;
    struct conf_error error;
    (void)state;
    assert_int_equal(read_at("127.0.0.1", TIMEOUT_MS, &identity, &error), -ECONNREFUSED);
    assert_null(identity);
    assert_string_equal(error.text, "127.0.0.1: NFS (port 2049): Connection refused");
}

/* Compares a second server with the first, which is well. */
static int compare_with(const struct fake_nfs *second, enum export_verdict *verdict, struct conf_error *error)
{
    struct fake_nfs first = {.address = "127.0.0.1", .fsid = 7, .generation = 1};
    struct export_identity *identity;
    struct addr address;
    pid_t one = fake_nfs_start(&first), other = fake_nfs_start(second);

    assert_int_equal(read_at("127.0.0.1", TIMEOUT_MS, &identity, error), 0);
    assert_int_equal(addr_parse(second->address, &address), 0);
    int result = export_compare(&address, "/content", identity, TIMEOUT_MS, verdict, error);
    export_free(identity);
    fake_nfs_stop(one);
    fake_nfs_stop(other);
    return result;
}

static void servers_are_compared(void **state)
{
    struct fake_nfs second = {.address = "127.0.0.2", .fsid = 7, .generation = 1};
    enum export_verdict verdict;
    struct conf_error error;
    (void)state;

    assert_int_equal(compare_with(&second, &verdict, &error), 0);
    assert_int_equal(verdict, EXPORT_SAME);
    assert_string_equal(error.text, "");
    second.generation = 2;
    assert_int_equal(compare_with(&second, &verdict, &error), 0);
    assert_int_equal(verdict, EXPORT_DIFFERENT);
    assert_string_equal(error.text, "127.0.0.2: /content: \"d1\" has another file handle there (9 of 9 names have)");
    second.generation = 1;
    second.fsid = 8;
    assert_int_equal(compare_with(&second, &verdict, &error), 0);
    assert_int_equal(verdict, EXPORT_DIFFERENT);
    assert_string_equal(error.text, "127.0.0.2: /content: its fsid is 8:0, not 7:0");
    second.fault = FAKE_NFS_EMPTY;
    assert_int_equal(compare_with(&second, &verdict, &error), -ENOENT);
    second.fault = FAKE_NFS_UNKNOWN;
    assert_int_equal(compare_with(&second, &verdict, &error), -ENOENT);
    second.fault = FAKE_NFS_CUT;
    assert_int_equal(compare_with(&second, &verdict, &error), -ECONNRESET);
    second.fsid = 7;
    second.fault = FAKE_NFS_LATER;
    assert_int_equal(compare_with(&second, &verdict, &error), 0);
    assert_int_equal(verdict, EXPORT_SAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_have_errors),
        cmocka_unit_test(identity_is_read),
        cmocka_unit_test(nobody_there_is_refused),
        cmocka_unit_test(servers_are_compared),
    };
    struct veth veth;

    if (!veth_begin(&veth) || system("ip link set lo up") != 0)
        return VETH_SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
