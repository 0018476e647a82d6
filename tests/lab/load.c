/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client load for the lab: an open loop of HTTP requests.
 *
 * Every interval a new connection begins, whatever became of the ones before, as it is with many people who know
 * nothing of each other. Each request has its own deadline. Ends after the duration, or at SIGINT or SIGTERM, and
 * prints a summary as JSON. The node that answered is known by the header X-Node of the lab's web servers. */
#include "config.h"

#include "load_options.h"
#include "load_report.h"

#include <errno.h>
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

enum { ANSWER_MAX = 4096 };

struct request {
    struct request *previous, *next; /* the open ones, oldest first: they reach their deadlines in this order */
    const struct target *target;
    double at_ms;
    int fd;
    bool sent;
    size_t received;
    char answer[ANSWER_MAX]; /* the beginning: status line and headers */
};

struct load {
    struct load_options options;
    size_t next_target;
    unsigned turn; /* of the source addresses */
    int epoll, timer, signals;
    struct timespec start;
    struct request *oldest, *newest;
    bool ended;
    struct report report;
};

static double now_ms(const struct load *load)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - load->start.tv_sec) * 1e3 + (double)(now.tv_nsec - load->start.tv_nsec) / 1e6;
}

static void forget(struct load *load, struct request *request)
{
    if (request->previous)
        request->previous->next = request->next;
    else
        load->oldest = request->next;
    if (request->next)
        request->next->previous = request->previous;
    else
        load->newest = request->previous;
    if (request->fd >= 0)
        close(request->fd);
    free(request);
}

static void log_line(const struct load *load, const struct request *request, double lasted_ms, const char *result,
                     const char *node)
{
    if (load->options.log)
        fprintf(load->options.log, "%.1f,%.1f,%s,%s,%s\n", request->at_ms, lasted_ms, result, node,
                request->target->name);
}

static void fail(struct load *load, struct request *request, const char *reason)
{
    double lasted = now_ms(load) - request->at_ms;

    report_failure(&load->report, request->at_ms, lasted, reason, request->target->name);
    log_line(load, request, lasted, reason, "");
    forget(load, request);
}

static const char *reason_of(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return "refused";
    case ECONNRESET:
    case EPIPE:
        return "reset";
    case EHOSTUNREACH:
    case ENETUNREACH:
        return "unreachable";
    case ETIMEDOUT:
        return "timeout";
    default:
        return "error";
    }
}

/* Copies the value of the header X-Node into name. */
static void node_name(const char *answer, char name[REPORT_NAME])
{
    const char *value = strcasestr(answer, "\nx-node:");
    size_t length;

    snprintf(name, REPORT_NAME, "unknown");
    if (!value)
        return;
    value += strlen("\nx-node:");
    value += strspn(value, " \t");
    length = strcspn(value, " \t\r\n\"\\");
    if (length == 0 || length >= REPORT_NAME)
        return;
    memcpy(name, value, length);
    name[length] = '\0';
}

/* The server has closed: was it a whole answer? */
static void finish(struct load *load, struct request *request)
{
    double lasted = now_ms(load) - request->at_ms;
    char node[REPORT_NAME];

    request->answer[request->received] = '\0';
    if (strncmp(request->answer, "HTTP/1.", 7) != 0 || strncmp(request->answer + 8, " 200", 4) != 0 ||
        !strstr(request->answer, "\r\n\r\n")) {
        fail(load, request, request->received == 0 ? "closed" : "bad answer");
        return;
    }
    node_name(request->answer, node);
    report_success(&load->report, request->at_ms, lasted, node);
    log_line(load, request, lasted, "ok", node);
    forget(load, request);
}

static void send_request(struct load *load, struct request *request)
{
    bool six = request->target->address.ss_family == AF_INET6;
    char text[1024];
    int length = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: %s%s%s\r\nConnection: close\r\n\r\n",
                          load->options.path, six ? "[" : "", request->target->name, six ? "]" : "");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = request};

    if (send(request->fd, text, (size_t)length, MSG_NOSIGNAL) != length) {
        fail(load, request, reason_of(errno));
        return;
    }
    request->sent = true;
    epoll_ctl(load->epoll, EPOLL_CTL_MOD, request->fd, &event);
}

static void receive(struct load *load, struct request *request)
{
    char rest[16384];
    size_t room = ANSWER_MAX - 1 - request->received;
    ssize_t n = room > 0 ? recv(request->fd, request->answer + request->received, room, 0)
                         : recv(request->fd, rest, sizeof(rest), 0);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0)
        fail(load, request, reason_of(errno));
    else if (n == 0)
        finish(load, request);
    else if (room > 0)
        request->received += (size_t)n;
}

static void handle(struct load *load, struct request *request)
{
    int error = 0;
    socklen_t length = sizeof(error);

    if (request->sent) {
        receive(load, request);
        return;
    }
    getsockopt(request->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error)
        fail(load, request, reason_of(error));
    else
        send_request(load, request);
}

static bool choose_source(struct load *load, const struct request *request)
{
    bool good = true;

    for (size_t i = 0; i < load->options.source_count && good; i++)
        good = source_bind(request->fd, request->target->address.ss_family, &load->options.sources[i], load->turn) == 0;
    load->turn++;
    return good;
}

static void begin_request(struct load *load)
{
    struct request *request = calloc(1, sizeof(*request));
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = request};

    if (!request)
        return;
    request->target = &load->options.targets[load->next_target];
    load->next_target = (load->next_target + 1) % load->options.target_count;
    request->at_ms = now_ms(load);
    request->previous = load->newest;
    if (load->newest)
        load->newest->next = request;
    else
        load->oldest = request;
    load->newest = request;
    request->fd = socket(request->target->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (request->fd < 0 || !choose_source(load, request) ||
        (connect(request->fd, (const struct sockaddr *)&request->target->address, request->target->length) < 0 &&
         errno != EINPROGRESS) ||
        epoll_ctl(load->epoll, EPOLL_CTL_ADD, request->fd, &event) < 0)
        fail(load, request, reason_of(errno));
}

static void expire(struct load *load)
{
    while (load->oldest && now_ms(load) - load->oldest->at_ms >= load->options.timeout_ms)
        fail(load, load->oldest, "timeout");
}

static void on_timer(struct load *load)
{
    uint64_t ticks = 0;

    if (read(load->timer, &ticks, sizeof(ticks)) != sizeof(ticks))
        return;
    if (now_ms(load) >= load->options.duration_ms)
        load->ended = true;
    /* A tick that we missed is a request all the same: the loop is open. */
    for (; ticks > 0 && !load->ended; ticks--)
        begin_request(load);
}

/* ms until the oldest request reaches its deadline, -1 when there is none. */
static int until_deadline(const struct load *load)
{
    double left;

    if (!load->oldest)
        return -1;
    left = load->options.timeout_ms - (now_ms(load) - load->oldest->at_ms);
    return left <= 0 ? 0 : (int)left + 1;
}

static void turn(struct load *load)
{
    struct epoll_event events[64];
    int count = epoll_wait(load->epoll, events, 64, until_deadline(load));

    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr == &load->timer)
            on_timer(load);
        else if (events[i].data.ptr == &load->signals)
            load->ended = true;
        else
            handle(load, events[i].data.ptr);
    }
    expire(load);
}

static bool watch(struct load *load, int fd, int *mark)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};

    *mark = fd;
    return fd >= 0 && epoll_ctl(load->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static int open_loop(struct load *load)
{
    long ns = (long)(load->options.interval_ms * 1e6);
    struct itimerspec every = {.it_interval = {ns / 1000000000, ns % 1000000000}, .it_value = {0, 1}};
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (load->epoll < 0 || !watch(load, timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), &load->timer) ||
        !watch(load, signalfd(-1, &ends, SFD_CLOEXEC), &load->signals))
        return -1;
    clock_gettime(CLOCK_MONOTONIC, &load->start);
    return timerfd_settime(load->timer, 0, &every, NULL);
}

int main(int argc, char *argv[])
{
    static struct load load;
    int status = load_options_parse(&load.options, argc, argv);

    if (status != 0)
        return status - 1;
    if (open_loop(&load) < 0) {
        perror("load");
        return EX_OSERR;
    }
    while (!load.ended)
        turn(&load);
    close(load.timer);
    while (load.oldest) /* what is under way may still succeed */
        turn(&load);
    report_print(&load.report, now_ms(&load), stdout);
    report_free(&load.report);
    return EXIT_SUCCESS;
}
