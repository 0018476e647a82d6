/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe_filter.h"

#include <errno.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <stddef.h>
#include <sys/socket.h>

/* Where in a frame */
#define MAC 0
#define TYPE (offsetof(struct ether_header, ether_type))
#define ARP_OPERATION (ETH_HLEN + offsetof(struct arphdr, ar_op))
#define NEXT_HEADER (ETH_HLEN + offsetof(struct ip6_hdr, ip6_nxt))
#define ICMP_TYPE (ETH_HLEN + sizeof(struct ip6_hdr))

#define VLAN_ID 0xfff
#define WHOLE 0xffff

static int attach(int socket, const struct sock_filter *code, unsigned short length)
{
    const struct sock_fprog program = {.len = length, .filter = (struct sock_filter *)code};

    return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 ? 0 : -errno;
}

int probe_filter_nothing(int socket)
{
    const struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};

    return attach(socket, code, sizeof code / sizeof code[0]);
}

/* The last instruction is the refusal; REFUSE(i) is the way there from instruction i. A tag is never in the frame, the
 * kernel has taken it out. */
#define LAST 16
#define REFUSE(i) (LAST - 1 - (i))

int probe_filter_answers(int socket, const uint8_t mac[6])
{
    const uint32_t high = (uint32_t)mac[0] << 24 | (uint32_t)mac[1] << 16 | (uint32_t)mac[2] << 8 | mac[3];
    const uint32_t low = (uint32_t)mac[4] << 8 | mac[5];
    const struct sock_filter code[LAST + 1] = {
        [0] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG)),
        [1] = BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, VLAN_ID, REFUSE(1), 0),
        [2] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, MAC),
        [3] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, high, 0, REFUSE(3)),
        [4] = BPF_STMT(BPF_LD | BPF_H | BPF_ABS, MAC + 4),
        [5] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, low, 0, REFUSE(5)),
        [6] = BPF_STMT(BPF_LD | BPF_H | BPF_ABS, TYPE),
        [7] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_IPV6, 3, 0), /* to 11 */
        [8] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_ARP, 0, REFUSE(8)),
        [9] = BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ARP_OPERATION),
        [10] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPOP_REPLY, 4, REFUSE(10)), /* to 15 */
        [11] = BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NEXT_HEADER),
        [12] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, REFUSE(12)),
        [13] = BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ICMP_TYPE),
        [14] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_ADVERT, 0, REFUSE(14)),
        [15] = BPF_STMT(BPF_RET | BPF_K, WHOLE),
        [LAST] = BPF_STMT(BPF_RET | BPF_K, 0),
    };

    return attach(socket, code, LAST + 1);
}
