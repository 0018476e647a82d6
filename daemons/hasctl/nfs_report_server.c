/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "nfs_report.h"
#include "report.h"
#include "table.h"

#include <string.h>

#define SPAN_MAX 32
#define MS_PER_S 1000

/* The directories, each with its clients: exports of one directory stand together in etab. */
static void print_exports(const json_t *exports, FILE *out)
{
    const char *before = "";
    const json_t *export;
    size_t i;

    json_array_foreach(exports, i, export)
    {
        const char *directory = answer_text(export, "directory");

        if (strcmp(directory, before) == 0)
            fprintf(out, ", %s", answer_text(export, "client"));
        else
            fprintf(out, "%s  exported   %s to %s", i > 0 ? "\n" : "", directory, answer_text(export, "client"));
        before = directory;
    }
    fputs(json_array_size(exports) > 0 ? "\n" : "  exported   nothing\n", out);
}

/* What an administrator has to do about it, or NULL when all is well. */
static const char *drbd_trouble(const json_t *device)
{
    const char *connection = answer_text(device, "connection");
    const char *disk = answer_text(device, "disk");

    if (strcmp(connection, "StandAlone") == 0)
        return "NOT REPLICATED, and it does not try again: split brain? docs/nfs.md says what to do";
    if (strcmp(disk, "Diskless") == 0 || strcmp(disk, "Failed") == 0)
        return "THIS SERVER'S DISK has failed";
    if (strncmp(connection, "Sync", strlen("Sync")) == 0 || strncmp(connection, "PausedSync", 10) == 0)
        return NULL;
    if (strcmp(connection, "Connected") != 0 && strcmp(connection, "Established") != 0)
        return "NOT REPLICATED: the other server is not connected";
    return strcmp(answer_text(device, "peer_disk"), "UpToDate") == 0
               ? NULL
               : "NOT REPLICATED: the other disk is not up to date";
}

static void print_device(const json_t *device, FILE *out)
{
    const char *trouble = drbd_trouble(device);
    const char *synced = json_string_value(json_object_get(device, "synced"));
    long long behind = answer_number(device, "out_of_sync_kb");

    fprintf(out, "  DRBD %-5lld %s; here %s, %s; there %s, %s\n", answer_number(device, "minor"),
            answer_text(device, "connection"), answer_text(device, "role"), answer_text(device, "disk"),
            answer_text(device, "peer_role"), answer_text(device, "peer_disk"));
    if (behind > 0)
        fprintf(out, "             %lld KB differ%s%s%s\n", behind, synced && synced[0] ? ", " : "",
                synced ? synced : "", synced && synced[0] ? " % done" : "");
    if (trouble)
        fprintf(out, "             %s\n", trouble);
}

static void print_peers(const json_t *publish, FILE *out)
{
    static const char *const headings[] = {"  PEER", "ADDRESS", "STATE", ">VERSION", ">LAG", ">DIFFERENCES", NULL};
    struct table *table = table_new(headings);
    const json_t *peer;
    char span[SPAN_MAX];
    size_t i;

    if (!table)
        return;
    json_array_foreach(json_object_get(publish, "peers"), i, peer)
    {
        const json_t *lag = json_object_get(peer, "lag_s");

        table_cell(table, "  %s", answer_text(peer, "name"));
        table_cell(table, "%s", answer_text(peer, "address"));
        table_cell(table, "%s", answer_text(peer, "state"));
        table_cell(table, "%lld", answer_number(peer, "sequence"));
        table_cell(table, "%s",
                   json_is_integer(lag) ? report_span(json_integer_value(lag) * MS_PER_S, span, sizeof(span)) : "");
        table_cell(table, "%lld", answer_number(peer, "differences"));
    }
    table_print(table, out);
    table_free(table);
}

static void print_conflicts(const json_t *publish, FILE *out)
{
    const json_t *conflict;
    const char *error = json_string_value(json_object_get(publish, "error"));
    size_t i;

    json_array_foreach(json_object_get(publish, "conflicts"), i, conflict)
    {
        fprintf(out, "  CONFLICT with %s (%s): %s; to end it: %s\n", answer_text(conflict, "server"),
                answer_text(conflict, "kind"), answer_text(conflict, "text"), answer_text(conflict, "resolve"));
    }
    if (error && error[0])
        fprintf(out, "  publishing failed: %s\n", error);
}

/* The file tells how old it is: a service that has ended writes no newer one. */
static void print_publish(const json_t *publish, long long now, FILE *out)
{
    const json_t *version = json_object_get(publish, "version");
    const json_t *pending = json_object_get(publish, "pending");
    char span[SPAN_MAX];

    if (!json_is_object(publish))
        return;
    fprintf(out, "  published  %s of %s, version %lld by %s%s; told %s ago\n", answer_text(publish, "role"),
            answer_text(publish, "directory"), answer_number(version, "sequence"), answer_text(version, "publisher"),
            json_is_true(json_object_get(publish, "serving")) ? "" : ", NOT MOUNTED",
            report_span((now - answer_number(publish, "written")) * MS_PER_S, span, sizeof(span)));
    if (answer_number(pending, "files") > 0)
        fprintf(out, "             changed since: %lld files\n", answer_number(pending, "files"));
    if (json_array_size(json_object_get(publish, "peers")) > 0)
        print_peers(publish, out);
    print_conflicts(publish, out);
}

void nfs_report_server(const json_t *server, long long now, FILE *out)
{
    const json_t *device;
    size_t i;

    if (answer_number(server, "threads") > 0)
        fprintf(out, "NFS server: %lld threads, %lld clients of NFSv4%s\n", answer_number(server, "threads"),
                answer_number(server, "clients"),
                json_is_true(json_object_get(server, "grace")) ? "; in its grace period" : "");
    else
        fputs("NFS server: standing by\n", out);
    print_exports(json_object_get(server, "exports"), out);
    json_array_foreach(json_object_get(server, "drbd"), i, device)
    {
        print_device(device, out);
    }
    print_publish(json_object_get(server, "publish"), now, out);
}
