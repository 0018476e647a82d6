/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Part of engine.bpf.c: what kind of packet a frame holds, and whose. Reads by bpf_skb_load_bytes() alone, which copes
 * with data that does not lie in the first part of a buffer, and leaves the verifier nothing to prove. */
#ifndef CVIPD_ENGINE_PACKET_H
#define CVIPD_ENGINE_PACKET_H

#include "engine_table.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum packet_kind {
    KIND_SYN,        /* of TCP, without ACK; with data also (fast open) */
    KIND_SEGMENT,    /* any other of TCP */
    KIND_RST,        /* of TCP */
    KIND_FRAGMENT,   /* also a first one */
    KIND_UDP,        /* also protocols that we do not know */
    KIND_ECHO,       /* ICMP, no error */
    KIND_ICMP_ERROR, /* comes from any router on the way, so that its source says nothing */
    KIND_NEIGHBOUR,  /* neighbour discovery */
};

struct packet {
    __u32 client[4];
    __u32 virtual_address[4];
    __u32 words; /* of an address: 1 IPv4, 4 IPv6 */
    __u32 kind;
    __u32 protocol;
    __u32 offset;      /* of what comes after the IP headers */
    __u16 client_port; /* as in the packet; 0 where there is none, and in fragments */
    __u16 virtual_port;
    bool fragment;
    bool acknowledges; /* TCP's ACK flag */
};

#define IPV4_FRAGMENT 0x3fff /* more fragments, and the offset */
#define IPV6_FRAGMENT 0xfff9
#define EXTENSIONS_MAX 4 /* of IPv6; behind more the packet counts as of an unknown protocol */
/* By number: <linux/icmp.h> draws in headers that BPF cannot have. */
#define ICMP_ERRORS ((1U << 3) | (1U << 4) | (1U << 5) | (1U << 11) | (1U << 12)) /* RFC 1122, 3.2.2 */
#define ICMPV6_INFORMATION 128 /* RFC 4443, 2.1: the errors are below */
#define NEIGHBOUR_FIRST 133
#define NEIGHBOUR_LAST 137

static __always_inline bool packet_read_ipv4(struct __sk_buff *skb, bool outgoing, struct packet *p)
{
    struct iphdr ip;

    if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) != 0) {
        return false;
    }
    p->words = 1;
    p->client[0] = outgoing ? ip.daddr : ip.saddr;
    p->virtual_address[0] = outgoing ? ip.saddr : ip.daddr;
    p->protocol = ip.protocol;
    p->offset = ETH_HLEN + ip.ihl * 4U;
    p->fragment = (ip.frag_off & bpf_htons(IPV4_FRAGMENT)) != 0;
    return true;
}

static __always_inline bool packet_read_ipv6(struct __sk_buff *skb, bool outgoing, struct packet *p)
{
    struct ipv6hdr ip;

    if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) != 0) {
        return false;
    }
    p->words = 4;
    __builtin_memcpy(p->client, outgoing ? &ip.daddr : &ip.saddr, sizeof(p->client));
    __builtin_memcpy(p->virtual_address, outgoing ? &ip.saddr : &ip.daddr, sizeof(p->virtual_address));
    p->protocol = ip.nexthdr;
    p->offset = ETH_HLEN + sizeof(ip);
    return true;
}

/* Goes on behind the extension headers of IPv6. */
static __always_inline void packet_skip_extensions(struct __sk_buff *skb, struct packet *p)
{
    struct {
        __u8 next, length;
        __be16 fragment;
    } header;

    for (int i = 0; i < EXTENSIONS_MAX; i++) {
        if (p->protocol != IPPROTO_HOPOPTS && p->protocol != IPPROTO_ROUTING && p->protocol != IPPROTO_DSTOPTS &&
            p->protocol != IPPROTO_FRAGMENT) {
            return;
        }
        if (bpf_skb_load_bytes(skb, p->offset, &header, sizeof(header)) != 0) {
            return;
        }
        if (p->protocol == IPPROTO_FRAGMENT) {
            p->fragment = (header.fragment & bpf_htons(IPV6_FRAGMENT)) != 0;
            p->offset += 8;
        } else {
            p->offset += (header.length + 1U) * 8;
        }
        p->protocol = header.next;
        if (p->fragment) {
            return;
        }
    }
}

static __always_inline bool packet_is_ours(const struct engine_table *table, const struct packet *p)
{
    for (int i = 0; i < ENGINE_ADDRESSES_MAX; i++) {
        const struct engine_address *address = &table->addresses[i];

        if (address->word_count == p->words && address->words[0] == p->virtual_address[0] &&
            address->words[1] == p->virtual_address[1] && address->words[2] == p->virtual_address[2] &&
            address->words[3] == p->virtual_address[3]) {
            return true;
        }
    }
    return false;
}

static __always_inline __u32 packet_tcp_kind(struct __sk_buff *skb, struct packet *p, bool outgoing)
{
    struct tcphdr tcp;

    if (bpf_skb_load_bytes(skb, p->offset, &tcp, sizeof(tcp)) != 0) {
        return KIND_UDP; /* cut off: the kernel will throw it away */
    }
    p->client_port = outgoing ? tcp.dest : tcp.source;
    p->virtual_port = outgoing ? tcp.source : tcp.dest;
    p->acknowledges = tcp.ack;
    if (tcp.rst) {
        return KIND_RST;
    }
    return tcp.syn && !tcp.ack ? KIND_SYN : KIND_SEGMENT;
}

static __always_inline __u32 packet_udp_kind(struct __sk_buff *skb, struct packet *p)
{
    __be16 ports[2];

    if (bpf_skb_load_bytes(skb, p->offset, ports, sizeof(ports)) == 0) {
        p->client_port = ports[0];
        p->virtual_port = ports[1];
    }
    return KIND_UDP;
}

static __always_inline __u32 packet_icmp_kind(struct __sk_buff *skb, const struct packet *p)
{
    __u8 type = ICMPV6_INFORMATION;

    bpf_skb_load_bytes(skb, p->offset, &type, sizeof(type));
    if (p->protocol == IPPROTO_ICMPV6) {
        if (type >= NEIGHBOUR_FIRST && type <= NEIGHBOUR_LAST) {
            return KIND_NEIGHBOUR;
        }
        return type < ICMPV6_INFORMATION ? KIND_ICMP_ERROR : KIND_ECHO;
    }
    return type < 32 && (ICMP_ERRORS >> type & 1) != 0 ? KIND_ICMP_ERROR : KIND_ECHO;
}

/* Returns false for what is no IP packet to (outgoing: from) one of our addresses. *p must be zero. */
static __always_inline bool packet_read(struct __sk_buff *skb, const struct engine_table *table, bool outgoing,
                                        struct packet *p)
{
    bool ipv4 = skb->protocol == bpf_htons(ETH_P_IP);

    if (!ipv4 && skb->protocol != bpf_htons(ETH_P_IPV6)) {
        return false;
    }
    if (!(ipv4 ? packet_read_ipv4(skb, outgoing, p) : packet_read_ipv6(skb, outgoing, p)) ||
        !packet_is_ours(table, p)) {
        return false;
    }
    if (!ipv4) {
        packet_skip_extensions(skb, p);
    }
    if (p->fragment) {
        p->kind = KIND_FRAGMENT;
    } else if (p->protocol == IPPROTO_TCP) {
        p->kind = packet_tcp_kind(skb, p, outgoing);
    } else if (p->protocol == (ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)) {
        p->kind = packet_icmp_kind(skb, p);
    } else {
        p->kind = p->protocol == IPPROTO_UDP ? packet_udp_kind(skb, p) : KIND_UDP;
    }
    return true;
}

/* Fragments go by the address alone, since only the first one has ports; so do protocols without. */
static __always_inline __u32 packet_bucket(const struct engine_table *table, const struct packet *p)
{
    __u16 port = table->hash == ENGINE_HASH_ADDRESS_PORT ? p->client_port : 0;

    if (p->words == 1) {
        return hash_bucket(p->client, 1, port, table->seed);
    }
    return hash_bucket(p->client, 4, port, table->seed);
}

#endif
