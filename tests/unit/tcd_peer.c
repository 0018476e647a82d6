/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcd_peer.h"

#include "clock.h"
#include "unit.h"

#include <poll.h>
#include <sys/socket.h>

void peer_open(struct peer *peer, const char *address)
{
    struct addr local;
    struct sockaddr_storage name;
    socklen_t length = sizeof(name);
    *peer = (struct peer){.cookie = 1};
    peer->keys.count = 1;
    peer->keys.keys[0].id = 1;
    memset(peer->keys.keys[0].bytes, 0xab, KEY_BYTES);
    assert_int_equal(addr_parse(address, &local), 0);
    peer->fd = socket(local.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(peer->fd >= 0);
    socklen_t size = addr_to_sockaddr(&local, 0, &name);
    assert_int_equal(bind(peer->fd, (struct sockaddr *)&name, size), 0);
    assert_int_equal(getsockname(peer->fd, (struct sockaddr *)&name, &length), 0);
    assert_int_equal(addr_from_sockaddr(&name, &local, &peer->port), 0);
}

void peer_close(struct peer *peer)
{
    close(peer->fd);
}

void peer_send(struct peer *peer, const void *data, size_t length)
{
    struct sockaddr_storage to;
    socklen_t size = addr_to_sockaddr(&peer->from, peer->port, &to);
    assert_int_equal(sendto(peer->fd, data, length, 0, (struct sockaddr *)&to, size), (ssize_t)length);
}

static void send_message(struct peer *peer, const struct wire_message *message)
{
    uint8_t datagram[WIRE_DATAGRAM_MAX];
    int length = wire_encode(message, &peer->keys.keys[0], datagram);
    assert_true(length > 0);
    peer_send(peer, datagram, (size_t)length);
}

static void answer(struct peer *peer, const struct wire_report *report)
{
    struct wire_message message = {.type = WIRE_ACKNOWLEDGEMENT};
    struct wire_acknowledgement *ack = &message.acknowledgement;
    memset(ack->cookie, peer->cookie, sizeof(ack->cookie));
    bool fits = memcmp(ack->cookie, report->cookie, sizeof(ack->cookie)) == 0;
    peer->accepted += fits;
    if (peer->deaf || (fits && !(report->flags & WIRE_WANT_ACK)))
        return;
    ack->flags = fits ? WIRE_ACCEPTED : 0;
    ack->session = report->session;
    ack->sequence = report->sequence;
    send_message(peer, &message);
}

bool peer_receive(struct peer *peer, uint64_t deadline_ms)
{
    uint64_t now_ms = clock_ms();
    struct pollfd fd = {.fd = peer->fd, .events = POLLIN};
    if (poll(&fd, 1, deadline_ms > now_ms ? (int)(deadline_ms - now_ms) : 0) <= 0)
        return false;
    uint8_t datagram[WIRE_DATAGRAM_MAX];
    struct sockaddr_storage name;
    socklen_t size = sizeof(name);
    struct wire_message message;
    uint16_t port;
    ssize_t length = recvfrom(peer->fd, datagram, sizeof(datagram), 0, (struct sockaddr *)&name, &size);
    assert_true(length > 0);
    assert_int_equal(wire_decode(datagram, (size_t)length, &peer->keys, &message), WIRE_OK);
    assert_int_equal(message.type, WIRE_REPORT);
    assert_int_equal(addr_from_sockaddr(&name, &peer->from, &port), 0);
    assert_int_equal(port, peer->port);
    peer->last = message.report;
    peer->received++;
    answer(peer, &message.report);
    return true;
}

void peer_hello(struct peer *peer)
{
    struct wire_message message = {.type = WIRE_HELLO, .hello = {.instance = 4711}};
    send_message(peer, &message);
}
