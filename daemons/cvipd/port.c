/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port.h"

#include "gate.h"

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
    char names[PORT_PAIR_PORTS][IF_NAMESIZE];
    size_t count;                              /* 1: no twin */
    struct port_state states[PORT_PAIR_PORTS]; /* as last read */
    struct gate *gate;                         /* NULL without a twin: nobody shuts a single port */
    int events;                                /* rtnetlink */
    int query;                                 /* any socket, for ioctl */
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

static bool is_about(const struct nlmsghdr *message, const unsigned *indexes, size_t count)
{
    unsigned interface = interface_of(message);
    for (size_t i = 0; interface != 0 && i < count; i++)
        if (indexes[i] == interface || (indexes[i] == 0 && message->nlmsg_type == RTM_NEWLINK))
            return true;
    return false;
}

bool port_concerns(const void *events, size_t length, const unsigned *indexes, size_t count)
{
    const struct nlmsghdr *message = events;
    while (length >= sizeof *message && message->nlmsg_len >= sizeof *message && message->nlmsg_len <= length) {
        size_t step = NLMSG_ALIGN(message->nlmsg_len);
        if (is_about(message, indexes, count))
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
    const unsigned primary = port->states[PORT_PRIMARY].index;
    const unsigned indexes[PORT_PAIR_PORTS] = {primary, port->count == 1 ? primary : port->states[PORT_TWIN].index};
    bool concerns = false;
    for (;;) {
        ssize_t length = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT | MSG_TRUNC);
        if (length < 0 && errno == EINTR)
            continue;
        if (length == 0 || (length < 0 && errno != ENOBUFS))
            break;
        if (length < 0 || (size_t)length > sizeof buffer ||
            port_concerns(buffer, (size_t)length, indexes, PORT_PAIR_PORTS))
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

int port_open(qb_loop_t *loop, const char *primary, const char *twin, void (*changed)(void *context), void *context,
              struct port **out)
{
    struct port *port = calloc(1, sizeof *port);
    if (port == NULL)
        return -ENOMEM;
    *port = (struct port){.loop = loop, .changed = changed, .context = context, .count = 1, .events = -1};
    strncpy(port->names[PORT_PRIMARY], primary, IF_NAMESIZE - 1);
    strncpy(port->names[PORT_TWIN], twin, IF_NAMESIZE - 1);
    port->query = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int rc = port->query < 0 ? -errno : open_events(port);
    if (rc == 0 && twin[0] != '\0') {
        port->count = PORT_PAIR_PORTS;
        rc = gate_connect(&port->gate);
    }
    if (rc == 0)
        *out = port;
    else
        port_close(port);
    return rc;
}

/* Where the gate cannot be asked, it is as it was. */
static void read_one(struct port *port, size_t which)
{
    struct port_state *state = &port->states[which];
    struct ifreq request = {0};
    unsigned index = if_nametoindex(port->names[which]);
    if (index != state->index)
        *state = (struct port_state){.index = index};
    state->up = false;
    if (index == 0)
        return;
    memcpy(request.ifr_name, port->names[which], sizeof request.ifr_name);
    if (ioctl(port->query, SIOCGIFFLAGS, &request) == 0)
        state->up = (request.ifr_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
    int shut = port->gate == NULL ? 0 : gate_is_shut(port->gate, (int)index);
    if (shut >= 0)
        state->shut = shut;
}

void port_read(struct port *port, struct port_state states[PORT_PAIR_PORTS])
{
    for (size_t i = 0; i < port->count; i++)
        read_one(port, i);
    memcpy(states, port->states, sizeof port->states);
}

int port_mac(const struct port *port, const char *interface, uint8_t mac[6])
{
    struct ifreq request = {0};
    strncpy(request.ifr_name, interface, sizeof request.ifr_name - 1);
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
    gate_disconnect(port->gate);
    free(port);
}
