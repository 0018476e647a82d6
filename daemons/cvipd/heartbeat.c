/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "heartbeat.h"

#include "clock.h"
#include "log.h"
#include "wake.h"

#include <errno.h>
#include <netinet/ip.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RETRY_US 1000000
#define READ_MAX 256    /* datagrams of one socket at a stretch: a flood must not hold the ticks up */
#define SEND_PRIORITY 6 /* of the kernel's queues: control, the highest that needs no capability */

struct lan {
    struct heartbeat *all;
    struct addr address;
    int fd;                       /* -1: not open */
    int open_error;               /* the last one that was logged, negative errno; 0: none */
    int errors[WIRE_MEMBERS_MAX]; /* the last one of each peer that was logged, errno; 0: it is reached */
};

struct heartbeat {
    qb_loop_t *loop;
    struct heartbeat_settings settings;
    struct keyring ring;
    void (*received)(void *context, const struct wire_heartbeat *heartbeat);
    void *context;
    struct wake retry;
    struct lan lans[HEARTBEAT_LANS_MAX];
    uint16_t known; /* bit (id - 1) of each peer */
    struct log_limit refusals;
    struct log_limit failures;
    struct heartbeat_counters counters;
};

static bool families_are_known(const struct addr *addresses, size_t count)
{
    if (count == 0 || count > HEARTBEAT_LANS_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        if (addresses[i].family != AF_INET && addresses[i].family != AF_INET6)
            return false;
    return true;
}

/* Returns the peers as bits, or -EINVAL. */
static int check_settings(const struct heartbeat_settings *s)
{
    unsigned known = 0;
    if (!families_are_known(s->own, s->own_count) || s->peer_count > WIRE_MEMBERS_MAX)
        return -EINVAL;
    for (size_t i = 0; i < s->peer_count; i++) {
        const struct heartbeat_peer *peer = &s->peers[i];
        if (peer->id < 1 || peer->id > WIRE_MEMBERS_MAX || (known >> (peer->id - 1) & 1) != 0 ||
            !families_are_known(peer->addresses, peer->count))
            return -EINVAL;
        known |= 1u << (peer->id - 1);
    }
    return (int)known;
}

static void log_refusal(struct heartbeat *h, const char *why, const struct sockaddr_storage *from)
{
    char text[ADDR_TEXT_MAX] = "-";
    struct addr address;
    uint16_t port = 0;
    uint64_t suppressed;
    if (!log_allowed(&h->refusals, clock_ms(), &suppressed))
        return;
    if (addr_from_sockaddr(from, &address, &port) == 0)
        addr_format(&address, text);
    log_warning("a datagram from %s port %u is refused: %s (%llu more since the last message)", text, port, why,
                (unsigned long long)suppressed);
}

static void take_datagram(struct heartbeat *h, const uint8_t *data, size_t length, const struct sockaddr_storage *from)
{
    struct wire_message message;
    enum wire_result result = wire_decode(data, length, &h->ring, &message);
    if (result != WIRE_OK) {
        h->counters.refused[result]++;
        log_refusal(h, wire_result_name(result), from);
    } else if (message.type != WIRE_HEARTBEAT) {
        h->counters.unexpected++;
        log_refusal(h, "not a heartbeat", from);
    } else if ((h->known >> (message.heartbeat.member - 1) & 1) == 0) {
        h->counters.strangers++;
        log_refusal(h, "of no other member on our list", from);
    } else {
        h->counters.received++;
        h->received(h->context, &message.heartbeat);
    }
}

static void read_lan(struct lan *lan)
{
    for (int i = 0; i < READ_MAX; i++) {
        uint8_t data[WIRE_DATAGRAM_MAX + 1]; /* one more, so that too long ones are seen to be so */
        struct sockaddr_storage from = {0};
        socklen_t from_length = sizeof from;
        ssize_t length = recvfrom(lan->fd, data, sizeof data, MSG_DONTWAIT, (struct sockaddr *)&from, &from_length);
        if (length >= 0)
            take_datagram(lan->all, data, (size_t)length, &from);
        else if (errno == EAGAIN)
            return;
        /* Else an error of the network that waited on the socket, and is gone now. */
    }
}

static int32_t on_readable(int32_t fd, int32_t events, void *data)
{
    (void)fd, (void)events;
    read_lan(data);
    return 0;
}

/* The address may come later than we do (the port is not up yet): hence FREEBIND. */
static void set_options(int fd, sa_family_t family)
{
    int on = 1;
    int control = IPTOS_CLASS_CS6; /* must get through when the LAN is full */
    int priority = SEND_PRIORITY;
    /* None of these is worth ending for. */
    if (family == AF_INET) {
        (void)setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
        (void)setsockopt(fd, IPPROTO_IP, IP_TOS, &control, sizeof control);
    } else {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &control, sizeof control);
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority); /* after IP_TOS, which sets it too */
}

/* Returns the descriptor or a negative errno. */
static int open_socket(const struct addr *address, uint16_t port)
{
    struct sockaddr_storage local;
    socklen_t length = addr_to_sockaddr(address, port, &local);
    int fd = socket(address->family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    set_options(fd, address->family);
    if (bind(fd, (struct sockaddr *)&local, length) == 0)
        return fd;
    int rc = -errno;
    close(fd);
    return rc;
}

static int open_lan(struct lan *lan)
{
    struct heartbeat *h = lan->all;
    char text[ADDR_TEXT_MAX];
    int fd = open_socket(&lan->address, h->settings.port);
    int rc = fd < 0 ? fd : qb_loop_poll_add(h->loop, QB_LOOP_HIGH, fd, POLLIN, lan, on_readable);
    if (rc == 0)
        lan->fd = fd;
    else if (fd >= 0)
        close(fd);
    if (rc != lan->open_error) {
        if (rc != 0)
            log_error("no heartbeats over %s port %u yet: %s; tried again each second",
                      addr_format(&lan->address, text), h->settings.port, strerror(-rc));
        else
            log_notice("heartbeats go over %s again", addr_format(&lan->address, text));
    }
    lan->open_error = rc;
    return rc;
}

/* Opens what is not open. */
static void open_lans(void *context)
{
    struct heartbeat *h = context;
    bool missing = false;
    for (size_t i = 0; i < h->settings.own_count; i++)
        if (h->lans[i].fd < 0 && open_lan(&h->lans[i]) != 0)
            missing = true;
    if (missing)
        wake_in(&h->retry, RETRY_US);
}

int heartbeat_open(qb_loop_t *loop, const struct heartbeat_settings *settings, const struct keyring *ring,
                   void (*received)(void *context, const struct wire_heartbeat *heartbeat), void *context,
                   struct heartbeat **out)
{
    int known = check_settings(settings);
    if (known < 0)
        return known;
    struct heartbeat *h = calloc(1, sizeof *h);
    if (h == NULL)
        return -ENOMEM;
    h->loop = loop;
    h->settings = *settings;
    h->ring = *ring;
    h->received = received;
    h->context = context;
    h->known = (uint16_t)known;
    for (size_t i = 0; i < settings->own_count; i++)
        h->lans[i] = (struct lan){.all = h, .address = settings->own[i], .fd = -1};
    int rc = wake_open(&h->retry, loop, QB_LOOP_LOW, open_lans, h);
    if (rc != 0) {
        heartbeat_close(h);
        return rc;
    }
    open_lans(h);
    *out = h;
    return 0;
}

void heartbeat_set_keys(struct heartbeat *heartbeat, const struct keyring *ring)
{
    key_forget(&heartbeat->ring);
    heartbeat->ring = *ring;
}

void heartbeat_read(struct heartbeat *heartbeat)
{
    for (size_t i = 0; i < heartbeat->settings.own_count; i++)
        if (heartbeat->lans[i].fd >= 0)
            read_lan(&heartbeat->lans[i]);
}

/* Said when it changes: a LAN that is cut for an hour is not worth a line a second. */
static void note_send(struct lan *lan, size_t peer, const struct addr *to, int error)
{
    struct heartbeat *h = lan->all;
    char text[ADDR_TEXT_MAX];
    uint64_t suppressed;
    if (error == 0)
        h->counters.sent++;
    else
        h->counters.send_errors++;
    if (error == lan->errors[peer] || !log_allowed(&h->failures, clock_ms(), &suppressed))
        return;
    lan->errors[peer] = error;
    if (error != 0)
        log_warning("heartbeats to %s cannot be sent: %s (%llu such changes not told)", addr_format(to, text),
                    strerror(error), (unsigned long long)suppressed);
    else
        log_notice("heartbeats to %s are sent again (%llu such changes not told)", addr_format(to, text),
                   (unsigned long long)suppressed);
}

static void send_to_peer(struct heartbeat *h, size_t peer, const uint8_t *data, size_t length)
{
    const struct heartbeat_peer *p = &h->settings.peers[peer];
    for (size_t i = 0; i < p->count && i < h->settings.own_count; i++) {
        struct lan *lan = &h->lans[i];
        struct sockaddr_storage to;
        socklen_t to_length = addr_to_sockaddr(&p->addresses[i], h->settings.port, &to);
        int error = EADDRNOTAVAIL;
        if (p->addresses[i].family != lan->address.family)
            continue;
        if (lan->fd >= 0)
            error = sendto(lan->fd, data, length, MSG_DONTWAIT, (struct sockaddr *)&to, to_length) < 0 ? errno : 0;
        note_send(lan, peer, &p->addresses[i], error);
    }
}

void heartbeat_send(struct heartbeat *heartbeat, const struct wire_heartbeat *message)
{
    uint8_t data[WIRE_DATAGRAM_MAX];
    struct wire_message whole = {.type = WIRE_HEARTBEAT};
    memcpy(&whole.heartbeat, message, sizeof *message);
    int length = heartbeat->ring.count > 0 ? wire_encode(&whole, &heartbeat->ring.keys[0], data) : -ENOKEY;
    if (length < 0) {
        uint64_t suppressed;
        heartbeat->counters.send_errors++;
        if (log_allowed(&heartbeat->failures, clock_ms(), &suppressed))
            log_error("our heartbeat cannot be written: %s", strerror(-length));
        return;
    }
    for (size_t i = 0; i < heartbeat->settings.peer_count; i++)
        send_to_peer(heartbeat, i, data, (size_t)length);
}

const struct heartbeat_counters *heartbeat_counters(const struct heartbeat *heartbeat)
{
    return &heartbeat->counters;
}

void heartbeat_close(struct heartbeat *heartbeat)
{
    if (heartbeat == NULL)
        return;
    for (size_t i = 0; i < heartbeat->settings.own_count; i++) {
        struct lan *lan = &heartbeat->lans[i];
        if (lan->fd < 0)
            continue;
        (void)qb_loop_poll_del(heartbeat->loop, lan->fd);
        close(lan->fd);
    }
    wake_close(&heartbeat->retry);
    key_forget(&heartbeat->ring);
    free(heartbeat);
}
