/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "flow_options.h"

#include "flow_pattern.h"

#include <getopt.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char usage[] =
    "usage: flow --address ADDRESS [--address ADDRESS…] [--source ADDRESS+COUNT…] [--flows N] [--life S]\n"
    "            [--patience S] [--state FILE]\n"
    "Keeps N (32) slow transfers with the lab's flow servers going, half of them echoes, half streams, and checks\n"
    "every byte. With a life each ends in order after half to all of it, and another one begins. One without a byte\n"
    "for the patience (60 s) is lost. Ends at SIGINT and prints a summary as JSON; FILE says every 100 ms how many\n"
    "are open, lost, and silent for how long.\n";

static bool set_seconds(double *ms, const char *text)
{
    char *end;

    *ms = strtod(text, &end) * 1000;
    return end != text && *end == '\0' && *ms > 0;
}

static bool set_flows(unsigned *flows, const char *text)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    *flows = (unsigned)number;
    return end != text && *end == '\0' && number >= 1 && number <= FLOWS_MAX;
}

static bool add_address(struct flow_options *options, const char *text)
{
    if (options->target_count == FLOW_TARGETS_MAX)
        return false;
    options->targets[options->target_count++].name = text;
    return true;
}

static bool add_source(struct flow_options *options, const char *text)
{
    return options->source_count < FLOW_TARGETS_MAX && source_parse(&options->sources[options->source_count++], text);
}

static bool set_option(struct flow_options *options, int option, const char *value)
{
    switch (option) {
    case 'a':
        return add_address(options, value);
    case 's':
        return add_source(options, value);
    case 'n':
        return set_flows(&options->flows, value);
    case 'l':
        return set_seconds(&options->life_ms, value);
    case 'p':
        return set_seconds(&options->patience_ms, value);
    case 'f':
        options->state = value;
        return true;
    default:
        return false;
    }
}

static bool resolve(struct flow_target *target)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found;
    char port[8];
    int error;

    snprintf(port, sizeof(port), "%d", FLOW_PORT);
    error = getaddrinfo(target->name, port, &hints, &found);
    if (error) {
        fprintf(stderr, "flow: %s: %s\n", target->name, gai_strerror(error));
        return false;
    }
    target->length = found->ai_addrlen;
    memcpy(&target->address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return true;
}

int flow_options_parse(struct flow_options *options, int argc, char *argv[])
{
    static const struct option longs[] = {
        {"address", required_argument, NULL, 'a'},  {"source", required_argument, NULL, 's'},
        {"flows", required_argument, NULL, 'n'},    {"life", required_argument, NULL, 'l'},
        {"patience", required_argument, NULL, 'p'}, {"state", required_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0}};
    bool good = true;
    int option;

    *options = (struct flow_options){.flows = 32, .patience_ms = 60000};
    while (good && (option = getopt_long(argc, argv, "a:s:n:l:p:f:h", longs, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return EXIT_SUCCESS + 1;
        }
        good = set_option(options, option, optarg);
    }
    for (size_t i = 0; i < options->target_count && good; i++)
        good = resolve(&options->targets[i]);
    if (good && options->target_count > 0 && optind == argc)
        return 0;
    fputs(usage, stderr);
    return EX_USAGE + 1;
}
