/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reporter.h"

#include "clock.h"
#include "reporter_socket.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SEND_TRIES 4

static int socket_for(const struct reporter *reporter, sa_family_t family)
{
    return reporter->sockets[family == AF_INET ? 0 : 1];
}

/* Fetches what ICMP said about earlier reports; the kernel would give it to the next send() otherwise. */
static void drain_errors(struct reporter *reporter, int fd)
{
    struct addr to;
    int error;
    while ((error = reporter_socket_error(fd, &to)) != 0) {
        char text[ADDR_TEXT_MAX];
        log_debug("%s: %s", addr_format(&to, text), strerror(error));
        report_refused(&reporter->state, &to, clock_ms());
    }
}

static void count_send_error(struct reporter *reporter, const struct addr *to, int error)
{
    uint64_t suppressed;
    reporter->send_errors++;
    if (!log_allowed(&reporter->send_limit, clock_ms(), &suppressed))
        return;
    char text[ADDR_TEXT_MAX];
    log_warning("cannot send a report to %s: %s (%llu more such)", addr_format(to, text), strerror(error),
                (unsigned long long)suppressed);
}

static void send_to(struct reporter *reporter, const struct addr *to, const uint8_t *data, size_t length)
{
    struct sockaddr_storage peer;
    socklen_t peer_length = addr_to_sockaddr(to, reporter->config->port, &peer);
    int fd = socket_for(reporter, to->family);
    int error = 0;
    for (int i = 0; i < SEND_TRIES; i++) {
        if (sendto(fd, data, length, MSG_NOSIGNAL, (struct sockaddr *)&peer, peer_length) >= 0) {
            reporter->sent++;
            return;
        }
        error = errno;
        drain_errors(reporter, fd);
    }
    count_send_error(reporter, to, error);
}

/* The node's addresses: as configured, or those that lead to the masters. Returns false when there is none. */
static bool fill_addresses(const struct reporter *reporter, struct wire_report *report)
{
    const struct tcd_config *config = reporter->config;
    struct addr found[2] = {config->address, config->address6};
    bool configured = found[0].family != AF_UNSPEC || found[1].family != AF_UNSPEC;
    for (size_t i = 0; !configured && i < config->master_count; i++) {
        for (size_t j = 0; j < config->masters[i].count; j++) {
            const struct addr *master = &config->masters[i].addresses[j].address;
            struct addr *place = &found[master->family == AF_INET ? 0 : 1];
            if (place->family == AF_UNSPEC)
                (void)reporter_socket_source(master, config->port, place);
        }
    }
    bool only_second = found[0].family == AF_UNSPEC;
    report->address = only_second ? found[1] : found[0];
    report->address6 = only_second ? found[0] : found[1];
    return report->address.family != AF_UNSPEC;
}

static void warn_no_address(struct reporter *reporter)
{
    uint64_t suppressed;
    reporter->send_errors++;
    if (log_allowed(&reporter->send_limit, clock_ms(), &suppressed))
        log_warning("no route to any master yet, and no address line in the configuration: nothing is reported");
}

static void send_order(struct reporter *reporter, struct wire_message *message, const struct report_order *order)
{
    uint8_t datagram[WIRE_DATAGRAM_MAX];
    const struct report_master *master = &reporter->state.masters[order->master];
    struct wire_report *report = &message->report;
    report->session = master->session;
    report->flags = (uint8_t)((report->flags & ~WIRE_WANT_ACK) | (order->want_ack ? WIRE_WANT_ACK : 0));
    memcpy(report->cookie, master->cookie, sizeof(report->cookie));
    int length = wire_encode(message, &reporter->keys->keys[0], datagram);
    if (length < 0) {
        count_send_error(reporter, &report->address, -length);
        return;
    }
    for (size_t i = 0; i < master->count; i++)
        send_to(reporter, &master->addresses[i].address, datagram, (size_t)length);
}

static void set_timer(struct reporter *reporter)
{
    uint64_t now_ms = clock_ms();
    uint64_t next_ms = report_next(&reporter->state);
    timer_set(&reporter->timer, next_ms > now_ms ? next_ms - now_ms : 0);
}

static void send_round(struct reporter *reporter, const struct report_order *orders, size_t count)
{
    struct wire_message message = {.type = WIRE_REPORT};
    message.report.sequence = reporter->state.sequence;
    snprintf(message.report.name, sizeof(message.report.name), "%s", reporter->config->name);
    if (!fill_addresses(reporter, &message.report)) {
        warn_no_address(reporter);
        return;
    }
    reporter->fill(reporter->context, &message.report);
    for (size_t i = 0; i < count; i++)
        send_order(reporter, &message, &orders[i]);
}

/* Sends what is due now, and waits for the next round. */
static void run(void *data)
{
    struct reporter *reporter = data;
    struct report_order orders[REPORT_MASTERS_MAX];
    size_t due = report_round(&reporter->state, clock_ms(), orders);
    if (due > 0)
        send_round(reporter, orders, due);
    set_timer(reporter);
}

static void reject(struct reporter *reporter, const struct addr *from, const char *reason)
{
    uint64_t suppressed;
    if (!log_allowed(&reporter->reject_limit, clock_ms(), &suppressed))
        return;
    char text[ADDR_TEXT_MAX];
    log_warning("datagram from %s rejected: %s (%llu more such)", addr_format(from, text), reason,
                (unsigned long long)suppressed);
}

static int send_part(void *context, const struct addr *to, uint16_t port, const uint8_t *data, size_t length)
{
    struct reporter *reporter = context;
    struct sockaddr_storage peer;
    socklen_t peer_length = addr_to_sockaddr(to, port, &peer);
    int fd = socket_for(reporter, to->family);
    return sendto(fd, data, length, MSG_NOSIGNAL, (struct sockaddr *)&peer, peer_length) < 0 ? -errno : 0;
}

static void handle(struct reporter *reporter, const struct addr *from, uint16_t port, const uint8_t *data,
                   size_t length)
{
    struct wire_message message;
    enum wire_result result = wire_decode(data, length, reporter->keys, &message);
    bool ours = false;
    if (result != WIRE_OK) {
        reporter->rejected[result]++;
        reject(reporter, from, wire_result_name(result));
        return;
    }
    if (message.type == WIRE_ACKNOWLEDGEMENT) {
        ours = report_acknowledged(&reporter->state, from, &message.acknowledgement, clock_ms());
        reporter->answers += ours;
    } else if (message.type == WIRE_HELLO) {
        ours = report_hello(&reporter->state, from, clock_ms());
        reporter->hellos += ours;
    } else if (message.type == WIRE_CONNECTIONS_REQUEST) {
        ours = connection_list_request(reporter->list, from, port, &message.connections_request) == 0;
        reporter->lists += ours;
    }
    reporter->not_for_us += !ours;
}

static int32_t ready(int32_t fd, int32_t events, void *data)
{
    struct reporter *reporter = data;
    (void)events;
    drain_errors(reporter, fd);
    for (int i = 0; i < 64; i++) { /* not for ever: a flood must not keep us from reporting */
        struct sockaddr_storage peer;
        socklen_t peer_length = sizeof(peer);
        uint8_t datagram[WIRE_DATAGRAM_MAX + 1];
        struct addr from;
        uint16_t port;
        ssize_t length = recvfrom(fd, datagram, sizeof(datagram), 0, (struct sockaddr *)&peer, &peer_length);
        if (length < 0)
            break;
        if (addr_from_sockaddr(&peer, &from, &port) == 0)
            handle(reporter, &from, port, datagram, (size_t)length);
    }
    run(reporter);
    return 0;
}

static bool has_family(const struct tcd_config *config, sa_family_t family)
{
    for (size_t i = 0; i < config->master_count; i++)
        for (size_t j = 0; j < config->masters[i].count; j++)
            if (config->masters[i].addresses[j].address.family == family)
                return true;
    return false;
}

static void close_sockets(struct reporter *reporter)
{
    for (int i = 0; i < 2; i++) {
        if (reporter->sockets[i] < 0)
            continue;
        qb_loop_poll_del(reporter->loop, reporter->sockets[i]);
        close(reporter->sockets[i]);
        reporter->sockets[i] = -1;
    }
}

static int open_sockets(struct reporter *reporter, const struct tcd_config *config)
{
    const sa_family_t families[2] = {AF_INET, AF_INET6};
    const struct addr *addresses[2] = {&config->bind, &config->bind6};
    for (int i = 0; i < 2; i++) {
        if (!has_family(config, families[i]))
            continue;
        int fd = reporter_socket_open(families[i], addresses[i], config->port);
        if (fd < 0)
            return fd;
        reporter->sockets[i] = fd;
        int result = qb_loop_poll_add(reporter->loop, QB_LOOP_HIGH, fd, POLLIN, reporter, ready);
        if (result < 0)
            return result;
    }
    return 0;
}

static uint64_t new_session(void)
{
    uint64_t session = 0;
    while (session == 0)
        randombytes_buf(&session, sizeof(session));
    return session;
}

static void take_masters(struct reporter *reporter)
{
    const struct tcd_config *config = reporter->config;
    struct report_master masters[REPORT_MASTERS_MAX];
    memcpy(masters, config->masters, sizeof(masters));
    for (size_t i = 0; i < config->master_count; i++)
        masters[i].session = new_session();
    report_configure(&reporter->state, masters, config->master_count, config->updates_ms, config->retry_ms, clock_ms());
}

int reporter_open(struct reporter *reporter, qb_loop_t *loop, const struct tcd_config *config,
                  const struct keyring *keys, void (*fill)(void *, struct wire_report *), void *context)
{
    *reporter = (struct reporter){
        .loop = loop, .config = config, .keys = keys, .fill = fill, .context = context, .sockets = {-1, -1}};
    report_init(&reporter->state, clock_ms());
    take_masters(reporter);
    int result = timer_init(&reporter->timer, loop, run, reporter);
    if (result == 0)
        result = connection_list_open(loop, config, keys, send_part, reporter, &reporter->list);
    if (result == 0)
        result = open_sockets(reporter, config);
    if (result)
        reporter_close(reporter);
    timer_set(&reporter->timer, 0);
    return result;
}

void reporter_close(struct reporter *reporter)
{
    if (!reporter->loop) /* never opened */
        return;
    timer_close(&reporter->timer);
    connection_list_close(reporter->list);
    reporter->list = NULL;
    close_sockets(reporter);
}

int reporter_configure(struct reporter *reporter, const struct tcd_config *config)
{
    const struct tcd_config *before = reporter->config;
    struct connection_list *list;
    int result = connection_list_open(reporter->loop, config, reporter->keys, send_part, reporter, &list);
    if (result)
        return result;
    close_sockets(reporter);
    result = open_sockets(reporter, config);
    if (result) {
        connection_list_close(list);
        close_sockets(reporter);
        (void)open_sockets(reporter, before);
        return result;
    }
    connection_list_close(reporter->list);
    reporter->list = list;
    reporter->config = config;
    take_masters(reporter);
    return 0;
}

void reporter_say(struct reporter *reporter, bool muted, bool stopped)
{
    reporter->state.muted = muted;
    reporter->state.stopped = stopped;
    report_news(&reporter->state, clock_ms());
    run(reporter);
}

bool reporter_is_known(const struct reporter *reporter)
{
    return reporter->state.muted || report_news_known(&reporter->state);
}
