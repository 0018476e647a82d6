/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A traffic node that has as many connections as one likes: answers cvipd's WIRE_CONNECTIONS_REQUEST as tcd does,
 * signed and paced, with connections that it makes up. So the reconstruction of a large connection table can be
 * measured without that many sockets. The clients' addresses count up from the first one, 60,000 connections for each.
 */
#include "clock.h"
#include "wire.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define PORTS_PER_CLIENT 60000
#define FIRST_PORT 1024
#define PAUSE_US 2000 /* so long are the pauses between two bursts at least */

struct options {
    const char *keys;
    struct addr node;
    struct addr virtual_address;
    struct addr client;
    uint16_t port;
    uint16_t virtual_port;
    uint32_t count;
};

static volatile sig_atomic_t ended;

static void end(int signal)
{
    (void)signal;
    ended = 1;
}

/* The first client's address plus a number, carried over into the higher bytes. */
static struct addr client_of(const struct addr *first, uint32_t number)
{
    struct addr client = *first;
    size_t length = client.family == AF_INET ? 4 : 16;
    for (size_t i = length; i-- > 0 && number > 0;) {
        number += client.bytes[i];
        client.bytes[i] = (uint8_t)number;
        number >>= 8;
    }
    return client;
}

/* Fills the part that begins with connection number first. Returns how many connections it holds. */
static uint32_t fill(const struct options *options, uint32_t first, struct wire_connections *part)
{
    size_t room = wire_connections_room(options->virtual_address.family);
    for (part->count = 0; part->count < room && first + part->count < options->count; part->count++) {
        uint32_t number = first + (uint32_t)part->count;
        part->connections[part->count] = (struct wire_connection){
            .client = client_of(&options->client, number / PORTS_PER_CLIENT),
            .port = (uint16_t)(FIRST_PORT + number % PORTS_PER_CLIENT),
        };
    }
    part->flags = first + part->count >= options->count ? WIRE_CONNECTIONS_LAST : 0;
    return (uint32_t)part->count;
}

static void pause_us(uint64_t us)
{
    struct timespec pause = {.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000};
    nanosleep(&pause, NULL);
}

/* Sends the parts, no faster than asked. */
static void answer(int fd, const struct options *options, const struct key *key,
                   const struct wire_connections_request *request, const struct sockaddr_storage *to, socklen_t length)
{
    static struct wire_message message;
    uint64_t began_us = clock_us();
    uint32_t sent = 0;
    memset(&message, 0, sizeof message);
    message.type = WIRE_CONNECTIONS;
    message.connections.request = request->request;
    message.connections.node = options->node;
    message.connections.virtual_address = options->virtual_address;
    message.connections.virtual_port = options->virtual_port;
    do {
        uint8_t datagram[WIRE_DATAGRAM_MAX];
        sent += fill(options, sent, &message.connections);
        int size = wire_encode(&message, key, datagram);
        if (size < 0 || sendto(fd, datagram, (size_t)size, 0, (const struct sockaddr *)to, length) < 0)
            fprintf(stderr, "fake_connections: cannot send part %" PRIu32 ": %s\n", message.connections.part,
                    strerror(size < 0 ? -size : errno));
        message.connections.part++;
        uint64_t due_us = began_us + (uint64_t)sent * 1000000 / request->rate;
        uint64_t now_us = clock_us();
        if (due_us > now_us + PAUSE_US)
            pause_us(due_us - now_us);
    } while (!ended && (message.connections.flags & WIRE_CONNECTIONS_LAST) == 0);
    printf("%" PRIu32 " connections in %" PRIu32 " datagrams, %" PRIu64 " ms\n", sent, message.connections.part,
           (clock_us() - began_us) / 1000);
    fflush(stdout);
}

static void serve(int fd, const struct options *options, const struct keyring *ring)
{
    while (!ended) {
        static struct wire_message message;
        uint8_t datagram[WIRE_DATAGRAM_MAX + 1];
        struct sockaddr_storage from;
        socklen_t length = sizeof from;
        ssize_t size = recvfrom(fd, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &length);
        if (size < 0 || wire_decode(datagram, (size_t)size, ring, &message) != WIRE_OK ||
            message.type != WIRE_CONNECTIONS_REQUEST)
            continue;
        struct wire_connections_request request = message.connections_request;
        answer(fd, options, &ring->keys[0], &request, &from, length);
    }
}

static int open_socket(const struct options *options)
{
    struct sockaddr_storage address;
    socklen_t length = addr_to_sockaddr(&options->node, options->port, &address);
    int fd = socket(options->node.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int size = 4 << 20;
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) == 0 &&
        bind(fd, (struct sockaddr *)&address, length) == 0)
        return fd;
    fprintf(stderr, "fake_connections: cannot open the socket: %s\n", strerror(errno));
    return -1;
}

static bool parse(int argc, char **argv, struct options *options)
{
    int option;
    bool ok = true;
    while ((option = getopt(argc, argv, "a:c:k:n:p:v:w:")) != -1) {
        unsigned long value = strtoul(optarg != NULL ? optarg : "", NULL, 10);
        if (option == 'a')
            ok = ok && addr_parse(optarg, &options->node) == 0;
        else if (option == 'c')
            ok = ok && addr_parse(optarg, &options->client) == 0;
        else if (option == 'k')
            options->keys = optarg;
        else if (option == 'n')
            options->count = (uint32_t)value;
        else if (option == 'p')
            options->port = (uint16_t)value;
        else if (option == 'v')
            ok = ok && addr_parse(optarg, &options->virtual_address) == 0;
        else if (option == 'w')
            options->virtual_port = (uint16_t)value;
        else
            ok = false;
    }
    return ok && optind == argc && options->keys != NULL && options->node.family != AF_UNSPEC &&
           options->virtual_address.family != AF_UNSPEC && options->client.family == options->virtual_address.family;
}

int main(int argc, char **argv)
{
    struct options options = {.port = 5500, .virtual_port = 80, .count = 25000};
    struct conf_error error;
    struct keyring ring;
    struct sigaction action = {.sa_handler = end};
    if (!parse(argc, argv, &options)) {
        fputs("usage: fake_connections -k KEYS -a NODE -v VIRTUAL_ADDRESS -c FIRST_CLIENT\n"
              "                        [-n CONNECTIONS] [-p UDP_PORT] [-w VIRTUAL_PORT]\n",
              stderr);
        return EX_USAGE;
    }
    if (sodium_init() < 0)
        return EX_OSERR;
    if (key_load(options.keys, &ring, &error) != 0) {
        fprintf(stderr, "fake_connections: %s\n", error.text);
        return EX_CONFIG;
    }
    int fd = open_socket(&options);
    if (fd < 0)
        return EX_OSERR;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    puts("ready");
    fflush(stdout);
    serve(fd, &options, &ring);
    close(fd);
    return EX_OK;
}
