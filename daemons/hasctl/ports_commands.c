/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hasctl ports: the pairs of ports of this node. */
#include "ask.h"
#include "command.h"
#include "ports_report.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define USAGE "ports [--working [--timeout MS]] | switch [PORT]"

static void print_json(const json_t *answer)
{
    json_dumpf(answer, stdout, JSON_INDENT(2));
    putchar('\n');
}

static int show(const struct options *options)
{
    json_t *answer;
    int result = ask(options, ASK_ERD, ask_command("status"), &answer);

    if (result != EX_OK)
        return result;
    if (options->json)
        print_json(answer);
    else
        ports_report_status(answer, stdout);
    json_decref(answer);
    return EX_OK;
}

/* For the agent's monitor: the number alone, and 1 for whatever is wrong. */
static int show_working(const struct options *options)
{
    json_t *answer;

    if (ask(options, ASK_ERD, ask_command("status"), &answer) != EX_OK)
        return 1;
    printf("%lld\n", answer_number(answer, "working"));
    json_decref(answer);
    return EX_OK;
}

/* The pair that has the port; without a port the only pair. NULL after a message. */
static const json_t *find_pair(const json_t *pairs, const char *port)
{
    const json_t *pair;
    size_t i;

    if (!port && json_array_size(pairs) == 1)
        return json_array_get(pairs, 0);
    if (!port) {
        fprintf(stderr, "hasctl: this node has %zu pairs of ports: say which port is to be used\n",
                json_array_size(pairs));
        return NULL;
    }
    json_array_foreach(pairs, i, pair)
    {
        if (strcmp(answer_text(pair, "primary"), port) == 0 || strcmp(answer_text(pair, "twin"), port) == 0)
            return pair;
    }
    fprintf(stderr, "hasctl: no pair of this node has a port \"%s\"; hasctl ports shows them\n", port);
    return NULL;
}

static int order_switch(const struct options *options, const json_t *pair, const char *port)
{
    const char *primary = answer_text(pair, "primary");
    json_t *answer;
    int result = ask(options, ASK_ERD, json_pack("{s:s, s:s}", "command", "switch", "port", port), &answer);

    if (result != EX_OK)
        return result;
    if (options->json)
        print_json(answer);
    else if (strcmp(port, primary) == 0)
        printf("%s is active\n", port);
    else
        printf("%s is active, until it fails; hasctl ports switch %s goes back\n", port, primary);
    json_decref(answer);
    return EX_OK;
}

/* PORT becomes active; without one, the port that is not. */
static int switch_port(const struct options *options, const char *port)
{
    json_t *status;
    const json_t *pair;
    int result = ask(options, ASK_ERD, ask_command("status"), &status);

    if (result != EX_OK)
        return result;
    pair = find_pair(json_object_get(status, "pairs"), port);
    if (pair && !port) {
        bool on_primary = strcmp(answer_text(pair, "active"), answer_text(pair, "primary")) == 0;

        port = answer_text(pair, on_primary ? "twin" : "primary");
    }
    result = pair ? order_switch(options, pair, port) : EX_USAGE;
    json_decref(status);
    return result;
}

int command_ports(const struct options *options, int argc, char **argv)
{
    static const struct option longs[] = {
        {"working", no_argument, NULL, 'w'}, {"timeout", required_argument, NULL, 't'}, {NULL, 0, NULL, 0}};
    struct options own = *options;
    bool working = false;
    int choice;

    while ((choice = getopt_long(argc, argv, "wt:", longs, NULL)) != -1) {
        if (choice == 'w')
            working = true;
        else if (choice != 't' || command_parse_timeout(optarg, &own.timeout_ms) != 0)
            return EX_USAGE;
    }
    argc -= optind;
    argv += optind;
    if (argc == 0)
        return working ? show_working(&own) : show(&own);
    if (!working && argc <= 2 && strcmp(argv[0], "switch") == 0)
        return switch_port(&own, argv[1]);
    return command_usage(USAGE);
}
