/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include "ask.h"
#include "table.h"

#include <stdbool.h>
#include <string.h>

#define SPAN_MAX 32

const char *report_span(long long ms, char *buf, size_t size)
{
    static const struct {
        long long ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}, {1, "ms"}};
    size_t i = 0;

    while (i < 4 && ms < units[i].ms)
        i++;
    if (i >= 3 || ms % units[i].ms < units[i + 1].ms)
        snprintf(buf, size, "%lld %s", ms / units[i].ms, units[i].unit);
    else
        snprintf(buf, size, "%lld %s %lld %s", ms / units[i].ms, units[i].unit, ms % units[i].ms / units[i + 1].ms,
                 units[i + 1].unit);
    return buf;
}

/* "3 forged, 2 replayed", or "none": the counters that are not zero. */
static void print_counters(const json_t *counters, FILE *out)
{
    const char *name;
    json_t *value;
    bool any = false;

    json_object_foreach((json_t *)counters, name, value)
    {
        if (json_integer_value(value) == 0)
            continue;
        fprintf(out, "%s%lld %s", any ? ", " : "", (long long)json_integer_value(value), name);
        any = true;
    }
    if (!any)
        fputs("none", out);
}

void report_tmd_status(const json_t *answer, FILE *out)
{
    const json_t *nodes = json_object_get(answer, "nodes");
    const json_t *reports = json_object_get(answer, "reports");
    const json_t *kernel = json_object_get(answer, "kernel");
    const json_t *latency = json_object_get(answer, "latency_us");
    char span[SPAN_MAX];

    fprintf(out, "tmd %s on %s, running for %s, policy %s\n", answer_text(answer, "version"),
            answer_text(answer, "host"), report_span(answer_number(answer, "uptime_ms"), span, sizeof(span)),
            answer_text(answer, "policy"));
    fprintf(out, "  nodes     %lld active, %lld standby, %lld in-transition, %lld out-of-cluster\n",
            answer_number(nodes, "active"), answer_number(nodes, "standby"), answer_number(nodes, "in-transition"),
            answer_number(nodes, "out-of-cluster"));
    if (json_is_true(json_object_get(answer, "isolated")))
        fputs("  isolated  no traffic node is heard; see tmd's log\n", out);
    fprintf(out, "  services  %lld\n", answer_number(answer, "services"));
    fprintf(out, "  reports   %lld accepted; rejected: ", answer_number(reports, "accepted"));
    print_counters(json_object_get(reports, "rejected"), out);
    fprintf(out, "\n  kernel    %lld writes, %lld repairs, %lld errors\n", answer_number(kernel, "writes"),
            answer_number(kernel, "repairs"), answer_number(kernel, "errors"));
    fprintf(out, "  latency   %.1f ms median, %.1f ms 99th percentile, %.1f ms highest, from report to weight\n",
            (double)answer_number(latency, "p50") / 1000, (double)answer_number(latency, "p99") / 1000,
            (double)answer_number(latency, "max") / 1000);
}

static void cell_age(struct table *table, const json_t *object, const char *member)
{
    const json_t *age = json_object_get(object, member);
    char span[SPAN_MAX];

    table_cell(table, "%s", json_is_integer(age) ? report_span(json_integer_value(age), span, sizeof(span)) : "never");
}

static void print_masters(const json_t *masters, FILE *out)
{
    static const char *const headings[] = {"MASTER", "ADDRESS", "ANSWERS", "LAST", NULL};
    struct table *table = table_new(headings);
    const json_t *master;
    size_t i;

    if (!table)
        return;
    json_array_foreach(masters, i, master)
    {
        table_cell(table, "%s", answer_text(master, "name"));
        table_cell(table, "%s", answer_text(master, "address"));
        table_cell(table, "%s", json_is_true(json_object_get(master, "acknowledged")) ? "yes" : "no");
        cell_age(table, master, "age_ms");
    }
    fputc('\n', out);
    table_print(table, out);
    table_free(table);
}

static void print_checks(const json_t *checks, FILE *out)
{
    static const char *const headings[] = {"CHECK", "KIND", "SERVICE", "STATE", ">TOOK", "MESSAGE", NULL};
    struct table *table = table_new(headings);
    const json_t *check;
    size_t i;

    if (!table)
        return;
    json_array_foreach(checks, i, check)
    {
        table_cell(table, "%s", answer_text(check, "name"));
        table_cell(table, "%s", answer_text(check, "kind"));
        table_cell(table, "%s", answer_text(check, "service"));
        table_cell(table, "%s", answer_text(check, "state"));
        table_cell(table, "%lld ms", answer_number(check, "latency_ms"));
        table_cell(table, "%s", answer_text(check, "message"));
    }
    fputc('\n', out);
    table_print(table, out);
    table_free(table);
}

void report_tcd_status(const json_t *answer, FILE *out)
{
    const json_t *checks = json_object_get(answer, "checks");
    char span[SPAN_MAX];

    fprintf(out, "tcd %s on %s, running for %s, formula %s\n", answer_text(answer, "version"),
            answer_text(answer, "name"), report_span(answer_number(answer, "uptime_ms"), span, sizeof(span)),
            answer_text(answer, "formula"));
    fprintf(out, "  load index   %lld, pressure %lld of 1000 free\n", answer_number(answer, "index"),
            answer_number(answer, "pressure"));
    fprintf(out, "  reporting    %s\n",
            json_is_true(json_object_get(answer, "draining"))    ? "draining: the node is leaving"
            : json_is_true(json_object_get(answer, "reporting")) ? "yes"
                                                                 : "no: a check fails");
    fprintf(out, "  connections  %lld\n", answer_number(answer, "connections"));
    print_masters(json_object_get(answer, "masters"), out);
    if (json_array_size(checks) > 0)
        print_checks(checks, out);
}

/* "web up, dns down" */
static void cell_services(struct table *table, const json_t *services)
{
    char text[512] = "";
    size_t used = 0;
    const char *name;
    json_t *state;

    json_object_foreach((json_t *)services, name, state)
    {
        const char *word = json_string_value(state);

        if (used < sizeof(text))
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s %s", used ? ", " : "", name,
                                     word ? word : "?");
    }
    table_cell(table, "%s", text);
}

static void cell_override(struct table *table, const json_t *override)
{
    const char *kind = json_string_value(json_object_get(override, "kind"));

    if (kind && strcmp(kind, "weight") == 0)
        table_cell(table, "weight %lld", answer_number(override, "value"));
    else
        table_cell(table, "%s", kind ? kind : "");
}

/* Index and pressure, which a node that never reported does not have. */
static void cell_load(struct table *table, const json_t *node)
{
    long long pressure = answer_number(node, "pressure");

    if (json_is_integer(json_object_get(node, "age_ms"))) {
        table_cell(table, "%lld", answer_number(node, "index"));
        table_cell(table, "%lld.%lld %%", pressure / 10, pressure % 10);
    } else {
        table_cell(table, "%s", "");
        table_cell(table, "%s", "");
    }
}

void report_nodes(const json_t *answer, FILE *out)
{
    static const char *const headings[] = {"NODE",    "ADDRESS",      "STATE",    ">WEIGHT",  ">INDEX", ">FREE",
                                           ">REPORT", ">CONNECTIONS", "OVERRIDE", "SERVICES", "REASON", NULL};
    struct table *table = table_new(headings);
    const json_t *node;
    size_t i;

    if (!table)
        return;
    json_array_foreach(json_object_get(answer, "nodes"), i, node)
    {
        table_cell(table, "%s", answer_text(node, "name"));
        table_cell(table, "%s", answer_text(node, "address"));
        table_cell(table, "%s", answer_text(node, "state"));
        table_cell(table, "%lld", answer_number(node, "weight"));
        cell_load(table, node);
        cell_age(table, node, "age_ms");
        table_cell(table, "%lld", answer_number(node, "connections"));
        cell_override(table, json_object_get(node, "override"));
        cell_services(table, json_object_get(node, "services"));
        table_cell(table, "%s", answer_text(node, "reason"));
    }
    table_print(table, out);
    table_free(table);
}

static void print_service_line(const json_t *service, FILE *out)
{
    const char *address = answer_text(service, "address");
    const char *protocol = answer_text(service, "protocol");

    if (strcmp(protocol, "fwmark") == 0)
        fprintf(out, "%s  firewall mark %lld", answer_text(service, "name"), answer_number(service, "fwmark"));
    else
        fprintf(out, strchr(address, ':') ? "%s  %s [%s]:%lld" : "%s  %s %s:%lld", answer_text(service, "name"),
                protocol, address, answer_number(service, "port"));
    fprintf(out, "  scheduler %s", answer_text(service, "scheduler"));
    if (answer_number(service, "persistence") > 0)
        fprintf(out, "  persistent for %lld s", answer_number(service, "persistence"));
    fputc('\n', out);
}

static void print_servers(const json_t *servers, FILE *out)
{
    static const char *const headings[] = {"  SERVER", "ADDRESS",   ">PORT", ">WEIGHT", "FORWARD",
                                           ">ACTIVE",  ">INACTIVE", "ROLE",  NULL};
    struct table *table = table_new(headings);
    const json_t *server;
    size_t i;

    if (!table)
        return;
    json_array_foreach(servers, i, server)
    {
        table_cell(table, "  %s", answer_text(server, "name"));
        table_cell(table, "%s", answer_text(server, "address"));
        table_cell(table, "%lld", answer_number(server, "port"));
        table_cell(table, "%lld", answer_number(server, "weight"));
        table_cell(table, "%s", answer_text(server, "forward"));
        table_cell(table, "%lld", answer_number(server, "active"));
        table_cell(table, "%lld", answer_number(server, "inactive"));
        table_cell(table, "%s", answer_text(server, "role"));
    }
    table_print(table, out);
    table_free(table);
}

void report_services(const json_t *answer, FILE *out)
{
    const json_t *service;
    size_t i;

    json_array_foreach(json_object_get(answer, "services"), i, service)
    {
        const json_t *servers = json_object_get(service, "servers");

        if (i > 0)
            fputc('\n', out);
        print_service_line(service, out);
        if (json_array_size(servers) > 0)
            print_servers(servers, out);
        else
            fputs("  no server\n", out);
    }
    if (json_array_size(json_object_get(answer, "services")) == 0)
        fputs("no virtual services\n", out);
}
