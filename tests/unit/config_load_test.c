/* SPDX-License-Identifier: GPL-2.0-or-later */
/* has.conf: what is read out of it, and what is said about what is wrong. */
#include "config_test.h"

#include <errno.h>

static void test_small_is_right(void **state)
{
    struct config_test *test = config_test_load(SMALL);
    const struct model *model = &test->model;

    (void)state;
    assert_int_equal(test->result, 0);
    assert_int_equal(model->node_count, 4);
    assert_int_equal(model->nodes[2].role, ROLE_ACTIVE);
    assert_int_equal(model->nodes[3].role, ROLE_STANDBY);
    assert_int_equal(model_count_members(model), 2);
    assert_ptr_equal(model->services[0].cvip, &model->cvips[0]);
    assert_string_equal(model->services[0].checks[0].name, "web");
    assert_int_equal(model->settings[SETTING_TIMEOUT].number, 400);
    assert_string_equal(model->webserver.name, "ocf:heartbeat:nginx");
    config_test_free(test);
}

static void test_server_address_is_of_the_first_network(void **state)
{
    struct config_test *test = config_test_load(SMALL);
    const struct node *node = model_node(&test->model, "t2");
    char text[ADDR_TEXT_MAX];

    (void)state;
    assert_string_equal(addr_format(model_server_address(&test->model, node, AF_INET), text), "10.1.0.12");
    assert_null(model_server_address(&test->model, node, AF_INET6));
    config_test_free(test);
}

static void test_warnings_do_not_refuse(void **state)
{
    struct config_test *test = config_test_load(SMALL);

    (void)state;
    assert_int_equal(test->result, 0);
    assert_int_equal(test->problems.errors, 0);
    assert_true(config_test_says(test, "has.conf:1: warning: fencing is off"));
    config_test_free(test);
}

/* Each is the small configuration with something wrong; the message must have the text in it. */
static const struct {
    const char *text;
    const char *says;
} wrong[] = {
    {SMALL "colour = blue\n", "has.conf:14: no such option 'colour'"},
    {SMALL "timing { update = 100 }\n", "has.conf:14: timing: no such option 'update'"},
    {SMALL "timing {\n updates = fast }\n", "has.conf:15: timing: updates = \"fast\": a number from 20 to 60000 ms"},
    {SMALL "timing { updates = 19 }\n", "updates = \"19\": a number from 20"},
    {SMALL "timing { updates = 0x20 }\n", "updates = \"0x20\": a number"},
    {SMALL "timing { updates = 99999999999999999999 }\n", "a number from 20"},
    {SMALL "timing {\n updates = 100\n updates = 200 }\n", "has.conf:16: timing: 'updates' is already set on line 15"},
    {SMALL "timing { updates = 400 timeout = 400 }\n", "timeout (400 ms) must be longer than updates (400 ms)"},
    {SMALL "policy { name = fair }\n", "one of these is wanted: rr has pressure"},
    {SMALL "policy { weight_min = 200 }\n", "weight_min (200) is above weight_max (100)"},
    {SMALL "keys = relative\n", "keys = \"relative\": a full path is wanted"},
    {SMALL "keys = \"/a\\nb\"\n", "a full path is wanted"},
    {SMALL "error_log = here\n", "syslog, stderr or a full path"},
    {SMALL "cluster {\n fencing = perhaps }\n", "is already set on line 1"},
    {SMALL "network \"lan3\" { ipv4 = \"10.3.0.0\" }\n", "a network such as \"10.1.0.0/24\" is wanted"},
    {SMALL "network \"lan3\" { ipv6 = \"10.3.0.0/24\" }\n", "a network such as \"fd00:1::/64\" is wanted"},
    {SMALL "network \"lan3\" { ipv4 = \"10.3.0.0/33\" }\n", "a network such as"},
    {SMALL "network \"lan3\" { interface = \"eth2\" }\n", "network \"lan3\": give it ipv4, ipv6 or both"},
    {SMALL "network \"lan3\" { ipv4 = \"10.3.0.0/24\" }\n", "m1\": it has no IPv4 address in network \"lan3\""},
    {SMALL "network \"lan1\" { ipv4 = \"10.3.0.0/24\" }\n", "found duplicate title 'lan1'"},
    {SMALL "network \"lan3\" { ipv4 = \"10.3.0.0/24\" interface = \"much-too-long-name\" corosync = off }\n",
     "a name such as \"eth0\""},
    {SMALL "traffic \"t3\" { }\n", "traffic \"t3\": it has no addresses"},
    {SMALL "traffic \"t3\" { addresses = { \"host\" } }\n", "\"host\" is not an IPv4 or IPv6 address in numbers"},
    {SMALL "traffic \"t3\" { addresses = { \"10.9.0.1\" } }\n", "10.9.0.1 is in none of the networks"},
    {SMALL "traffic \"t3\" { addresses = { \"10.1.0.11\" } }\n", "10.1.0.11 is also an address of traffic \"t1\""},
    {SMALL "traffic \"t3\" { addresses = { \"10.1.0.100\" } }\n", "is also an address of traffic \"t3\""},
    {SMALL "traffic \"m1\" { addresses = { \"10.1.0.13\" } }\n", "traffic \"m1\": another node has this name"},
    {SMALL "traffic \"tcd\" { addresses = { \"10.1.0.13\" } }\n", "this name is taken by a resource"},
    {SMALL "traffic \"3t\" { addresses = { \"10.1.0.13\" } }\n", "as a name, a letter and then"},
    {SMALL "traffic \"t3\" { addresses = { \"10.1.0.13\" } weight = 0 }\n", "weight = \"0\": a number from 1 to 65535"},
    {SMALL "traffic \"t3\" { addresses = { \"10.1.0.13\" } role = spare }\n", "one of these is wanted: active standby"},
    {SMALL "cvip \"other\" { addresses = { \"10.2.0.100\" } }\n", "10.2.0.100 is not in the first network, \"lan1\""},
    {SMALL "cvip \"other\" { }\n", "cvip \"other\": it has no addresses"},
    {SMALL "service \"s\" { port = 81 }\n", "say at which cvip it is served"},
    {SMALL "service \"s\" { cvip = \"none\" port = 81 }\n", "there is no cvip \"none\""},
    {SMALL "service \"s\" { cvip = \"main\" }\n", "it has no port"},
    {SMALL "service \"s\" { cvip = \"main\" port = 80 }\n", "service \"web\" has the same cvip, protocol and port"},
    {SMALL "service \"s\" { cvip = \"main\" protocol = fwmark }\n", "needs fwmark = NUMBER"},
    {SMALL "service \"s\" { cvip = \"main\" port = 81 fwmark = 1 }\n", "needs protocol = fwmark"},
    {SMALL "service \"s\" { cvip = \"main\" port = 81 server_port = 82 }\n", "only forward = nat can change a port"},
    {SMALL "service \"s\" { cvip = \"main\" port = 81 forward = local }\n", "is for sorry servers"},
    {SMALL "service \"s\" { cvip = \"main\" port = 81 netmask = 24 }\n", "of use with persistence only"},
    {SMALL "service \"s\" { cvip = \"main\" port = 81 persistence = 60 netmask = 64 }\n", "does not fit the IPv4"},
    {SMALL "service \"s\" { cvip = \"main\" port = 81 scheduler = best }\n", "one of these is wanted: rr wrr"},
    {SMALL "service \"s\" { cvip = \"main\" port = 81 check { } }\n", "say which kind: tcp, http, https or program"},
    {SMALL "service \"s\" { cvip = \"main\" port = 81 check { kind = tcp path = \"/\" } }\n",
     "path makes no sense for kind = tcp"},
    {SMALL "service \"s\" { cvip = \"main\" port = 81 check { kind = program } }\n", "needs command ="},
    {SMALL "service \"s\" { cvip = \"main\" port = 81 check { kind = tcp address = \"here\" } }\n",
     "address = \"here\" is not an address in numbers"},
    {SMALL "service \"s\" { cvip = \"main\" port = 81 sorry { port = 80 } }\n", "sorry server has no addresses"},
    {SMALL "service \"s\" { cvip = \"main\" port = 81 sorry { addresses = { \"10.1.0.11\" } } }\n",
     "sorry server is traffic node \"t1\""},
    {SMALL "check \"c\" { kind = tcp }\n", "check \"c\": say which port it asks"},
    {SMALL "traffic \"cvip\" { addresses = { \"10.1.0.13\" } }\n", "this name is taken by a resource"},
    {SMALL "redundancy { address = floating }\n", "one of these is wanted: cvipd ipaddr2"},
    {SMALL "redundancy { model = \"1+1\" }\n", "wanted: active/standby active/active n-way n+m"},
    {SMALL "redundancy {\n active = 2 }\n", "has.conf:15: redundancy: active = 2 is for model = \"n+m\"; say so"},
    {SMALL "redundancy { model = \"n+m\" }\n", "has.conf:14: redundancy: model = \"n+m\" needs active = N"},
    {SMALL "redundancy {\n model = \"n+m\"\n active = 2 }\n", "has.conf:16: redundancy: active = 2 leaves none of 2"},
    {SMALL "redundancy { active = 0 }\n", "active = \"0\": a number from 1 to 15"},
    {SMALL "redundancy { mac = other }\n", "mac = \"other\": shared, own or an address such as"},
    {SMALL "redundancy { mac = \"00:00:00:00:00:00\" }\n", "shared, own or an address such as"},
    {SMALL "redundancy { mac = \"00:16:3e:00:00:01\" }\n", "take one that is locally administered"},
    {SMALL "redundancy { mac = \"02:00:00:00:00:0g\" }\n", "shared, own or an address such as"},
    {SMALL "redundancy { mac = \"02:00:00:00:00:00:1\" }\n", "shared, own or an address such as"},
    {SMALL "redundancy { mac = \"02:::00:00:00:0:00\" }\n", "shared, own or an address such as"},
    {SMALL "redundancy { mac = own\n model = \"n-way\" }\n",
     "has.conf:14: redundancy: with mac = own one master gets all frames: say model = \"active/standby\""},
    {SMALL "redundancy { mac = own\n threshold_up = 80 }\n", "has.conf:15: redundancy: threshold_up makes all masters"},
    {SMALL "redundancy { threshold_down = 10 }\n", "threshold_up is missing"},
    {SMALL "redundancy { threshold_up = 30 }\n", "threshold_down (30) must be below threshold_up (30)"},
    {SMALL "redundancy { threshold_up = 80 model = \"n-way\" }\n", "threshold_up is for model = \"active/standby\""},
    {SMALL "redundancy { hash = \"address+port\" }\n"
           "service \"s\" { cvip = \"main\" port = 81 persistence = 60 }\n",
     "has.conf:14: redundancy: hash = \"address+port\": service \"s\" is persistent"},
    {SMALL "redundancy { heartbeat = 5 }\n", "heartbeat = \"5\": a number from 10 to 1000 ms"},
    {SMALL "redundancy { seed = 4294967296 }\n", "seed = \"4294967296\": a number from 0 to 4294967295"},
    {SMALL "redundancy { sync = lan3 }\n", "sync = \"lan3\": there is no network of this name"},
    {SMALL "redundancy { sync = six }\nnetwork \"six\" { ipv6 = \"fd00:6::/64\" corosync = off }\n",
     "the kernel synchronises connections by IPv4"},
    {SMALL "redundancy { sync = lan3 }\nnetwork \"lan3\" { ipv4 = \"10.3.0.0/24\" corosync = off }\n",
     "has.conf:15: network \"lan3\": say interface ="},
    {SMALL "redundancy { sync = lan3 }\nnetwork \"lan3\" { ipv4 = \"10.3.0.0/24\" interface = x corosync = off }\n",
     "has.conf:4: master \"m1\": it has no IPv4 address in network \"lan3\""},
    {SMALL "redundancy { port = 5500 }\n", "port = 5500 is the port of the reports, too"},
    {SMALL "cvip \"many\" { addresses = { \"10.1.0.101\", \"10.1.0.102\", \"10.1.0.103\", \"10.1.0.104\", "
           "\"10.1.0.105\", \"10.1.0.106\", \"10.1.0.107\", \"10.1.0.108\" } }\n",
     "has.conf:14: cvip \"many\": all cluster virtual IPs together may have 8 addresses"},
    {SMALL "master \"m3\" { addresses = { \"10.1.0.3\", \"10.2.0.3\" } weight = 101 }\n",
     "weight = \"101\": a number from 1 to 100"},
    {"cluster { name = \"web\" fencing = off }\nnetwork \"lan1\" { ipv4 = \"10.1.0.0/24\" }\n"
     "master \"m1\" { addresses = { \"10.1.0.1\" } }\n" SMALL_TRAFFIC SMALL_CVIP SMALL_SERVICE,
     "has.conf:2: network \"lan1\": say interface = \"…\": cvipd works at this port of the masters"},
    {SMALL_NETWORKS
     "master \"m1\" { addresses = { \"10.1.0.1\", \"10.2.0.1\" } }\n" SMALL_TRAFFIC SMALL_CVIP SMALL_SERVICE
     "redundancy { model = \"n+m\" active = 1 }\n",
     "model = \"n+m\" needs two masters at least"},
    {SMALL "fencing \"m3\" { agent = \"fence_x\" }\ncluster { fencing = on }\n", "already set"},
    {SMALL "traffic \"t3\" { addresses = { \"10.1.0.13\" \n", "has.conf:15"},
    {SMALL "timing { updates 100 }\n", "missing equal sign after option 'updates'"},
    {SMALL_NETWORKS SMALL_TRAFFIC SMALL_CVIP SMALL_SERVICE, "there is no master node"},
    {SMALL_NETWORKS SMALL_MASTERS SMALL_CVIP SMALL_SERVICE, "there is no active traffic node"},
    {SMALL_NETWORKS SMALL_MASTERS SMALL_TRAFFIC SMALL_CVIP, "there is no service"},
    {SMALL_NETWORKS SMALL_MASTERS SMALL_TRAFFIC SMALL_SERVICE, "there is no cluster virtual IP"},
    {SMALL_MASTERS SMALL_TRAFFIC SMALL_CVIP SMALL_SERVICE, "the cluster has no name"},
    {"", "there is no network"},
    {"cluster { name = \"web\" }\n"
     "network \"lan1\" { ipv4 = \"10.1.0.0/24\" }\n"
     "master \"m1\" { addresses = { \"10.1.0.1\" } }\n"
     "fencing \"m2\" { }\n",
     "has.conf:4: fencing \"m2\": there is no node of this name"},
};

static void test_wrong_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct config_test *test = config_test_load(wrong[i].text);

        if (test->result != -EINVAL || !config_test_says(test, wrong[i].says))
            fail_msg("\"%s\" was not said (result %d)", wrong[i].says, test->result);
        assert_null(test->model.nodes);
        config_test_free(test);
    }
}

/* Each is right, but not as somebody may think. */
static void test_warnings_of_redundancy(void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {SMALL, "has.conf: warning: no section redundancy: cvipd moves the address"},
        {SMALL "redundancy { address = ipaddr2\n model = \"n-way\" }\n",
         "has.conf:15: warning: redundancy: model is of use with address = cvipd only"},
        {SMALL_NETWORKS
         "master \"m1\" { addresses = { \"10.1.0.1\", \"10.2.0.1\" } }\n" SMALL_TRAFFIC SMALL_CVIP SMALL_SERVICE,
         "there is only one master node: nothing takes over when it fails"},
        {"cluster { name = \"web\" fencing = off }\nnetwork \"lan1\" { ipv6 = \"fd00:1::/64\" interface = \"eth0\" }\n"
         "master \"m1\" { addresses = { \"fd00:1::1\" } }\ntraffic \"t1\" { addresses = { \"fd00:1::11\" } }\n"
         "cvip \"main\" { addresses = { \"fd00:1::100\" } }\n" SMALL_SERVICE,
         "no network has IPv4, which the kernel's synchronisation of connections needs"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct config_test *test = config_test_load(cases[i].text);

        assert_int_equal(test->problems.errors, 0);
        assert_true(config_test_says(test, cases[i].says));
        config_test_free(test);
    }
}

/* Who says what he wants is not asked again. */
static void test_section_of_redundancy(void **state)
{
    static const char *const texts[] = {SMALL "redundancy { }\n", SMALL "redundancy {\n address = cvipd\n}\n",
                                        SMALL "redundancy { model = \"n-way\" }\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct config_test *test = config_test_load(texts[i]);

        assert_int_equal(test->result, 0);
        assert_int_equal(test->problems.warnings, 1); /* of fencing */
        config_test_free(test);
    }
}

/* In the order of the file, whoever found them; what is of the whole file comes last. */
static void test_problems_are_in_order(void **state)
{
    struct config_test *test = config_test_load(SMALL "redundancy {\n sync = lan9\n port = 5500\n hash = \"address\"\n"
                                                      " mac = other\n}\n");
    static const char *const starts[] = {"has.conf:1:", "has.conf:15:", "has.conf:16:", "has.conf:18:"};

    (void)state;
    assert_int_equal(test->problems.kept, sizeof(starts) / sizeof(*starts));
    for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
        assert_memory_equal(test->problems.texts[i], starts[i], strlen(starts[i]));
    config_test_free(test);
    test = config_test_load(SMALL_MASTERS "redundancy { mac = other }\n");
    assert_memory_equal(test->problems.texts[test->problems.kept - 1], "has.conf: ", strlen("has.conf: "));
    config_test_free(test);
}

static void test_every_node_needs_fencing(void **state)
{
    struct config_test *test = config_test_load("cluster { name = \"web\" }\n"
                                                "network \"lan1\" { ipv4 = \"10.1.0.0/24\" interface = eth0 }\n"
                                                "master \"m1\" { addresses = { \"10.1.0.1\" } }\n"
                                                "traffic \"t1\" { addresses = { \"10.1.0.11\" } }\n"
                                                "fencing \"m1\" { agent = \"fence_x\" }\n" SMALL_CVIP SMALL_SERVICE);

    (void)state;
    assert_int_equal(test->result, -EINVAL);
    assert_int_equal(test->problems.errors, 1);
    assert_true(config_test_says(test, "has.conf:4: traffic \"t1\": nothing can fence it"));
    config_test_free(test);
}

static void test_every_problem_is_counted(void **state)
{
    struct config_test *test;
    char *text = calloc(1, 65536);

    (void)state;
    assert_non_null(text);
    snprintf(text, 65536, "%s", SMALL);
    for (int i = 0; i < 100; i++)
        snprintf(text + strlen(text), 65536 - strlen(text), "traffic \"x%d\" { }\n", i);
    test = config_test_load(text);
    assert_int_equal(test->problems.errors, 100);
    assert_int_equal(test->problems.kept, PROBLEMS_KEPT);
    config_test_free(test);
    free(text);
}

static void test_a_file_that_is_not_there(void **state)
{
    struct problems *problems = calloc(1, sizeof(*problems));
    struct model model;

    (void)state;
    assert_non_null(problems);
    assert_int_equal(load_file("/nonexistent/has.conf", &model, problems), -ENOENT);
    assert_string_equal(problems->texts[0], "/nonexistent/has.conf: No such file or directory");
    free(problems);
}

static void test_parameters_are_free(void **state)
{
    struct config_test *test = config_test_load(SMALL "webserver { parameters { a = 1 b = \"c d\" } }\n");

    (void)state;
    assert_int_equal(test->result, 0);
    assert_int_equal(test->model.webserver.parameter_count, 2);
    assert_string_equal(test->model.webserver.parameters[1].name, "b");
    assert_string_equal(test->model.webserver.parameters[1].value, "c d");
    config_test_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_is_right),           cmocka_unit_test(test_server_address_is_of_the_first_network),
        cmocka_unit_test(test_warnings_do_not_refuse),   cmocka_unit_test(test_wrong_is_said),
        cmocka_unit_test(test_every_node_needs_fencing), cmocka_unit_test(test_every_problem_is_counted),
        cmocka_unit_test(test_a_file_that_is_not_there), cmocka_unit_test(test_parameters_are_free),
        cmocka_unit_test(test_warnings_of_redundancy),   cmocka_unit_test(test_section_of_redundancy),
        cmocka_unit_test(test_problems_are_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
