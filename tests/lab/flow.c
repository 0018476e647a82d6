/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Long transfers for the lab: connections that live through faults, with every byte checked (flow_pattern.h).
 *
 * A flow counts as established when the server's name has come: before that the handshake may be half open. From then
 * on it is lost when it is reset, closed by the other end, times out, stays silent too long, or brings a wrong byte.
 * An attempt that does not become established is no loss, and is repeated. */
#include "config.h"

#include "flow_run.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum {
    OPEN_MS = 5000,   /* an attempt that takes longer is given up */
    AGAIN_MS = 200,   /* from the end of one to the beginning of the next */
    STATE_TICKS = 2,  /* of FLOW_PACE_MS */
    AHEAD_MAX = 16384 /* bytes that an echo sends ahead of their return */
};

static void rest(struct run *run, struct flow *flow)
{
    if (flow->fd >= 0)
        close(flow->fd);
    flow->fd = -1;
    flow->state = WAITING;
    flow->since_ms = flow_run_ms(run);
}

static void lose(struct run *run, struct flow *flow, enum flow_loss how)
{
    struct sockaddr_in6 own = {.sin6_port = 0}; /* the port is at the same place in both families */
    socklen_t length = sizeof(own);
    double now = flow_run_ms(run);
    struct flow_lost lost = {.at_ms = now,
                             .lived_ms = now - flow->since_ms,
                             .silent_ms = now - flow->last_ms,
                             .how = how,
                             .mode = flow->mode,
                             .address = flow->target->name,
                             .bytes = flow->received};

    if (flow->state != OPEN) {
        run->report.unopened++;
        rest(run, flow);
        return;
    }
    getsockname(flow->fd, (struct sockaddr *)&own, &length);
    lost.port = ntohs(own.sin6_port);
    memcpy(lost.node, flow->node, sizeof(lost.node));
    flow_report_lost(&run->report, &lost);
    flow_report_gap(&run->report, flow->gap_ms);
    flow->first_ms = -1;
    rest(run, flow);
}

static void lose_by_error(struct run *run, struct flow *flow, int error)
{
    lose(run, flow, error == ETIMEDOUT ? FLOW_TIMEOUT : FLOW_RESET);
}

static void begin(struct run *run, struct flow *flow)
{
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = flow};
    int family;
    bool good;

    flow->target = &run->options.targets[flow->number / 2 % run->options.target_count];
    family = flow->target->address.ss_family;
    flow->mode = flow->number % 2 ? FLOW_STREAM : FLOW_ECHO;
    flow->seed = (uint64_t)random() << 31 ^ (uint64_t)random();
    flow->sent = flow->received = flow->named = 0;
    flow->gap_ms = 0;
    flow->state = CONNECTING;
    flow->since_ms = flow_run_ms(run);
    if (flow->first_ms < 0)
        flow->first_ms = flow->since_ms;
    flow->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    good = flow->fd >= 0;
    for (size_t i = 0; i < run->options.source_count && good; i++)
        good = source_bind(flow->fd, family, &run->options.sources[i], run->turn) == 0;
    run->turn++;
    if (!good ||
        (connect(flow->fd, (const struct sockaddr *)&flow->target->address, flow->target->length) < 0 &&
         errno != EINPROGRESS) ||
        epoll_ctl(run->epoll, EPOLL_CTL_ADD, flow->fd, &event) < 0)
        lose_by_error(run, flow, errno);
}

static void greet(struct run *run, struct flow *flow)
{
    struct flow_greeting greeting = {.magic = FLOW_MAGIC, .mode = flow->mode, .seed = flow->seed};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = flow};

    if (send(flow->fd, &greeting, sizeof(greeting), MSG_NOSIGNAL) != sizeof(greeting)) {
        lose_by_error(run, flow, errno);
        return;
    }
    flow->state = GREETED;
    epoll_ctl(run->epoll, EPOLL_CTL_MOD, flow->fd, &event);
}

static void open_up(struct run *run, struct flow *flow)
{
    double now = flow_run_ms(run);

    flow->state = OPEN;
    flow->node[FLOW_NAME - 1] = '\0';
    flow->since_ms = flow->last_ms = now;
    flow->end_ms = now + run->options.life_ms * (0.5 + 0.5 * (double)random() / (double)RAND_MAX);
    run->report.opened++;
    if (now - flow->first_ms > run->report.slowest_open_ms)
        run->report.slowest_open_ms = now - flow->first_ms;
}

/* Checks what came of the pattern. */
static void check(struct run *run, struct flow *flow, const uint8_t *bytes, size_t length)
{
    double now = flow_run_ms(run);

    if (now - flow->last_ms > flow->gap_ms)
        flow->gap_ms = now - flow->last_ms;
    flow->last_ms = now;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != flow_byte(flow->seed, flow->received + i)) {
            lose(run, flow, FLOW_CORRUPT);
            return;
        }
    }
    flow->received += length;
    run->report.bytes += length;
}

static void receive(struct run *run, struct flow *flow)
{
    uint8_t bytes[16384];
    ssize_t n = flow->state == GREETED ? recv(flow->fd, flow->node + flow->named, FLOW_NAME - flow->named, 0)
                                       : recv(flow->fd, bytes, sizeof(bytes), 0);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0) {
        lose_by_error(run, flow, errno);
    } else if (n == 0) {
        lose(run, flow, FLOW_CLOSED);
    } else if (flow->state == OPEN) {
        check(run, flow, bytes, (size_t)n);
    } else {
        flow->named += (size_t)n;
        if (flow->named == FLOW_NAME)
            open_up(run, flow);
    }
}

static void handle(struct run *run, struct flow *flow)
{
    int error = 0;
    socklen_t length = sizeof(error);

    if (flow->state != CONNECTING) {
        receive(run, flow);
        return;
    }
    getsockopt(flow->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error)
        lose_by_error(run, flow, error);
    else
        greet(run, flow);
}

/* The next block of an echo, unless too much of it is on its way already. */
static void send_block(struct run *run, struct flow *flow)
{
    uint8_t block[FLOW_BLOCK];
    ssize_t n;

    if (flow->mode != FLOW_ECHO || flow->sent - flow->received > AHEAD_MAX)
        return;
    flow_fill(block, sizeof(block), flow->seed, flow->sent);
    n = send(flow->fd, block, sizeof(block), MSG_NOSIGNAL);
    if (n > 0)
        flow->sent += (uint64_t)n;
    else if (errno != EAGAIN)
        lose_by_error(run, flow, errno);
}

static void end(struct run *run, struct flow *flow)
{
    run->report.ended++;
    flow_report_gap(&run->report, flow->gap_ms);
    flow->first_ms = -1;
    rest(run, flow);
}

static void pace(struct run *run, struct flow *flow, double now)
{
    switch (flow->state) {
    case WAITING:
        if (now - flow->since_ms >= AGAIN_MS)
            begin(run, flow);
        break;
    case CONNECTING:
    case GREETED:
        if (now - flow->since_ms >= OPEN_MS)
            lose(run, flow, FLOW_TIMEOUT);
        break;
    case OPEN:
        if (now - flow->last_ms >= run->options.patience_ms)
            lose(run, flow, FLOW_SILENT);
        else if (run->options.life_ms > 0 && now >= flow->end_ms && now - flow->last_ms < 2 * FLOW_PACE_MS)
            end(run, flow); /* one that is silent must show first that it lives */
        else
            send_block(run, flow);
        break;
    }
}

static void on_timer(struct run *run)
{
    uint64_t ticks = 0;
    double now = flow_run_ms(run);

    if (read(run->timer, &ticks, sizeof(ticks)) != sizeof(ticks))
        return;
    for (unsigned i = 0; i < run->options.flows; i++)
        pace(run, &run->flows[i], now);
    if (run->options.state && run->ticks++ % STATE_TICKS == 0)
        flow_run_write_state(run);
}

static bool watch(struct run *run, int fd, int *mark)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};

    *mark = fd;
    return fd >= 0 && epoll_ctl(run->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static int prepare(struct run *run)
{
    const struct itimerspec every = {{0, FLOW_PACE_MS * 1000000L}, {0, 1}};
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    srandom((unsigned)getpid());
    clock_gettime(CLOCK_MONOTONIC, &run->start);
    for (unsigned i = 0; i < run->options.flows; i++)
        run->flows[i] = (struct flow){.number = i, .fd = -1, .since_ms = -AGAIN_MS, .first_ms = -1};
    run->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (run->epoll < 0 || !watch(run, timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), &run->timer) ||
        !watch(run, signalfd(-1, &ends, SFD_CLOEXEC), &run->signals))
        return -1;
    return timerfd_settime(run->timer, 0, &every, NULL);
}

static void finish(struct run *run)
{
    double silence;
    unsigned open = flow_run_open(run, &silence);

    for (unsigned i = 0; i < run->options.flows; i++) {
        const struct flow *flow = &run->flows[i];
        double silence_ms = flow_run_ms(run) - flow->last_ms;

        if (flow->state == OPEN)
            flow_report_gap(&run->report, silence_ms > flow->gap_ms ? silence_ms : flow->gap_ms);
    }
    flow_report_print(&run->report, open, flow_run_ms(run), stdout);
    flow_report_free(&run->report);
}

int main(int argc, char *argv[])
{
    static struct run run;
    int status = flow_options_parse(&run.options, argc, argv);

    if (status != 0)
        return status - 1;
    if (prepare(&run) < 0) {
        perror("flow");
        return EX_OSERR;
    }
    while (!run.ended) {
        /* One event at a time: what one event ends, no later one of the same harvest can mean. */
        struct epoll_event event;

        if (epoll_wait(run.epoll, &event, 1, -1) != 1)
            continue;
        if (event.data.ptr == &run.timer)
            on_timer(&run);
        else if (event.data.ptr == &run.signals)
            run.ended = true;
        else
            handle(&run, event.data.ptr);
    }
    finish(&run);
    return EXIT_SUCCESS;
}
