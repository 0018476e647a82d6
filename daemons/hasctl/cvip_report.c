/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cvip_report.h"

#include "ask.h"
#include "report.h"
#include "table.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#define SPAN_MAX 32
#define BUCKETS 256
#define ALL_ACTIVE 255

static bool is_set(const json_t *object, const char *member)
{
    return json_is_true(json_object_get(object, member));
}

/* The model as hasctl redundancy set takes it. */
static void print_model(const json_t *answer, FILE *out)
{
    long long active = answer_number(answer, "active");

    if (active == 1)
        fputs("active/standby", out);
    else if (active == ALL_ACTIVE)
        fputs("active/active", out);
    else
        fprintf(out, "n+m, %lld active", active);
}

static const char *member_state(const json_t *member)
{
    if (is_set(member, "self"))
        return is_set(member, "ready") ? "this node" : "this node, not ready";
    if (!is_set(member, "heard"))
        return is_set(member, "confirmed_lost") ? "off" : "lost"; /* or not started yet */
    if (!is_set(member, "linked"))
        return "one way";
    if (!is_set(member, "port_up"))
        return "port down";
    if (is_set(member, "aside"))
        return "aside";
    return is_set(member, "ready") ? "ready" : "not ready";
}

static const char *member_silence(const json_t *member, char span[SPAN_MAX])
{
    if (is_set(member, "self"))
        return "-";
    if (!json_is_integer(json_object_get(member, "silent_ms")))
        return "never heard";
    return report_span(answer_number(member, "silent_ms"), span, SPAN_MAX);
}

static void print_members(const json_t *members, FILE *out)
{
    static const char *const headings[] = {">ID",   "MASTER",   "STATE",   "PORT", ">WEIGHT",
                                           ">LOAD", ">BUCKETS", ">SILENT", NULL};
    struct table *table = table_new(headings);
    const json_t *member;
    size_t i;

    if (!table)
        return;
    json_array_foreach(members, i, member)
    {
        char span[SPAN_MAX];
        bool known = is_set(member, "self") || is_set(member, "heard");

        table_cell(table, "%lld", answer_number(member, "id"));
        table_cell(table, "%s", answer_text(member, "name"));
        table_cell(table, "%s", member_state(member));
        table_cell(table, "%s", known ? is_set(member, "port_up") ? "up" : "down" : "-");
        table_cell(table, "%lld", answer_number(member, "weight"));
        table_cell(table, known ? "%lld %%" : "-", answer_number(member, "load"));
        table_cell(table, "%lld", answer_number(member, "buckets"));
        table_cell(table, "%s", member_silence(member, span));
    }
    table_print(table, out);
    table_free(table);
}

static void print_time(const json_t *object, FILE *out)
{
    time_t when = (time_t)answer_number(object, "when");
    struct tm local;
    char text[SPAN_MAX];

    if (localtime_r(&when, &local) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local) > 0)
        fputs(text, out);
}

/* The service port; with a twin the one that is in use, and both. */
static void print_port(const json_t *answer, FILE *out)
{
    const json_t *port = json_object_get(answer, "port");

    if (json_is_string(json_object_get(port, "twin")))
        fprintf(out, " on %s of %s and %s", answer_text(port, "active"), answer_text(port, "primary"),
                answer_text(port, "twin"));
    else
        fprintf(out, " on %s", answer_text(answer, "interface"));
}

static void print_addresses(const json_t *answer, FILE *out)
{
    const json_t *addresses = json_object_get(answer, "addresses");
    const json_t *address;
    size_t i;

    fputs("  addresses       ", out);
    json_array_foreach(addresses, i, address)
    {
        fprintf(out, "%s%s", i > 0 ? ", " : "", json_string_value(address));
    }
    print_port(answer, out);
    fprintf(out, ", %s MAC\n", answer_text(answer, "mac"));
}

static void print_share(const json_t *answer, FILE *out)
{
    fprintf(out, "  here            %lld of %d buckets: %lld SILENT, %lld OWN, %lld hold new connections\n",
            answer_number(answer, "buckets"), BUCKETS, answer_number(answer, "silent"), answer_number(answer, "own"),
            answer_number(answer, "holding"));
    fprintf(
        out,
        "  map             %lld, coordinator %lld; buckets so far: %lld taken over, %lld moved; %lld false alarms\n",
        answer_number(answer, "epoch"), answer_number(answer, "coordinator"), answer_number(answer, "takeovers"),
        answer_number(answer, "moves"), answer_number(answer, "false_alarms"));
}

static void print_quorum(const json_t *answer, FILE *out)
{
    const json_t *corosync = json_object_get(answer, "corosync");

    if (!is_set(corosync, "used"))
        fputs("  membership      a static list: no fencing, no quorum\n", out);
    else if (!is_set(corosync, "connected"))
        fputs("  membership      Corosync does not answer\n", out);
    else
        fprintf(out, "  membership      Corosync, %s\n", is_set(corosync, "quorate") ? "with quorum" : "NO QUORUM");
    if (is_set(answer, "isolated"))
        fputs("  isolated        less than half of the members is heard: nothing is taken in\n", out);
    if (is_set(answer, "switchover"))
        fputs("  switchover      in force; hasctl switchover --end lifts it\n", out);
    if (is_set(answer, "manager_down"))
        fputs("  tmd             does not answer; other masters go first\n", out);
}

static void print_connections(const json_t *answer, FILE *out)
{
    const json_t *sync = json_object_get(answer, "sync");
    const json_t *last = json_object_get(answer, "reconstruction");

    if (is_set(sync, "wanted"))
        fprintf(out, "  synchronisation by %s, id %lld%s\n", answer_text(sync, "interface"), answer_number(sync, "id"),
                is_set(sync, "running") ? "" : ": NOT RUNNING, see cvipd's log");
    else
        fputs("  synchronisation off\n", out);
    fputs("  reconstruction  ", out);
    if (is_set(last, "running")) {
        fputs("under way\n", out);
    } else if (json_object_get(last, "when")) {
        print_time(last, out);
        fprintf(out, ": %lld connections from %lld of %lld traffic nodes in %lld ms\n",
                answer_number(last, "connections"), answer_number(last, "nodes_complete"),
                answer_number(last, "nodes_asked"), answer_number(last, "took_ms"));
    } else {
        fputs("none yet\n", out);
    }
}

static void print_takeover(const json_t *answer, FILE *out)
{
    const json_t *last = json_object_get(answer, "takeover");

    if (!json_is_object(last))
        return;
    fputs("  take-over       ", out);
    print_time(last, out);
    fprintf(out, ": %s, %lld ms after its last heartbeat\n", answer_text(last, "reason"),
            answer_number(last, "silent_ms"));
}

static void print_counters(const json_t *answer, FILE *out)
{
    const json_t *engine = json_object_get(answer, "engine");
    const json_t *transport = json_object_get(answer, "transport");

    fprintf(out, "  client frames   %lld seen, %lld let in, %lld left to others, %lld held, %lld after the lease\n",
            answer_number(engine, "frames"), answer_number(engine, "passed"), answer_number(engine, "foreign"),
            answer_number(engine, "held"), answer_number(engine, "expired"));
    fprintf(out, "                  %lld RSTs kept back, %lld connection requests taken in again\n",
            answer_number(engine, "rst_kept_back"), answer_number(engine, "replayed"));
    fprintf(out, "  heartbeats      %lld sent, %lld received, %lld refused, %lld not sent\n",
            answer_number(transport, "sent"), answer_number(transport, "received"), answer_number(transport, "refused"),
            answer_number(transport, "send_errors"));
}

void cvip_report_status(const json_t *answer, FILE *out)
{
    char span[SPAN_MAX];

    fprintf(out, "cvipd on %s, running for %s, ", answer_text(answer, "name"),
            report_span(answer_number(answer, "uptime_ms"), span, sizeof(span)));
    print_model(answer, out);
    fputc('\n', out);
    print_addresses(answer, out);
    print_share(answer, out);
    print_quorum(answer, out);
    print_connections(answer, out);
    print_takeover(answer, out);
    print_counters(answer, out);
    fputc('\n', out);
    print_members(json_object_get(answer, "members"), out);
}

void cvip_report_line(const json_t *answer, FILE *out)
{
    fputs("  cvip      ", out);
    print_model(answer, out);
    fprintf(out, ", %lld of %d buckets here%s\n", answer_number(answer, "buckets"), BUCKETS,
            is_set(answer, "quorate") ? "" : ", NO QUORUM");
}

void cvip_report_redundancy(const json_t *answer, FILE *out)
{
    print_model(answer, out);
    fprintf(out, " (of %lld masters)\n", answer_number(answer, "members"));
    if (answer_number(answer, "active") != answer_number(answer, "configured"))
        fputs("cvipd.conf says otherwise: it counts when all masters have been started anew\n", out);
}
