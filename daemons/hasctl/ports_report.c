/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ports_report.h"

#include "ask.h"
#include "report.h"
#include "table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SPAN_MAX 32
#define NODE_NAME_MAX 256

static bool is_set(const json_t *object, const char *member)
{
    return json_is_true(json_object_get(object, member));
}

/* "both ports work", "DEGRADED: 1 of 2 ports works" */
static const char *condition(const json_t *pair)
{
    long long working = answer_number(pair, "working");

    if (working >= PORTS_OF_A_PAIR)
        return "both ports work";
    return working == 1 ? "DEGRADED: 1 of 2 ports works" : "NO PORT WORKS";
}

static void print_head(const json_t *pair, FILE *out)
{
    const char *reason = json_string_value(json_object_get(pair, "reason"));
    char span[SPAN_MAX];

    fprintf(out, "%s and %s: %s is active for %s", answer_text(pair, "primary"), answer_text(pair, "twin"),
            answer_text(pair, "active"), report_span(answer_number(pair, "since_ms"), span, sizeof(span)));
    if (answer_number(pair, "changes") > 0 && reason && reason[0])
        fprintf(out, " (%s)", reason);
    fprintf(out, "; %s\n", condition(pair));
}

static void print_list(const json_t *list, FILE *out)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        const char *text = json_string_value(item);

        fprintf(out, "%s%s", i > 0 ? ", " : "", text ? text : "?");
    }
    if (json_array_size(list) == 0)
        fputs("none", out);
}

static void print_addresses(const json_t *pair, FILE *out)
{
    fputs("  addresses  ", out);
    print_list(json_object_get(pair, "addresses"), out);
    fprintf(out, "; routes: %lld\n", answer_number(pair, "routes"));
    fprintf(out, "  MAC        %s%s\n", answer_text(pair, "mac"),
            is_set(pair, "shared_mac") ? ", of both ports" : "; each port has its own, told at a failover");
}

/* Which of the two: nobody is asked, or nobody answers. */
static void print_targets(const json_t *pair, FILE *out)
{
    const json_t *targets = json_object_get(pair, "targets");

    fputs("  targets    ", out);
    print_list(targets, out);
    if (json_array_size(targets) == 0)
        fputs(": a port whose carrier stays is not watched\n", out);
    else
        fputs(is_set(pair, "targets_answer") ? ": they answer\n" : ": NONE ANSWERS by either port\n", out);
}

static void print_failback(const json_t *pair, FILE *out)
{
    const json_t *due = json_object_get(pair, "failback_in_ms");
    char span[SPAN_MAX];

    if (is_set(pair, "held"))
        fprintf(out, "  held       as ordered; hasctl ports switch %s goes back\n", answer_text(pair, "primary"));
    else if (json_is_integer(due))
        fprintf(out, "  failback   to %s in %s, if it works until then\n", answer_text(pair, "primary"),
                report_span(json_integer_value(due), span, sizeof(span)));
    fprintf(out, "  so far     changes: %lld, failovers: %lld\n", answer_number(pair, "changes"),
            answer_number(pair, "failovers"));
}

static void print_ports(const json_t *ports, FILE *out)
{
    static const char *const headings[] = {"  PORT", "STATE", "PROBE", ">PROBES", ">ANSWERS", "MAC", NULL};
    struct table *table = table_new(headings);
    const json_t *port;
    size_t i;

    if (!table)
        return;
    json_array_foreach(ports, i, port)
    {
        table_cell(table, "  %s", answer_text(port, "name"));
        table_cell(table, "%s", answer_text(port, "state"));
        table_cell(table, "%s", answer_text(port, "probe"));
        table_cell(table, "%lld", answer_number(port, "probes"));
        table_cell(table, "%lld", answer_number(port, "answers"));
        table_cell(table, "%s", answer_text(port, "mac"));
    }
    table_print(table, out);
    table_free(table);
}

void ports_report_status(const json_t *answer, FILE *out)
{
    const json_t *pairs = json_object_get(answer, "pairs");
    const json_t *pair;
    size_t i;

    json_array_foreach(pairs, i, pair)
    {
        if (i > 0)
            fputc('\n', out);
        print_head(pair, out);
        print_addresses(pair, out);
        print_targets(pair, out);
        print_failback(pair, out);
        print_ports(json_object_get(pair, "ports"), out);
    }
    if (json_array_size(pairs) == 0)
        fputs("no pairs of ports\n", out);
}

void ports_report_lines(const json_t *answer, FILE *out)
{
    const json_t *pair;
    size_t i;

    json_array_foreach(json_object_get(answer, "pairs"), i, pair)
    {
        fprintf(out, "  ports     %s and %s: %s is active, %s\n", answer_text(pair, "primary"),
                answer_text(pair, "twin"), answer_text(pair, "active"), condition(pair));
    }
}

struct told {
    char node[NODE_NAME_MAX];
    long working;
};

/* The value of NAME="VALUE" in a line that ends at end; false: it has none, or one that is too long. */
static bool value_of(const char *line, const char *end, const char *name, char *value, size_t size)
{
    const char *begin = memmem(line, (size_t)(end - line), name, strlen(name));
    const char *stop;

    if (!begin)
        return false;
    begin += strlen(name);
    stop = memchr(begin, '"', (size_t)(end - begin));
    if (!stop || stop == begin || (size_t)(stop - begin) >= size)
        return false;
    memcpy(value, begin, (size_t)(stop - begin));
    value[stop - begin] = '\0';
    return true;
}

static bool parse_line(const char *line, const char *end, struct told *told)
{
    char value[16];
    char *rest;

    if (!value_of(line, end, " host=\"", told->node, sizeof(told->node)) ||
        !value_of(line, end, " value=\"", value, sizeof(value)))
        return false;
    told->working = strtol(value, &rest, 10);
    return *rest == '\0' && told->working >= 0;
}

static int by_name(const void *one, const void *two)
{
    return strcmp(((const struct told *)one)->node, ((const struct told *)two)->node);
}

/* Returns the nodes that told something, sorted, to be freed; NULL without memory. */
static struct told *parse_attributes(const char *text, size_t *count)
{
    size_t lines = 1;
    struct told *all;

    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    all = calloc(lines, sizeof(*all));
    *count = 0;
    for (const char *line = text; all && *line;) {
        const char *end = strchrnul(line, '\n');

        *count += parse_line(line, end, &all[*count]);
        line = *end ? end + 1 : end;
    }
    if (all)
        qsort(all, *count, sizeof(*all), by_name);
    return all;
}

void ports_report_degraded(const char *attributes, FILE *out)
{
    size_t count;
    size_t degraded = 0;
    struct told *all = parse_attributes(attributes, &count);

    for (size_t i = 0; all && i < count; i++) {
        if (all[i].working >= PORTS_OF_A_PAIR)
            continue;
        fprintf(out, "%s%s (%s)", degraded++ > 0 ? ", " : "  degraded  ", all[i].node,
                all[i].working == 1 ? "1 port" : "no port");
    }
    if (degraded > 0)
        fputc('\n', out);
    else if (all && count > 0)
        fprintf(out, "  degraded  none of %zu nodes\n", count);
    free(all);
}
