/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message of the kernel wakes us; what it says is read anew. */
#include "erd.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENT_BYTES 32768

struct news {
    bool links; /* of interfaces: looked at now, traffic may wait for it */
    bool table; /* of addresses and routes: looked at soon */
};

static void take(const struct nlmsghdr *message, struct news *news)
{
    switch (message->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
        news->links = true;
        break;
    case RTM_NEWADDR:
    case RTM_DELADDR:
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        news->table = true;
        break;
    default:
        break;
    }
}

static void take_all(const char *messages, size_t left, struct news *news)
{
    const struct nlmsghdr *message = (const void *)messages;
    while (left >= sizeof *message && message->nlmsg_len >= sizeof *message && message->nlmsg_len <= left) {
        size_t step = NLMSG_ALIGN(message->nlmsg_len);
        take(message, news);
        if (step >= left)
            return;
        left -= step;
        message = (const void *)((const char *)message + step);
    }
}

/* What was lost may have been anything. */
static void receive(int fd, struct news *news)
{
    _Alignas(struct nlmsghdr) char buffer[EVENT_BYTES];
    for (;;) {
        ssize_t length = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT | MSG_TRUNC);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0 && errno != ENOBUFS)
            return;
        if (length <= 0 || (size_t)length > sizeof buffer) {
            news->links = news->table = true;
            if (length == 0)
                return;
            continue;
        }
        take_all(buffer, (size_t)length, news);
    }
}

static int32_t on_event(int32_t fd, int32_t events, void *data)
{
    (void)events;
    struct erd *erd = data;
    struct news news = {false, false};
    receive(fd, &news);
    for (size_t i = 0; i < erd->pair_count; i++) {
        if (news.links)
            erd_ports_check(&erd->pairs[i]);
        if (news.table)
            erd_book_look_soon(&erd->pairs[i]);
    }
    return 0;
}

/* For drivers that send no event, and because the kernel may keep one back for a second after another one. */
static void on_poll(void *context)
{
    struct erd *erd = context;
    for (size_t i = 0; i < erd->pair_count; i++) {
        struct erd_pair *pair = &erd->pairs[i];
        for (unsigned which = 0; which < PAIR_PORTS; which++) {
            int carrier = port_carrier(erd->query, erd_port_name(pair, which));
            const struct port *port = &pair->ports[which].now;
            if ((carrier == -ENODEV) != (port->index == 0) ||
                (carrier >= 0 && port->up && (carrier == 1) != port->carrier)) {
                erd_ports_check(pair);
                break;
            }
        }
    }
}

int erd_events_open(struct erd *erd)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                  .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
                                               RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE};
    erd->events = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (erd->events < 0 || bind(erd->events, (struct sockaddr *)&address, sizeof address) != 0)
        return -errno;
    int rc = qb_loop_poll_add(erd->loop, QB_LOOP_HIGH, erd->events, POLLIN, erd, on_event);
    if (rc == 0)
        rc = wake_open(&erd->poll, erd->loop, QB_LOOP_MED, on_poll, erd);
    if (rc == 0 && erd->config->poll_ms != 0)
        wake_each(&erd->poll, (uint64_t)erd->config->poll_ms * 1000);
    return rc;
}

void erd_events_close(struct erd *erd)
{
    wake_close(&erd->poll);
    if (erd->events < 0)
        return;
    (void)qb_loop_poll_del(erd->loop, erd->events);
    close(erd->events);
    erd->events = -1;
}
