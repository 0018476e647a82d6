/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is served: what was looked up once, and nothing at a connection. */
#include "unit.h"

#include "ctl_peers.h"

#include <pwd.h>

#define GROUP 54321
#define SOMEBODY 12345 /* uid and gid without a name */

static char member[] = "daemon";
static char missing[] = "nobody-of-this-name";
static char *members[] = {missing, member, NULL};
static char group_name[] = "unit";
static const struct group group = {.gr_name = group_name, .gr_gid = GROUP, .gr_mem = members};

static uid_t uid_of(const char *name)
{
    const struct passwd *entry = getpwnam(name);

    if (entry == NULL)
        skip();
    return entry->pw_uid;
}

static void test_members_are_served_by_uid_and_by_primary_group(void **state)
{
    struct ctl_peers peers;

    (void)state;
    if (geteuid() != 0)
        skip(); /* only root is in any group */
    ctl_peers_take(&peers, &group);
    assert_int_equal(peers.count, 1);
    assert_true(ctl_peers_allow(&peers, uid_of(member), SOMEBODY));
    assert_true(ctl_peers_allow(&peers, SOMEBODY, GROUP));
    assert_false(ctl_peers_allow(&peers, SOMEBODY, SOMEBODY));
}

static void test_root_and_we_are_served_without_a_group(void **state)
{
    struct ctl_peers peers;

    (void)state;
    ctl_peers_read(&peers, "no-group-of-this-name");
    assert_false(peers.has_group);
    assert_true(ctl_peers_allow(&peers, 0, 0));
    assert_true(ctl_peers_allow(&peers, geteuid(), SOMEBODY));
    assert_false(ctl_peers_allow(&peers, SOMEBODY, 0));
}

static void test_a_group_that_we_are_not_in_counts_for_nothing(void **state)
{
    struct ctl_peers peers;

    (void)state;
    if (geteuid() == 0)
        skip();
    ctl_peers_take(&peers, &group);
    assert_false(peers.has_group);
    assert_false(ctl_peers_allow(&peers, SOMEBODY, GROUP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_are_served_by_uid_and_by_primary_group),
        cmocka_unit_test(test_root_and_we_are_served_without_a_group),
        cmocka_unit_test(test_a_group_that_we_are_not_in_counts_for_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
