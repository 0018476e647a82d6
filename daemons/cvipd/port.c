/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENT_BYTES 8192

struct port {
    qb_loop_t *loop;
    void (*changed)(void *context);
    void *context;
    char interface[IF_NAMESIZE];
    unsigned index;
    int events; /* rtnetlink */
    int query;  /* any socket, for ioctl */
};

/* The interface that a message is about; 0: none that we know of. */
static unsigned interface_of(const struct nlmsghdr *message)
{
    switch (message->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
        return message->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifinfomsg))
                   ? 0
                   : (unsigned)((const struct ifinfomsg *)NLMSG_DATA(message))->ifi_index;
    case RTM_NEWADDR:
    case RTM_DELADDR:
        return message->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifaddrmsg))
                   ? 0
                   : ((const struct ifaddrmsg *)NLMSG_DATA(message))->ifa_index;
    case RTM_NEWQDISC:
    case RTM_DELQDISC:
    case RTM_NEWTFILTER:
    case RTM_DELTFILTER:
        return message->nlmsg_len < NLMSG_LENGTH(sizeof(struct tcmsg))
                   ? 0
                   : (unsigned)((const struct tcmsg *)NLMSG_DATA(message))->tcm_ifindex;
    default:
        return 0;
    }
}

bool port_concerns(const void *events, size_t length, unsigned index)
{
    const struct nlmsghdr *message = events;
    while (length >= sizeof *message && message->nlmsg_len >= sizeof *message && message->nlmsg_len <= length) {
        size_t step = NLMSG_ALIGN(message->nlmsg_len);
        if (interface_of(message) == index)
            return true;
        if (step >= length)
            return false;
        length -= step;
        message = (const void *)((const char *)message + step);
    }
    return false;
}

/* One call for all that waits: what it says does not matter, but whom it is about. Other ports may change often, and
 * each look at ours waits for the kernel's lock of all of them. What was lost may have been about ours. */
static int32_t on_event(int32_t fd, int32_t events, void *data)
{
    (void)events;
    struct port *port = data;
    _Alignas(struct nlmsghdr) char buffer[EVENT_BYTES];
    bool concerns = false;
    for (;;) {
        ssize_t length = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT | MSG_TRUNC);
        if (length < 0 && errno == EINTR)
            continue;
        if (length == 0 || (length < 0 && errno != ENOBUFS))
            break;
        if (length < 0 || (size_t)length > sizeof buffer || port_concerns(buffer, (size_t)length, port->index))
            concerns = true;
    }
    if (concerns)
        port->changed(port->context);
    return 0;
}

static int open_events(struct port *port)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                  .nl_groups = RTMGRP_LINK | RTMGRP_TC | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
    port->events = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (port->events < 0 || bind(port->events, (struct sockaddr *)&address, sizeof address) != 0)
        return -errno;
    return qb_loop_poll_add(port->loop, QB_LOOP_HIGH, port->events, POLLIN, port, on_event);
}

int port_open(qb_loop_t *loop, const char *interface, void (*changed)(void *context), void *context, struct port **out)
{
    struct port *port = calloc(1, sizeof *port);
    if (port == NULL)
        return -ENOMEM;
    *port = (struct port){.loop = loop, .changed = changed, .context = context, .events = -1};
    strncpy(port->interface, interface, sizeof port->interface - 1);
    port->index = if_nametoindex(interface);
    port->query = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int rc = port->index == 0 ? -ENODEV : port->query < 0 ? -errno : open_events(port);
    if (rc == 0)
        *out = port;
    else
        port_close(port);
    return rc;
}

void port_read(const struct port *port, struct port_state *state)
{
    struct ifreq request = {0};
    memcpy(request.ifr_name, port->interface, sizeof request.ifr_name);
    *state = (struct port_state){.present = if_nametoindex(port->interface) == port->index};
    if (state->present && ioctl(port->query, SIOCGIFFLAGS, &request) == 0)
        state->up = (request.ifr_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
}

int port_mac(const struct port *port, uint8_t mac[6])
{
    struct ifreq request = {0};
    memcpy(request.ifr_name, port->interface, sizeof request.ifr_name);
    if (ioctl(port->query, SIOCGIFHWADDR, &request) != 0)
        return -errno;
    memcpy(mac, request.ifr_hwaddr.sa_data, 6);
    return 0;
}

void port_close(struct port *port)
{
    if (port == NULL)
        return;
    if (port->events >= 0) {
        (void)qb_loop_poll_del(port->loop, port->events);
        close(port->events);
    }
    if (port->query >= 0)
        close(port->query);
    free(port);
}
