/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients notice of a take-over. Two kinds of connection run at the same time:
 *
 *   new          an open loop: each interval a connection begins, whatever became of the ones before. Its gap is the
 *                longest time in which no connect succeeded (of those whose answer then came whole).
 *   established  some connections that live from the beginning to the end, each with a request every pace. The answer
 *                repeats the request's number, and must always come from the same node. Its gap is the longest time
 *                from a request to its answer.
 *
 * Needs the lab's web server (/echo). Ends at SIGINT or SIGTERM, and prints a summary as JSON; its times are ms of
 * CLOCK_MONOTONIC, so that whoever injects a fault can place it. */
#include "config.h"

#include "cvip_client_report.h"

#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MAX = 1024, FLOWS_MAX = 256 };

struct connection {
    struct connection *previous, *next;
    bool established; /* one that lives on */
    bool connected, waiting;
    unsigned number;  /* of an established one */
    unsigned request; /* the number of the request under way */
    double began_ms, connected_ms, sent_ms;
    int fd;
    size_t received;
    char answer[ANSWER_MAX];
    char node[64]; /* that answered first, on an established one */
};

struct client {
    struct sockaddr_storage address;
    socklen_t address_length;
    double interval_ms, pace_ms, timeout_ms;
    unsigned flows;
    int epoll, timer, signals;
    struct connection *all;
    bool ended;
    struct report report;
};

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void forget(struct client *client, struct connection *connection)
{
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        client->all = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    if (connection->fd >= 0)
        close(connection->fd);
    free(connection);
}

static void fail(struct client *client, struct connection *connection, enum report_reason reason)
{
    if (connection->established)
        report_lost(&client->report, connection->number, reason);
    else
        report_failed(&client->report, reason);
    forget(client, connection);
}

static enum report_reason reason_of(int error)
{
    return error == ECONNRESET || error == EPIPE || error == ECONNREFUSED ? REPORT_RESET : REPORT_ERROR;
}

static void send_request(struct client *client, struct connection *connection)
{
    char text[256];
    int length = snprintf(text, sizeof(text), "GET /echo?%u.%u HTTP/1.1\r\nHost: lab\r\n%s\r\n", connection->number,
                          ++connection->request, connection->established ? "" : "Connection: close\r\n");

    connection->waiting = true;
    connection->received = 0;
    connection->sent_ms = now_ms();
    if (send(connection->fd, text, (size_t)length, MSG_NOSIGNAL) != length)
        fail(client, connection, reason_of(errno));
}

/* The body of a whole answer with status 200, or NULL while it is not whole. */
static const char *body_of(const char *answer)
{
    const char *head = strcasestr(answer, "\r\nContent-Length:");
    const char *body = strstr(answer, "\r\n\r\n");

    if (!head || !body || head > body || strlen(body + 4) < strtoul(head + 17, NULL, 10))
        return NULL;
    return body + 4;
}

/* Is the body "NODE NUMBER.REQUEST", from the node that answered before? */
static bool right(struct connection *connection, const char *body)
{
    char node[sizeof(connection->node)] = "";
    unsigned number = 0, request = 0;

    if (strncmp(connection->answer, "HTTP/1.1 200 ", 13) != 0 ||
        sscanf(body, "%63s %u.%u", node, &number, &request) != 3 || number != connection->number ||
        request != connection->request)
        return false;
    if (connection->node[0] == '\0')
        memcpy(connection->node, node, sizeof(node));
    return strcmp(connection->node, node) == 0;
}

static void check_answer(struct client *client, struct connection *connection)
{
    const char *body = body_of(connection->answer);

    if (!body)
        return;
    if (!right(connection, body)) {
        fail(client, connection, REPORT_WRONG);
        return;
    }
    connection->waiting = false;
    if (connection->established) {
        report_answered(&client->report, connection->number, connection->sent_ms, now_ms());
        return;
    }
    report_connected(&client->report, connection->began_ms, connection->connected_ms);
    forget(client, connection);
}

static void receive(struct client *client, struct connection *connection)
{
    size_t room = ANSWER_MAX - 1 - connection->received;
    ssize_t count = recv(connection->fd, connection->answer + connection->received, room, 0);

    if (count < 0 && errno == EAGAIN)
        return;
    if (count <= 0) {
        fail(client, connection, count < 0 ? reason_of(errno) : REPORT_CLOSED);
        return;
    }
    connection->received += (size_t)count;
    connection->answer[connection->received] = '\0';
    check_answer(client, connection);
}

static void handle(struct client *client, struct connection *connection)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    socklen_t length = sizeof(int);
    int error = 0;

    if (connection->connected) {
        receive(client, connection);
        return;
    }
    getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error) {
        fail(client, connection, reason_of(error));
        return;
    }
    connection->connected = true;
    connection->connected_ms = now_ms();
    epoll_ctl(client->epoll, EPOLL_CTL_MOD, connection->fd, &event);
    send_request(client, connection);
}

static void begin(struct client *client, bool established, unsigned number)
{
    struct connection *connection = calloc(1, sizeof(*connection));
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = connection};

    if (!connection)
        return;
    *connection = (struct connection){
        .established = established, .number = number, .began_ms = now_ms(), .next = client->all, .fd = -1};
    if (client->all)
        client->all->previous = connection;
    client->all = connection;
    client->report.begun += established ? 0 : 1;
    connection->fd = socket(client->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection->fd < 0 ||
        (connect(connection->fd, (const struct sockaddr *)&client->address, client->address_length) < 0 &&
         errno != EINPROGRESS) ||
        epoll_ctl(client->epoll, EPOLL_CTL_ADD, connection->fd, &event) < 0)
        fail(client, connection, REPORT_ERROR);
}

/* Sends what is due on established connections, and gives up what takes too long. */
static void look_after(struct client *client)
{
    double now = now_ms();

    for (struct connection *at = client->all, *next; at; at = next) {
        next = at->next;
        if (now - (at->waiting ? at->sent_ms : at->began_ms) >= client->timeout_ms && (at->waiting || !at->connected))
            fail(client, at, REPORT_TIMEOUT);
        else if (at->established && at->connected && !at->waiting && now - at->sent_ms >= client->pace_ms &&
                 !client->ended)
            send_request(client, at);
    }
}

static void on_timer(struct client *client)
{
    uint64_t ticks = 0;

    if (read(client->timer, &ticks, sizeof(ticks)) != sizeof(ticks))
        return;
    for (; ticks > 0 && !client->ended; ticks--)
        begin(client, false, 0);
    look_after(client);
}

static void turn(struct client *client)
{
    struct epoll_event events[64];
    int count = epoll_wait(client->epoll, events, 64, -1);
    bool tick = false;

    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr == &client->timer)
            tick = true;
        else if (events[i].data.ptr == &client->signals)
            client->ended = true;
        else
            handle(client, events[i].data.ptr);
    }
    if (tick) /* last, as it forgets connections that these events may name */
        on_timer(client);
}

/* Is something under way that may still succeed? */
static bool busy(const struct client *client)
{
    for (const struct connection *at = client->all; at; at = at->next) {
        if (at->waiting || !at->connected)
            return true;
    }
    return false;
}

static int watch(struct client *client, int fd, int *mark)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};

    *mark = fd;
    return fd >= 0 ? epoll_ctl(client->epoll, EPOLL_CTL_ADD, fd, &event) : -1;
}

static int prepare(struct client *client)
{
    long ns = (long)(client->interval_ms * 1e6);
    struct itimerspec every = {.it_interval = {ns / 1000000000, ns % 1000000000}, .it_value = {0, 1}};
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    client->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (client->epoll < 0 ||
        watch(client, timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), &client->timer) < 0 ||
        watch(client, signalfd(-1, &ends, SFD_CLOEXEC), &client->signals) < 0)
        return -1;
    return timerfd_settime(client->timer, 0, &every, NULL);
}

static bool set_address(struct client *client, const char *text)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found;

    if (getaddrinfo(text, "80", &hints, &found) != 0)
        return false;
    client->address_length = found->ai_addrlen;
    memcpy(&client->address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return true;
}

static bool parse(struct client *client, int argc, char *argv[])
{
    int option;

    while ((option = getopt(argc, argv, "i:n:p:t:")) != -1) {
        double value = strtod(optarg ? optarg : "", NULL);

        if (option == 'i')
            client->interval_ms = value;
        else if (option == 'n')
            client->flows = (unsigned)value;
        else if (option == 'p')
            client->pace_ms = value;
        else if (option == 't')
            client->timeout_ms = value;
        else
            return false;
    }
    return optind + 1 == argc && client->interval_ms > 0 && client->flows <= FLOWS_MAX &&
           set_address(client, argv[optind]);
}

int main(int argc, char *argv[])
{
    static struct client client = {.interval_ms = 5, .pace_ms = 40, .timeout_ms = 5000, .flows = 16};

    if (!parse(&client, argc, argv)) {
        fputs("usage: cvip_client [-i MS] [-n ESTABLISHED] [-p MS] [-t MS] ADDRESS\n"
              "  -i  between two new connections (5)      -n  established connections (16)\n"
              "  -p  between two requests on each (40)    -t  what takes longer has failed (5000)\n",
              stderr);
        return EX_USAGE;
    }
    if (report_open(&client.report, client.flows, now_ms()) < 0 || prepare(&client) < 0) {
        perror("cvip_client");
        return EX_OSERR;
    }
    for (unsigned i = 0; i < client.flows; i++)
        begin(&client, true, i);
    while (!client.ended)
        turn(&client);
    double end_ms = now_ms();
    while (busy(&client))
        turn(&client);
    report_print(&client.report, end_ms, stdout);
    report_close(&client.report);
    return EXIT_SUCCESS;
}
