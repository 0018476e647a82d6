/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people see of cvipd's answers. */
#include "unit.h"

#include "cvip_report.h"

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
    "{\"ok\":true,\"daemon\":\"cvipd\",\"name\":\"m1\",\"interface\":\"eth0\",\"port_up\":true,\"mac\":\"shared\","
    "\"addresses\":[\"10.1.0.100\",\"fd00:1::100\"],\"ready\":true,\"switchover\":true,\"manager_down\":true,"
    "\"uptime_ms\":61000,\"member\":1,\"epoch\":7,\"coordinator\":1,\"active\":255,\"buckets\":128,\"silent\":120,"
    "\"own\":8,\"holding\":3,\"takeovers\":128,\"moves\":2,\"false_alarms\":0,\"quorate\":true,\"isolated\":true,"
    "\"members\":[{\"id\":1,\"name\":\"m1\",\"self\":true,\"heard\":true,\"linked\":true,\"ready\":true,"
    "\"port_up\":true,\"weight\":1,\"load\":12,\"buckets\":128,\"silent_ms\":0},"
    "{\"id\":2,\"name\":\"m2\",\"heard\":true,\"linked\":true,\"ready\":false,\"port_up\":true,\"weight\":1,"
    "\"load\":7,\"buckets\":128,\"silent_ms\":25},"
    "{\"id\":3,\"name\":\"m3\",\"heard\":false,\"confirmed_lost\":true,\"weight\":1,\"buckets\":0,"
    "\"silent_ms\":90000},"
    "{\"id\":4,\"name\":\"m4\",\"heard\":false,\"weight\":0,\"buckets\":0,\"silent_ms\":null}],"
    "\"corosync\":{\"used\":true,\"connected\":true,\"quorate\":true},"
    "\"sync\":{\"wanted\":true,\"running\":false,\"interface\":\"eth1\",\"id\":7},"
    "\"takeover\":{\"when\":0,\"reason\":\"m3 was lost\",\"silent_ms\":95},"
    "\"reconstruction\":{\"running\":false,\"when\":0,\"nodes_asked\":4,\"nodes_complete\":3,\"connections\":1000,"
    "\"took_ms\":41},"
    "\"engine\":{\"frames\":10,\"passed\":5,\"foreign\":4,\"held\":1,\"expired\":0,\"rst_kept_back\":2,\"replayed\":3},"
    "\"transport\":{\"sent\":100,\"received\":99,\"refused\":1,\"send_errors\":0}}";

static void test_status(void **state)
{
    char *text;

    (void)state;
    setenv("TZ", "UTC", 1);
    text = shown(status, cvip_report_status);
    assert_string_equal(text,
                        "cvipd on m1, running for 1 min 1 s, active/active\n"
                        "  addresses       10.1.0.100, fd00:1::100 on eth0, shared MAC\n"
                        "  here            128 of 256 buckets: 120 SILENT, 8 OWN, 3 hold new connections\n"
                        "  map             7, coordinator 1; buckets so far: 128 taken over, 2 moved; 0 false alarms\n"
                        "  membership      Corosync, with quorum\n"
                        "  isolated        less than half of the members is heard: nothing is taken in\n"
                        "  switchover      in force; hasctl switchover --end lifts it\n"
                        "  tmd             does not answer; other masters go first\n"
                        "  synchronisation by eth1, id 7: NOT RUNNING, see cvipd's log\n"
                        "  reconstruction  1970-01-01 00:00:00: 1000 connections from 3 of 4 traffic nodes in 41 ms\n"
                        "  take-over       1970-01-01 00:00:00: m3 was lost, 95 ms after its last heartbeat\n"
                        "  client frames   10 seen, 5 let in, 4 left to others, 1 held, 0 after the lease\n"
                        "                  2 RSTs kept back, 3 connection requests taken in again\n"
                        "  heartbeats      100 sent, 99 received, 1 refused, 0 not sent\n"
                        "\n"
                        "ID  MASTER  STATE      PORT  WEIGHT  LOAD  BUCKETS       SILENT\n"
                        " 1  m1      this node  up         1  12 %      128            -\n"
                        " 2  m2      not ready  up         1   7 %      128        25 ms\n"
                        " 3  m3      off        -          1     -        0   1 min 30 s\n"
                        " 4  m4      lost       -          0     -        0  never heard\n");
    free(text);
}

static void test_a_port_with_a_twin(void **state)
{
    char *text = shown("{\"interface\":\"eth0\",\"mac\":\"shared\",\"addresses\":[\"10.1.0.100\"],"
                       "\"port\":{\"primary\":\"eth0\",\"twin\":\"eth1\",\"active\":\"eth1\"}}",
                       cvip_report_status);

    (void)state;
    assert_non_null(strstr(text, "  addresses       10.1.0.100 on eth1 of eth0 and eth1, shared MAC\n"));
    free(text);
}

static void test_line(void **state)
{
    char *text = shown("{\"active\":2,\"buckets\":85,\"quorate\":false}", cvip_report_line);

    (void)state;
    assert_string_equal(text, "  cvip      n+m, 2 active, 85 of 256 buckets here, NO QUORUM\n");
    free(text);
}

static void test_redundancy(void **state)
{
    char *text = shown("{\"active\":1,\"configured\":255,\"members\":2}", cvip_report_redundancy);

    (void)state;
    assert_non_null(strstr(text, "active/standby (of 2 masters)\n"));
    assert_non_null(strstr(text, "cvipd.conf says otherwise"));
    free(text);
}

/* What an older or a broken daemon leaves out must not end hasctl. */
static void test_empty_answers(void **state)
{
    (void)state;
    free(shown("{}", cvip_report_status));
    free(shown("{}", cvip_report_line));
    free(shown("{}", cvip_report_redundancy));
    free(shown("{\"members\":[{}],\"takeover\":{},\"reconstruction\":{\"when\":1}}", cvip_report_status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),     cmocka_unit_test(test_a_port_with_a_twin), cmocka_unit_test(test_line),
        cmocka_unit_test(test_redundancy), cmocka_unit_test(test_empty_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
