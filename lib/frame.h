/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of ARP (RFC 826) and neighbour discovery (RFC 4861) as they are on an Ethernet. Pure. */
#ifndef HAS_FRAME_H
#define HAS_FRAME_H

#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <stddef.h>
#include <stdint.h>

struct frame_arp {
    struct ether_header ethernet;
    struct ether_arp arp;
} __attribute__((packed));

/* A neighbour solicitation or advertisement with one option, the link-layer address. */
struct frame_nd {
    struct ether_header ethernet;
    struct ip6_hdr ip;
    struct icmp6_hdr icmp;
    struct in6_addr target;
    struct nd_opt_hdr option;
    uint8_t mac[ETH_ALEN];
} __attribute__((packed));

/* An ARP request to everyone. from: the Ethernet source; mac and address: the sender's as ARP tells them. */
void frame_arp_request(struct frame_arp *out, const uint8_t from[6], const uint8_t mac[6],
                       const struct in_addr *address, const struct in_addr *target);

/* A neighbour solicitation for the target, to its solicited-node group; its option tells the source's MAC. */
void frame_nd_solicit(struct frame_nd *out, const uint8_t mac[6], const struct in6_addr *source,
                      const struct in6_addr *target);

/* Makes such a solicitation one to the target alone, which has that MAC (RFC 4861, 7.3.3). */
void frame_nd_direct(struct frame_nd *out, const uint8_t to[6]);

/* An advertisement that nobody asked for, to all nodes of the link, which overrides what they know (RFC 4861, 7.2.6).
 * from: the Ethernet source; mac: the address's. */
void frame_nd_advertise(struct frame_nd *out, const uint8_t from[6], const uint8_t mac[6],
                        const struct in6_addr *address);

/* The group in which a node with that address hears neighbour solicitations (RFC 4291, 2.7.1). */
struct in6_addr frame_solicited_node(const struct in6_addr *address);

/* The MAC of a group (RFC 2464, 7). */
void frame_group_mac(const struct in6_addr *group, uint8_t out[6]);

/* The checksum of an ICMPv6 message (RFC 4443, 2.3), in network order; 0 for a message that carries the right one.
 * length: at most 65535 bytes. */
uint16_t frame_icmp6_checksum(const struct in6_addr *source, const struct in6_addr *destination, const void *message,
                              size_t length);

#endif
