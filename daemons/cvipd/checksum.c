/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checksum.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>

/* Where the addresses and the segment are in a packet. */
struct layout {
    const uint8_t *addresses; /* source, then destination */
    size_t addresses_length;
    uint8_t *segment;
    size_t segment_length;
};

static uint32_t sum(uint32_t start, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        start += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    return start;
}

static uint16_t fold(uint32_t value)
{
    while (value >> 16 != 0)
        value = (value & 0xffff) + (value >> 16);
    return (uint16_t)value;
}

static bool find_layout(uint8_t *packet, size_t length, struct layout *layout)
{
    size_t header;
    if (length >= sizeof(struct iphdr) && packet[0] >> 4 == 4 && packet[9] == IPPROTO_TCP) {
        header = (size_t)(packet[0] & 0x0f) * 4;
        *layout = (struct layout){.addresses = packet + 12, .addresses_length = 8};
    } else if (length >= sizeof(struct ip6_hdr) && packet[0] >> 4 == 6 && packet[6] == IPPROTO_TCP) {
        header = sizeof(struct ip6_hdr);
        *layout = (struct layout){.addresses = packet + 8, .addresses_length = 32};
    } else {
        return false;
    }
    if (header < sizeof(struct iphdr) || length < header + sizeof(struct tcphdr))
        return false;
    layout->segment = packet + header;
    layout->segment_length = length - header;
    return true;
}

void checksum_complete(uint8_t *packet, size_t length)
{
    struct layout layout;
    if (!find_layout(packet, length, &layout))
        return;
    uint8_t *field = layout.segment + offsetof(struct tcphdr, th_sum);
    uint32_t pseudo = sum(IPPROTO_TCP + (uint32_t)layout.segment_length, layout.addresses, layout.addresses_length);
    if ((uint16_t)(field[0] << 8 | field[1]) != fold(pseudo))
        return;
    uint16_t whole = (uint16_t)~fold(sum(0, layout.segment, layout.segment_length)); /* the field is the start */
    field[0] = (uint8_t)(whole >> 8);
    field[1] = (uint8_t)whole;
}
