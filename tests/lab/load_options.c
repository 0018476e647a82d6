/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "load_options.h"

#include <getopt.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char usage[] =
    "usage: load --address ADDRESS [--address ADDRESS…] [--source ADDRESS+COUNT…] [--port 80] [--path /]\n"
    "            [--interval MS] [--timeout MS] [--duration S] [--log FILE]\n"
    "Begins a new connection every interval (10 ms), to the addresses in turn; each request fails when its\n"
    "answer is not whole within the timeout (300 ms). Ends after the duration (10 s) or at SIGINT, and\n"
    "prints a summary as JSON. The log has a line for each request: start, ms, result, node, address.\n";

static bool set_number(double *number, const char *text)
{
    char *end;

    *number = strtod(text, &end);
    return end != text && *end == '\0' && *number > 0;
}

static bool add_address(struct load_options *options, const char *text)
{
    if (options->target_count == TARGETS_MAX)
        return false;
    options->targets[options->target_count++].name = text;
    return true;
}

static bool add_source(struct load_options *options, const char *text)
{
    return options->source_count < SOURCES_MAX && source_parse(&options->sources[options->source_count++], text);
}

static bool set_option(struct load_options *options, int option, const char *value)
{
    switch (option) {
    case 'a':
        return add_address(options, value);
    case 's':
        return add_source(options, value);
    case 'p':
        options->port = value;
        return true;
    case 'u':
        options->path = value;
        return true;
    case 'i':
        return set_number(&options->interval_ms, value);
    case 't':
        return set_number(&options->timeout_ms, value);
    case 'd':
        return set_number(&options->duration_ms, value);
    case 'l':
        options->log = fopen(value, "we");
        return options->log != NULL;
    default:
        return false;
    }
}

static bool resolve(struct target *target, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found;
    int error = getaddrinfo(target->name, port, &hints, &found);

    if (error) {
        fprintf(stderr, "load: %s port %s: %s\n", target->name, port, gai_strerror(error));
        return false;
    }
    target->length = found->ai_addrlen;
    memcpy(&target->address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return true;
}

int load_options_parse(struct load_options *options, int argc, char *argv[])
{
    static const struct option longs[] = {
        {"address", required_argument, NULL, 'a'},  {"source", required_argument, NULL, 's'},
        {"port", required_argument, NULL, 'p'},     {"path", required_argument, NULL, 'u'},
        {"interval", required_argument, NULL, 'i'}, {"timeout", required_argument, NULL, 't'},
        {"duration", required_argument, NULL, 'd'}, {"log", required_argument, NULL, 'l'},
        {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0}};
    bool good = true;
    int option;

    *options =
        (struct load_options){.port = "80", .path = "/", .interval_ms = 10, .timeout_ms = 300, .duration_ms = 10};
    while (good && (option = getopt_long(argc, argv, "a:s:p:u:i:t:d:l:h", longs, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return EXIT_SUCCESS + 1;
        }
        good = set_option(options, option, optarg);
    }
    options->duration_ms *= 1000;
    for (size_t i = 0; i < options->target_count && good; i++)
        good = resolve(&options->targets[i], options->port);
    if (good && options->target_count > 0 && optind == argc)
        return 0;
    fputs(usage, stderr);
    return EX_USAGE + 1;
}
