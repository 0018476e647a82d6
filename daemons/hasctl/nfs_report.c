/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nfs_report.h"

#include "ask.h"
#include "report.h"
#include "table.h"

#include <stdbool.h>
#include <string.h>

#define SPAN_MAX 32

static bool is_set(const json_t *object, const char *member)
{
    return json_is_true(json_object_get(object, member));
}

static const char *text_or_nothing(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    return text ? text : "";
}

static bool is_in_use(const json_t *group, const json_t *server)
{
    return strcmp(answer_text(group, "current"), answer_text(server, "name")) == 0;
}

static void print_state(const json_t *group, FILE *out)
{
    const char *state = answer_text(group, "state");
    const char *current = answer_text(group, "current");
    const char *reason = text_or_nothing(group, "reason");

    if (strcmp(state, "steady") == 0)
        fprintf(out, "%s is in use", current);
    else if (strcmp(state, "waiting") == 0)
        fprintf(out, "WAITING: %s is down, and no other server can take over", current);
    else if (strcmp(state, "refused") == 0)
        fprintf(out, "REFUSED: %s is down, and a move would not be safe", current);
    else
        fprintf(out, "%s, from %s", state, current);
    fprintf(out, "%s%s\n", reason[0] ? ": " : "", reason);
}

static void print_servers(const json_t *group, FILE *out)
{
    static const char *const headings[] = {"  SERVER", "ADDRESS", "STATE", "FOR", "DATA", ">ANSWERS", ">MISSES", NULL};
    struct table *table = table_new(headings);
    const json_t *server;
    char span[SPAN_MAX];
    size_t i;

    if (!table)
        return;
    json_array_foreach(json_object_get(group, "servers"), i, server)
    {
        table_cell(table, "  %s%s", answer_text(server, "name"), is_in_use(group, server) ? " *" : "");
        table_cell(table, "%s", answer_text(server, "address"));
        table_cell(table, "%s", answer_text(server, "health"));
        table_cell(table, "%s", report_span(answer_number(server, "since_ms"), span, sizeof(span)));
        table_cell(table, "%s", answer_text(server, "identity"));
        table_cell(table, "%lld", answer_number(server, "answers"));
        table_cell(table, "%lld", answer_number(server, "misses"));
    }
    table_print(table, out);
    table_free(table);
    json_array_foreach(json_object_get(group, "servers"), i, server)
    {
        if (text_or_nothing(server, "why")[0])
            fprintf(out, "  %s: %s\n", answer_text(server, "name"), text_or_nothing(server, "why"));
    }
}

static void print_mounts(const json_t *group, FILE *out)
{
    const json_t *mount;
    size_t i;

    json_array_foreach(json_object_get(group, "mounts"), i, mount)
    {
        fprintf(out, "  %s on %s, NFSv%s, %s%s\n", answer_text(mount, "source"), answer_text(mount, "directory"),
                answer_text(mount, "version"), is_set(mount, "readonly") ? "read-only" : "read and write",
                is_set(mount, "foreign") ? "; not made by mount.nfsha, moves along" : "");
    }
}

static void print_moves(const json_t *group, FILE *out)
{
    const json_t *ago = json_object_get(group, "moved_ms_ago");
    const json_t *gap = json_object_get(group, "last_gap_ms");
    char span[SPAN_MAX];

    fprintf(out, "  moves: %lld", answer_number(group, "moves"));
    if (json_is_integer(ago))
        fprintf(out, ", the last %s ago", report_span(json_integer_value(ago), span, sizeof(span)));
    if (json_is_integer(gap))
        fprintf(out, ", %lld ms after the last answer", (long long)json_integer_value(gap));
    fprintf(out, "; transports: %lld; replication: %s%s\n", answer_number(group, "transports"),
            answer_text(group, "replication"), is_set(group, "own_copies") ? "; THE SERVERS HAVE OWN COPIES" : "");
}

void nfs_report_client(const json_t *answer, FILE *out)
{
    const json_t *groups = json_object_get(answer, "groups");
    const json_t *group;
    size_t i;

    json_array_foreach(groups, i, group)
    {
        if (i > 0)
            fputc('\n', out);
        print_state(group, out);
        print_servers(group, out);
        print_mounts(group, out);
        print_moves(group, out);
    }
    if (json_array_size(groups) == 0)
        fputs("no mounts of type nfsha\n", out);
}

bool nfs_report_is_well(const json_t *answer, FILE *out)
{
    const json_t *group;
    size_t i;

    json_array_foreach(json_object_get(answer, "groups"), i, group)
    {
        if (strcmp(answer_text(group, "state"), "steady") == 0)
            continue;
        print_state(group, out);
        return false;
    }
    return true;
}
