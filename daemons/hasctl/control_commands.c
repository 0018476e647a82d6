/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hasctl drain, undrain, weight and ping */
#include "ask.h"
#include "command.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define WORDS_MAX 192

/* Sends an order to tmd; what it answers is told as done, or printed for programs. What tmd could not write to its disk
 * is in force, but no success. */
static int order(const struct options *options, json_t *request, const char *done, const char *node)
{
    json_t *answer;
    int result = ask(options, ASK_TMD, request, &answer);

    if (result != EX_OK)
        return result;
    if (options->json) {
        json_dumpf(answer, stdout, JSON_INDENT(2));
        putchar('\n');
    } else {
        printf("%s: %s\n", node, done);
    }
    const char *warning = json_string_value(json_object_get(answer, "warning"));
    if (warning != NULL) {
        fprintf(stderr, "hasctl: %s: %s\n", node, warning);
        result = EX_CANTCREAT;
    }
    json_decref(answer);
    return result;
}

int command_drain(const struct options *options, int argc, char **argv)
{
    if (argc != 2)
        return command_usage("drain NODE");
    return order(options, json_pack("{s:s, s:s}", "command", "drain", "node", argv[1]),
                 "no new connections; those that it has may end. hasctl undrain lifts this", argv[1]);
}

int command_undrain(const struct options *options, int argc, char **argv)
{
    if (argc != 2)
        return command_usage("undrain NODE");
    return order(options, json_pack("{s:s, s:s}", "command", "undrain", "node", argv[1]), "takes new connections again",
                 argv[1]);
}

static int parse_weight(const char *text, long *weight)
{
    char *end;

    errno = 0;
    *weight = strtol(text, &end, 10);
    return errno == 0 && *end == '\0' && isdigit((unsigned char)text[0]) && *weight <= 65535 ? 0 : -EINVAL;
}

int command_weight(const struct options *options, int argc, char **argv)
{
    char done[WORDS_MAX];
    long weight;

    if (argc != 3)
        return command_usage("weight NODE NUMBER|auto");
    if (strcmp(argv[2], "auto") == 0)
        return order(options, json_pack("{s:s, s:s, s:n}", "command", "weight", "node", argv[1], "value"),
                     "its weight follows the policy again", argv[1]);
    if (parse_weight(argv[2], &weight) != 0) {
        fprintf(stderr, "hasctl: weight \"%s\": a number from 0 to 65535 or auto is wanted\n", argv[2]);
        return EX_USAGE;
    }
    snprintf(done, sizeof(done), "its weight is %ld; hasctl weight %.64s auto leaves it to the policy again", weight,
             argv[1]);
    return order(options,
                 json_pack("{s:s, s:s, s:I}", "command", "weight", "node", argv[1], "value", (json_int_t)weight), done,
                 argv[1]);
}

/* The control service of a daemon that people name, or NULL. */
static const char *service_of(const char *name)
{
    static const char *const services[] = {ASK_TMD, ASK_TCD, ASK_CVIPD, ASK_ERD};

    for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
        if (strcmp(services[i] + strlen("has-"), name) == 0)
            return services[i];
    return NULL;
}

/* The agents' monitor: quick, silent, and 1 for whatever is wrong. */
int command_ping(const struct options *options, int argc, char **argv)
{
    static const struct option longs[] = {{"timeout", required_argument, NULL, 't'}, {NULL, 0, NULL, 0}};
    int timeout_ms = options->timeout_ms;
    const char *daemon;
    int choice;

    while ((choice = getopt_long(argc, argv, "t:", longs, NULL)) != -1)
        if (choice != 't' || command_parse_timeout(optarg, &timeout_ms) != 0)
            return EX_USAGE;
    daemon = optind == argc - 1 ? service_of(argv[optind]) : NULL;
    if (daemon == NULL)
        return command_usage("ping tmd|tcd|cvipd|erd [--timeout MS]");
    return ask_is_alive(daemon, timeout_ms) ? 0 : 1;
}
