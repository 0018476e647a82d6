/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The director's kernel settings and the traffic node's ARP settings, below a directory that stands for /proc/sys. */
#include "procsys.h"
#include "realserver_arp.h"
#include "sysctl.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[] = "test_sysctl.XXXXXX";

static void put(const char *name, const char *value)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", root, name);
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", value);
    fclose(file);
}

static void sets_what_a_director_needs(void **state)
{
    (void)state;
    put("net/ipv4/vs/expire_nodest_conn", "0");
    put("net/ipv4/vs/expire_quiescent_template", "1");
    put("net/ipv4/vs/conn_reuse_mode", "1");
    assert_int_equal(sysctl_prepare(root), 0);
    assert_int_equal(procsys_number(root, "net/ipv4/vs/expire_nodest_conn"), 1);
    assert_int_equal(procsys_number(root, "net/ipv4/vs/expire_quiescent_template"), 1);
    assert_int_equal(procsys_number(root, "net/ipv4/vs/conn_reuse_mode"), 2);
}

static void goes_on_without_a_setting(void **state)
{
    char path[256];

    (void)state;
    put("net/ipv4/vs/expire_nodest_conn", "0");
    snprintf(path, sizeof(path), "%s/net/ipv4/vs/conn_reuse_mode", root);
    unlink(path);
    assert_int_equal(sysctl_prepare(root), 1);
    assert_int_equal(procsys_number(root, "net/ipv4/vs/expire_nodest_conn"), 1);
    assert_int_equal(procsys_number(root, "net/ipv4/vs/conn_reuse_mode"), -ENOENT);
}

static void set_arp(const char *all, const char *eth0)
{
    put("net/ipv4/conf/all/arp_ignore", all);
    put("net/ipv4/conf/all/arp_announce", all[0] == '1' ? "2" : all);
    put("net/ipv4/conf/lo/arp_ignore", "0");
    put("net/ipv4/conf/lo/arp_announce", "0");
    put("net/ipv4/conf/eth0/arp_ignore", eth0);
    put("net/ipv4/conf/eth0/arp_announce", eth0[0] == '1' ? "2" : "0");
}

static bool arp_is_set(void)
{
    char reason[256];

    return realserver_arp_is_set(root, reason, sizeof(reason));
}

static void the_larger_arp_value_counts(void **state)
{
    (void)state;
    set_arp("0", "0");
    assert_false(arp_is_set());
    set_arp("1", "0");
    assert_true(arp_is_set());
    set_arp("0", "1");
    assert_true(arp_is_set());
    set_arp("1", "4"); /* reserved: the kernel answers */
    assert_false(arp_is_set());
    set_arp("1", "8");
    assert_true(arp_is_set());
}

static void arp_settings_come_back(void **state)
{
    struct realserver_arp before;

    (void)state;
    set_arp("0", "0");
    assert_int_equal(realserver_arp_remember(root, &before), 0);
    assert_int_equal(realserver_arp_set(root), 0);
    assert_true(arp_is_set());
    assert_int_equal(realserver_arp_restore(root, &before), 0);
    assert_int_equal(procsys_number(root, "net/ipv4/conf/all/arp_ignore"), 0);
    assert_int_equal(procsys_number(root, "net/ipv4/conf/all/arp_announce"), 0);

    assert_int_equal(realserver_arp_set(root), 0);
    put("net/ipv4/conf/all/arp_ignore", "2"); /* somebody else's */
    assert_int_equal(realserver_arp_restore(root, &before), 0);
    assert_int_equal(procsys_number(root, "net/ipv4/conf/all/arp_ignore"), 2);
    assert_int_equal(procsys_number(root, "net/ipv4/conf/all/arp_announce"), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(sets_what_a_director_needs),
    cmocka_unit_test(goes_on_without_a_setting),
    cmocka_unit_test(the_larger_arp_value_counts),
    cmocka_unit_test(arp_settings_come_back),
};

int main(void)
{
    char command[64];
    int failed;

    if (mkdtemp(root) == NULL) {
        return 1;
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    snprintf(command, sizeof(command), "rm -rf %s", root);
    return failed + (system(command) != 0);
}
