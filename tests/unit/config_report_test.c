/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people see of the daemons' answers. */
#include "unit.h"

#include "report.h"
#include "table.h"

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

static void test_span(void **state)
{
    static const struct {
        long long ms;
        const char *text;
    } spans[] = {{0, "0 ms"},           {999, "999 ms"},       {1000, "1 s"},     {59999, "59 s"},
                 {60000, "1 min"},      {90000, "1 min 30 s"}, {7200000, "2 h"},  {7260000, "2 h 1 min"},
                 {90000000, "1 d 1 h"}, {86400000, "1 d"},     {172800000, "2 d"}};
    char text[32];

    (void)state;
    for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++)
        assert_string_equal(report_span(spans[i].ms, text, sizeof(text)), spans[i].text);
}

static void test_table(void **state)
{
    static const char *const headings[] = {"NAME", ">N", "LAST", NULL};
    struct table *table = table_new(headings);
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    (void)state;
    table_cell(table, "%s", "a");
    table_cell(table, "%d", 1000);
    table_cell(table, "%s", "");
    table_cell(table, "%s", "é longer");
    table_cell(table, "%d", 7);
    table_cell(table, "%s", "x");
    table_print(table, out);
    table_free(table);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "NAME         N  LAST\n"
                              "a         1000  -\n"
                              "é longer     7  x\n");
    free(text);
}

static void test_nodes(void **state)
{
    char *text =
        shown("{\"ok\":true,\"nodes\":[{\"name\":\"t1\",\"address\":\"10.1.0.11\",\"address6\":null,"
              "\"role\":\"active\",\"state\":\"active\",\"reason\":\"reports\",\"index\":4484,\"pressure\":815,"
              "\"weight\":100,\"override\":null,\"age_ms\":63,\"connections\":12,\"services\":{\"web\":\"up\"}},"
              "{\"name\":\"t22\",\"address\":\"10.1.0.12\",\"role\":\"standby\",\"state\":\"out-of-cluster\","
              "\"reason\":\"silent\",\"index\":0,\"pressure\":0,\"weight\":0,"
              "\"override\":{\"kind\":\"weight\",\"value\":7},\"age_ms\":null,\"connections\":0,"
              "\"services\":{}}]}",
              report_nodes);

    (void)state;
    assert_string_equal(
        text,
        "NODE  ADDRESS    STATE           WEIGHT  INDEX    FREE  REPORT  CONNECTIONS  OVERRIDE  SERVICES  REASON\n"
        "t1    10.1.0.11  active             100   4484  81.5 %   63 ms           12  -         web up    reports\n"
        "t22   10.1.0.12  out-of-cluster       0      -       -   never            0  weight 7  -         silent\n");
    free(text);
}

static void test_services(void **state)
{
    char *text =
        shown("{\"ok\":true,\"services\":[{\"name\":\"web\",\"protocol\":\"tcp\",\"address\":\"fd00:1::100\","
              "\"port\":80,\"fwmark\":0,\"scheduler\":\"wrr\",\"persistence\":300,\"servers\":[{\"name\":\"t1\","
              "\"address\":\"fd00:1::11\",\"port\":80,\"weight\":100,\"forward\":\"direct\",\"active\":3,"
              "\"inactive\":14,\"role\":\"traffic\"}]},{\"name\":\"m\",\"protocol\":\"fwmark\","
              "\"fwmark\":7,\"scheduler\":\"wlc\",\"persistence\":0,\"servers\":[]}]}",
              report_services);

    (void)state;
    assert_string_equal(text, "web  tcp [fd00:1::100]:80  scheduler wrr  persistent for 300 s\n"
                              "  SERVER  ADDRESS     PORT  WEIGHT  FORWARD  ACTIVE  INACTIVE  ROLE\n"
                              "  t1      fd00:1::11    80     100  direct        3        14  traffic\n"
                              "\n"
                              "m  firewall mark 7  scheduler wlc\n"
                              "  no server\n");
    free(text);
}

static void test_tmd_status(void **state)
{
    char *text =
        shown("{\"ok\":true,\"daemon\":\"tmd\",\"version\":\"0.1.0\",\"uptime_ms\":90000,\"host\":\"m1\","
              "\"policy\":\"has\",\"nodes\":{\"active\":4,\"standby\":1,\"in-transition\":0,"
              "\"out-of-cluster\":0},\"isolated\":true,\"services\":2,\"reports\":{\"accepted\":900,\"rejected\":"
              "{\"forged\":3,\"truncated\":0,\"replayed\":1}},\"kernel\":{\"writes\":10,\"repairs\":2,"
              "\"errors\":0},\"latency_us\":{\"p50\":150,\"p99\":900,\"max\":4100}}",
              report_tmd_status);

    (void)state;
    assert_string_equal(text, "tmd 0.1.0 on m1, running for 1 min 30 s, policy has\n"
                              "  nodes     4 active, 1 standby, 0 in-transition, 0 out-of-cluster\n"
                              "  isolated  no traffic node is heard; see tmd's log\n"
                              "  services  2\n"
                              "  reports   900 accepted; rejected: 3 forged, 1 replayed\n"
                              "  kernel    10 writes, 2 repairs, 0 errors\n"
                              "  latency   0.1 ms median, 0.9 ms 99th percentile, 4.1 ms highest, from report to "
                              "weight\n");
    free(text);
}

static void test_tcd_status(void **state)
{
    char *text = shown("{\"ok\":true,\"daemon\":\"tcd\",\"version\":\"0.1.0\",\"uptime_ms\":1000,\"name\":\"t1\","
                       "\"formula\":\"has\",\"index\":0,\"pressure\":900,\"reporting\":false,\"draining\":false,"
                       "\"connections\":5,\"masters\":[{\"name\":\"master1\",\"address\":\"10.1.0.1\","
                       "\"acknowledged\":true,\"age_ms\":40}],\"checks\":[{\"name\":\"web\",\"kind\":\"http\","
                       "\"service\":\"web\",\"state\":\"down\",\"latency_ms\":2,\"message\":\"connection refused\"}]}",
                       report_tcd_status);

    (void)state;
    assert_string_equal(text, "tcd 0.1.0 on t1, running for 1 s, formula has\n"
                              "  load index   0, pressure 900 of 1000 free\n"
                              "  reporting    no: a check fails\n"
                              "  connections  5\n"
                              "\n"
                              "MASTER   ADDRESS   ANSWERS  LAST\n"
                              "master1  10.1.0.1  yes      40 ms\n"
                              "\n"
                              "CHECK  KIND  SERVICE  STATE  TOOK  MESSAGE\n"
                              "web    http  web      down   2 ms  connection refused\n");
    free(text);
}

/* An older daemon may not send everything; nothing may fall over. */
static void test_empty_answers(void **state)
{
    void (*const reports[])(const json_t *, FILE *) = {report_tmd_status, report_tcd_status, report_nodes,
                                                       report_services};

    (void)state;
    for (size_t i = 0; i < sizeof(reports) / sizeof(*reports); i++)
        free(shown("{\"ok\":true}", reports[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_span),          cmocka_unit_test(test_table),      cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_services),      cmocka_unit_test(test_tmd_status), cmocka_unit_test(test_tcd_status),
        cmocka_unit_test(test_empty_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
