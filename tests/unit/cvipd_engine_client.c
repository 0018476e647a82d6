/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cvipd_engine_client.h"

#include <net/ethernet.h>
#include <poll.h>

int client_listener(sa_family_t family)
{
    const int one = 1;
    struct sockaddr_storage local;
    struct addr address;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);

    addr_parse(family == AF_INET ? OUR_IPV4 : OUR_IPV6, &address);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    assert_int_equal(bind(fd, (struct sockaddr *)&local, addr_to_sockaddr(&address, OUR_PORT, &local)), 0);
    assert_int_equal(listen(fd, 64), 0);
    return fd;
}

void client_send(struct world *world, const struct frame_want *want)
{
    struct frame frame;

    frame_make(&frame, want);
    world_send(world, &frame);
}

/* The next frame is the answer to the SYN with sequence number 1000; returns its own number. */
uint32_t client_expect_answer(struct world *world)
{
    struct frame frame;
    size_t tcp;

    assert_true(world_receive(world, WORLD_TCP, &frame));
    tcp = frame_tcp(&frame);
    assert_int_not_equal(tcp, 0);
    assert_int_equal(frame.bytes[tcp + 13] & 0x3f, TCP_SYN | TCP_ACK);
    assert_int_equal(frame_number(&frame, tcp + 8), 1001);
    assert_memory_equal(&frame.bytes[ETH_ALEN], PORT_MAC, ETH_ALEN); /* switches never learn the shared one */
    return frame_number(&frame, tcp + 4);
}

/* By a RST: nothing is sent again later. */
void client_hang_up(int fd)
{
    const struct linger at_once = {.l_onoff = 1};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
}

bool client_is_accepted(int listener)
{
    struct pollfd ready = {.fd = listener, .events = POLLIN};
    int fd;

    if (poll(&ready, 1, 0) <= 0) {
        return false;
    }
    fd = accept(listener, NULL, NULL);
    client_hang_up(fd);
    return fd >= 0;
}

uint16_t client_port_next(void)
{
    static uint16_t port = 30000;

    return port++;
}
