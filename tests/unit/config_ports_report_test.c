/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people see of erd's answers, and of the nodes' attributes. */
#include "unit.h"

#include "ports_report.h"

/* Shows an answer; the caller frees the text. */
static char *shown(const char *json, void (*report)(const json_t *answer, FILE *out))
{
    json_t *answer = json_loads(json, 0, NULL);
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(answer);
    assert_non_null(out);
    report(answer, out);
    assert_int_equal(fclose(out), 0);
    json_decref(answer);
    return text;
}

static const char status[] =
    "{\"ok\":true,\"working\":0,\"pairs\":["
    "{\"primary\":\"eth0\",\"twin\":\"eth1\",\"active\":\"eth1\",\"held\":false,\"working\":1,"
    "\"mac\":\"02:00:00:00:00:01\",\"shared_mac\":true,\"since_ms\":192000,\"changes\":3,\"failovers\":2,"
    "\"reason\":\"carrier lost\",\"failback_in_ms\":8000,\"addresses\":[\"10.1.0.1/24\",\"fd00:1::1/64\"],\"routes\":4,"
    "\"targets\":[\"10.1.0.254\",\"fd00:1::254\"],\"targets_answer\":true,"
    "\"ports\":[{\"name\":\"eth0\",\"index\":2,\"state\":\"no carrier\",\"present\":true,\"up\":true,\"carrier\":false,"
    "\"probe\":\"silent\",\"probes\":100,\"answers\":98,\"mac\":\"02:00:00:00:00:01\"},"
    "{\"name\":\"eth1\",\"index\":3,\"state\":\"active\",\"present\":true,\"up\":true,\"carrier\":true,"
    "\"probe\":\"answers\",\"probes\":1000,\"answers\":1000,\"mac\":\"02:00:00:00:00:01\"}]},"
    "{\"primary\":\"eth2\",\"twin\":\"eth3\",\"active\":\"eth3\",\"held\":true,\"working\":2,"
    "\"mac\":\"02:00:00:00:00:02\",\"shared_mac\":false,\"since_ms\":500,\"changes\":1,\"failovers\":0,"
    "\"reason\":\"command\",\"failback_in_ms\":null,\"addresses\":[],\"routes\":0,\"targets\":[],"
    "\"targets_answer\":false,\"ports\":[]},"
    "{\"primary\":\"eth4\",\"twin\":\"eth5\",\"active\":\"eth4\",\"held\":false,\"working\":0,"
    "\"mac\":\"02:00:00:00:00:03\",\"shared_mac\":true,\"since_ms\":60000,\"changes\":0,\"failovers\":0,\"reason\":"
    "\"\","
    "\"failback_in_ms\":null,\"addresses\":[\"10.5.0.1/24\"],\"routes\":1,\"targets\":[\"10.5.0.254\"],"
    "\"targets_answer\":false,\"ports\":[]}]}";

static void test_status(void **state)
{
    char *text = shown(status, ports_report_status);

    (void)state;
    assert_string_equal(text, "eth0 and eth1: eth1 is active for 3 min 12 s (carrier lost); "
                              "DEGRADED: 1 of 2 ports works\n"
                              "  addresses  10.1.0.1/24, fd00:1::1/64; routes: 4\n"
                              "  MAC        02:00:00:00:00:01, of both ports\n"
                              "  targets    10.1.0.254, fd00:1::254: they answer\n"
                              "  failback   to eth0 in 8 s, if it works until then\n"
                              "  so far     changes: 3, failovers: 2\n"
                              "  PORT  STATE       PROBE    PROBES  ANSWERS  MAC\n"
                              "  eth0  no carrier  silent      100       98  02:00:00:00:00:01\n"
                              "  eth1  active      answers    1000     1000  02:00:00:00:00:01\n"
                              "\n"
                              "eth2 and eth3: eth3 is active for 500 ms (command); both ports work\n"
                              "  addresses  none; routes: 0\n"
                              "  MAC        02:00:00:00:00:02; each port has its own, told at a failover\n"
                              "  targets    none: a port whose carrier stays is not watched\n"
                              "  held       as ordered; hasctl ports switch eth2 goes back\n"
                              "  so far     changes: 1, failovers: 0\n"
                              "  PORT  STATE  PROBE  PROBES  ANSWERS  MAC\n"
                              "\n"
                              "eth4 and eth5: eth4 is active for 1 min; NO PORT WORKS\n"
                              "  addresses  10.5.0.1/24; routes: 1\n"
                              "  MAC        02:00:00:00:00:03, of both ports\n"
                              "  targets    10.5.0.254: NONE ANSWERS by either port\n"
                              "  so far     changes: 0, failovers: 0\n"
                              "  PORT  STATE  PROBE  PROBES  ANSWERS  MAC\n");
    free(text);
}

static void test_lines(void **state)
{
    char *text = shown(status, ports_report_lines);

    (void)state;
    assert_string_equal(text, "  ports     eth0 and eth1: eth1 is active, DEGRADED: 1 of 2 ports works\n"
                              "  ports     eth2 and eth3: eth3 is active, both ports work\n"
                              "  ports     eth4 and eth5: eth4 is active, NO PORT WORKS\n");
    free(text);
}

/* What an older or a broken daemon leaves out must not end hasctl. */
static void test_empty_answers(void **state)
{
    char *text = shown("{}", ports_report_status);

    (void)state;
    assert_string_equal(text, "no pairs of ports\n");
    free(text);
    free(shown("{}", ports_report_lines));
    free(shown("{\"pairs\":[{}]}", ports_report_status));
    free(shown("{\"pairs\":[{\"ports\":[{}],\"targets\":[1],\"addresses\":[null]}]}", ports_report_status));
    free(shown("{\"pairs\":{\"a\":1}}", ports_report_lines));
}

static void assert_degraded(const char *attributes, const char *expected)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    ports_report_degraded(attributes, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void test_degraded(void **state)
{
    (void)state;
    assert_degraded("name=\"has-ports\" host=\"t3\" value=\"0\"\n"
                    "name=\"has-ports\" host=\"m1\" value=\"2\"\n"
                    "name=\"has-ports\" host=\"m2\" value=\"1\"\n",
                    "  degraded  m2 (1 port), t3 (no port)\n");
    assert_degraded("name=\"has-ports\" host=\"m1\" value=\"2\"\nname=\"has-ports\" host=\"m2\" value=\"2\"",
                    "  degraded  none of 2 nodes\n");
    assert_degraded("", "");
    assert_degraded("\n\nCould not query\nhost=\"m1\"\n host=\"m1\" value=\"\n host=\"m1\" value=\"x\"\n"
                    " host=\"\" value=\"1\"\n host=\"m1\" value=\"\"\n host=\"m1\" value=\"-1\"\n",
                    "");
    assert_degraded("name=\"has-ports\" host=\"m1\"\nname=\"has-ports\" value=\"1\"\n", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_empty_answers),
        cmocka_unit_test(test_degraded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
