/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mount.nfsha as a whole, with programs and servers of the test's own. The kernel's: nfsha_mount_live.sh. */
#include "unit.h"

#include "nfsha_helper_world.h"
#include "veth.h"

static void one_serves_and_one_stands_by(void **state)
{
    struct world *world = *state;
    struct registry_mount mount;

    helper_serve(world, 0, 1, FAKE_NFS_WELL);
    helper_serve(world, 1, 1, FAKE_NFS_EMPTY);
    assert_int_equal(helper_mount(world, "rw,hard,_netdev"), 0);
    assert_string_equal(world->said, "");
    helper_called(world, "127.0.0.1", "hard,rw,retry=0");
    assert_int_equal(helper_noted(world, &mount), 1);
    assert_string_equal(mount.directory, world->point);
    assert_int_equal(mount.source.count, 2);
    assert_int_equal(mount.first, 0);
    assert_int_equal(mount.version, 4);
    assert_int_equal(mount.replication, REPLICATION_STANDBY);
    assert_string_equal(helper_content(world, "commands"), "ping\nreload\n");

    assert_int_equal(helper_mount(world, "rw,hard"), 0);
    helper_says(world, "is mounted on");
    helper_called(world, "127.0.0.1", "hard,rw,retry=0"); /* not again */
}

static void the_second_is_taken_when_the_first_is_down(void **state)
{
    struct world *world = *state;
    struct registry_mount mount;

    helper_serve(world, 1, 1, FAKE_NFS_WELL);
    assert_int_equal(helper_mount(world, "rw"), 0);
    helper_says(world, "warning: 127.0.0.1 could not be compared: 127.0.0.1: NFS (port 2049): Connection refused");
    helper_called(world, "127.0.0.2", "rw,retry=0");
    assert_int_equal(helper_noted(world, &mount), 1);
    assert_int_equal(mount.first, 1);
}

static void the_daemons_server_is_taken_first(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < 3; i++)
        helper_serve(world, i, 1, FAKE_NFS_WELL);
    assert_int_equal(system(world->paths.nfshad), 0);
    assert_int_equal(
        helper_call(world, "mount.nfsha", "127.0.0.1,127.0.0.2,127.0.0.3:/content", "replication=shared,retry=1"), 0);
    helper_called(world, CURRENT, "retry=1,rw");
}

static void exports_that_differ_are_refused(void **state)
{
    struct world *world = *state;

    helper_serve(world, 0, 1, FAKE_NFS_WELL);
    helper_serve(world, 1, 2, FAKE_NFS_WELL);
    assert_int_equal(helper_mount(world, "rw,replication=copies"), 32);
    helper_says(world, "the exports of 127.0.0.1 and 127.0.0.2 differ");
    helper_says(world, "another file handle");
    helper_nothing_done(world);
    assert_int_equal(helper_mount(world, "rw,replication=copies,mismatch=remount"), 0);
    helper_says(world, "warning: ");
    helper_called(world, "127.0.0.1", "ro,retry=0");
}

static void two_copies_are_not_written_to(void **state)
{
    struct world *world = *state;

    helper_serve(world, 0, 1, FAKE_NFS_WELL);
    helper_serve(world, 1, 1, FAKE_NFS_WELL);
    assert_int_equal(helper_mount(world, "rw"), 32);
    helper_says(world, "replication=shared");
    helper_nothing_done(world);
    assert_int_equal(helper_mount(world, "ro"), 0);
}

static void nobody_serves(void **state)
{
    struct world *world = *state;

    helper_serve(world, 1, 1, FAKE_NFS_EMPTY);
    assert_int_equal(helper_mount(world, "rw"), 32);
    helper_says(world, "no server serves it");
    helper_says(world, "127.0.0.1: NFS (port 2049): Connection refused");
    helper_says(world, "127.0.0.2: /content: not exported");
    helper_nothing_done(world);
}

static void without_a_daemon_nothing_is_mounted(void **state)
{
    struct world *world = *state;

    helper_serve(world, 0, 1, FAKE_NFS_WELL);
    helper_serve(world, 1, 1, FAKE_NFS_EMPTY);
    helper_script(world, "no-daemon", "");
    assert_int_equal(helper_mount(world, "rw"), 2);
    helper_says(world, "nfshad did not start: it ended with status 78");
    helper_nothing_done(world);
    assert_int_equal(helper_mount(world, "rw,failover=none"), 0);
    assert_int_equal(helper_noted(world, NULL), 0);
}

static void a_failed_mount_leaves_nothing(void **state)
{
    struct world *world = *state;

    helper_serve(world, 0, 1, FAKE_NFS_WELL);
    helper_serve(world, 1, 1, FAKE_NFS_EMPTY);
    helper_script(world, "fail", "");
    assert_int_equal(helper_mount(world, "rw"), 32);
    helper_says(world, "mount.nfs: no");
    helper_called(world, "127.0.0.1", "rw,retry=0");
    assert_int_equal(helper_noted(world, NULL), 0);
}

static void without_comparison_each_is_tried(void **state)
{
    struct world *world = *state;
    char text[1024];

    helper_serve(world, 0, 1, FAKE_NFS_WELL);
    helper_serve(world, 1, 2, FAKE_NFS_WELL);
    helper_script(world, "fail", "");
    assert_int_equal(helper_mount(world, "rw,compare=no"), 32);
    snprintf(text, sizeof(text), "127.0.0.1:/content %s -o rw,retry=0\n127.0.0.2:/content %s -o rw,retry=0\n",
             world->point, world->point);
    assert_string_equal(helper_content(world, "calls"), text);
}

static void groups_do_not_share_servers(void **state)
{
    struct world *world = *state;
    const char *line = "36 35 0:40 / /other rw shared:1 - nfs4 127.0.0.2:/x rw,vers=4.2,addr=127.0.0.2\n";
    struct registry_mount other = {.directory = "/other", .compare = true};
    struct conf_error error;

    assert_int_equal(source_parse("127.0.0.2,127.0.0.3:/x", &other.source, &error), 0);
    assert_int_equal(source_resolve(&other.source, &error), 0);
    assert_int_equal(registry_write(world->paths.registry, &other), 0);
    helper_serve(world, 0, 1, FAKE_NFS_WELL);
    unit_put(helper_path(world, "mountinfo"), line, strlen(line), 0644);
    assert_int_equal(helper_mount(world, "rw"), 32);
    helper_says(world, "127.0.0.2,127.0.0.3:/x has some of these servers");
    helper_says(world, "/other");
    assert_string_equal(helper_content(world, "calls"), "");
    unit_put(helper_path(world, "mountinfo"), "", 0, 0644); /* that mount is gone */
    assert_int_equal(helper_mount(world, "rw"), 0);
}

static void other_mounts_are_told_of(void **state)
{
    struct world *world = *state;
    const char *line = "36 35 0:40 / /foreign rw shared:1 - nfs 127.0.0.2:/x rw,vers=3,addr=127.0.0.2\n";

    unit_put(helper_path(world, "mountinfo"), line, strlen(line), 0644);
    helper_serve(world, 0, 1, FAKE_NFS_WELL);
    helper_serve(world, 1, 1, FAKE_NFS_EMPTY);
    assert_int_equal(helper_mount(world, "rw"), 0);
    helper_says(world, "warning: 127.0.0.2:/x on /foreign");
}

static void the_kernel_gets_the_list(void **state)
{
    struct world *world = *state;

    helper_serve(world, 1, 1, FAKE_NFS_WELL);
    assert_int_equal(helper_mount(world, "rw,failover=kernel"), 32);
    helper_says(world, "failover=kernel: this kernel's NFS client cannot");
    helper_nothing_done(world);
    helper_script(world, "series", "1\n");
    helper_script(world, "no-daemon", "");
    assert_int_equal(helper_mount(world, "rw,failover=kernel"), 0);
    helper_called(world, "127.0.0.2", "rw,replicas=127.0.0.2+127.0.0.1,retry=0");
    assert_int_equal(helper_noted(world, NULL), 1);
}

static void what_cannot_be_noted_is_not_mounted(void **state)
{
    struct world *world = *state;

    helper_serve(world, 0, 1, FAKE_NFS_WELL);
    helper_serve(world, 1, 1, FAKE_NFS_EMPTY);
    helper_script(world, "run", ""); /* a file in the directory's place */
    assert_int_equal(helper_mount(world, "rw,failover=daemon"), 2);
    helper_says(world, "run/mounts: Not a directory");
    assert_string_equal(helper_content(world, "calls"), "");
}

static void a_remount_keeps_the_list(void **state)
{
    struct world *world = *state;
    struct registry_mount noted;

    helper_serve(world, 0, 1, FAKE_NFS_WELL);
    helper_serve(world, 1, 1, FAKE_NFS_EMPTY);
    assert_int_equal(helper_mount(world, "rw"), 0);
    assert_int_equal(helper_call(world, "mount.nfsha", "127.0.0.1:/content", "remount,ro"), 0);
    assert_int_equal(helper_noted(world, &noted), 1);
    assert_int_equal(noted.source.count, 2);
    assert_int_equal(helper_mount(world, "remount,replication=copies"), 0);
    assert_int_equal(helper_noted(world, &noted), 1);
    assert_int_equal(noted.replication, REPLICATION_COPIES);
}

static void the_wrapper_hands_over(void **state)
{
    struct world *world = *state;
    char text[1024];

    helper_serve(world, 0, 1, FAKE_NFS_WELL);
    helper_serve(world, 1, 1, FAKE_NFS_EMPTY);
    assert_int_equal(helper_call(world, "/sbin/mount.nfs", "127.0.0.9:/x", "rw,bg"), 0);
    snprintf(text, sizeof(text), "127.0.0.9:/x %s -o rw,bg\n", world->point);
    assert_string_equal(helper_content(world, "calls"), text);
    assert_int_equal(helper_noted(world, NULL), 0);
    unit_put(helper_path(world, "calls"), "", 0, 0644);
    unit_put(helper_path(world, "mountinfo"), "", 0, 0644);
    assert_int_equal(rename(helper_path(world, "mount.nfs"), world->paths.distrib), 0);
    assert_int_equal(helper_call(world, "/sbin/mount.nfs4", "127.0.0.1,127.0.0.2:/content", "rw"), 0);
    helper_called(world, "127.0.0.1", "vers=4,rw,retry=0");
    assert_int_equal(helper_call(world, "mount.nfs", "127.0.0.1, 127.0.0.2:/content", "rw"), 1);
    helper_says(world, "leave the space out");
    assert_int_equal(unlink(world->paths.distrib), 0);
    assert_int_equal(helper_call(world, "mount.nfs", "127.0.0.9:/x", "rw"), 2);
    helper_says(world, "nfs-common");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, helper_make, helper_remove)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_failed_mount_leaves_nothing),
        TEST(a_remount_keeps_the_list),
        TEST(exports_that_differ_are_refused),
        TEST(groups_do_not_share_servers),
        TEST(nobody_serves),
        TEST(one_serves_and_one_stands_by),
        TEST(other_mounts_are_told_of),
        TEST(the_daemons_server_is_taken_first),
        TEST(the_kernel_gets_the_list),
        TEST(the_second_is_taken_when_the_first_is_down),
        TEST(the_wrapper_hands_over),
        TEST(two_copies_are_not_written_to),
        TEST(what_cannot_be_noted_is_not_mounted),
        TEST(without_a_daemon_nothing_is_mounted),
        TEST(without_comparison_each_is_tried),
    };
    struct veth veth;

    if (argc == 4 && strcmp(argv[1], "daemon") == 0)
        return helper_play_daemon(argv[2], argv[3]);
    if (!veth_begin(&veth) || system("ip link set lo up") != 0)
        return VETH_SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
