/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gap that a fault of a network port makes, seen by a datagram each millisecond: an open loop, whatever became of
 * the ones before. The client is in one network namespace, the echo in another, both in this process: it looks at one
 * clock, and sees both directions.
 *
 *   port_probe CLIENT NODE ADDRESS     names of ip netns(8), and an IPv4 or IPv6 address of the node
 *
 * Commands on the standard input, a line each; at its end the program ends:
 *   begin                   a window begins
 *   end QUIET DEADLINE      it ends QUIET ms after the first echo of a datagram sent after this command, or DEADLINE ms
 *                           after this command; then its line of JSON comes: the longest time without an echo (gap_ms)
 *                           and without a datagram at the node (gap_to_node_ms), and what was lost. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { PROBE_PORT = 7, INTERVAL_NS = 1000000, LINE_MAX_BYTES = 128 };

/* The longest time between two arrivals. */
struct gap {
    double last_ms, longest_ms;
};

struct window {
    bool open, ending, echoed;
    double begin_ms;
    double deadline_ms;   /* of the echo that ends it */
    double over_ms;       /* when it is over; known when that echo has come */
    double quiet_ms;      /* from that echo to the end */
    uint64_t first;       /* number of its first datagram */
    uint64_t ended_after; /* the echo of a datagram after this one ends it */
    uint64_t echoes;
    struct gap echo, node;
};

struct probe {
    int client, node, timer;
    uint64_t sent;   /* the last number */
    uint64_t echoed; /* the highest number that came back */
    struct window window;
    char line[LINE_MAX_BYTES];
    size_t length;
    bool ended;
};

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void fail(const char *what)
{
    fprintf(stderr, "port_probe: %s: %s\n", what, strerror(errno));
    exit(EX_OSERR);
}

static void gap_arrival(struct gap *gap, double now)
{
    if (now - gap->last_ms > gap->longest_ms)
        gap->longest_ms = now - gap->last_ms;
    gap->last_ms = now;
}

static void window_begin(struct probe *probe)
{
    double now = now_ms();

    probe->window = (struct window){.open = true, .begin_ms = now, .first = probe->sent + 1};
    probe->window.echo.last_ms = probe->window.node.last_ms = now;
}

static void window_end(struct probe *probe, double quiet_ms, double deadline_ms)
{
    struct window *window = &probe->window;

    window->ending = true;
    window->quiet_ms = quiet_ms;
    window->deadline_ms = now_ms() + deadline_ms;
    window->ended_after = probe->sent;
}

static void window_print(struct probe *probe, double now)
{
    struct window *window = &probe->window;
    uint64_t answerable = probe->echoed >= window->first ? probe->echoed - window->first + 1 : 0;

    gap_arrival(&window->echo, now);
    gap_arrival(&window->node, now);
    printf("{\"gap_ms\": %.2f, \"gap_to_node_ms\": %.2f, \"sent\": %" PRIu64 ", \"lost\": %" PRIu64
           ", \"length_ms\": %.1f, \"back\": %s}\n",
           window->echo.longest_ms, window->node.longest_ms, probe->sent - window->first + 1,
           answerable - window->echoes, now - window->begin_ms, window->echoed ? "true" : "false");
    fflush(stdout);
    window->open = false;
}

static void window_check(struct probe *probe)
{
    struct window *window = &probe->window;
    double now = now_ms();

    if (window->open && window->ending && now >= (window->echoed ? window->over_ms : window->deadline_ms))
        window_print(probe, now);
}

static void command(struct probe *probe, const char *line)
{
    double quiet_ms, deadline_ms;

    if (strcmp(line, "begin") == 0) {
        window_begin(probe);
    } else if (sscanf(line, "end %lf %lf", &quiet_ms, &deadline_ms) == 2 && probe->window.open) {
        window_end(probe, quiet_ms, deadline_ms);
    } else {
        fprintf(stderr, "port_probe: not a command, or not now: %s\n", line);
        exit(EX_DATAERR);
    }
}

static void read_commands(struct probe *probe)
{
    ssize_t got = read(STDIN_FILENO, probe->line + probe->length, sizeof(probe->line) - probe->length);
    char *newline;

    if (got <= 0 || probe->length + (size_t)got >= sizeof(probe->line)) {
        probe->ended = true;
        return;
    }
    probe->length += (size_t)got;
    while ((newline = memchr(probe->line, '\n', probe->length)) != NULL) {
        size_t used = (size_t)(newline - probe->line) + 1;

        *newline = '\0';
        command(probe, probe->line);
        probe->length -= used;
        memmove(probe->line, newline + 1, probe->length);
    }
}

/* One datagram for each interval that is over: a pause of the machine does not change how many there are. Errors are
 * losses, like those on the wire. */
static void send_probes(struct probe *probe)
{
    uint64_t intervals;

    if (read(probe->timer, &intervals, sizeof(intervals)) != sizeof(intervals))
        return;
    for (; intervals > 0; intervals--) {
        probe->sent++;
        (void)!send(probe->client, &probe->sent, sizeof(probe->sent), MSG_DONTWAIT);
    }
}

static void echo(struct probe *probe)
{
    struct sockaddr_storage from;
    socklen_t length = sizeof(from);
    uint64_t number;

    while (recvfrom(probe->node, &number, sizeof(number), MSG_DONTWAIT, (struct sockaddr *)&from, &length) ==
           sizeof(number)) {
        if (number >= probe->window.first)
            gap_arrival(&probe->window.node, now_ms());
        sendto(probe->node, &number, sizeof(number), MSG_DONTWAIT, (struct sockaddr *)&from, length);
        length = sizeof(from);
    }
}

/* A number that came before, or late, tells nothing new. */
static void take_echoes(struct probe *probe)
{
    struct window *window = &probe->window;
    uint64_t number;

    while (recv(probe->client, &number, sizeof(number), MSG_DONTWAIT) == sizeof(number)) {
        double now = now_ms();

        if (number <= probe->echoed || number > probe->sent)
            continue;
        probe->echoed = number;
        if (number < window->first)
            continue;
        window->echoes++;
        gap_arrival(&window->echo, now);
        if (window->ending && !window->echoed && number > window->ended_after) {
            window->echoed = true;
            window->over_ms = now + window->quiet_ms;
        }
    }
}

static void enter(const char *netns)
{
    char path[256];
    int fd;

    snprintf(path, sizeof(path), "/run/netns/%s", netns);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, CLONE_NEWNET) != 0)
        fail(path);
    close(fd);
}

static int open_socket(const char *netns, const char *text, bool is_node)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PROBE_PORT)};
    struct sockaddr_in6 address6 = {.sin6_family = AF_INET6, .sin6_port = htons(PROBE_PORT)};
    bool is_ipv6 = inet_pton(AF_INET, text, &address.sin_addr) != 1;
    const struct sockaddr *any = is_ipv6 ? (const struct sockaddr *)&address6 : (const struct sockaddr *)&address;
    socklen_t length = is_ipv6 ? sizeof(address6) : sizeof(address);
    int fd;

    if (is_ipv6 && inet_pton(AF_INET6, text, &address6.sin6_addr) != 1) {
        fprintf(stderr, "port_probe: not an address: %s\n", text);
        exit(EX_USAGE);
    }
    enter(netns);
    fd = socket(any->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || (is_node ? bind(fd, any, length) : connect(fd, any, length)) != 0)
        fail(text);
    return fd;
}

static void start(struct probe *probe)
{
    const struct itimerspec each = {.it_interval = {.tv_nsec = INTERVAL_NS}, .it_value = {.tv_nsec = INTERVAL_NS}};

    probe->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (probe->timer < 0 || timerfd_settime(probe->timer, 0, &each, NULL) != 0)
        fail("timer");
}

static void run(struct probe *probe)
{
    struct pollfd fds[] = {{.fd = probe->timer, .events = POLLIN},
                           {.fd = probe->node, .events = POLLIN},
                           {.fd = probe->client, .events = POLLIN},
                           {.fd = STDIN_FILENO, .events = POLLIN}};

    while (!probe->ended) {
        if (poll(fds, sizeof(fds) / sizeof(fds[0]), -1) < 0 && errno != EINTR)
            fail("poll");
        if (fds[0].revents)
            send_probes(probe);
        if (fds[1].revents)
            echo(probe);
        if (fds[2].revents)
            take_echoes(probe);
        if (fds[3].revents)
            read_commands(probe);
        window_check(probe);
    }
}

int main(int argc, char *argv[])
{
    static struct probe probe;

    if (argc != 4) {
        fputs("usage: port_probe CLIENT NODE ADDRESS\n", stderr);
        return EX_USAGE;
    }
    probe.node = open_socket(argv[2], argv[3], true);
    probe.client = open_socket(argv[1], argv[3], false);
    start(&probe);
    run(&probe);
    return EX_OK;
}
