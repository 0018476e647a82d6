/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tmd.conf: the thesis' sample (3.22.3.1), every keyword, and errors that say where and what. */
#include "tmd_test.h"

#include <errno.h>
#include <netinet/in.h>

static const char thesis[] = "      # TMD Configuration File\n"
                             "      # List of master nodes\n"
                             "      master1      10.1.0.1\n"
                             "      master2      10.1.0.2\n"
                             "      # List the IP addresses of active traffic nodes\n"
                             "      traffic1      10.1.0.11\n"
                             "      traffic2      10.1.0.12\n"
                             "      # List of IP addresses of Standby traffic nodes - Used _only for NxM\n"
                             "      10.1.0.15\n"
                             "      fd00:1::16\n"
                             "      # Port number\n"
                             "      port          5600\n"
                             "      # Reporting errors - for troubleshooting\n"
                             "      ErrorLog      /var/log/tmd.log\n"
                             "      timeout       250\n";

static void test_the_thesis_file(void **state)
{
    (void)state;
    struct config *config = a_config(thesis);
    assert_int_equal(config->master_count, 2);
    assert_int_equal(config->node_count, 4);
    assert_string_equal(config->nodes[0].name, "traffic1");
    assert_false(config->nodes[1].standby);
    assert_true(config->nodes[2].standby);
    assert_string_equal(config->nodes[3].name, "fd00:1::16");
    assert_int_equal(config->port, 5600);
    assert_int_equal(config->timeout_ms, 250);
    assert_string_equal(config->error_log, "/var/log/tmd.log");
    assert_int_equal(config->policy.kind, POLICY_HAS);
    config_free(config);
}

static void test_every_keyword(void **state)
{
    (void)state;
    struct config *config = a_config("master1 10.1.0.1 fd00:1::1 10.2.0.1\n"
                                     "traffic1 10.1.0.11 fd00:1::11 name=t1 weight=50\n"
                                     "10.1.0.15 name=spare\n"
                                     "keys /k\nuser nobody\nmetrics /m\nstate /s\n"
                                     "policy pressure\nweight_max 1000\nweight_min 10\nsmoothing 0\nslow_start 0\n"
                                     "minimum_pool 60\nquiesce_below 20\nminimum_change 0\ndrain_timeout 5\n"
                                     "repair 200\nisolation 0\njoin any\nsysctls no\n"
                                     "service web tcp 10.1.0.100 80 scheduler=wlc persistence=300 netmask=24\n"
                                     "service web tcp fd00:1::100 80 forward=nat server_port=8080\n"
                                     "service dns udp 10.1.0.100 53 forward=tunnel\n"
                                     "service all fwmark 7 ipv6\n"
                                     "sorry web 10.1.0.200 80 forward=local\n");
    assert_int_equal(config->masters[0].address_count, 3);
    assert_string_equal(config->nodes[0].name, "t1");
    assert_int_equal(config->nodes[0].weight, 50);
    assert_int_equal(config->nodes[0].address6.family, AF_INET6);
    assert_string_equal(config->nodes[1].name, "spare");
    assert_int_equal(config->policy.kind, POLICY_PRESSURE);
    assert_int_equal(config->policy.weight_min, 10);
    assert_int_equal(config->policy.quiesce_below, 20);
    assert_true(config->join_any);
    assert_int_equal(config->isolation_ms, 0);
    assert_false(config->set_sysctls);
    assert_int_equal(config->service_count, 4);
    assert_string_equal(config->services[0].service.scheduler, "wlc");
    assert_int_equal(config->services[0].service.netmask, 24);
    assert_int_equal(config->services[0].sorry.forward, IPVS_LOCAL);
    assert_int_equal(config->services[1].forward, IPVS_NAT);
    assert_int_equal(config->services[1].server_port, 8080);
    assert_false(config->services[1].sorry.set);
    assert_int_equal(config->services[2].service.protocol, IPPROTO_UDP);
    assert_int_equal(config->services[3].service.fwmark, 7);
    assert_int_equal(config->services[3].service.family, AF_INET6);
    config_free(config);
}

/* The text is refused, and the message has this in it. */
static void refuse(const char *text, const char *message)
{
    struct config *config = NULL;
    struct conf_error error = {""};
    assert_true(config_read_text("tmd.conf", text, strlen(text), &config, &error) < 0);
    assert_null(config);
    if (strstr(error.text, message) == NULL)
        fail_msg("\"%s\" has no \"%s\"", error.text, message);
}

static void test_errors_say_where_and_what(void **state)
{
    (void)state;
#define NODE "traffic1 10.1.0.11\n"
    refuse("", "no traffic node");
    refuse(NODE "no_such_thing 1\n", "tmd.conf:2");
    refuse(NODE "traffic1 10.1.0.12\n", "taken");
    refuse(NODE "traffic2 10.1.0.11\n", "already has this address");
    refuse(NODE "traffic2 10.1.0.12 fd00::1\nfd00::1\n", "already has this address");
    refuse("traffic1 10.1.0.11 10.1.0.12\n", "one family");
    refuse("traffic1 10.1.0.11 fd00::1 fd00::2\n", "third address");
    refuse("traffic1 10.1.0.11 wieght=3\n", "unknown option");
    refuse("traffic1 10.1.0.11 weight=0\n", "weight");
    refuse("traffic1 t1.example.org\n", "t1.example.org");
    refuse(NODE "master1 10.1.0.1\nmaster1 10.1.0.2\n", "its own number");
    refuse(NODE "port 80\n", "1024");
    refuse(NODE "timeout 49\n", "50");
    refuse(NODE "isolation 3600001\n", "3600000");
    refuse(NODE "ErrorLog tmd.log\n", "full path");
    refuse(NODE "keys keys\n", "full path");
    refuse(NODE "policy fast\n", "fast");
    refuse(NODE "weight_max 5\nweight_min 6\n", "above weight_max");
    refuse(NODE "service web sctp 10.1.0.100 80\n", "sctp");
    refuse(NODE "service web tcp 10.1.0.100 80 server_port=81\n", "forward=nat");
    refuse(NODE "service web tcp 10.1.0.100 80 netmask=24\n", "persistence=");
    refuse(NODE "service web tcp 10.1.0.100 80 forward=local\n", "direct, nat, tunnel");
    refuse(NODE "service web tcp 10.1.0.100 80 scheduler=../x\n", "scheduler");
    refuse(NODE "service web tcp 10.1.0.100 80\nservice x tcp 10.1.0.100 80\n", "there already");
    refuse(NODE "service web fwmark 0 ipv4\n", "whole number");
    refuse(NODE "sorry web 10.1.0.200\n", "no service");
    refuse(NODE "service web tcp 10.1.0.100 80\nsorry web fd00::1\n", "no service");
    refuse(NODE "service web tcp 10.1.0.100 80\nsorry web 10.1.0.9\nsorry web 10.1.0.8\n", "already");
    refuse(NODE "service web tcp 10.1.0.100 80\nsorry web 10.1.0.11\n", "is traffic node \"traffic1\"");
    refuse(NODE "service web tcp fd00::100 80\nsorry web fd00::1\n10.1.0.12 fd00::1\n", "is traffic node \"10.1.0.12");
    refuse(NODE "service web tcp 10.1.0.100 80\nsorry web 10.1.0.9 81\n", "forward=nat");
}

static void test_a_missing_file(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct conf_error error = {""};
    assert_int_equal(config_read("/no/such/file", &config, &error), -ENOENT);
    assert_non_null(strstr(error.text, "/no/such/file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_thesis_file),
        cmocka_unit_test(test_every_keyword),
        cmocka_unit_test(test_errors_say_where_and_what),
        cmocka_unit_test(test_a_missing_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
