/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe_frame.h"

#include "frame.h"

#include <arpa/inet.h>
#include <string.h>

#define HOP_LIMIT 255
#define LOCALLY_ADMINISTERED 0x02 /* in the first byte of a MAC */
#define GROUP 0x01

static size_t make_arp(uint8_t frame[PROBE_FRAME_MAX], const uint8_t mac[6], const uint8_t *to, const struct addr *from,
                       const struct addr *target)
{
    struct frame_arp request;
    frame_arp_request(&request, mac, mac, &from->v4, &target->v4);
    if (to != NULL)
        memcpy(request.ethernet.ether_dhost, to, ETH_ALEN);
    memcpy(frame, &request, sizeof request);
    return sizeof request;
}

static size_t make_nd(uint8_t frame[PROBE_FRAME_MAX], const uint8_t mac[6], const uint8_t *to, const struct addr *from,
                      const struct addr *target)
{
    struct frame_nd solicitation;
    frame_nd_solicit(&solicitation, mac, &from->v6, &target->v6);
    if (to != NULL)
        frame_nd_direct(&solicitation, to);
    memcpy(frame, &solicitation, sizeof solicitation);
    return sizeof solicitation;
}

size_t probe_frame_make(uint8_t frame[PROBE_FRAME_MAX], const uint8_t mac[6], const uint8_t *to,
                        const struct addr *source, const struct addr *target)
{
    struct addr from = {.family = source->family == target->family ? target->family : AF_UNSPEC};

    if (from.family != AF_UNSPEC)
        from = *source;
    else if (target->family == AF_INET6)
        probe_frame_link_local(mac, &from);
    return (target->family == AF_INET ? make_arp : make_nd)(frame, mac, to, &from, target);
}

/* RFC 826. The Ethernet source need not be the sender's MAC: with VRRP it may be the router's own. */
static bool read_arp(const uint8_t *frame, size_t length, const uint8_t mac[6], struct addr *target)
{
    struct ether_arp arp;
    if (length < ETH_HLEN + sizeof arp)
        return false;
    memcpy(&arp, frame + ETH_HLEN, sizeof arp);
    const struct arphdr *header = &arp.ea_hdr;
    if (header->ar_hrd != htons(ARPHRD_ETHER) || header->ar_pro != htons(ETHERTYPE_IP) || header->ar_hln != ETH_ALEN ||
        header->ar_pln != sizeof target->v4 || header->ar_op != htons(ARPOP_REPLY))
        return false;
    if (memcmp(arp.arp_tha, mac, ETH_ALEN) != 0 || memcmp(arp.arp_sha, mac, ETH_ALEN) == 0)
        return false;
    *target = (struct addr){.family = AF_INET};
    memcpy(&target->v4, arp.arp_spa, sizeof target->v4);
    return target->v4.s_addr != INADDR_ANY;
}

/* Whether options follow each other until the end (RFC 4861, 7.1.2: none of length 0). */
static bool options_are_whole(const uint8_t *options, size_t length)
{
    while (length >= sizeof(struct nd_opt_hdr)) {
        size_t size = (size_t)options[1] * 8;
        if (size == 0 || size > length)
            return false;
        options += size;
        length -= size;
    }
    return length == 0;
}

/* RFC 4861, 7.1.2, and that it was asked for. Its IP header, and nothing between that and ICMP, as from every node that
 * does what RFC 6980 says. */
static bool is_advertisement(const struct ip6_hdr *ip, const uint8_t *message, size_t length)
{
    struct nd_neighbor_advert advert;
    if (length < sizeof advert || ip->ip6_vfc >> 4 != 6 || ip->ip6_nxt != IPPROTO_ICMPV6 || ip->ip6_hlim != HOP_LIMIT)
        return false;
    memcpy(&advert, message, sizeof advert);
    if (advert.nd_na_type != ND_NEIGHBOR_ADVERT || advert.nd_na_code != 0 ||
        (advert.nd_na_flags_reserved & ND_NA_FLAG_SOLICITED) == 0)
        return false;
    return !IN6_IS_ADDR_MULTICAST(&ip->ip6_dst) && !IN6_IS_ADDR_MULTICAST(&ip->ip6_src) &&
           !IN6_IS_ADDR_UNSPECIFIED(&ip->ip6_src) && !IN6_IS_ADDR_MULTICAST(&advert.nd_na_target) &&
           !IN6_IS_ADDR_UNSPECIFIED(&advert.nd_na_target) &&
           options_are_whole(message + sizeof advert, length - sizeof advert) &&
           frame_icmp6_checksum(&ip->ip6_src, &ip->ip6_dst, message, length) == 0;
}

static bool read_nd(const uint8_t *frame, size_t length, struct addr *target)
{
    const size_t headers = sizeof(struct ether_header) + sizeof(struct ip6_hdr);
    struct ip6_hdr ip;
    if (length < headers)
        return false;
    memcpy(&ip, frame + sizeof(struct ether_header), sizeof ip);
    const size_t payload = ntohs(ip.ip6_plen); /* the frame may be longer: padding */
    if (payload > length - headers || !is_advertisement(&ip, frame + headers, payload))
        return false;
    *target = (struct addr){.family = AF_INET6};
    memcpy(&target->v6, frame + headers + offsetof(struct nd_neighbor_advert, nd_na_target), sizeof target->v6);
    return true;
}

bool probe_frame_read(const uint8_t *frame, size_t length, const uint8_t mac[6], struct addr *target)
{
    struct ether_header ethernet;
    struct addr found;
    if (length < sizeof ethernet)
        return false;
    memcpy(&ethernet, frame, sizeof ethernet);
    if (memcmp(ethernet.ether_dhost, mac, ETH_ALEN) != 0 || memcmp(ethernet.ether_shost, mac, ETH_ALEN) == 0)
        return false;
    bool good = ethernet.ether_type == htons(ETHERTYPE_ARP)    ? read_arp(frame, length, mac, &found)
                : ethernet.ether_type == htons(ETHERTYPE_IPV6) ? read_nd(frame, length, &found)
                                                               : false;
    if (good)
        *target = found;
    return good;
}

void probe_frame_link_local(const uint8_t mac[6], struct addr *out)
{
    *out = (struct addr){
        .family = AF_INET6,
        .bytes = {0xfe, 0x80, [8] = mac[0] ^ LOCALLY_ADMINISTERED, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]}};
}

void probe_frame_spare_mac(const uint8_t shared[6], unsigned port, uint8_t out[6])
{
    memcpy(out, shared, ETH_ALEN);
    out[0] = (uint8_t)((out[0] | LOCALLY_ADMINISTERED) & ~GROUP) ^ (uint8_t)((port % 3 + 1) << 6);
}
