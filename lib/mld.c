/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mld.h"

#include "frame.h"

#include <arpa/inet.h>
#include <string.h>

#define HOP_LIMIT 1
#define REPORT 143
#define ROUTER_ALERT 5      /* RFC 2711; its value 0 is MLD */
#define CHANGE_TO_EXCLUDE 4 /* RFC 3810, 5.2.12: of no sources, so from all */

static const struct in6_addr all_mldv2_routers = {.s6_addr = {0xff, 0x02, [15] = 0x16}};

struct head {
    struct ether_header ethernet;
    struct ip6_hdr ip;
    uint8_t options[8]; /* hop by hop */
    uint8_t type, code;
    uint16_t checksum, reserved, count;
} __attribute__((packed));

struct record {
    uint8_t type, auxiliary;
    uint16_t sources;
    struct in6_addr group;
} __attribute__((packed));

size_t mld_report(uint8_t frame[MLD_FRAME_MAX], const uint8_t mac[6], const struct in6_addr *source,
                  const struct in6_addr *groups, size_t count)
{
    const size_t message = offsetof(struct head, type), length = sizeof(struct head) + count * sizeof(struct record);
    struct head head = {
        .ethernet.ether_type = htons(ETHERTYPE_IPV6),
        .ip = {.ip6_flow = htonl(6U << 28),
               .ip6_plen = htons((uint16_t)(length - offsetof(struct head, options))),
               .ip6_nxt = IPPROTO_HOPOPTS,
               .ip6_hlim = HOP_LIMIT,
               .ip6_src = *source,
               .ip6_dst = all_mldv2_routers},
        .options = {IPPROTO_ICMPV6, 0, ROUTER_ALERT, 2, 0, 0, IP6OPT_PADN, 0},
        .type = REPORT,
        .count = htons((uint16_t)count),
    };

    frame_group_mac(&all_mldv2_routers, head.ethernet.ether_dhost);
    memcpy(head.ethernet.ether_shost, mac, ETH_ALEN);
    for (size_t i = 0; i < count; i++) {
        const struct record record = {.type = CHANGE_TO_EXCLUDE, .group = groups[i]};
        memcpy(frame + sizeof head + i * sizeof record, &record, sizeof record);
    }
    memcpy(frame, &head, sizeof head);
    head.checksum = frame_icmp6_checksum(source, &all_mldv2_routers, frame + message, length - message);
    memcpy(frame, &head, sizeof head);
    return length;
}
