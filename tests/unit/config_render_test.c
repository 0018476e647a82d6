/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that are rendered for the daemons and Corosync. */
#include "config_test.h"

#include "render.h"

/* Reads has.conf and prints one file of it; the caller frees the text. */
static char *rendered(const char *conf, void (*print)(const struct model *model, FILE *out))
{
    struct config_test *test = config_test_load(conf);
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    if (test->result != 0)
        problems_print(&test->problems, stderr);
    assert_int_equal(test->result, 0);
    assert_non_null(out);
    print(&test->model, out);
    assert_int_equal(fclose(out), 0);
    config_test_free(test);
    return text;
}

static void print_t1(const struct model *model, FILE *out)
{
    render_tcd(model, model_node(model, "t1"), out);
}

static void assert_has(const char *text, const char *line)
{
    if (!strstr(text, line))
        fail_msg("\"%s\" is not in:\n%s", line, text);
}

static void assert_has_not(const char *text, const char *line)
{
    if (strstr(text, line))
        fail_msg("\"%s\" is in:\n%s", line, text);
}

static void test_tcd(void **state)
{
    char *text = rendered(SMALL, print_t1);

    (void)state;
    assert_string_equal(text, RENDER_NOTICE "\n"
                                            "# Traffic client of t1: tcd.conf(5)\n"
                                            "master1 10.1.0.1 10.2.0.1\n"
                                            "master2 10.1.0.2 10.2.0.2\n"
                                            "name t1\n"
                                            "address 10.1.0.11 fd00:1::11\n"
                                            "keys /etc/has/keys\n"
                                            "user has\n"
                                            "port 5500\n"
                                            "ErrorLog syslog\n"
                                            "updates 100\n"
                                            "retry 5000\n"
                                            "drain_timeout 30000\n"
                                            "formula has\n"
                                            "memory available\n"
                                            "RAM 1024\n"
                                            "service web tcp 10.1.0.100 80\n"
                                            "check web http port=80 path=/ service=web\n");
    free(text);
}

static void test_tcd_of_nat(void **state)
{
    char *text = rendered(SMALL "cvip \"both\" { addresses = { \"10.1.0.101\", \"fd00:1::101\", \"10.1.0.102\" } }\n"
                                "service \"app\" { cvip = \"both\" port = 81 forward = nat server_port = 8080 }\n"
                                "service \"dns\" { cvip = \"both\" protocol = udp port = 53 forward = nat }\n"
                                "service \"ftp\" { cvip = \"both\" protocol = fwmark fwmark = 7 forward = nat }\n",
                          print_t1);

    (void)state;
    assert_has(text, "\nservice web tcp 10.1.0.100 80\n"
                     "service app tcp 10.1.0.11 8080\nservice app tcp fd00:1::11 8080\n"
                     "service dns udp 10.1.0.11 53\nservice dns udp fd00:1::11 53\n");
    assert_has_not(text, "10.1.0.101");
    assert_has_not(text, "10.1.0.102");
    assert_has_not(text, "ftp");
    free(text);
}

static void test_tmd(void **state)
{
    char *text = rendered(SMALL, render_tmd);

    (void)state;
    assert_has(text, "\nmaster1 10.1.0.1 10.2.0.1\nmaster2 10.1.0.2 10.2.0.2\n"
                     "traffic1 10.1.0.11 fd00:1::11 name=t1\n10.1.0.12 name=t2\n");
    assert_has(text, "\ntimeout 400\n");
    assert_has(text, "\nservice web tcp 10.1.0.100 80 scheduler=wrr forward=direct\n");
    free(text);
}

static void test_tmd_options(void **state)
{
    char *text = rendered(SMALL "cvip \"six\" { addresses = { \"10.1.0.101\", \"fd00:1::101\" } }\n"
                                "service \"marked\" { cvip = \"six\" protocol = fwmark fwmark = 7 persistence = 300\n"
                                "  netmask = 24 sorry { addresses = { \"10.1.0.90\" } port = 8080 forward = nat } }\n"
                                "service \"dns\" { cvip = \"six\" protocol = udp port = 53 forward = nat\n"
                                "  server_port = 5353 scheduler = wlc }\n"
                                "traffic \"t3\" { addresses = { \"fd00:1::13\" } weight = 7 }\n"
                                "tmd { sysctls = off }\n",
                          render_tmd);

    (void)state;
    assert_has(text, "service marked fwmark 7 ipv4 scheduler=wrr persistence=300 netmask=24 forward=direct\n");
    assert_has(text, "service marked fwmark 7 ipv6 scheduler=wrr persistence=300 netmask=24 forward=direct\n");
    assert_has(text, "service dns udp fd00:1::101 53 scheduler=wlc forward=nat server_port=5353\n");
    assert_has(text, "sorry marked 10.1.0.90 8080 forward=nat\n");
    assert_has(text, "traffic2 fd00:1::13 name=t3 weight=7\n");
    assert_has(text, "sysctls off\n");
    free(text);
}

static void test_checks(void **state)
{
    char *text =
        rendered(SMALL "service \"s\" { cvip = \"main\" port = 443\n"
                       "  check { kind = https host = \"a\" match = \"x \\\"y\\\" \\\\d\" verify = off fall = 3 }\n"
                       "  check { kind = https cafile = \"/etc/ssl/own.pem\" }\n"
                       "  check { kind = tcp port = 99 send = \"a b\" watch = on } }\n"
                       "check \"disk\" { kind = program command = \"/bin/true -x\" interval = 5000 }\n",
                 print_t1);

    (void)state;
    assert_has(text, "check s https port=443 host=a match=\"x \\\"y\\\" \\\\d\" verify=no fall=3 service=s\n");
    assert_has(text, "check s-2 https port=443 cafile=/etc/ssl/own.pem service=s\n");
    assert_has(text, "check s-3 tcp port=99 send=\"a b\" watch=yes service=s\n");
    assert_has(text, "check disk program command=\"/bin/true -x\" interval=5000\n");
    free(text);
}

static void test_corosync_of_two(void **state)
{
    char *text = rendered(SMALL, render_corosync);

    (void)state;
    assert_has(text, RENDER_NOTICE "\n");
    assert_has(text, "    cluster_name: web\n");
    assert_has(text, "    token: 1000\n");
    assert_has(text, "        name: m2\n        nodeid: 2\n        ring0_addr: 10.1.0.2\n"
                     "        ring1_addr: 10.2.0.2\n");
    assert_has(text, "    two_node: 1\n");
    assert_has(text, "    wait_for_all: 1\n");
    assert_has_not(text, "t1");
    free(text);
}

static void test_corosync_of_all(void **state)
{
    char *text = rendered("cluster { name = \"web\" fencing = off membership = full wait_for_all = off }\n"
                          "network \"lan1\" { ipv6 = \"fd00:1::/64\" }\n"
                          "redundancy { address = ipaddr2 }\n"
                          "network \"admin\" { ipv4 = \"10.9.0.0/24\" corosync = off }\n"
                          "master \"m1\" { addresses = { \"fd00:1::1\" } }\n"
                          "master \"m2\" { addresses = { \"fd00:1::2\" } }\n"
                          "traffic \"t1\" { addresses = { \"fd00:1::11\" } }\n"
                          "cvip \"main\" { addresses = { \"fd00:1::100\" } }\n" SMALL_SERVICE,
                          render_corosync);

    (void)state;
    assert_has(text, "        name: t1\n        nodeid: 3\n        ring0_addr: fd00:1::11\n    }\n");
    assert_has_not(text, "two_node");
    assert_has_not(text, "wait_for_all");
    assert_has_not(text, "ring1_addr");
    free(text);
}

static void test_corosync_of_two_that_do_not_wait(void **state)
{
    char *text = rendered("cluster { name = \"web\" fencing = off wait_for_all = no }\n"
                          "network \"lan1\" { ipv4 = \"10.1.0.0/24\" interface = \"eth0\" corosync = on }\n"
                          "network \"lan2\" { ipv4 = \"10.2.0.0/24\" interface = \"eth1\" }\n" SMALL_MASTERS
                          "traffic \"t1\" { addresses = { \"10.1.0.11\" } }\n" SMALL_CVIP SMALL_SERVICE,
                          render_corosync);

    (void)state;
    assert_has(text, "    two_node: 1\n    wait_for_all: 0\n"); /* two_node alone would switch it on */
    free(text);
}

static void print_m2(const struct model *model, FILE *out)
{
    render_cvipd(model, model_node(model, "m2"), out);
}

static void test_cvipd(void **state)
{
    char *text = rendered(SMALL, print_m2);

    (void)state;
    assert_string_equal(text, RENDER_NOTICE "\n"
                                            "# The cluster virtual IP on m2; apart from the name the same on every "
                                            "master: cvipd.conf(5)\n"
                                            "name m2\n"
                                            "interface eth0\n"
                                            "address 10.1.0.100\n"
                                            "mode standby\n"
                                            "mac shared 02:48:41:91:bc:d9\n"
                                            "seed 265927825\n"
                                            "member 1 m1 10.1.0.1 10.2.0.1 weight=1\n"
                                            "member 2 m2 10.1.0.2 10.2.0.2 weight=1\n"
                                            "keys /etc/has/keys\n"
                                            "user has\n"
                                            "ErrorLog syslog\n"
                                            "hash address\n"
                                            "port 5501\n"
                                            "heartbeat 30\n"
                                            "dead 3\n"
                                            "rejoin 2000\n"
                                            "own 30\n"
                                            "corosync yes\n"
                                            "sync eth1 id=1\n"
                                            "behind ipvs\n"
                                            "traffic_port 5500\n"
                                            "manager has-tmd\n");
    free(text);
}

static void test_cvipd_options(void **state)
{
    static const struct {
        const char *redundancy;
        const char *line;
    } cases[] = {
        {"model = \"active/active\"", "mode split\n"},
        {"model = \"n-way\"", "mode split\n"},
        {"model = \"n+m\" active = 1", "mode standby\n"},
        {"mac = own", "mac own\n"},
        {"mac = \"FF:FF:ff:ff:ff:ff\"", "mac shared ff:ff:ff:ff:ff:ff\n"},
        {"hash = \"address+port\" seed = 4294967295", "seed 4294967295\n"},
        {"seed = 0", "seed 0\n"},
        {"sync = off", "sync off\n"},
        {"sync = lan1 sync_id = 9", "sync eth0 id=9\n"},
        {"heartbeat = 10 dead = 5 rejoin = 0 own = 0 port = 6000",
         "port 6000\nheartbeat 10\ndead 5\nrejoin 0\nown 0\n"},
        {"threshold_up = 80", "threshold up=80 down=30 seconds=10\n"},
        {"threshold_up = 90 threshold_down = 20 threshold_seconds = 5", "threshold up=90 down=20 seconds=5\n"},
        {"metrics = \"/run/has/cvipd.prom\"", "metrics /run/has/cvipd.prom\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char conf[2048];
        char *text;

        snprintf(conf, sizeof(conf), "%sredundancy { %s }\n", SMALL, cases[i].redundancy);
        text = rendered(conf, print_m2);
        assert_has(text, cases[i].line);
        free(text);
    }
}

/* Three masters in another order of names, four more traffic members: ids are Corosync's. */
static void test_cvipd_members_are_corosyncs(void **state)
{
    static const char conf[] = "cluster { name = \"web\" fencing = off membership = full }\n"
                               "network \"lan1\" { ipv6 = \"fd00:1::/64\" interface = \"eth0\" }\n"
                               "network \"admin\" { ipv4 = \"10.9.0.0/24\" corosync = off }\n"
                               "traffic \"t1\" { addresses = { \"fd00:1::11\" } }\n"
                               "master \"z\" { addresses = { \"10.9.0.1\", \"fd00:1::1\" } weight = 5 }\n"
                               "master \"m2\" { addresses = { \"fd00:1::2\" } }\n"
                               "master \"a\" { addresses = { \"fd00:1::3\" } }\n"
                               "cvip \"main\" { addresses = { \"fd00:1::100\", \"fd00:1::101\" } }\n"
                               "redundancy { model = \"n+m\" active = 2 sync = off }\n" SMALL_SERVICE;
    char *text = rendered(conf, print_m2);

    (void)state;
    assert_has(text, "\nname m2\ninterface eth0\naddress fd00:1::100\naddress fd00:1::101\nmode 2\n");
    assert_has(text, "\nmember 1 z fd00:1::1 weight=5\nmember 2 m2 fd00:1::2 weight=1\n"
                     "member 3 a fd00:1::3 weight=1\n");
    free(text);
    text = rendered(conf, render_corosync);
    assert_has(text, "        name: z\n        nodeid: 1\n");
    assert_has(text, "        name: a\n        nodeid: 3\n");
    assert_has(text, "        name: t1\n        nodeid: 4\n");
    free(text);
}

static void test_words(void **state)
{
    static const struct {
        const char *word;
        const char *written;
    } words[] = {{"plain", "plain"},
                 {"", "\"\""},
                 {"a b", "\"a b\""},
                 {"a#b", "\"a#b\""},
                 {"match=a b", "match=\"a b\""},
                 {"match=\"\\", "match=\"\\\"\\\\\""}};

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        char *text;
        size_t length;
        FILE *out = open_memstream(&text, &length);

        assert_non_null(out);
        render_word(words[i].word, out);
        assert_int_equal(fclose(out), 0);
        assert_string_equal(text, words[i].written);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tcd),
        cmocka_unit_test(test_tcd_of_nat),
        cmocka_unit_test(test_tmd),
        cmocka_unit_test(test_tmd_options),
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_corosync_of_two),
        cmocka_unit_test(test_corosync_of_all),
        cmocka_unit_test(test_corosync_of_two_that_do_not_wait),
        cmocka_unit_test(test_cvipd),
        cmocka_unit_test(test_cvipd_options),
        cmocka_unit_test(test_cvipd_members_are_corosyncs),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
