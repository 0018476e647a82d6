/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hasctl realserver against a real kernel, in a network namespace of its own. Needs root; else it is skipped (77).
 * The dummy device is tested where the kernel has one: ipvs_live.sh runs this in a UML kernel. */
#include "realserver.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SKIPPED 77
#define ARGUMENTS_MAX 16
#define RUN_DIRECTORY HAS_RUNDIR "-realserver"

static const char cvip[] = "--address 10.1.0.100 --address fd00:1::100";

static int run(const char *action, const char *options)
{
    char text[256];
    char *argv[ARGUMENTS_MAX] = {"realserver"};
    int argc = 1;
    char *rest;

    snprintf(text, sizeof(text), "%s %s", action, options);
    for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        argv[argc++] = word;
    }
    return realserver_main(argc, argv);
}

static int shell(const char *command)
{
    return system(command);
}

/* The first line that a command prints. */
static const char *line_of(const char *command)
{
    static char line[256];
    FILE *pipe = popen(command, "r");

    line[0] = '\0';
    assert_non_null(pipe);
    if (fgets(line, sizeof(line), pipe) == NULL) {
        line[0] = '\0';
    }
    pclose(pipe);
    return line;
}

#define ARP "cat /proc/sys/net/ipv4/conf/all/arp_ignore /proc/sys/net/ipv4/conf/all/arp_announce | tr '\\n' ' '"

static int fresh(void **state)
{
    (void)state;
    return shell("ip addr flush dev lo scope host to 10.1.0.0/16; ip -6 addr flush dev lo to fd00:1::/64;"
                 "ip link del lan0 2>/dev/null; ip link del has0 2>/dev/null; rm -rf " RUN_DIRECTORY ";"
                 "sysctl -qw net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.all.arp_announce=0");
}

static void starts_and_stops(void **state)
{
    (void)state;
    assert_int_equal(run("monitor", cvip), 7);
    assert_int_equal(run("start", cvip), 0);
    assert_int_equal(run("monitor", cvip), 0);
    assert_int_equal(run("start", cvip), 0);
    assert_non_null(strstr(line_of("ip -4 -o addr show dev lo to 10.1.0.100"), "10.1.0.100/32 scope host"));
    assert_non_null(strstr(line_of("ip -6 -o addr show dev lo to fd00:1::100"), "fd00:1::100/128"));
    assert_non_null(strstr(line_of("ip -6 -o addr show dev lo to fd00:1::100"), "deprecated"));
    assert_string_equal(line_of(ARP), "1 2 ");
    assert_int_equal(run("stop", cvip), 0);
    assert_int_equal(run("monitor", cvip), 7);
    assert_int_equal(run("stop", cvip), 0);
    assert_string_equal(line_of(ARP), "0 0 ");
    assert_int_equal(access(RUN_DIRECTORY "/realserver.state", F_OK), -1);
}

static void the_last_one_sets_back(void **state)
{
    (void)state;
    assert_int_equal(shell("sysctl -qw net.ipv4.conf.all.arp_announce=1"), 0);
    assert_int_equal(run("start", cvip), 0);
    assert_int_equal(run("start", "--address 10.1.0.101"), 0);
    assert_int_equal(run("stop", cvip), 0);
    assert_string_equal(line_of(ARP), "1 2 ");
    assert_int_equal(run("monitor", "--address 10.1.0.101"), 0);
    assert_int_equal(run("stop", "--address 10.1.0.101"), 0);
    assert_string_equal(line_of(ARP), "0 1 ");
}

static void somebody_removes_an_address(void **state)
{
    (void)state;
    assert_int_equal(run("start", cvip), 0);
    assert_int_equal(shell("ip addr del fd00:1::100/128 dev lo"), 0);
    assert_int_equal(run("monitor", cvip), 1);
    assert_int_equal(run("start", cvip), 0);
    assert_int_equal(run("monitor", cvip), 0);
    assert_int_equal(run("stop", cvip), 0);
}

static void somebody_changes_the_arp_settings(void **state)
{
    (void)state;
    assert_int_equal(shell("ip link add lan0 type veth peer name lan0-peer"), 0);
    assert_int_equal(run("start", cvip), 0);
    assert_int_equal(shell("sysctl -qw net.ipv4.conf.all.arp_ignore=0"), 0);
    assert_int_equal(run("monitor", cvip), 1);
    assert_int_equal(run("monitor", "--address fd00:1::100"), 0); /* IPv6 has no such problem */
    assert_int_equal(run("start", cvip), 0);
    assert_int_equal(run("monitor", cvip), 0);
    /* What somebody else has set since stays. */
    assert_int_equal(shell("sysctl -qw net.ipv4.conf.all.arp_ignore=2"), 0);
    assert_int_equal(run("monitor", cvip), 0);
    assert_int_equal(run("stop", cvip), 0);
    assert_string_equal(line_of(ARP), "2 0 ");
}

static void refuses_an_address_on_a_lan(void **state)
{
    (void)state;
    assert_int_equal(shell("ip link add lan0 type veth peer name lan0-peer; ip addr add 10.1.0.100/24 dev lan0"), 0);
    assert_int_equal(run("monitor", cvip), 7); /* the master node that has the CVIP runs no realserver */
    assert_int_equal(run("start", cvip), 1);
    assert_string_equal(line_of(ARP), "0 0 ");
    assert_int_equal(run("start", "--address 10.1.0.101 --interface lan0"), 6);
}

static void refuses_nonsense(void **state)
{
    (void)state;
    assert_int_equal(run("start", "--address 10.1.0.256"), 6);
    assert_int_equal(run("start", ""), 2);
    assert_int_equal(run("dance", cvip), 2);
    assert_int_equal(run("start", "--address 10.1.0.100 more"), 2);
}

static void makes_and_deletes_a_dummy_device(void **state)
{
    (void)state;
    if (shell("ip link add has1 type dummy 2>/dev/null && ip link del has1") != 0) {
        skip();
    }
    assert_int_equal(run("monitor", "--address 10.1.0.100 --interface has0"), 7);
    assert_int_equal(run("start", "--address 10.1.0.100 --address fd00:1::100 --interface has0"), 0);
    assert_int_equal(run("monitor", "--address 10.1.0.100 --address fd00:1::100 --interface has0"), 0);
    assert_int_equal(shell("ip link set has0 down"), 0);
    assert_int_equal(run("monitor", "--address 10.1.0.100 --interface has0"), 1);
    assert_int_equal(run("start", "--address 10.1.0.100 --address fd00:1::100 --interface has0"), 0);
    assert_int_equal(run("monitor", "--address 10.1.0.100 --address fd00:1::100 --interface has0"), 0);
    assert_int_equal(run("stop", "--address 10.1.0.100 --address fd00:1::100 --interface has0"), 0);
    assert_int_not_equal(shell("ip link show has0 >/dev/null 2>&1"), 0);
    assert_string_equal(line_of(ARP), "0 0 ");
}

static void a_damaged_state_file_keeps_nobody_from_stopping(void **state)
{
    (void)state;
    assert_int_equal(run("start", cvip), 0);
    assert_int_equal(shell("echo nonsense > " RUN_DIRECTORY "/realserver.state"), 0);
    assert_int_equal(run("stop", cvip), 0);
    assert_int_equal(run("monitor", cvip), 7);
}

/* Root makes nothing behind a link, and nothing in a directory that somebody else may write to. */
static void links_and_directories_of_others_are_refused(void **state)
{
    (void)state;
    assert_int_equal(shell("mkdir " RUN_DIRECTORY " && ln -s victim " RUN_DIRECTORY "/realserver.lock"), 0);
    assert_int_equal(run("start", cvip), 1);
    assert_int_equal(access(RUN_DIRECTORY "/victim", F_OK), -1);
    assert_int_equal(shell("rm " RUN_DIRECTORY "/realserver.lock && chown 65534 " RUN_DIRECTORY), 0);
    assert_int_equal(run("start", cvip), 4);
    assert_int_equal(shell("chown 0 " RUN_DIRECTORY " && chmod 0777 " RUN_DIRECTORY), 0);
    assert_int_equal(run("start", cvip), 4);
    assert_int_equal(shell("rmdir " RUN_DIRECTORY " && ln -s . " RUN_DIRECTORY), 0);
    assert_int_equal(run("start", cvip), 1);
    assert_int_equal(run("monitor", cvip), 7);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(starts_and_stops, fresh),
    cmocka_unit_test_setup(the_last_one_sets_back, fresh),
    cmocka_unit_test_setup(somebody_removes_an_address, fresh),
    cmocka_unit_test_setup(somebody_changes_the_arp_settings, fresh),
    cmocka_unit_test_setup(refuses_an_address_on_a_lan, fresh),
    cmocka_unit_test_setup(refuses_nonsense, fresh),
    cmocka_unit_test_setup(makes_and_deletes_a_dummy_device, fresh),
    cmocka_unit_test_setup(a_damaged_state_file_keeps_nobody_from_stopping, fresh),
    cmocka_unit_test_setup(links_and_directories_of_others_are_refused, fresh),
};

int main(void)
{
    int failed;

    if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0 || shell("ip link set lo up") != 0) {
        fprintf(stderr, "skipped: needs root for a network namespace\n");
        return SKIPPED;
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    fresh(NULL);
    return failed;
}
