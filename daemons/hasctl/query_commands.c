/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hasctl status, nodes and services */
#include "ask.h"
#include "command.h"
#include "ctl.h"
#include "cvip_report.h"
#include "report.h"

#include <stdio.h>
#include <sysexits.h>

/* Asks one command and shows the answer to people, or as it is to programs. */
static int query(const struct options *options, const char *daemon, const char *command,
                 void (*report)(const json_t *answer, FILE *out))
{
    json_t *answer;
    int result = ask(options, daemon, ask_command(command), &answer);

    if (result != EX_OK)
        return result;
    if (options->json) {
        json_dumpf(answer, stdout, JSON_INDENT(2));
        putchar('\n');
    } else {
        report(answer, stdout);
    }
    json_decref(answer);
    return EX_OK;
}

/* The daemon that this node has: a traffic node has no tmd. */
static bool is_traffic_node(const struct options *options)
{
    return !ask_is_alive(ASK_TMD, options->timeout_ms) && ask_is_alive(ASK_TCD, options->timeout_ms);
}

/* A line more on a master that has cvipd; nothing elsewhere. */
static void add_cvip(const struct options *options)
{
    json_t *request = ask_command("status");
    json_t *answer = NULL;

    if (ctl_request(ASK_CVIPD, request, options->timeout_ms, &answer) == 0 &&
        json_is_true(json_object_get(answer, "ok")))
        cvip_report_line(answer, stdout);
    json_decref(request);
    json_decref(answer);
}

int command_status(const struct options *options, int argc, char **argv)
{
    (void)argv;
    if (argc != 1)
        return command_usage("status");
    if (is_traffic_node(options))
        return query(options, ASK_TCD, "status", report_tcd_status);
    int result = query(options, ASK_TMD, "status", report_tmd_status);
    if (result == EX_OK && !options->json)
        add_cvip(options);
    return result;
}

static int query_master(const struct options *options, const char *command,
                        void (*report)(const json_t *answer, FILE *out))
{
    if (is_traffic_node(options)) {
        fprintf(stderr, "hasctl: this is a traffic node; ask on a master node. hasctl status shows this node's tcd\n");
        return EX_UNAVAILABLE;
    }
    return query(options, ASK_TMD, command, report);
}

int command_nodes(const struct options *options, int argc, char **argv)
{
    (void)argv;
    return argc == 1 ? query_master(options, "nodes", report_nodes) : command_usage("nodes");
}

int command_services(const struct options *options, int argc, char **argv)
{
    (void)argv;
    return argc == 1 ? query_master(options, "services", report_services) : command_usage("services");
}
