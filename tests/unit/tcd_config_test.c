/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "health.h"
#include "tcd_config.h"

#include <config.h>
#include <errno.h>

static struct tcd_config *load(const char *text)
{
    struct tcd_config *config = NULL;
    struct conf_error error = {""};
    if (tcd_config_load_text("tcd.conf", text, strlen(text), &config, &error) != 0)
        fail_msg("refused: %s", error.text);
    return config;
}

/* The text must be refused with a message that has all the words. */
static void refused(const char *text, const char *const words[])
{
    struct tcd_config *config = NULL;
    struct conf_error error = {""};
    assert_int_equal(tcd_config_load_text("tcd.conf", text, strlen(text), &config, &error), -EINVAL);
    assert_null(config);
    for (; *words; words++)
        if (!strstr(error.text, *words))
            fail_msg("\"%s\" does not say \"%s\"", error.text, *words);
}

#define REFUSED(text, ...) refused("master1 10.1.0.1\n" text "\n", (const char *const[]){__VA_ARGS__, NULL})

/* Section 3.22.5.1, with values for the placeholders. */
static void the_thesis_file_is_read(void **state)
{
    struct tcd_config *config = load("# TC Configuration File\n"
                                     "# List of master nodes to which the TC daemon reports load\n"
                                     "master1      192.168.1.1\n"
                                     "master2      192.168.1.2\n"
                                     "# Port number to connect to at master - this port number can be\n"
                                     "# between 1024 and 49151, and between 49152 through 65535\n"
                                     "port          49153\n"
                                     "# Frequency of load updates in ms\n"
                                     "updates       200\n"
                                     "# Reporting errors -- needed for troubleshooting purposes\n"
                                     "ErrorLog       /var/log/tcd.log\n"
                                     "# Number of RAM in the node with the least RAM in the cluster\n"
                                     "RAM            512\n");
    (void)state;
    assert_int_equal(config->master_count, 2);
    assert_string_equal(config->masters[1].name, "master2");
    assert_int_equal(config->masters[1].count, 1);
    assert_int_equal(config->port, 49153);
    assert_int_equal(config->updates_ms, 200);
    assert_string_equal(config->log_target, "/var/log/tcd.log");
    assert_int_equal(config->smallest_mb, 512);
    tcd_config_free(config);
}

static void defaults(void **state)
{
    struct tcd_config *config = load("master1 10.1.0.1\n");
    (void)state;
    assert_int_equal(config->port, 5500);
    assert_int_equal(config->updates_ms, 100);
    assert_int_equal(config->retry_ms, 5000);
    assert_int_equal(config->drain_timeout_ms, 30000);
    assert_string_equal(config->log_target, "syslog");
    assert_int_equal(config->smallest_mb, 256);
    assert_int_equal(config->formula, TCD_FORMULA_HAS);
    assert_int_equal(config->memory, TCD_MEMORY_AVAILABLE);
    assert_true(config->name[0] != '\0');
    assert_int_equal(config->address.family, AF_UNSPEC);
    assert_int_equal(config->agent_check_port, 0);
    assert_string_equal(config->metrics, "");
    tcd_config_free(config);
}

static void all_keywords(void **state)
{
    struct tcd_config *config = load("master1 10.1.0.1 fd00:1::1 10.2.0.1\n"
                                     "name t1\naddress fd00:1::11 10.1.0.11\nbind 10.1.0.11\nkeys /tmp/keys\nuser www\n"
                                     "formula pressure\nmemory free\nbogomips 3358.72\nnetwork eth0\nretry 1000\n"
                                     "drain_timeout 60000\nagent_check 8081 10.1.0.11\nmetrics /run/has/tcd.prom\n"
                                     "service web tcp 10.1.0.100 80\nservice web tcp fd00:1::100 80\n"
                                     "service dns udp 10.1.0.100 53\n");
    char text[ADDR_TEXT_MAX];
    (void)state;
    assert_int_equal(config->masters[0].count, 3);
    assert_string_equal(config->name, "t1");
    assert_string_equal(addr_format(&config->address, text), "10.1.0.11");
    assert_string_equal(addr_format(&config->address6, text), "fd00:1::11");
    assert_string_equal(addr_format(&config->bind, text), "10.1.0.11");
    assert_int_equal(config->bind6.family, AF_UNSPEC);
    assert_string_equal(config->keys, "/tmp/keys");
    assert_string_equal(config->user, "www");
    assert_int_equal(config->formula, TCD_FORMULA_PRESSURE);
    assert_int_equal(config->memory, TCD_MEMORY_FREE);
    assert_int_equal(config->bogomips, 335872);
    assert_string_equal(config->network, "eth0");
    assert_int_equal(config->agent_check_port, 8081);
    assert_string_equal(config->metrics, "/run/has/tcd.prom");
    assert_int_equal(config->service_count, 2);
    assert_int_equal(config->service_address_count, 3);
    assert_int_equal(config->service_addresses[1].service, 0);
    assert_int_equal(config->service_addresses[2].protocol, IPPROTO_UDP);
    tcd_config_free(config);
}

static void checks_are_read(void **state)
{
    struct tcd_config *config =
        load("master1 10.1.0.1\n"
             "check front http path=/health host=www.example.org status=200-299,301 match=\"^all (is )?well\" "
             "interval=100 timeout=50 rise=2 fall=3 source=127.0.0.2 service=web\n"
             "service web tcp 10.1.0.100 80\n"
             "check smtp tcp address=::1 port=25 send=\"QUIT\\r\\n\" match=^220 watch=no\n"
             "check disk program command=\"/usr/lib/has/disk --free 10\"\n");
    const struct check_config *check = &config->checks[0];
    (void)state;
    assert_int_equal(config->check_count, 3);
    assert_int_equal(check->kind, CHECK_KIND_HTTP);
    assert_string_equal(check->path, "/health");
    assert_string_equal(check->host, "www.example.org");
    assert_int_equal(check->port, 80);
    assert_int_equal(check->status_count, 2);
    assert_int_equal(check->statuses[0].high, 299);
    assert_int_equal(check->statuses[1].low, 301);
    assert_true(check->has_match);
    assert_int_equal(regexec(&check->match, "all is well", 0, NULL, 0), 0);
    assert_int_equal(check->timing.interval_ms, 100);
    assert_int_equal(check->timing.timeout_ms, 50);
    assert_int_equal(check->timing.rise, 2);
    assert_int_equal(check->timing.fall, 3);
    assert_int_equal(check->service, 0);
    assert_true(check->watch);
    check = &config->checks[1];
    assert_int_equal(check->service, HEALTH_NODE);
    assert_int_equal(check->address.family, AF_INET6);
    assert_int_equal(check->send_length, 6);
    assert_memory_equal(check->send, "QUIT\r\n", 6);
    assert_false(check->watch);
    assert_int_equal(check->timing.timeout_ms, 1000);
    assert_int_equal(check->timing.rise, 1);
    assert_int_equal(check->timing.fall, 2);
    assert_string_equal(config->checks[2].command, "/usr/lib/has/disk --free 10");
    tcd_config_free(config);
}

static void errors_name_line_and_remedy(void **state)
{
    (void)state;
    refused("port 5500\n", (const char *const[]){"tcd.conf:", "master1 ADDRESS", NULL});
    REFUSED("master1 10.1.0.2", "tcd.conf:2", "master1");
    REFUSED("master2 m2.example.org", "tcd.conf:2", "m2.example.org");
    REFUSED("port 80", "tcd.conf:2", "1024");
    REFUSED("updates 10", "tcd.conf:2", "20");
    REFUSED("updates 60001", "tcd.conf:2", "60000");
    REFUSED("ErrorLog log", "tcd.conf:2", "full path");
    REFUSED("RAM much", "tcd.conf:2", "much");
    REFUSED("retries 3", "tcd.conf:2", "retries");
    REFUSED("formula fast", "tcd.conf:2", "fast");
    REFUSED("bogomips -3", "tcd.conf:2", "-3");
    REFUSED("bogomips 0", "tcd.conf:2");
    REFUSED("bogomips 1.2.3", "tcd.conf:2");
    REFUSED("network ../eth0", "tcd.conf:2", "eth0");
    REFUSED("address 10.1.0.1 10.1.0.2", "tcd.conf:2", "one IPv4");
    REFUSED("service web sctp 10.1.0.1 80", "tcd.conf:2", "sctp");
    REFUSED("service web tcp 10.1.0.1 0", "tcd.conf:2");
}

static void errors_of_checks(void **state)
{
    (void)state;
    REFUSED("check a ping", "tcd.conf:2", "ping");
    REFUSED("check a tcp", "tcd.conf:2", "port=");
    REFUSED("check a program", "tcd.conf:2", "command=");
    REFUSED("check a program command=ls", "tcd.conf:2", "full path");
    REFUSED("check a http colour=red", "tcd.conf:2", "colour=red", "tcd.conf(5)");
    REFUSED("check a tcp port=80 path=/", "tcd.conf:2", "path=", "tcp");
    REFUSED("check a http verify=no", "tcd.conf:2", "verify=");
    REFUSED("check a http cafile=/a.pem", "tcd.conf:2", "cafile=");
    REFUSED("check a http port=0", "tcd.conf:2", "port");
    REFUSED("check a http interval=19", "tcd.conf:2", "interval");
    REFUSED("check a http path=index.html", "tcd.conf:2", "/");
    REFUSED("check a http path=\"/a b\"", "tcd.conf:2", "blank");
    REFUSED("check a http host=\"a b\"", "tcd.conf:2", "blank");
    REFUSED("check a http status=99", "tcd.conf:2", "status");
    REFUSED("check a http status=200-", "tcd.conf:2", "status");
    REFUSED("check a http status=300-200", "tcd.conf:2", "status");
    REFUSED("check a http status=200,", "tcd.conf:2", "status");
    REFUSED("check a http match=\"(\"", "tcd.conf:2", "regular expression");
    REFUSED("check a http match=a match=b", "tcd.conf:2", "twice");
    REFUSED("check a tcp port=1 send=\"\\q\"", "tcd.conf:2", "send=");
    REFUSED("check a tcp port=1 address=localhost", "tcd.conf:2", "localhost");
    REFUSED("check a http source=::1", "tcd.conf:2", "families");
    REFUSED("check a http service=web", "tcd.conf:2", "web", "service line");
    REFUSED("check a http\ncheck a http", "tcd.conf:3", "already");
    REFUSED("check a http watch=maybe", "tcd.conf:2", "yes or no");
}

static void https_needs_libcurl(void **state)
{
    (void)state;
#ifdef HAVE_CURL
    struct tcd_config *config = load("master1 10.1.0.1\ncheck a https verify=no\n");
    assert_int_equal(config->checks[0].port, 443);
    assert_false(config->checks[0].verify);
    assert_string_equal(config->checks[0].cafile, "");
    tcd_config_free(config);
    config = load("master1 10.1.0.1\ncheck a https cafile=/etc/ssl/own.pem\n");
    assert_string_equal(config->checks[0].cafile, "/etc/ssl/own.pem");
    tcd_config_free(config);
    REFUSED("check a https cafile=own.pem", "tcd.conf:2", "full path");
    REFUSED("check a https cafile=/own.pem verify=no", "tcd.conf:2", "no effect");
#else
    REFUSED("check a https", "tcd.conf:2", "libcurl");
#endif
}

static void the_example_is_good(void **state)
{
    const char *directory = getenv("srcdir");
    char path[PATH_MAX];
    struct tcd_config *config = NULL;
    struct conf_error error = {""};
    (void)state;
    snprintf(path, sizeof(path), "%s/docs/examples/tcd.conf", directory ? directory : ".");
    if (tcd_config_load(path, &config, &error) != 0)
        fail_msg("%s", error.text);
    tcd_config_free(config);
}

static void a_file_that_is_not_there(void **state)
{
    struct tcd_config *config = NULL;
    struct conf_error error = {""};
    (void)state;
    assert_int_equal(tcd_config_load("/nowhere/tcd.conf", &config, &error), -ENOENT);
    assert_non_null(strstr(error.text, "/nowhere/tcd.conf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_thesis_file_is_read),
        cmocka_unit_test(defaults),
        cmocka_unit_test(all_keywords),
        cmocka_unit_test(checks_are_read),
        cmocka_unit_test(errors_name_line_and_remedy),
        cmocka_unit_test(errors_of_checks),
        cmocka_unit_test(https_needs_libcurl),
        cmocka_unit_test(the_example_is_good),
        cmocka_unit_test(a_file_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
