/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines as kernels 6.1 and 6.12 write them. */
#include "unit.h"

#include "mountinfo.h"

#define LINE_MAX_TEST 8192

static struct mountinfo_entry *entries;
static size_t count;

static void parse(const char *text)
{
    free(entries);
    entries = NULL;
    assert_int_equal(mountinfo_parse(text, &entries, &count), 0);
}

static int forget(void **state)
{
    (void)state;
    free(entries);
    entries = NULL;
    return 0;
}

static void assert_entry(size_t index, const char *directory, const char *source, const char *address, unsigned version,
                         unsigned minor, bool readonly)
{
    char text[ADDR_TEXT_MAX];
    assert_true(index < count);
    assert_string_equal(entries[index].directory, directory);
    assert_string_equal(entries[index].source, source);
    assert_string_equal(addr_format(&entries[index].address, text), address);
    assert_int_equal(entries[index].version, version);
    assert_int_equal(entries[index].minor, minor);
    assert_int_equal(entries[index].readonly, readonly);
}

static void among_others(void **state)
{
    (void)state;
    parse("22 28 0:20 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw\n"
          "28 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
          "85 28 0:47 / /mnt/content rw,relatime shared:45 - nfs4 s1:/export rw,vers=4.2,rsize=262144,wsize=262144,"
          "namlen=255,hard,proto=tcp,timeo=600,retrans=2,sec=sys,clientaddr=10.1.0.9,local_lock=none,addr=10.1.0.1\n"
          "86 28 0:48 / /mnt/three rw,relatime - nfs s2:/export rw,vers=3,rsize=262144,wsize=262144,namlen=255,hard,"
          "nolock,proto=tcp,timeo=600,retrans=2,sec=sys,mountaddr=10.1.0.7,mountvers=3,mountport=20048,"
          "mountproto=tcp,local_lock=all,addr=10.1.0.2\n"
          "87 28 0:49 / /proc/fs/nfsd rw,relatime - nfsd nfsd rw\n");
    assert_int_equal(count, 2);
    assert_entry(0, "/mnt/content", "s1:/export", "10.1.0.1", 4, 2, false);
    assert_entry(1, "/mnt/three", "s2:/export", "10.1.0.2", 3, 0, false);
}

static void ipv6(void **state)
{
    (void)state;
    parse("85 28 0:47 / /mnt rw,relatime shared:45 - nfs4 [fd00::1]:/srv rw,vers=4.1,proto=tcp6,clientaddr=fd00::9,"
          "addr=fd00::1\n"
          "86 28 0:48 / /link rw - nfs4 [fe80::1%eth0]:/srv rw,vers=4.0,proto=tcp6,addr=fe80::1%eth0\n");
    assert_int_equal(count, 2);
    assert_entry(0, "/mnt", "[fd00::1]:/srv", "fd00::1", 4, 1, false);
    assert_entry(1, "/link", "[fe80::1%eth0]:/srv", "fe80::1", 4, 0, false);
}

static void escapes(void **state)
{
    (void)state;
    parse("85 28 0:47 / /mnt/a\\040b\\011c\\134d\\043 rw - nfs s1:/my\\040files\\012 rw,vers=3,addr=10.1.0.1\n"
          "86 28 0:47 / /mnt/back\\slash\\09\\04 rw - nfs s1:/x rw,vers=3,addr=10.1.0.1\n"
          "87 28 0:47 / /mnt/\\000 rw - nfs s1:/x rw,vers=3,addr=10.1.0.1\n"
          "88 28 0:47 / /mnt/\\303\\244 rw - nfs s1:/x rw,vers=3,addr=10.1.0.1\n");
    assert_int_equal(count, 3);
    assert_entry(0, "/mnt/a b\tc\\d#", "s1:/my files\n", "10.1.0.1", 3, 0, false);
    assert_string_equal(entries[1].directory, "/mnt/back\\slash\\09\\04");
    assert_string_equal(entries[2].directory, "/mnt/\303\244");
}

static void read_only(void **state)
{
    (void)state;
    /* the mount; the file system; both; neither, though a word begins alike */
    parse("85 28 0:47 / /a ro,relatime - nfs4 s1:/x rw,vers=4.2,addr=10.1.0.1\n"
          "86 28 0:47 / /b rw,relatime - nfs4 s1:/x ro,vers=4.2,addr=10.1.0.1\n"
          "87 28 0:47 / /c ro - nfs4 s1:/x ro,vers=4.2,addr=10.1.0.1\n"
          "88 28 0:47 / /d rw,root,xro - nfs4 s1:/x rw,rox,vers=4.2,addr=10.1.0.1\n");
    assert_int_equal(count, 4);
    assert_true(entries[0].readonly);
    assert_true(entries[1].readonly);
    assert_true(entries[2].readonly);
    assert_false(entries[3].readonly);
}

/* A directory of a mount that is mounted elsewhere too; and two mounts on one directory, the upper one last. */
static void bound_and_stacked(void **state)
{
    (void)state;
    parse("85 28 0:47 / /mnt rw shared:45 master:3 - nfs4 s1:/export rw,vers=4.2,addr=10.1.0.1\n"
          "86 28 0:47 /www /var/www rw shared:45 propagate_from:2 unbindable - nfs4 s1:/export rw,vers=4.2,"
          "addr=10.1.0.1\n"
          "87 85 0:50 / /mnt rw - nfs4 s2:/other rw,vers=4.2,addr=10.1.0.2\n");
    assert_int_equal(count, 3);
    assert_entry(1, "/var/www", "s1:/export", "10.1.0.1", 4, 2, false);
    assert_string_equal(entries[0].directory, entries[2].directory);
    assert_entry(2, "/mnt", "s2:/other", "10.1.0.2", 4, 2, false);
}

static void versions(void **state)
{
    (void)state;
    parse("1 2 0:1 / /a rw - nfs4 s:/x rw,addr=10.1.0.1\n"
          "1 2 0:1 / /b rw - nfs s:/x rw,addr=10.1.0.1\n"
          "1 2 0:1 / /c rw - nfs4 s:/x rw,vers=4,minorversion=1,addr=10.1.0.1\n"
          "1 2 0:1 / /d rw - nfs s:/x rw,vers=4.2,addr=10.1.0.1\n"
          "1 2 0:1 / /e rw - nfs s:/x rw,vers=4.22,addr=10.1.0.1\n"
          "1 2 0:1 / /f rw - nfs s:/x rw,vers=x,addr=10.1.0.1\n"
          "1 2 0:1 / /g rw - nfs s:/x rw,vers=4.2.1,addr=10.1.0.1\n"
          "1 2 0:1 / /h rw - nfs s:/x rw,vers=,addr=10.1.0.1\n");
    assert_int_equal(count, 4);
    assert_entry(0, "/a", "s:/x", "10.1.0.1", 4, 0, false);
    assert_entry(1, "/b", "s:/x", "10.1.0.1", 3, 0, false);
    assert_entry(2, "/c", "s:/x", "10.1.0.1", 4, 1, false);
    assert_entry(3, "/d", "s:/x", "10.1.0.1", 4, 2, false);
}

static void not_understood(void **state)
{
    static const char *const lines[] = {
        "",
        "\n\n\n",
        "85",
        "85 28 0:47 / /mnt rw",
        "85 28 0:47 / /mnt rw - nfs4",
        "85 28 0:47 / /mnt rw - nfs4 s1:/x",
        "85 28 0:47 / /mnt rw nfs4 s1:/x rw,addr=10.1.0.1",    /* no separator */
        "85 28 0:47 / /mnt rw - nfs4 s1:/x rw,vers=4.2",       /* no address */
        "85 28 0:47 / /mnt rw - nfs4 s1:/x rw,addr=somewhere", /* no number */
        "85 28 0:47 / /mnt rw - nfs4 s1:/x rw,addr=",
        "85 28 0:47 / /mnt rw - nfs4x s1:/x rw,addr=10.1.0.1",
        "85 28 0:47 / /mnt rw - nfs4 s1:/x rw,clientaddr=10.1.0.1",
        "85 28 0:47 /  rw - nfs4 s1:/x rw,addr=10.1.0.1", /* no directory */
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        parse(lines[i]);
        if (count != 0)
            fail_msg("understood: %s", lines[i]);
    }
}

static void too_long(void **state)
{
    char text[LINE_MAX_TEST];
    (void)state;
    for (int length = SOURCE_PATH_MAX - 2; length <= SOURCE_PATH_MAX; length++) {
        snprintf(text, sizeof text, "1 2 0:1 / /%0*d rw - nfs s:/x rw,vers=3,addr=10.1.0.1", length - 1, 0);
        parse(text);
        assert_int_equal(count, length < SOURCE_PATH_MAX ? 1 : 0);
    }
}

static void many(void **state)
{
    char text[32 * 64];
    size_t used = 0;
    (void)state;
    for (unsigned i = 0; i < 30; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "1 2 0:1 / /m%u rw - nfs s:/x rw,addr=10.1.0.%u\n", i, i);
    parse(text);
    assert_int_equal(count, 30);
    assert_entry(29, "/m29", "s:/x", "10.1.0.29", 3, 0, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(among_others),
        cmocka_unit_test(ipv6),
        cmocka_unit_test(escapes),
        cmocka_unit_test(read_only),
        cmocka_unit_test(bound_and_stacked),
        cmocka_unit_test(versions),
        cmocka_unit_test(not_understood),
        cmocka_unit_test(too_long),
        cmocka_unit_test(many),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
