/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Part of engine.bpf.c: what goes out of ARP and neighbour discovery and says where our addresses are. With a shared
 * MAC it must name that one; the Ethernet source stays the port's own, or switches would learn the shared MAC. With
 * MACs of their own only the owner may speak. */
#ifndef CVIPD_ENGINE_NEIGHBOUR_H
#define CVIPD_ENGINE_NEIGHBOUR_H

#include "engine_packet.h"

enum neighbour_verdict {
    NEIGHBOUR_OTHER, /* says nothing of our addresses */
    NEIGHBOUR_PASS,
    NEIGHBOUR_DROP,
};

struct neighbour_arp {
    __be16 hardware, protocol;
    __u8 hardware_length, protocol_length;
    __be16 operation;
    __u8 sender_mac[ETH_ALEN];
    __u8 sender[4];
};

struct neighbour_message { /* a solicitation or an advertisement, RFC 4861, 4.3 and 4.4 */
    struct ipv6hdr ip;
    __u8 type, code;
    __u16 checksum;
    __u32 flags;
    __u32 target[4];
} __attribute__((packed));

#define NEIGHBOUR_SOLICITATION 135
#define NEIGHBOUR_ADVERTISEMENT 136
#define NEIGHBOUR_SOURCE_LINK 1
#define NEIGHBOUR_TARGET_LINK 2

static __always_inline bool neighbour_may_speak(const struct engine_table *table, __u64 now)
{
    return table->announces && now < table->lease_until;
}

static __always_inline __u32 neighbour_arp(struct __sk_buff *skb, const struct engine_table *table, __u64 now)
{
    struct neighbour_arp arp;
    struct packet p = {.words = 1};
    __u8 mac[ETH_ALEN];

    if (bpf_skb_load_bytes(skb, ETH_HLEN, &arp, sizeof(arp)) != 0 || arp.protocol != bpf_htons(ETH_P_IP) ||
        arp.hardware_length != ETH_ALEN) {
        return NEIGHBOUR_OTHER;
    }
    __builtin_memcpy(&p.virtual_address[0], arp.sender, sizeof(arp.sender));
    if (!packet_is_ours(table, &p)) {
        return NEIGHBOUR_OTHER;
    }
    if (table->mac_kind == ENGINE_MAC_OWN) {
        return neighbour_may_speak(table, now) ? NEIGHBOUR_PASS : NEIGHBOUR_DROP;
    }
    __builtin_memcpy(mac, table->shared_mac, sizeof(mac));
    bpf_skb_store_bytes(skb, ETH_HLEN + __builtin_offsetof(struct neighbour_arp, sender_mac), mac, sizeof(mac), 0);
    return NEIGHBOUR_PASS;
}

/* Puts the shared MAC into the first option, when it is the one with a MAC, and corrects the checksum. */
static __always_inline void neighbour_rewrite(struct __sk_buff *skb, const struct engine_table *table, __u8 kind)
{
    const __u32 offset = ETH_HLEN + sizeof(struct neighbour_message);
    union {
        __u8 bytes[8]; /* kind, length in units of 8 bytes, MAC */
        __be32 words[2];
    } before, after;

    if (bpf_skb_load_bytes(skb, offset, &before, sizeof(before)) != 0 || before.bytes[0] != kind ||
        before.bytes[1] != 1) {
        return;
    }
    after = before;
    __builtin_memcpy(&after.bytes[2], table->shared_mac, ETH_ALEN);
    __s64 difference = bpf_csum_diff(before.words, sizeof(before), after.words, sizeof(after), 0);
    bpf_skb_store_bytes(skb, offset, &after, sizeof(after), 0);
    bpf_l4_csum_replace(skb, ETH_HLEN + __builtin_offsetof(struct neighbour_message, checksum), 0, (__u64)difference,
                        0);
}

/* A solicitation speaks for its source, an advertisement for its target. A solicitation without a source asks whether
 * somebody has the address already: all members have it, so that it is never sent. */
static __always_inline __u32 neighbour_nd(struct __sk_buff *skb, const struct engine_table *table, __u64 now)
{
    struct neighbour_message message;
    struct packet p = {.words = 4};

    if (bpf_skb_load_bytes(skb, ETH_HLEN, &message, sizeof(message)) != 0 || message.ip.nexthdr != IPPROTO_ICMPV6 ||
        (message.type != NEIGHBOUR_SOLICITATION && message.type != NEIGHBOUR_ADVERTISEMENT)) {
        return NEIGHBOUR_OTHER;
    }
    bool asks = message.type == NEIGHBOUR_SOLICITATION;
    __builtin_memcpy(p.client, &message.ip.saddr, sizeof(p.client));
    bool without_source = (p.client[0] | p.client[1] | p.client[2] | p.client[3]) == 0;
    bool by_source = asks && !without_source;
    __builtin_memcpy(p.virtual_address, message.target, sizeof(p.virtual_address));
    if (by_source) {
        __builtin_memcpy(p.virtual_address, p.client, sizeof(p.virtual_address));
    }
    if (!packet_is_ours(table, &p)) {
        return NEIGHBOUR_OTHER;
    }
    if (asks && without_source) {
        return NEIGHBOUR_DROP;
    }
    if (table->mac_kind == ENGINE_MAC_OWN) {
        return neighbour_may_speak(table, now) ? NEIGHBOUR_PASS : NEIGHBOUR_DROP;
    }
    neighbour_rewrite(skb, table, asks ? NEIGHBOUR_SOURCE_LINK : NEIGHBOUR_TARGET_LINK);
    return NEIGHBOUR_PASS;
}

#endif
