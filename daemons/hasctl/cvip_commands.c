/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hasctl cvip, switchover and redundancy: the cluster virtual IP of this master. */
#include "ask.h"
#include "command.h"
#include "cvip_report.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define MASTERS_MAX 16
#define ALL_ACTIVE 255

/* Asks cvipd and shows the answer: to programs as it is, to people by report, or by the words of done. */
static int ask_cvipd(const struct options *options, json_t *request, void (*report)(const json_t *answer, FILE *out),
                     const char *done)
{
    json_t *answer;
    int result = ask(options, ASK_CVIPD, request, &answer);

    if (result != EX_OK)
        return result;
    if (options->json) {
        json_dumpf(answer, stdout, JSON_INDENT(2));
        putchar('\n');
    } else if (report != NULL) {
        report(answer, stdout);
    } else {
        puts(done);
    }
    json_decref(answer);
    return EX_OK;
}

int command_cvip(const struct options *options, int argc, char **argv)
{
    if (argc == 1)
        return ask_cvipd(options, ask_command("status"), cvip_report_status, NULL);
    if (argc == 3 && strcmp(argv[1], "fenced") == 0)
        return ask_cvipd(options, json_pack("{s:s, s:s}", "command", "fenced", "node", argv[2]), NULL,
                         "cvipd knows that it is off");
    return command_usage("cvip [fenced NODE]");
}

int command_switchover(const struct options *options, int argc, char **argv)
{
    static const struct option longs[] = {{"end", no_argument, NULL, 'e'}, {NULL, 0, NULL, 0}};
    bool end = false;
    int choice;

    while ((choice = getopt_long(argc, argv, "e", longs, NULL)) != -1) {
        if (choice != 'e')
            return EX_USAGE;
        end = true;
    }
    if (optind != argc)
        return command_usage("switchover [--end]");
    return ask_cvipd(options, json_pack("{s:s, s:b}", "command", "switchover", "end", end), NULL,
                     end ? "this master takes its share of the clients again"
                         : "the other masters take this one's clients; hasctl cvip shows it, hasctl switchover --end "
                           "lifts it");
}

/* How many masters are active in that model; 0 after a message. */
static int active_of(int argc, char **argv)
{
    char *end;
    long number;

    if (argc == 3 && strcmp(argv[2], "active/standby") == 0)
        return 1;
    if (argc == 3 && (strcmp(argv[2], "active/active") == 0 || strcmp(argv[2], "n-way") == 0))
        return ALL_ACTIVE;
    if (argc == 4 && strcmp(argv[2], "n+m") == 0) {
        number = strtol(argv[3], &end, 10);
        if (*end == '\0' && number >= 1 && number <= MASTERS_MAX)
            return (int)number;
        fprintf(stderr, "hasctl: n+m %s: how many masters are active at a time? A number from 1 to %d is wanted\n",
                argv[3], MASTERS_MAX);
        return 0;
    }
    command_usage("redundancy show|set active/standby|active/active|n-way|n+m [N]");
    return 0;
}

int command_redundancy(const struct options *options, int argc, char **argv)
{
    int active;

    if (argc == 2 && strcmp(argv[1], "show") == 0)
        return ask_cvipd(options, ask_command("redundancy"), cvip_report_redundancy, NULL);
    if (argc < 3 || strcmp(argv[1], "set") != 0)
        return command_usage("redundancy show|set active/standby|active/active|n-way|n+m [N]");
    active = active_of(argc, argv);
    if (active == 0)
        return EX_USAGE;
    return ask_cvipd(
        options, json_pack("{s:s, s:i}", "command", "redundancy", "active", active), NULL,
        "ordered for all masters, until all have been started anew; has.conf keeps it: redundancy { model = … }");
}
