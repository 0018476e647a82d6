/* SPDX-License-Identifier: GPL-2.0-or-later */
/* has.conf: networks with a second port, the section "ports", and what is rendered from them. */
#include "config_test.h"

#include "render.h"

#define TWIN_NETWORK                                                                                                   \
    "cluster { name = \"web\" fencing = off }\n"                                                                       \
    "network \"lan1\" { ipv4 = \"10.1.0.0/24\" ipv6 = \"fd00:1::/64\" interface = \"eth0\"\n"                          \
    "  twin = \"eth1\" }\n"
#define TWIN_NODES                                                                                                     \
    "master \"m1\" { addresses = { \"10.1.0.1\", \"fd00:1::1\" } }\n"                                                  \
    "master \"m2\" { addresses = { \"10.1.0.2\" } }\n"                                                                 \
    "traffic \"t1\" { addresses = { \"10.1.0.11\" } }\n"
#define TWIN TWIN_NETWORK TWIN_NODES SMALL_CVIP SMALL_SERVICE "redundancy { sync = lan1 }\n"

static void print_erd_m1(const struct model *model, FILE *out)
{
    render_erd(model, model_node(model, "m1"), out);
}

static void print_erd_t1(const struct model *model, FILE *out)
{
    render_erd(model, model_node(model, "t1"), out);
}

static void print_erd_t2(const struct model *model, FILE *out)
{
    render_erd(model, model_node(model, "t2"), out);
}

static void print_cvipd_m1(const struct model *model, FILE *out)
{
    render_cvipd(model, model_node(model, "m1"), out);
}

static void assert_rendered(const char *conf, void (*print)(const struct model *model, FILE *out), const char *has)
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
    if (!strstr(text, has))
        fail_msg("\"%s\" is not in:\n%s", has, text);
    free(text);
    config_test_free(test);
}

/* One network with a twin is all that a cluster needs: no second one is asked for. */
static void test_one_network_is_enough(void **state)
{
    struct config_test *test = config_test_load(TWIN);

    (void)state;
    assert_int_equal(test->result, 0);
    assert_int_equal(test->problems.warnings, 1); /* fencing is off */
    assert_string_equal(test->model.networks[0].twin, "eth1");
    assert_true(model_has_twin(&test->model));
    config_test_free(test);
    test = config_test_load(TWIN_NETWORK TWIN_NODES SMALL_CVIP SMALL_SERVICE "redundancy { model = n-way }\n");
    assert_int_equal(test->result, 0);
    config_test_free(test);
}

static void test_defaults(void **state)
{
    (void)state;
    assert_rendered(TWIN, print_erd_m1,
                    RENDER_NOTICE "\n"
                                  "# Port pairs of m1: erd.conf(5)\n"
                                  "user has\n"
                                  "ErrorLog syslog\n"
                                  "gateways yes\n"
                                  "poll 100\n"
                                  "probe 100 missed=2\n"
                                  "failback 10 max=300\n"
                                  "announce 5 interval=200\n"
                                  "pair eth0 eth1\n");
}

static void test_every_option(void **state)
{
    (void)state;
    assert_rendered(TWIN "ports { probe = 20 missed = 3 gateways = no failback = 0 failback_max = 60 poll = 10\n"
                         "  announce = 1 announce_interval = 10 metrics = \"/run/has/erd.prom\" }\n",
                    print_erd_m1,
                    "gateways no\nmetrics /run/has/erd.prom\npoll 10\nprobe 20 missed=3\nfailback 0 max=60\n"
                    "announce 1 interval=10\npair eth0 eth1\n");
    assert_rendered(TWIN "ports { probe = off failback = no poll = 0 }\n", print_erd_m1,
                    "poll 0\nprobe off\nfailback no\n");
    assert_rendered(TWIN "ports { failback = 400 }\n", print_erd_m1, "\nfailback 400 max=400\n");
}

/* Nobody is a target of his own. */
static void test_targets(void **state)
{
    static const char conf[] = TWIN "ports { targets = { \"10.1.0.1\", \"10.1.0.254\", \"fd00:1::254\" } }\n";

    (void)state;
    assert_rendered(conf, print_erd_m1, "pair eth0 eth1\ntarget 10.1.0.254\ntarget fd00:1::254\n");
    assert_rendered(conf, print_erd_t1, "pair eth0 eth1\ntarget 10.1.0.1\ntarget 10.1.0.254\ntarget fd00:1::254\n");
    assert_rendered(TWIN "ports { targets = 10.1.0.254 }\n", print_erd_t1, "pair eth0 eth1\ntarget 10.1.0.254\n");
}

/* A target stands with the pair that reaches it; two networks on one pair are one pair; a node that is in one of them
 * only has that. */
static void test_pairs(void **state)
{
    static const char conf[] = TWIN "network \"lan2\" { ipv4 = \"10.2.0.0/24\" interface = \"eth2\" twin = \"eth3\"\n"
                                    "  corosync = off }\n"
                                    "network \"lan3\" { ipv4 = \"10.3.0.0/24\" interface = \"eth0\" twin = \"eth1\"\n"
                                    "  corosync = off }\n"
                                    "traffic \"t2\" { addresses = { \"10.3.0.12\", \"10.2.0.12\" } }\n"
                                    "ports { targets = { \"10.2.0.254\", \"10.3.0.254\", \"10.1.0.254\" } }\n";

    (void)state;
    assert_rendered(conf, print_erd_t1, "interval=200\npair eth0 eth1\ntarget 10.3.0.254\ntarget 10.1.0.254\n");
    assert_rendered(conf, print_erd_t2,
                    "interval=200\npair eth0 eth1\ntarget 10.3.0.254\ntarget 10.1.0.254\n"
                    "pair eth2 eth3\ntarget 10.2.0.254\n");
}

static void test_other_files(void **state)
{
    (void)state;
    assert_rendered(TWIN, print_cvipd_m1, "\ninterface eth0 twin=eth1\n");
    assert_rendered(TWIN, print_cvipd_m1, "\nmember 1 m1 10.1.0.1 weight=1\n");
    assert_rendered(TWIN, print_cvipd_m1, "\nsync eth0 id=1 twin=eth1\n");
    assert_rendered(TWIN, render_corosync, "transport: knet\n    # ms without the token");
    assert_rendered(TWIN, render_corosync, "        ring0_addr: 10.1.0.1\n    }\n");
}

static const struct {
    const char *text;
    const char *says;
} wrong[] = {
    {TWIN "ports {\n colour = blue }\n", "has.conf:15: ports: no such option 'colour'"},
    {TWIN "ports {\n probe = 5 }\n",
     "has.conf:15: ports: probe = \"5\": a number from 10 to 60000 ms is wanted, or off"},
    {TWIN "ports { poll = fast }\n", "ports: poll = \"fast\": a number from 10 to 60000 ms is wanted, or off"},
    {TWIN "ports { missed = 0 }\n", "ports: missed = \"0\": a number from 1 to 100 rounds"},
    {TWIN "ports {\n failback = 40\n failback_max = 30 }\n",
     "has.conf:16: ports: failback (40 s) is above failback_max"},
    {TWIN "ports { targets = { \"10.1.0.9\", \"10.1.0.9\" } }\n", "ports: targets: 10.1.0.9 stands there twice"},
    {TWIN "ports {\n targets = { \"router\" } }\n", "has.conf:15: ports: \"router\" is not an IPv4 or IPv6 address"},
    {TWIN "ports {\n targets = \"10.2.0.254\" }\n", "has.conf:15: ports: targets: 10.2.0.254 is in no network with a"},
    {TWIN "ports {\n\n targets = \"10.1.0.100\" }\n",
     "has.conf:16: ports: targets: 10.1.0.100 is a cluster virtual IP"},
    {TWIN "ports { targets = { \"10.1.0.2\", \"10.1.0.3\", \"10.1.0.4\", \"10.1.0.5\", \"10.1.0.6\", \"10.1.0.7\",\n"
          "\"10.1.0.8\", \"10.1.0.9\", \"10.1.0.10\" } }\n",
     "ports: more than 8 targets"},
    {TWIN "network \"lan2\" { ipv4 = \"10.2.0.0/24\" corosync = off\n interface = \"eth2\"\n twin = \"eth2\" }\n",
     "has.conf:16: network \"lan2\": twin = \"eth2\" is its interface"},
    {TWIN "network \"lan2\" { ipv4 = \"10.2.0.0/24\" corosync = off\n twin = \"eth2\" }\n",
     "has.conf:15: network \"lan2\": twin = \"eth2\" needs interface"},
    {TWIN "network \"lan2\" { ipv4 = \"10.2.0.0/24\" corosync = off\n twin = \"sixteen-letters-\" }\n",
     "has.conf:15: network \"lan2\": twin = \"sixteen-letters-\": a name such as"},
    {TWIN "network \"lan2\" { ipv4 = \"10.2.0.0/24\" corosync = off interface = \"eth1\" }\n",
     "has.conf:3: network \"lan1\": its port eth1 is a port of network \"lan2\", too"},
    {TWIN "network \"lan2\" { ipv4 = \"10.2.0.0/24\" corosync = off interface = \"eth0\" }\n",
     "has.conf:3: network \"lan1\": its port eth0 is a port of network \"lan2\", too"},
    {TWIN "network \"lan2\" { ipv4 = \"10.2.0.0/24\" corosync = off interface = \"eth1\" twin = \"eth0\" }\n",
     "has.conf:3: network \"lan1\": its port eth1 is a port of network \"lan2\", too"},
    {TWIN "network \"lan2\" { ipv4 = \"10.2.0.0/24\" corosync = off }\n"
          "traffic \"t2\" { addresses = { \"10.2.0.12\" } }\n",
     "has.conf:15: traffic \"t2\": it has no address in a network with a twin"},
    {TWIN "traffic \"erd\" { addresses = { \"10.1.0.12\" } }\n", "traffic \"erd\": this name is taken by a resource"},
};

static void test_wrong_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct config_test *test = config_test_load(wrong[i].text);

        assert_int_not_equal(test->result, 0);
        if (!config_test_says(test, wrong[i].says))
            fail_msg("not said: %s", wrong[i].says);
        config_test_free(test);
    }
}

static const struct {
    const char *text;
    const char *says;
} doubtful[] = {
    {SMALL "ports { probe = off }\n", "has.conf:14: warning: ports: no network has a second port"},
    {TWIN "ports { probe = off targets = 10.1.0.254 }\n", "warning: ports: targets are of no use with probe = off"},
    {TWIN "ports { failback = no failback_max = 60 }\n", "warning: ports: failback_max is of no use with failback"},
};

static void test_warnings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(doubtful) / sizeof(*doubtful); i++) {
        struct config_test *test = config_test_load(doubtful[i].text);

        assert_int_equal(test->result, 0);
        assert_true(config_test_says(test, doubtful[i].says));
        config_test_free(test);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_network_is_enough),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_every_option),
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_other_files),
        cmocka_unit_test(test_wrong_is_said),
        cmocka_unit_test(test_warnings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
