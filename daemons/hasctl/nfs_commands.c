/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hasctl nfs: the mounts with several servers of this node, and what it serves itself. */
#include "ask.h"
#include "command.h"
#include "ctl.h"
#include "nfs_report.h"
#include "nfs_server.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#define USAGE                                                                                                          \
    "nfs [status] [--ping | --check] [--timeout MS]\n"                                                                 \
    "       hasctl nfs switch SERVER [--directory DIR]"

struct request {
    struct options options;
    bool ping;
    bool check;
    const char *directory;
};

static void print_json(const json_t *answer)
{
    json_dumpf(answer, stdout, JSON_INDENT(2));
    putchar('\n');
}

/* nfshad's status; NULL when it does not run or does not answer: quiet, as a server has none. */
static json_t *client_status(const struct options *options)
{
    json_t *request = ask_command("status");
    json_t *answer = NULL;

    if (request && (ctl_request(ASK_NFSHAD, request, options->timeout_ms, &answer) != 0 ||
                    !json_is_true(json_object_get(answer, "ok")))) {
        json_decref(answer);
        answer = NULL;
    }
    json_decref(request);
    return answer;
}

/* One object for programs: nfshad's answer, with the server beside it. */
static int print_both(json_t *client, json_t *server)
{
    json_t *all = client ? json_incref(client) : json_pack("{s:b, s:[]}", "ok", 1, "groups");

    if (!all)
        return EX_OSERR;
    json_object_set(all, "server", server ? server : json_null());
    print_json(all);
    json_decref(all);
    return EX_OK;
}

static int show(const struct options *options)
{
    json_t *client = client_status(options);
    json_t *server = nfs_server_read(&nfs_server_paths);
    int result = EX_OK;

    if (!client && !server) {
        json_t *answer = NULL; /* tells why */

        result = ask(options, ASK_NFSHAD, ask_command("status"), &answer);
        json_decref(answer);
    } else if (options->json) {
        result = print_both(client, server);
    } else {
        if (client)
            nfs_report_client(client, stdout);
        if (client && server)
            putchar('\n');
        if (server)
            nfs_report_server(server, (long long)time(NULL), stdout);
    }
    json_decref(client);
    json_decref(server);
    return result;
}

/* For monitoring: 0 when every mount has a server in use, else 1 and the reason. */
static int check(const struct options *options)
{
    json_t *answer;
    bool well;

    if (ask(options, ASK_NFSHAD, ask_command("status"), &answer) != EX_OK)
        return 1;
    well = nfs_report_is_well(answer, stdout);
    json_decref(answer);
    return well ? 0 : 1;
}

static int order_switch(const struct request *request, const char *server)
{
    json_t *order = json_pack("{s:s, s:s, s:s*}", "command", "switch", "to", server, "directory", request->directory);
    json_t *answer;
    int result = ask(&request->options, ASK_NFSHAD, order, &answer);

    if (result != EX_OK)
        return result;
    if (request->options.json)
        print_json(answer);
    else
        printf("%s%s to %s; hasctl nfs shows when that is done\n",
               request->directory ? request->directory : "the mounts", request->directory ? " moves" : " move", server);
    json_decref(answer);
    return EX_OK;
}

static int parse(struct request *request, int argc, char **argv)
{
    static const struct option longs[] = {{"ping", no_argument, NULL, 'p'},
                                          {"check", no_argument, NULL, 'c'},
                                          {"directory", required_argument, NULL, 'd'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"timeout", required_argument, NULL, 't'},
                                          {NULL, 0, NULL, 0}};
    int choice;

    while ((choice = getopt_long(argc, argv, "d:jt:", longs, NULL)) != -1) {
        if (choice == 'p')
            request->ping = true;
        else if (choice == 'c')
            request->check = true;
        else if (choice == 'd')
            request->directory = optarg;
        else if (choice == 'j')
            request->options.json = true;
        else if (choice != 't' || command_parse_timeout(optarg, &request->options.timeout_ms) != 0)
            return EX_USAGE;
    }
    return EX_OK;
}

int command_nfs(const struct options *options, int argc, char **argv)
{
    struct request request = {.options = *options};
    bool questions;

    if (parse(&request, argc, argv) != EX_OK)
        return EX_USAGE;
    argc -= optind;
    argv += optind;
    questions = request.ping || request.check;
    if (argc == 2 && strcmp(argv[0], "switch") == 0 && !questions)
        return order_switch(&request, argv[1]);
    if (argc > 1 || (argc == 1 && strcmp(argv[0], "status") != 0) || request.directory ||
        (request.ping && request.check))
        return command_usage(USAGE);
    if (request.ping)
        return ask_is_alive(ASK_NFSHAD, request.options.timeout_ms) ? 0 : 1;
    return request.check ? check(&request.options) : show(&request.options);
}
