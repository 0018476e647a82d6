/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cvipd_engine_frames.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define TCP_BYTES 20
#define ND_TYPE 54 /* offset in a frame */

static void put(struct frame *frame, const void *data, size_t length)
{
    memcpy(&frame->bytes[frame->length], data, length);
    frame->length += length;
}

static void put8(struct frame *frame, unsigned value)
{
    frame->bytes[frame->length++] = (uint8_t)value;
}

static void put16(struct frame *frame, unsigned value)
{
    put8(frame, value >> 8);
    put8(frame, value & 0xff);
}

static void put32(struct frame *frame, uint32_t value)
{
    put16(frame, value >> 16);
    put16(frame, value & 0xffff);
}

static void put_address(struct frame *frame, sa_family_t family, const char *text)
{
    uint8_t bytes[16];

    inet_pton(family, text, bytes);
    put(frame, bytes, family == AF_INET ? 4 : 16);
}

static void set16(struct frame *frame, size_t offset, unsigned value)
{
    frame->bytes[offset] = (uint8_t)(value >> 8);
    frame->bytes[offset + 1] = (uint8_t)value;
}

static uint32_t sum(const uint8_t *bytes, size_t length)
{
    uint32_t total = 0;

    for (size_t i = 0; i < length; i++) {
        total += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    }
    return total;
}

static uint16_t fold(uint32_t total)
{
    while (total >> 16 != 0) {
        total = (total & 0xffff) + (total >> 16);
    }
    return (uint16_t)~total;
}

static bool is_ipv6(const struct frame *frame)
{
    return frame->bytes[12] == 0x86;
}

/* Over the pseudo header too; start: where the header of TCP, UDP or ICMPv6 is. */
static uint16_t checksum(const struct frame *frame, size_t start, unsigned protocol)
{
    uint32_t total = sum(&frame->bytes[start], frame->length - start);

    if (protocol != IPPROTO_ICMP) {
        total += (uint32_t)(frame->length - start) + protocol;
        total += is_ipv6(frame) ? sum(&frame->bytes[ETH_HLEN + 8], 32) : sum(&frame->bytes[ETH_HLEN + 12], 8);
    }
    return fold(total);
}

static void start(struct frame *frame, const char *to, const char *from, unsigned type)
{
    memset(frame, 0, sizeof(*frame));
    put(frame, to, ETH_ALEN);
    put(frame, from, ETH_ALEN);
    put16(frame, type);
}

static unsigned protocol_of(const struct frame_want *want)
{
    switch (want->kind) {
    case FRAME_TCP:
    case FRAME_TCP_FRAGMENT:
        return IPPROTO_TCP;
    case FRAME_UDP:
    case FRAME_UDP_FRAGMENT:
        return IPPROTO_UDP;
    case FRAME_OTHER:
        return 253; /* RFC 3692: for experiments */
    default:
        return want->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
    }
}

static bool is_fragment(const struct frame_want *want)
{
    return want->kind == FRAME_TCP_FRAGMENT || want->kind == FRAME_UDP_FRAGMENT;
}

static void put_ipv4(struct frame *frame, const struct frame_want *want)
{
    put16(frame, 0x4500);
    put16(frame, 0); /* the length comes later */
    put16(frame, 77);
    put16(frame, want->kind == FRAME_TCP_FRAGMENT ? 0x2000 : want->kind == FRAME_UDP_FRAGMENT ? 185 : 0x4000);
    put16(frame, 64U << 8 | protocol_of(want));
    put16(frame, 0);
    put_address(frame, AF_INET, want->outgoing ? OUR_IPV4 : CLIENT_IPV4);
    put_address(frame, AF_INET, want->outgoing ? CLIENT_IPV4 : OUR_IPV4);
}

static void put_ipv6(struct frame *frame, const struct frame_want *want)
{
    unsigned last = is_fragment(want) ? IPPROTO_FRAGMENT : protocol_of(want);

    put32(frame, 6U << 28);
    put16(frame, 0);
    put16(frame,
          (want->options > 0 ? (unsigned)IPPROTO_DSTOPTS : last) << 8 | (want->kind == FRAME_SOLICITATION ? 255 : 64));
    put_address(frame, AF_INET6, want->outgoing ? OUR_IPV6 : CLIENT_IPV6);
    put_address(frame, AF_INET6, want->multicast ? "ff02::1:ff00:100" : want->outgoing ? CLIENT_IPV6 : OUR_IPV6);
    for (unsigned i = 0; i < want->options; i++) { /* the second one, and so on, of 16 bytes */
        unsigned more = i % 2;

        put16(frame, (i + 1 < want->options ? (unsigned)IPPROTO_DSTOPTS : last) << 8 | more);
        put16(frame, 0x0104 + more * 8); /* padding */
        put32(frame, 0);
        for (size_t j = 0; j < more * 2; j++) {
            put32(frame, 0);
        }
    }
    if (is_fragment(want)) {
        put16(frame, protocol_of(want) << 8);
        put16(frame, want->kind == FRAME_TCP_FRAGMENT ? 1 : 185 << 3);
        put32(frame, 77);
    }
}

static void put_tcp(struct frame *frame, const struct frame_want *want)
{
    put16(frame, want->outgoing ? OUR_PORT : want->client_port);
    put16(frame, want->outgoing ? want->client_port : OUR_PORT);
    put32(frame, want->sequence);
    put32(frame, want->acknowledged);
    put16(frame, 0x5000U | want->flags);
    put16(frame, 65535);
    put32(frame, 0); /* checksum, urgent pointer */
    for (size_t i = 0; i < want->data; i++) {
        put8(frame, 'x');
    }
}

static void put_payload(struct frame *frame, const struct frame_want *want)
{
    bool ipv4 = want->family == AF_INET;

    switch (want->kind) {
    case FRAME_TCP:
    case FRAME_TCP_FRAGMENT:
        put_tcp(frame, want);
        break;
    case FRAME_UDP:
        put16(frame, want->client_port);
        put16(frame, OUR_PORT);
        put16(frame, 8);
        put16(frame, 0);
        break;
    case FRAME_ECHO:
        put16(frame, ipv4 ? 8U << 8 : 128U << 8);
        put16(frame, 0);
        put32(frame, 0x00010001);
        break;
    case FRAME_ICMP_ERROR: /* packet too big, or fragmentation needed */
        put16(frame, ipv4 ? 0x0304 : 0x0200);
        put16(frame, 0);
        put32(frame, 1400);
        break;
    case FRAME_SOLICITATION:
        put16(frame, 135U << 8);
        put16(frame, 0);
        put32(frame, 0);
        put_address(frame, AF_INET6, OUR_IPV6);
        put16(frame, 0x0101);
        put(frame, CLIENT_MAC, ETH_ALEN);
        break;
    default:
        put32(frame, 0);
        put32(frame, 0);
        break;
    }
}

static void finish(struct frame *frame, const struct frame_want *want, size_t ip, size_t payload)
{
    static const size_t checksums[] = {
        [FRAME_TCP] = 16, [FRAME_UDP] = 6, [FRAME_ECHO] = 2, [FRAME_ICMP_ERROR] = 2, [FRAME_SOLICITATION] = 2};

    if (want->family == AF_INET) {
        set16(frame, ip + 2, (unsigned)(frame->length - ip));
        set16(frame, ip + 10, fold(sum(&frame->bytes[ip], IPV4_BYTES)));
    } else {
        set16(frame, ip + 4, (unsigned)(frame->length - ip - IPV6_BYTES));
    }
    if (want->kind < sizeof(checksums) / sizeof(checksums[0]) && checksums[want->kind] != 0 && !want->vlan) {
        set16(frame, payload + checksums[want->kind], checksum(frame, payload, protocol_of(want)));
    }
}

void frame_make(struct frame *frame, const struct frame_want *want)
{
    unsigned type = want->family == AF_INET ? ETHERTYPE_IP : ETHERTYPE_IPV6;
    size_t ip;
    size_t payload;

    start(frame, want->to != NULL ? want->to : SHARED_MAC, want->outgoing ? PORT_MAC : CLIENT_MAC,
          want->vlan ? ETHERTYPE_VLAN : type);
    if (want->vlan) {
        put16(frame, want->vlan_tag);
        put16(frame, type);
    }
    ip = frame->length;
    if (want->family == AF_INET) {
        put_ipv4(frame, want);
    } else {
        put_ipv6(frame, want);
    }
    payload = frame->length;
    put_payload(frame, want);
    finish(frame, want, ip, payload);
}

static void put_arp(struct frame *frame, unsigned operation)
{
    put16(frame, 1);
    put16(frame, ETHERTYPE_IP);
    put16(frame, 0x0604);
    put16(frame, operation);
}

void frame_make_arp(struct frame *frame)
{
    start(frame, "\xff\xff\xff\xff\xff\xff", CLIENT_MAC, ETHERTYPE_ARP);
    put_arp(frame, 1);
    put(frame, CLIENT_MAC, ETH_ALEN);
    put_address(frame, AF_INET, CLIENT_IPV4);
    put(frame, "\0\0\0\0\0", ETH_ALEN);
    put_address(frame, AF_INET, OUR_IPV4);
}

void frame_make_our_arp(struct frame *frame, uint16_t operation)
{
    start(frame, CLIENT_MAC, PORT_MAC, ETHERTYPE_ARP);
    put_arp(frame, operation);
    put(frame, PORT_MAC, ETH_ALEN);
    put_address(frame, AF_INET, OUR_IPV4);
    put(frame, CLIENT_MAC, ETH_ALEN);
    put_address(frame, AF_INET, CLIENT_IPV4);
}

void frame_make_our_nd(struct frame *frame, uint8_t type, bool without_source)
{
    start(frame, CLIENT_MAC, PORT_MAC, ETHERTYPE_IPV6);
    put32(frame, 6U << 28);
    put16(frame, 32);
    put16(frame, (unsigned)IPPROTO_ICMPV6 << 8 | 255);
    put_address(frame, AF_INET6, without_source ? "::" : OUR_IPV6);
    put_address(frame, AF_INET6, CLIENT_IPV6);
    put16(frame, (unsigned)type << 8);
    put16(frame, 0);
    put32(frame, 0);
    put_address(frame, AF_INET6, type == 136 || without_source ? OUR_IPV6 : CLIENT_IPV6);
    put16(frame, type == 136 ? 0x0201 : 0x0101);
    put(frame, PORT_MAC, ETH_ALEN);
    set16(frame, ND_TYPE + 2, checksum(frame, ND_TYPE, IPPROTO_ICMPV6));
}

size_t frame_tcp(const struct frame *frame)
{
    size_t offset = ETH_HLEN + (is_ipv6(frame) ? IPV6_BYTES : IPV4_BYTES);
    uint8_t protocol = frame->bytes[ETH_HLEN + (is_ipv6(frame) ? 6 : 9)];

    if ((frame->bytes[12] != 0x08 || frame->bytes[13] != 0) && !is_ipv6(frame)) {
        return 0;
    }
    return protocol == IPPROTO_TCP && frame->length >= offset + TCP_BYTES ? offset : 0;
}

bool frame_is_intact(const struct frame *frame)
{
    size_t tcp = frame_tcp(frame);

    return tcp != 0 ? checksum(frame, tcp, IPPROTO_TCP) == 0 : checksum(frame, ND_TYPE, IPPROTO_ICMPV6) == 0;
}

uint32_t frame_number(const struct frame *frame, size_t offset)
{
    uint32_t number;

    memcpy(&number, &frame->bytes[offset], sizeof(number));
    return ntohl(number);
}
