/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "nfshad_config.h"

#include <config.h>
#include <errno.h>

static struct nfshad_config load(const char *text)
{
    struct nfshad_config config;
    struct conf_error error = {""};
    if (nfshad_config_load_text("nfshad.conf", text, strlen(text), &config, &error) != 0)
        fail_msg("refused: %s", error.text);
    return config;
}

/* The text must be refused with a message that has all the words. */
static void refused(const char *text, const char *const words[])
{
    struct nfshad_config config, untouched;
    struct conf_error error = {""};
    memset(&config, 0x55, sizeof config);
    untouched = config;
    assert_int_equal(nfshad_config_load_text("nfshad.conf", text, strlen(text), &config, &error), -EINVAL);
    assert_memory_equal(&config, &untouched, sizeof config);
    for (; *words != NULL; words++)
        if (strstr(error.text, *words) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", error.text, *words);
}

#define REFUSED(text, ...) refused(text, (const char *const[]){__VA_ARGS__, NULL})

static void assert_defaults(const struct nfshad_config *config)
{
    assert_string_equal(config->user, HAS_USER);
    assert_string_equal(config->error_log, "syslog");
    assert_string_equal(config->metrics, "");
    assert_int_equal(config->interval_ms, 100);
    assert_int_equal(config->timeout_ms, 500);
    assert_int_equal(config->fall, 2);
    assert_int_equal(config->rise, 3);
    assert_int_equal(config->compare_s, 10);
    assert_int_equal(config->return_s, 0);
    assert_false(config->remount);
    assert_true(config->series);
}

static void defaults(void **state)
{
    struct nfshad_config config = load("# nothing\n");
    (void)state;
    assert_defaults(&config);
}

static void every_keyword(void **state)
{
    struct nfshad_config config = load("User root\nERRORLOG /var/log/nfshad.log\nmetrics /run/has/nfshad.prom\n"
                                       "probe 20 timeout=100 fall=1 rise=5\ncompare 60\nreturn 300\nremount yes\n"
                                       "series no\n");
    (void)state;
    assert_string_equal(config.user, "root");
    assert_string_equal(config.error_log, "/var/log/nfshad.log");
    assert_string_equal(config.metrics, "/run/has/nfshad.prom");
    assert_int_equal(config.interval_ms, 20);
    assert_int_equal(config.timeout_ms, 100);
    assert_int_equal(config.fall, 1);
    assert_int_equal(config.rise, 5);
    assert_int_equal(config.compare_s, 60);
    assert_int_equal(config.return_s, 300);
    assert_true(config.remount);
    assert_false(config.series);
}

static void what_a_line_does_not_say(void **state)
{
    struct nfshad_config config = load("probe 50 rise=1");
    (void)state;
    assert_int_equal(config.interval_ms, 50);
    assert_int_equal(config.timeout_ms, 500);
    assert_int_equal(config.fall, 2);
    assert_int_equal(config.rise, 1);
    assert_int_equal(load("return 60\nreturn no\n").return_s, 0);
}

static void bounds(void **state)
{
    (void)state;
    assert_int_equal(load("probe 10 timeout=10 fall=100 rise=100").interval_ms, 10);
    assert_int_equal(load("probe 60000 timeout=60000").timeout_ms, 60000);
    assert_int_equal(load("compare 3600").compare_s, 3600);
    assert_int_equal(load("return 86400").return_s, 86400);
    REFUSED("probe 9", "nfshad.conf:1", "probe", "10 to 60000");
    REFUSED("probe 60001", "10 to 60000");
    REFUSED("probe 100 timeout=9", "timeout", "10 to 60000");
    REFUSED("probe 100 fall=0", "fall", "1 to 100");
    REFUSED("probe 100 rise=101", "rise", "1 to 100");
    REFUSED("compare 0", "compare", "1 to 3600");
    REFUSED("compare 3601", "1 to 3600");
    REFUSED("return 0", "return", "1 to 86400", "or no");
    REFUSED("return 86401", "return", "1 to 86400");
}

static void mistakes(void **state)
{
    (void)state;
    REFUSED("\n\nprobes 100", "nfshad.conf:3", "unknown keyword", "probe");
    REFUSED("probe", "probe needs");
    REFUSED("probe fast", "probe", "\"fast\"");
    REFUSED("probe 100 missed=2", "missed=2", "timeout=ms");
    REFUSED("probe 100 timeout=1 fall=1 rise=1 x=1", "at most 4");
    REFUSED("user \"\"", "user needs a name");
    REFUSED("errorlog nowhere", "errorlog", "nowhere", "syslog");
    REFUSED("metrics here", "metrics", "full path");
    REFUSED("return soon", "return", "\"soon\"");
    REFUSED("remount perhaps", "remount", "yes");
    REFUSED("series 1", "series", "no");
}

static void files(void **state)
{
    struct nfshad_config config;
    struct conf_error error = {""};
    const char *path = unit_path(state, "nfshad.conf");
    assert_int_equal(nfshad_config_load(path, &config, &error), -ENOENT);
    assert_non_null(strstr(error.text, path));
    unit_put(path, "compare 5\n", 10, 0644);
    assert_int_equal(nfshad_config_load(path, &config, &error), 0);
    assert_int_equal(config.compare_s, 5);
    if (access(NFSHAD_CONFIG_PATH, F_OK) == 0)
        return;
    assert_int_equal(nfshad_config_load(NFSHAD_CONFIG_PATH, &config, &error), 0);
    assert_defaults(&config);
}

/* The example shows the defaults. */
static void the_example(void **state)
{
    struct nfshad_config config;
    struct conf_error error = {""};
    (void)state;
    if (nfshad_config_load(EXAMPLE, &config, &error) != 0)
        fail_msg("refused: %s", error.text);
    assert_defaults(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(every_keyword),
        cmocka_unit_test(what_a_line_does_not_say),
        cmocka_unit_test(bounds),
        cmocka_unit_test(mistakes),
        cmocka_unit_test_setup_teardown(files, unit_directory_make, unit_directory_remove),
        cmocka_unit_test(the_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
