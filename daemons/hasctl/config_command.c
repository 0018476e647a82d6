/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hasctl config check|render|diff */
#include "command.h"
#include "config_files.h"
#include "diff.h"
#include "load.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const char usage[] =
    "config check|render|diff [-c FILE] …\n"
    "  config check  [-c FILE]\n"
    "  config render [-c FILE] -o DIR            all files of all nodes\n"
    "  config render [-c FILE] [--node NODE] FILE\n"
    "                FILE: tcd.conf tmd.conf cvipd.conf erd.conf nfshad.conf nfs.conf drbd.res publish.conf\n"
    "                      corosync.conf cib.crm cib.pcs.sh storage.txt\n"
    "  config diff   [-c FILE] [--node NODE] [--root DIR]";

struct request {
    const char *conf;
    const char *directory; /* -o */
    const char *node_name;
    const char *root;
    struct config_context context;
};

/* The node that --node names, or this host by its full or its short name. NULL when has.conf has neither. */
static const struct node *find_node(const struct request *request)
{
    char host[HOST_NAME_MAX + 1] = "";
    const struct node *node;

    if (request->node_name)
        return model_node(request->context.model, request->node_name);
    gethostname(host, sizeof(host) - 1);
    node = model_node(request->context.model, host);
    if (!node) {
        host[strcspn(host, ".")] = '\0';
        node = model_node(request->context.model, host);
    }
    return node;
}

static int no_such_node(const struct request *request)
{
    if (request->node_name)
        fprintf(stderr, "hasctl: %s has no node \"%s\"\n", request->conf, request->node_name);
    else
        fprintf(stderr, "hasctl: this host is no node of %s; --node NAME says which one is meant\n", request->conf);
    return EX_USAGE;
}

static int check(const struct request *request)
{
    const struct model *model = request->context.model;

    printf("%s is right: %zu master nodes, %zu traffic nodes (%zu standby), %zu services\n", request->conf,
           model_count_role(model, ROLE_MASTER), model->node_count - model_count_role(model, ROLE_MASTER),
           model_count_role(model, ROLE_STANDBY), model->service_count);
    return EX_OK;
}

static int render_one(const struct request *request, const char *name)
{
    const struct config_file *file = config_file_find(name);
    const struct node *node = NULL;
    char *text;
    int result;

    if (!file) {
        fprintf(stderr, "hasctl: \"%s\" is no file that is rendered\n", name);
        return command_usage(usage);
    }
    if (file->per_node) {
        node = find_node(request);
        if (!node)
            return no_such_node(request);
        if (!file->belongs(request->context.model, node)) {
            fprintf(stderr, "hasctl: %s has no %s\n", node->name, name);
            return EX_USAGE;
        }
    }
    if (!file->per_node && file->belongs && !file->belongs(request->context.model, NULL)) {
        fprintf(stderr, "hasctl: %s has no section that %s would be of\n", request->conf, name);
        return EX_USAGE;
    }
    result = config_file_text(file, &request->context, node, &text);
    if (result != 0)
        return EX_SOFTWARE;
    fputs(text, stdout);
    free(text);
    return EX_OK;
}

static int render(const struct request *request, int argc, char **argv)
{
    if (request->directory && argc == 0)
        return config_files_write(&request->context, request->directory);
    if (!request->directory && argc == 1)
        return render_one(request, argv[0]);
    return command_usage(usage);
}

static int diff(const struct request *request)
{
    const struct node *node = find_node(request);
    int different = 0;

    if (!node)
        return no_such_node(request);
    for (const struct config_file *file = config_files; file->name; file++) {
        char path[PATH_MAX];
        char *text;
        int result;

        if (!file->per_node || !file->belongs(request->context.model, node))
            continue;
        if (config_file_text(file, &request->context, node, &text) != 0)
            return EX_SOFTWARE;
        snprintf(path, sizeof(path), "%s%s", request->root, file->installed);
        result = diff_print(path, text, stdout);
        free(text);
        if (result < 0) {
            fprintf(stderr, "hasctl: %s: %s\n", path, strerror(-result));
            return EX_NOINPUT;
        }
        different |= result;
    }
    return different ? 1 : EX_OK;
}

static int parse_options(struct request *request, int argc, char **argv)
{
    static const struct option longs[] = {
        {"config", required_argument, NULL, 'c'},    {"output", required_argument, NULL, 'o'},
        {"node", required_argument, NULL, 'n'},      {"root", required_argument, NULL, 'r'},
        {"templates", required_argument, NULL, 'T'}, {NULL, 0, NULL, 0}};
    int choice;

    while ((choice = getopt_long(argc, argv, "c:o:n:r:T:", longs, NULL)) != -1) {
        switch (choice) {
        case 'c':
            request->conf = optarg;
            break;
        case 'o':
            request->directory = optarg;
            break;
        case 'n':
            request->node_name = optarg;
            break;
        case 'r':
            request->root = optarg;
            break;
        case 'T':
            request->context.templates = optarg;
            break;
        default:
            return -EINVAL;
        }
    }
    return 0;
}

static int run(const struct request *request, const char *verb, int argc, char **argv)
{
    if (strcmp(verb, "check") == 0 && argc == 0)
        return check(request);
    if (strcmp(verb, "render") == 0)
        return render(request, argc, argv);
    if (strcmp(verb, "diff") == 0 && argc == 0)
        return diff(request);
    return command_usage(usage);
}

int command_config(const struct options *options, int argc, char **argv)
{
    struct request request = {.conf = HAS_CONFDIR "/has.conf", .root = "", .context.templates = HAS_DATADIR "/cib"};
    struct problems *problems;
    struct model model;
    int result;

    (void)options;
    if (argc < 2 || parse_options(&request, argc - 1, argv + 1) != 0)
        return command_usage(usage);
    problems = calloc(1, sizeof(*problems));
    if (!problems)
        return EX_OSERR;
    result = load_file(request.conf, &model, problems);
    problems_print(problems, stderr);
    free(problems);
    if (result != 0)
        return result == -EINVAL ? EX_CONFIG : EX_NOINPUT;
    request.context.model = &model;
    result = run(&request, argv[1], argc - 1 - optind, argv + 1 + optind);
    model_free(&model);
    return result;
}
