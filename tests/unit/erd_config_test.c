/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "erd_config.h"

#include <config.h>
#include <errno.h>

#define PAIR "pair eth0 eth1\n"

static char first[] = "lan0", second[] = "lan1";
static char *const ports[PAIR_PORTS] = {first, second};

static struct erd_config *load_with(const char *text, char *const names[PAIR_PORTS])
{
    struct erd_config *config = NULL;
    struct conf_error error = {""};
    if (erd_config_load_text("erd.conf", text, strlen(text), names, &config, &error) != 0)
        fail_msg("refused: %s", error.text);
    return config;
}

static struct erd_config *load(const char *text)
{
    return load_with(text, NULL);
}

/* The text must be refused with a message that has all the words. */
static void refused(const char *text, char *const names[PAIR_PORTS], const char *const words[])
{
    struct erd_config *config = NULL;
    struct conf_error error = {""};
    assert_int_equal(erd_config_load_text("erd.conf", text, strlen(text), names, &config, &error), -EINVAL);
    assert_null(config);
    for (; *words != NULL; words++)
        if (strstr(error.text, *words) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", error.text, *words);
}

#define REFUSED(text, ...) refused(text, NULL, (const char *const[]){__VA_ARGS__, NULL})
#define REFUSED_PORTS(one, two, ...)                                                                                   \
    refused(PAIR, (char *const[]){(char[]){one}, (char[]){two}}, (const char *const[]){__VA_ARGS__, NULL})

static void assert_target(const struct erd_pair_config *pair, size_t index, const char *text)
{
    char buffer[ADDR_TEXT_MAX];
    assert_true(index < pair->target_count);
    assert_string_equal(addr_format(&pair->targets[index], buffer), text);
}

static void defaults(void **state)
{
    struct erd_config *config = load(PAIR);
    const struct erd_pair_config *pair = &config->pairs[0];
    (void)state;
    assert_string_equal(config->user, HAS_USER);
    assert_string_equal(config->error_log, "syslog");
    assert_string_equal(config->metrics, "");
    assert_int_equal(config->poll_ms, 100);
    assert_int_equal(config->pair_count, 1);
    assert_string_equal(pair->names[PAIR_PRIMARY], "eth0");
    assert_string_equal(pair->names[PAIR_TWIN], "eth1");
    assert_int_equal(pair->probe_ms, 100);
    assert_int_equal(pair->missed, 2);
    assert_true(pair->gateways);
    assert_int_equal(pair->target_count, 0);
    assert_true(pair->failback.failback);
    assert_int_equal(pair->failback.wait_ms, 10000);
    assert_int_equal(pair->failback.wait_max_ms, 300000);
    assert_int_equal(pair->announce_count, 5);
    assert_int_equal(pair->announce_ms, 200);
    erd_config_free(config);
}

static void every_keyword(void **state)
{
    struct erd_config *config = load("# all of it\nUser root\nErrorLog /var/log/erd.log\nmetrics /run/m.prom\npoll 0\n"
                                     "probe 20 missed=3\ntarget 10.1.0.254\ntarget fe80::1\ngateways no\n"
                                     "failback 0 max=1\nannounce 60 interval=10\npair a.10 fifteen-letters\n");
    const struct erd_pair_config *pair = &config->pairs[0];
    (void)state;
    assert_string_equal(config->user, "root");
    assert_string_equal(config->error_log, "/var/log/erd.log");
    assert_string_equal(config->metrics, "/run/m.prom");
    assert_int_equal(config->poll_ms, 0);
    assert_string_equal(pair->names[PAIR_PRIMARY], "a.10");
    assert_string_equal(pair->names[PAIR_TWIN], "fifteen-letters");
    assert_int_equal(pair->probe_ms, 20);
    assert_int_equal(pair->missed, 3);
    assert_false(pair->gateways);
    assert_int_equal(pair->target_count, 2);
    assert_target(pair, 0, "10.1.0.254");
    assert_target(pair, 1, "fe80::1");
    assert_true(pair->failback.failback);
    assert_int_equal(pair->failback.wait_ms, 0);
    assert_int_equal(pair->failback.wait_max_ms, 1000);
    assert_int_equal(pair->announce_count, 60);
    assert_int_equal(pair->announce_ms, 10);
    erd_config_free(config);
}

/* Before the first pair: for all; after one: for that one. */
static void general_lines_and_a_pairs_own(void **state)
{
    struct erd_config *config = load("probe 50 missed=5\ntarget 10.1.0.1\nfailback no\n" PAIR "pair eth2 eth3\n"
                                     "probe off\ntarget 10.2.0.1\nfailback 5\npair eth4 eth5\ntarget 10.3.0.1\n"
                                     "gateways no\nannounce 1\nprobe 200\n");
    const struct erd_pair_config *pairs = config->pairs;
    (void)state;
    assert_int_equal(config->pair_count, 3);
    assert_int_equal(pairs[0].probe_ms, 50);
    assert_int_equal(pairs[0].target_count, 1);
    assert_false(pairs[0].failback.failback);
    assert_int_equal(pairs[1].probe_ms, 0);
    assert_int_equal(pairs[1].target_count, 2);
    assert_target(&pairs[1], 0, "10.1.0.1");
    assert_target(&pairs[1], 1, "10.2.0.1");
    assert_true(pairs[1].failback.failback);
    assert_int_equal(pairs[1].failback.wait_ms, 5000);
    assert_true(pairs[1].gateways);
    assert_int_equal(pairs[2].target_count, 2);
    assert_target(&pairs[2], 1, "10.3.0.1");
    assert_false(pairs[2].failback.failback);
    assert_false(pairs[2].gateways);
    assert_int_equal(pairs[2].announce_count, 1);
    assert_int_equal(pairs[2].announce_ms, 200);
    assert_int_equal(pairs[2].probe_ms, 200);
    assert_int_equal(pairs[2].missed, 5); /* what the line does not say stays */
    erd_config_free(config);
}

static void the_longest_wait_is_no_trap(void **state)
{
    struct erd_config *config = load("failback 400\n" PAIR);
    (void)state;
    assert_int_equal(config->pairs[0].failback.wait_ms, 400000);
    assert_int_equal(config->pairs[0].failback.wait_max_ms, 400000);
    erd_config_free(config);
    config = load("failback 86400\n" PAIR);
    assert_int_equal(config->pairs[0].failback.wait_max_ms, 86400000);
    erd_config_free(config);
}

static void ports_of_the_command_line(void **state)
{
    struct erd_config *config = load_with("probe off\ntarget 10.1.0.1\n" PAIR "probe 20\npair lan0 lan1\n", ports);
    (void)state;
    assert_int_equal(config->pair_count, 1);
    assert_string_equal(config->pairs[0].names[PAIR_PRIMARY], "lan0");
    assert_string_equal(config->pairs[0].names[PAIR_TWIN], "lan1");
    assert_int_equal(config->pairs[0].probe_ms, 0);
    assert_int_equal(config->pairs[0].target_count, 1);
    assert_string_equal(config->pairs[1].names[PAIR_PRIMARY], "");
    erd_config_free(config);
    config = load_with("", ports);
    assert_int_equal(config->pair_count, 1);
    erd_config_free(config);
}

static void ports_that_cannot_be(void **state)
{
    (void)state;
    REFUSED_PORTS("eth0", "eth0", "command line: ", "twin");
    REFUSED_PORTS("eth0", "sixteen-letters-", "command line: ", "sixteen-letters-", "15 bytes");
    REFUSED_PORTS("../x", "eth1", "command line: ", "\"../x\"", "'/'");
    REFUSED("pair eth0 eth0\n", "erd.conf:1: ", "eth0", "twin");
    REFUSED(PAIR "pair eth2 eth0\n", "erd.conf:2: ", "port eth0", "pair eth0 eth1");
    REFUSED(PAIR "pair eth1 eth2\n", "erd.conf:2: ", "port eth1");
    REFUSED(PAIR PAIR, "erd.conf:2: ", "one pair only");
    REFUSED("pair eth0 sixteen-letters-\n", "erd.conf:1: ", "15 bytes");
    REFUSED("pair eth0/1 eth1\n", "'/'");
    REFUSED("pair eth0:1 eth1\n", "':'");
    REFUSED("pair \"eth 0\" eth1\n", "blank");
    REFUSED("pair \"\" eth1\n", "empty");
    REFUSED("pair eth0 ..\n", "\"..\"");
    REFUSED("pair . eth0\n", "\".\"");
    REFUSED("pair all eth0\n", "\"all\"");
    REFUSED("pair eth0 default\n", "\"default\"");
    REFUSED("pair eth0\n", "erd.conf:1: ", "needs 2");
    REFUSED("pair eth0 eth1 eth2\n", "takes 2");
}

static void no_pair(void **state)
{
    (void)state;
    REFUSED("", "erd.conf: ", "no pair", "pair eth0 eth1");
    REFUSED("probe 100\n", "erd.conf: ", "no pair");
}

static void too_many(void **state)
{
    char text[4096] = "";
    struct erd_config *config;
    (void)state;
    for (int i = 0; i < ERD_PAIRS_MAX; i++)
        sprintf(text + strlen(text), "pair a%d b%d\n", i, i);
    config = load(text);
    assert_int_equal(config->pair_count, ERD_PAIRS_MAX);
    erd_config_free(config);
    strcat(text, "pair c d\n");
    REFUSED(text, "erd.conf:17: ", "more than 16 pairs");
    text[0] = '\0';
    for (int i = 1; i <= ERD_TARGETS_MAX; i++)
        sprintf(text + strlen(text), "target 10.0.0.%d\n", i);
    strcat(text, PAIR);
    config = load(text);
    assert_int_equal(config->pairs[0].target_count, ERD_TARGETS_MAX);
    erd_config_free(config);
    strcat(text, "target 10.0.0.9\n");
    REFUSED(text, "erd.conf:10: ", "more than 8 targets", "before the first pair");
}

static void targets_that_cannot_answer(void **state)
{
    (void)state;
    REFUSED("target 224.0.0.1\n" PAIR, "erd.conf:1: ", "224.0.0.1", "multicast", "router");
    REFUSED("target ff02::1\n" PAIR, "multicast");
    REFUSED("target 127.1.2.3\n" PAIR, "own address");
    REFUSED("target ::1\n" PAIR, "own address");
    REFUSED("target 0.0.0.0\n" PAIR, "unspecified");
    REFUSED("target ::\n" PAIR, "unspecified");
    REFUSED("target 255.255.255.255\n" PAIR, "broadcast");
    REFUSED("target ::ffff:224.0.0.1\n" PAIR, "multicast");
    REFUSED("target router\n" PAIR, "in numbers");
    REFUSED("target 10.0.0.1\n" PAIR "target 10.0.0.1\n", "erd.conf:3: ", "already");
}

static void values_out_of_range(void **state)
{
    (void)state;
    REFUSED("poll 9\n" PAIR, "erd.conf:1: ", "poll", "10 to 60000", "0");
    REFUSED("poll off\n" PAIR, "poll");
    REFUSED("poll 60001\n" PAIR, "60000");
    REFUSED("probe 5\n" PAIR, "10 to 60000", "off");
    REFUSED("probe 0\n" PAIR, "off");
    REFUSED("probe 100 missed=0\n" PAIR, "missed", "1 to 100");
    REFUSED("probe 100 missed=101\n" PAIR, "missed");
    REFUSED("probe 100 lost=2\n" PAIR, "lost=2", "missed=2");
    REFUSED("probe 100 2\n" PAIR, "\"2\"", "missed=");
    REFUSED("probe off missed=2\n" PAIR, "probe off", "missed=2");
    REFUSED("gateways perhaps\n" PAIR, "gateways");
    REFUSED("failback yes\n" PAIR, "0 to 86400", "no", "\"yes\"");
    REFUSED("failback 86401\n" PAIR, "86400");
    REFUSED("failback -1\n" PAIR, "failback");
    REFUSED("failback 10 max=9\n" PAIR, "erd.conf:1: ", "max=9", "10 s");
    REFUSED("failback 10 max=86401\n" PAIR, "86400");
    REFUSED("failback 10 min=1\n" PAIR, "max=");
    REFUSED("failback no max=10\n" PAIR, "failback no", "max=10");
    REFUSED("announce 0\n" PAIR, "announce", "1 to 60");
    REFUSED("announce 61\n" PAIR, "60");
    REFUSED("announce 5 interval=9\n" PAIR, "interval", "10 to 10000");
    REFUSED("announce 5 each=9\n" PAIR, "interval=");
    REFUSED("errorlog erd.log\n" PAIR, "erd.log", "full path");
    REFUSED("metrics erd.prom\n" PAIR, "erd.prom", "full path");
    REFUSED("user \"\"\n" PAIR, "user");
    REFUSED("carrier 100\n" PAIR, "unknown keyword", "probe");
}

/* What the daemon has once, and not for each pair. */
static void the_daemons_own_after_a_pair(void **state)
{
    (void)state;
    REFUSED(PAIR "poll 50\n", "erd.conf:2: ", "poll", "before the first pair");
    REFUSED(PAIR "user root\n", "before the first pair");
    REFUSED(PAIR "errorlog stderr\n", "before the first pair");
    REFUSED(PAIR "metrics /run/x\n", "before the first pair");
}

static void files(void **state)
{
    struct erd_config *config = NULL;
    struct conf_error error = {""};
    const char *path = unit_path(state, "erd.conf");
    assert_int_equal(erd_config_load(path, NULL, &config, &error), -ENOENT);
    assert_non_null(strstr(error.text, path));
    /* Who names a file wants it, with ports too. */
    assert_int_equal(erd_config_load(path, ports, &config, &error), -ENOENT);
    assert_null(config);
    unit_put(path, PAIR, sizeof PAIR - 1, 0600);
    assert_int_equal(erd_config_load(path, NULL, &config, &error), 0);
    assert_int_equal(config->pair_count, 1);
    erd_config_free(config);
    assert_int_equal(erd_config_load(path, ports, &config, &error), 0);
    assert_string_equal(config->pairs[0].names[PAIR_TWIN], "lan1");
    erd_config_free(config);
}

/* The file of its own may be missing: then it is as in the thesis, 3.23.1. */
static void without_a_file(void **state)
{
    struct erd_config *config = NULL;
    struct conf_error error = {""};
    (void)state;
    if (access(ERD_CONFIG_PATH, F_OK) == 0)
        skip();
    assert_int_equal(erd_config_load(ERD_CONFIG_PATH, NULL, &config, &error), 0);
    assert_int_equal(config->pair_count, 1);
    assert_string_equal(config->pairs[0].names[PAIR_PRIMARY], "eth0");
    assert_string_equal(config->pairs[0].names[PAIR_TWIN], "eth1");
    assert_int_equal(config->pairs[0].probe_ms, 100);
    erd_config_free(config);
    assert_int_equal(erd_config_load(ERD_CONFIG_PATH, ports, &config, &error), 0);
    assert_string_equal(config->pairs[0].names[PAIR_PRIMARY], "lan0");
    erd_config_free(config);
}

/* The example that is installed is one that works. */
static void the_example(void **state)
{
    struct erd_config *config = NULL;
    struct conf_error error = {""};
    (void)state;
    if (erd_config_load(EXAMPLE, NULL, &config, &error) != 0)
        fail_msg("%s", error.text);
    assert_true(config->pair_count > 0);
    erd_config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(every_keyword),
        cmocka_unit_test(general_lines_and_a_pairs_own),
        cmocka_unit_test(the_longest_wait_is_no_trap),
        cmocka_unit_test(ports_of_the_command_line),
        cmocka_unit_test(ports_that_cannot_be),
        cmocka_unit_test(no_pair),
        cmocka_unit_test(too_many),
        cmocka_unit_test(targets_that_cannot_answer),
        cmocka_unit_test(values_out_of_range),
        cmocka_unit_test(the_daemons_own_after_a_pair),
        cmocka_unit_test_setup_teardown(files, unit_directory_make, unit_directory_remove),
        cmocka_unit_test(without_a_file),
        cmocka_unit_test(the_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
