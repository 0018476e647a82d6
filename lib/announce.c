/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "announce.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct announce {
    int socket;
    int interface; /* index */
    uint8_t mac[ETH_ALEN];
};

struct arp_frame {
    struct ether_header ethernet;
    struct ether_arp arp;
} __attribute__((packed));

struct nd_frame {
    struct ether_header ethernet;
    struct ip6_hdr ip;
    struct nd_neighbor_advert advertisement;
    struct nd_opt_hdr option;
    uint8_t mac[ETH_ALEN];
} __attribute__((packed));
#define ND_BYTES (sizeof(struct nd_frame) - offsetof(struct nd_frame, advertisement))

/* ff02::1, all nodes of the link, and its MAC (RFC 2464, 7) */
static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1};
static const uint8_t all_nodes_mac[ETH_ALEN] = {0x33, 0x33, 0, 0, 0, 1};
static const uint8_t broadcast_mac[ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

int announce_use(struct announce *announce, const char *interface)
{
    struct ifreq request = {0};

    announce->interface = (int)if_nametoindex(interface);
    if (announce->interface == 0) {
        return -ENODEV;
    }

    strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
    if (ioctl(announce->socket, SIOCGIFHWADDR, &request) != 0) {
        return -errno;
    }
    memcpy(announce->mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
    return 0;
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

static int send_frame(const struct announce *announce, const void *frame, size_t length)
{
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = ((const struct ether_header *)frame)->ether_type,
                             .sll_ifindex = announce->interface,
                             .sll_halen = ETH_ALEN};

    return sendto(announce->socket, frame, length, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

/* An ARP announcement: a request for the address from the address itself. */
static int send_arp(const struct announce *announce, const struct addr *address, const uint8_t mac[ETH_ALEN])
{
    struct arp_frame frame = {
        .ethernet.ether_type = htons(ETHERTYPE_ARP),
        .arp.ea_hdr = {.ar_hrd = htons(ARPHRD_ETHER),
                       .ar_pro = htons(ETHERTYPE_IP),
                       .ar_hln = ETH_ALEN,
                       .ar_pln = 4,
                       .ar_op = htons(ARPOP_REQUEST)},
    };

    memcpy(frame.ethernet.ether_dhost, broadcast_mac, ETH_ALEN);
    memcpy(frame.ethernet.ether_shost, announce->mac, ETH_ALEN);
    memcpy(frame.arp.arp_sha, mac, ETH_ALEN);
    memcpy(frame.arp.arp_spa, address->bytes, 4);
    memcpy(frame.arp.arp_tpa, address->bytes, 4);
    return send_frame(announce, &frame, sizeof(frame));
}

static uint32_t sum(uint32_t before, const void *data, size_t length)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i + 1 < length; i += 2) {
        before += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    }
    return before;
}

/* RFC 4443, 2.3 */
static uint16_t checksum(const struct nd_frame *frame)
{
    uint32_t total = sum(0, &frame->ip.ip6_src, 32) + ND_BYTES + IPPROTO_ICMPV6;

    total = sum(total, (const uint8_t *)frame + offsetof(struct nd_frame, advertisement), ND_BYTES);
    total = (total & 0xffff) + (total >> 16);
    total = (total & 0xffff) + (total >> 16);
    return htons((uint16_t)~total);
}

/* An advertisement that nobody asked for, which overrides what its hearers know. */
static int send_nd(const struct announce *announce, const struct addr *address, const uint8_t mac[ETH_ALEN])
{
    struct nd_frame frame = {
        .ethernet.ether_type = htons(ETHERTYPE_IPV6),
        .ip = {.ip6_flow = htonl(6U << 28),
               .ip6_plen = htons(ND_BYTES),
               .ip6_nxt = IPPROTO_ICMPV6,
               .ip6_hlim = 255,
               .ip6_src = address->v6},
        .advertisement = {.nd_na_type = ND_NEIGHBOR_ADVERT,
                          .nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE,
                          .nd_na_target = address->v6},
        .option = {.nd_opt_type = ND_OPT_TARGET_LINKADDR, .nd_opt_len = 1},
    };

    memcpy(frame.ethernet.ether_dhost, all_nodes_mac, ETH_ALEN);
    memcpy(frame.ethernet.ether_shost, announce->mac, ETH_ALEN);
    memcpy(&frame.ip.ip6_dst, all_nodes, sizeof(all_nodes));
    memcpy(frame.mac, mac, ETH_ALEN);
    frame.advertisement.nd_na_cksum = checksum(&frame);
    return send_frame(announce, &frame, sizeof(frame));
}

/* One that cannot be sent does not keep the others back. */
int announce_send(struct announce *announce, const struct addr *addresses, size_t count, const uint8_t mac[6])
{
    int result = 0;

    for (size_t i = 0; i < count; i++) {
        int error = addresses[i].family == AF_INET ? send_arp(announce, &addresses[i], mac)
                                                   : send_nd(announce, &addresses[i], mac);
        result = error != 0 ? error : result;
    }
    return result;
}
