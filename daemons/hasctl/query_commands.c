/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hasctl status, nodes and services */
#include "ask.h"
#include "attribute.h"
#include "command.h"
#include "ctl.h"
#include "cvip_report.h"
#include "ports_report.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#define ATTRIBUTE_TIMEOUT_MS 1000

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

/* The answer of a daemon that this node may or may not have; NULL: it has not, or it does not answer. */
static json_t *quiet_status(const struct options *options, const char *daemon)
{
    json_t *request = ask_command("status");
    json_t *answer = NULL;

    if (ctl_request(daemon, request, options->timeout_ms, &answer) != 0 ||
        !json_is_true(json_object_get(answer, "ok"))) {
        json_decref(answer);
        answer = NULL;
    }
    json_decref(request);
    return answer;
}

/* A line more on a master that has cvipd; nothing elsewhere. */
static void add_cvip(const struct options *options)
{
    json_t *answer = quiet_status(options, ASK_CVIPD);

    if (answer)
        cvip_report_line(answer, stdout);
    json_decref(answer);
}

/* The cluster's nodes that have lost a port, as far as Pacemaker can be asked here. */
static void add_degraded(const struct options *options)
{
    int timeout_ms = options->timeout_ms < ATTRIBUTE_TIMEOUT_MS ? options->timeout_ms : ATTRIBUTE_TIMEOUT_MS;
    char *text;

    if (attribute_ask(PORTS_ATTRIBUTE, timeout_ms, &text) != 0)
        return;
    ports_report_degraded(text, stdout);
    free(text);
}

/* Lines more on a node that has two ports on a network, after that text; nothing elsewhere. */
static void add_ports(const struct options *options, const char *before)
{
    json_t *answer = quiet_status(options, ASK_ERD);
    bool configured = access(HAS_SYSCONFDIR "/erd.conf", F_OK) == 0;

    if (answer || configured)
        fputs(before, stdout);
    if (answer)
        ports_report_lines(answer, stdout);
    else if (configured)
        puts("  ports     erd does not answer: no port takes over from another");
    if (answer || configured)
        add_degraded(options);
    json_decref(answer);
}

/* Whether erd is the only daemon of HAS here. */
static bool has_erd_only(const struct options *options)
{
    return !ask_is_alive(ASK_TMD, options->timeout_ms) && ask_is_alive(ASK_ERD, options->timeout_ms);
}

int command_status(const struct options *options, int argc, char **argv)
{
    bool traffic;
    int result;

    (void)argv;
    if (argc != 1)
        return command_usage("status");
    traffic = is_traffic_node(options);
    if (!traffic && has_erd_only(options)) {
        result = query(options, ASK_ERD, "status", ports_report_status);
        if (result == EX_OK && !options->json)
            add_degraded(options);
        return result;
    }
    result = traffic ? query(options, ASK_TCD, "status", report_tcd_status)
                     : query(options, ASK_TMD, "status", report_tmd_status);
    if (result != EX_OK || options->json)
        return result;
    if (!traffic)
        add_cvip(options);
    add_ports(options, traffic ? "\n" : "");
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
