/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "announce.h"

#include "frame.h"
#include "mld.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct announce {
    int socket;
    int interface; /* index: a name may change */
};

int announce_use(struct announce *announce, const char *interface)
{
    announce->interface = (int)if_nametoindex(interface);
    return announce->interface == 0 ? -ENODEV : 0;
}

int announce_open(const char *interface, struct announce **out)
{
    struct announce *announce = calloc(1, sizeof(*announce));
    int error;

    if (announce == NULL) {
        return -ENOMEM;
    }
    announce->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); /* 0: it receives nothing */
    error = announce->socket < 0 ? -errno : announce_use(announce, interface);
    if (error != 0) {
        announce_close(announce);
        return error;
    }
    *out = announce;
    return 0;
}

void announce_close(struct announce *announce)
{
    if (announce == NULL) {
        return;
    }
    if (announce->socket >= 0) {
        close(announce->socket);
    }
    free(announce);
}

/* Read each time: a port may get another MAC. */
static int read_mac(const struct announce *announce, uint8_t mac[6])
{
    struct ifreq request = {.ifr_ifindex = announce->interface};

    if (ioctl(announce->socket, SIOCGIFNAME, &request) != 0 || ioctl(announce->socket, SIOCGIFHWADDR, &request) != 0) {
        return -errno;
    }
    memcpy(mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
    return 0;
}

static int send_frame(const struct announce *announce, const void *frame, size_t length)
{
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = ((const struct ether_header *)frame)->ether_type,
                             .sll_ifindex = announce->interface,
                             .sll_halen = ETH_ALEN};

    return sendto(announce->socket, frame, length, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

/* An ARP announcement is a request for the address from the address itself. */
static int send_one(const struct announce *announce, const struct addr *address, const uint8_t own[6],
                    const uint8_t mac[6])
{
    if (address->family == AF_INET) {
        struct frame_arp arp;

        frame_arp_request(&arp, own, mac, &address->v4, &address->v4);
        return send_frame(announce, &arp, sizeof(arp));
    }
    struct frame_nd nd;

    frame_nd_advertise(&nd, own, mac, &address->v6);
    return send_frame(announce, &nd, sizeof(nd));
}

int announce_send(struct announce *announce, const struct addr *addresses, size_t count, const uint8_t mac[6])
{
    uint8_t own[ETH_ALEN];
    int result = read_mac(announce, own);

    if (result != 0) {
        return result;
    }
    for (size_t i = 0; i < count; i++) {
        int error = send_one(announce, &addresses[i], own, mac);
        result = error != 0 ? error : result;
    }
    return result;
}

/* Whether an address before this one has the same group: they end in the same three bytes. */
static bool has_group_before(const struct addr *addresses, size_t which)
{
    for (size_t i = 0; i < which; i++) {
        if (addresses[i].family == AF_INET6 && memcmp(addresses[i].bytes + 13, addresses[which].bytes + 13, 3) == 0) {
            return true;
        }
    }
    return false;
}

int announce_groups(struct announce *announce, const struct addr *link_local, const struct addr *addresses,
                    size_t count)
{
    const struct in6_addr source = link_local->family == AF_INET6 ? link_local->v6 : in6addr_any;
    struct in6_addr groups[MLD_GROUPS_MAX];
    uint8_t frame[MLD_FRAME_MAX], own[ETH_ALEN];
    size_t pending = 0;
    int result = read_mac(announce, own);

    if (result != 0) {
        return result;
    }
    for (size_t i = 0; i <= count; i++) {
        if (i < count && addresses[i].family == AF_INET6 && !has_group_before(addresses, i)) {
            groups[pending++] = frame_solicited_node(&addresses[i].v6);
        }
        if (pending == MLD_GROUPS_MAX || (i == count && pending > 0)) {
            int error = send_frame(announce, frame, mld_report(frame, own, &source, groups, pending));
            result = error != 0 ? error : result;
            pending = 0;
        }
    }
    return result;
}
