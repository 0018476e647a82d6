/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethernet frames for the engine's tests: between a client on the LAN and our address, in either family. */
#ifndef CVIPD_ENGINE_FRAMES_H
#define CVIPD_ENGINE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define FRAME_MAX 512

#define PORT_MAC "\x02\x00\x00\x00\x00\x01"
#define CLIENT_MAC "\x02\x00\x00\x00\x00\x09"
#define SHARED_MAC "\x02\x48\x41\x53\x00\x64"
#define OUR_IPV4 "10.1.0.100"
#define OUR_IPV6 "fd00:1::100"
#define CLIENT_IPV4 "10.1.0.9"
#define CLIENT_IPV6 "fd00:1::9"
#define OUR_PORT 8080

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

enum frame_kind {
    FRAME_TCP,
    FRAME_TCP_FRAGMENT, /* a first one */
    FRAME_UDP_FRAGMENT, /* a later one */
    FRAME_UDP,
    FRAME_OTHER, /* a protocol that nobody knows */
    FRAME_ECHO,
    FRAME_ICMP_ERROR,
    FRAME_SOLICITATION, /* for our address; IPv6 only */
};

struct frame_want {
    sa_family_t family;
    enum frame_kind kind;
    uint8_t flags; /* TCP_… */
    uint16_t client_port;
    uint32_t sequence, acknowledged;
    size_t data;       /* bytes behind the TCP header */
    bool outgoing;     /* from our address to the client; else the other way */
    const char *to;    /* MAC; NULL: SHARED_MAC */
    unsigned options;  /* IPv6: so many destination options before the rest */
    bool multicast;    /* to the group of those who are solicited for our IPv6 address */
    bool vlan;         /* with a tag in the frame … */
    uint16_t vlan_tag; /* … of that identifier */
};

struct frame {
    uint8_t bytes[FRAME_MAX];
    size_t length;
};

void frame_make(struct frame *frame, const struct frame_want *want);

/* Who has our address, asks the client. */
void frame_make_arp(struct frame *frame);

/* What tells of our address, as the kernel sends it: an ARP reply or request; a neighbour solicitation (135) or
 * advertisement (136) with its option. */
void frame_make_our_arp(struct frame *frame, uint16_t operation);
void frame_make_our_nd(struct frame *frame, uint8_t type, bool without_source);

/* The checksum of TCP or ICMPv6 is right. */
bool frame_is_intact(const struct frame *frame);

/* Of a TCP segment without extension headers or options of IP: where its header is, 0 for other frames. */
size_t frame_tcp(const struct frame *frame);
uint32_t frame_number(const struct frame *frame, size_t offset);

#endif
