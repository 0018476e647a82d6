/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message of the kernel wakes us; what it says is read anew. */
#include "erd.h"

#include "clock.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENT_BYTES 32768

/* How a port is now may hide how it was a moment ago: what the kernel or a program cleared meanwhile would look as if
 * an administrator had removed it. */
static void mark(struct erd_port *port, bool down, bool no_carrier)
{
    port->changed = true;
    port->fresh |= down;
    if ((down || no_carrier) && port->now.carrier)
        port->lost_ms = clock_ms();
}

static void mark_interface(struct erd *erd, const struct nlmsghdr *message)
{
    struct ifinfomsg about;
    if (message->nlmsg_len < NLMSG_LENGTH(sizeof about))
        return;
    memcpy(&about, (const char *)message + NLMSG_HDRLEN, sizeof about);
    for (size_t i = 0; i < erd->pair_count; i++)
        for (unsigned which = 0; which < PAIR_PORTS; which++)
            if (erd->pairs[i].ports[which].now.index == about.ifi_index)
                mark(&erd->pairs[i].ports[which], (about.ifi_flags & IFF_UP) == 0,
                     (about.ifi_flags & IFF_LOWER_UP) == 0);
}

static void mark_all(struct erd *erd)
{
    for (size_t i = 0; i < erd->pair_count; i++)
        for (unsigned which = 0; which < PAIR_PORTS; which++)
            mark(&erd->pairs[i].ports[which], true, true);
}

static void take(struct erd *erd, const struct nlmsghdr *message)
{
    struct erd_news *news = &erd->news;
    switch (message->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
        news->links = true;
        mark_interface(erd, message);
        break;
    case RTM_NEWADDR:
    case RTM_DELADDR:
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
    case RTM_DELTFILTER: /* a gate */
    case RTM_DELQDISC:
        news->table = true;
        break;
    default:
        break;
    }
}

static void take_all(struct erd *erd, const char *messages, size_t left)
{
    const struct nlmsghdr *message = (const void *)messages;
    while (left >= sizeof *message && message->nlmsg_len >= sizeof *message && message->nlmsg_len <= left) {
        size_t step = NLMSG_ALIGN(message->nlmsg_len);
        take(erd, message);
        if (step >= left)
            return;
        left -= step;
        message = (const void *)((const char *)message + step);
    }
}

/* What was lost may have been anything. */
void erd_events_note(struct erd *erd)
{
    _Alignas(struct nlmsghdr) char buffer[EVENT_BYTES];
    for (;;) {
        ssize_t length = recv(erd->events, buffer, sizeof buffer, MSG_DONTWAIT | MSG_TRUNC);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0 && errno != ENOBUFS)
            return;
        if (length <= 0 || (size_t)length > sizeof buffer) {
            erd->news = (struct erd_news){true, true};
            mark_all(erd);
            if (length == 0)
                return;
            continue;
        }
        take_all(erd, buffer, (size_t)length);
    }
}

void erd_events_act(struct erd *erd)
{
    const struct erd_news news = erd->news;
    erd->news = (struct erd_news){false, false};
    for (size_t i = 0; i < erd->pair_count; i++) {
        if (news.links)
            erd_ports_check(&erd->pairs[i]);
        if (news.table)
            erd_book_look_soon(&erd->pairs[i]);
    }
}

static int32_t on_event(int32_t fd, int32_t events, void *data)
{
    (void)fd;
    (void)events;
    erd_events_note(data);
    erd_events_act(data);
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
                                  .nl_groups = RTMGRP_LINK | RTMGRP_TC | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
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
