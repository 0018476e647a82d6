/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frame.h"

#include <arpa/inet.h>
#include <string.h>

#define HOP_LIMIT 255 /* of neighbour discovery: proves that no router has passed it on */
#define ND_BYTES (sizeof(struct frame_nd) - offsetof(struct frame_nd, icmp))

static const struct in6_addr all_nodes = {.s6_addr = {0xff, 0x02, [15] = 1}};

void frame_arp_request(struct frame_arp *out, const uint8_t from[6], const uint8_t mac[6],
                       const struct in_addr *address, const struct in_addr *target)
{
    *out = (struct frame_arp){
        .ethernet.ether_type = htons(ETHERTYPE_ARP),
        .arp.ea_hdr = {.ar_hrd = htons(ARPHRD_ETHER),
                       .ar_pro = htons(ETHERTYPE_IP),
                       .ar_hln = ETH_ALEN,
                       .ar_pln = sizeof(*address),
                       .ar_op = htons(ARPOP_REQUEST)},
    };
    memset(out->ethernet.ether_dhost, 0xff, ETH_ALEN);
    memcpy(out->ethernet.ether_shost, from, ETH_ALEN);
    memcpy(out->arp.arp_sha, mac, ETH_ALEN);
    memcpy(out->arp.arp_spa, address, sizeof(*address));
    memcpy(out->arp.arp_tpa, target, sizeof(*target));
}

static void put_checksum(struct frame_nd *out)
{
    const struct in6_addr source = out->ip.ip6_src, destination = out->ip.ip6_dst; /* of a packed structure */

    out->icmp.icmp6_cksum = 0;
    out->icmp.icmp6_cksum =
        frame_icmp6_checksum(&source, &destination, (const uint8_t *)out + offsetof(struct frame_nd, icmp), ND_BYTES);
}

/* All but the type and its flags. */
static void make_nd(struct frame_nd *out, const uint8_t from[6], const uint8_t mac[6], const struct in6_addr *source,
                    const struct in6_addr *destination)
{
    out->ethernet.ether_type = htons(ETHERTYPE_IPV6);
    out->ip = (struct ip6_hdr){.ip6_flow = htonl(6U << 28),
                               .ip6_plen = htons(ND_BYTES),
                               .ip6_nxt = IPPROTO_ICMPV6,
                               .ip6_hlim = HOP_LIMIT,
                               .ip6_src = *source,
                               .ip6_dst = *destination};
    frame_group_mac(destination, out->ethernet.ether_dhost);
    memcpy(out->ethernet.ether_shost, from, ETH_ALEN);
    memcpy(out->mac, mac, ETH_ALEN);
    out->option.nd_opt_len = 1;
    put_checksum(out);
}

void frame_nd_solicit(struct frame_nd *out, const uint8_t mac[6], const struct in6_addr *source,
                      const struct in6_addr *target)
{
    const struct in6_addr group = frame_solicited_node(target);

    *out = (struct frame_nd){
        .icmp.icmp6_type = ND_NEIGHBOR_SOLICIT, .target = *target, .option.nd_opt_type = ND_OPT_SOURCE_LINKADDR};
    make_nd(out, mac, mac, source, &group);
}

void frame_nd_direct(struct frame_nd *out, const uint8_t to[6])
{
    memcpy(out->ethernet.ether_dhost, to, ETH_ALEN);
    out->ip.ip6_dst = out->target;
    put_checksum(out);
}

void frame_nd_advertise(struct frame_nd *out, const uint8_t from[6], const uint8_t mac[6],
                        const struct in6_addr *address)
{
    *out = (struct frame_nd){.icmp = {.icmp6_type = ND_NEIGHBOR_ADVERT, .icmp6_data32 = {ND_NA_FLAG_OVERRIDE}},
                             .target = *address,
                             .option.nd_opt_type = ND_OPT_TARGET_LINKADDR};
    make_nd(out, from, mac, address, &all_nodes);
}

struct in6_addr frame_solicited_node(const struct in6_addr *address)
{
    struct in6_addr group = {.s6_addr = {0xff, 0x02, [11] = 1, [12] = 0xff}};

    memcpy(group.s6_addr + 13, address->s6_addr + 13, 3);
    return group;
}

void frame_group_mac(const struct in6_addr *group, uint8_t out[6])
{
    out[0] = out[1] = 0x33;
    memcpy(out + 2, group->s6_addr + 12, 4);
}

static uint32_t add(uint32_t sum, const void *data, size_t length)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i + 1 < length; i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    return length % 2 == 0 ? sum : sum + ((uint32_t)bytes[length - 1] << 8);
}

uint16_t frame_icmp6_checksum(const struct in6_addr *source, const struct in6_addr *destination, const void *message,
                              size_t length)
{
    uint32_t sum = add((uint32_t)length + IPPROTO_ICMPV6, source, sizeof(*source));

    sum = add(sum, destination, sizeof(*destination));
    sum = add(sum, message, length); /* at most 33,000 words of 16 bits: it does not overflow */
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}
