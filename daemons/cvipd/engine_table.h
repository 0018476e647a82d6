/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the BPF program and the daemon share: the table (a mapped array of one element), the unanswered SYNs, the
 * counters. */
#ifndef CVIPD_ENGINE_TABLE_H
#define CVIPD_ENGINE_TABLE_H

#include "hash.h"

#include <linux/types.h>

#define ENGINE_ADDRESSES_MAX 8
#define ENGINE_SYN_BYTES 128       /* of an IP packet: more than a SYN's headers can be without data */
#define ENGINE_HELD_NS 5000000000U /* so long a SYN of HOLD_SYN counts: a move's grace, after which it is over */
#define ENGINE_SYNS_MAX 16384      /* unanswered SYNs kept; the oldest go first */

/* A bucket's state on this member. The decision table of cvipd(8) says what each lets through. */
enum bucket_state {
    BUCKET_FOREIGN = 0, /* another member's: nothing, or only what a socket of ours is in the middle of */
    BUCKET_SILENT = 1,  /* ours; an unknown segment is not answered with a RST: the steady state */
    BUCKET_OWN = 2,     /* ours beyond doubt, for a while after a confirmed loss: unknown segments get their RST */
};
#define BUCKET_STATE_MASK 0x03
#define BUCKET_HOLD_SYN                                                                                                \
    0x04 /* with SILENT, in a planned move: segments of known connections pass, what begins                            \
            something new does not: SYNs (they are kept for a replay), UDP, echo requests */

enum engine_mac_kind {
    ENGINE_MAC_OWN = 0,    /* each member's own: the owner alone answers ARP and neighbour solicitations */
    ENGINE_MAC_SHARED = 1, /* one for all members: every member sees every frame */
};

enum engine_behind {
    ENGINE_DISPATCHER = 0, /* IPVS: connections are not sockets of this machine */
    ENGINE_SOCKETS = 1,    /* the members are the servers themselves */
};

enum engine_hash {
    ENGINE_HASH_ADDRESS = 0,
    ENGINE_HASH_ADDRESS_PORT = 1,
};

struct engine_address {
    __u32 words[4];   /* as in the packet; IPv4: the first */
    __u32 word_count; /* 1 IPv4, 4 IPv6 */
};

struct engine_table {
    /* Settings, written before the programs are attached. */
    struct engine_address addresses[ENGINE_ADDRESSES_MAX];
    __u32 address_count;
    __u32 mac_kind;
    __u32 behind;
    __u32 hash;
    __u32 seed;
    __u32 replay_mark; /* skb mark of a SYN that is to be taken in again; random, made at start */
    __u8 shared_mac[6];
    __u8 unused[2];
    /* What the daemon says all the time. */
    __u64 lease_until; /* ns, CLOCK_BOOTTIME; later every bucket counts as FOREIGN and nothing is announced */
    __u64 watch_until; /* ns, CLOCK_BOOTTIME; so long segments in our own buckets cancel the replay of their SYNs too:
                          after buckets became ours and until the replay is done */
    __u32 announces;   /* ENGINE_MAC_OWN: 1: we answer for the addresses */
    __u32 active;      /* which of the two rows of buckets counts: 0 or 1 */
    __u8 buckets[2][HASH_BUCKETS];
    /* What the program says. */
    __u64 answered[HASH_BUCKETS]; /* ns, CLOCK_BOOTTIME: when the last SYN came that somebody else answered
                                     (in a FOREIGN bucket the client went on with the handshake) */
};

/* An unanswered SYN in a bucket that is not ours, or that holds SYNs. */
struct engine_syn_key {
    __u32 client[4];
    __u32 virtual_address[4];
    __u16 client_port;
    __u16 virtual_port;
    __u32 word_count;
};
struct engine_syn {
    __u64 time; /* ns, CLOCK_BOOTTIME */
    __u32 bucket;
    __u16 length; /* bytes in packet; 0: nothing to replay (answered already, or too long: fast open with data) */
    __u16 held;   /* 1: it came in HOLD_SYN */
    __u8 packet[ENGINE_SYN_BYTES];
};

enum engine_counter {
    ENGINE_COUNT_FRAMES,        /* client frames for our addresses, whoever they are for */
    ENGINE_COUNT_PASSED,        /* let through: SILENT or OWN */
    ENGINE_COUNT_PASSED_SOCKET, /* let through in FOREIGN: a socket is in the middle of it */
    ENGINE_COUNT_FOREIGN,       /* dropped: another member's */
    ENGINE_COUNT_HELD,          /* dropped for now: HOLD_SYN */
    ENGINE_COUNT_EXPIRED,       /* dropped: the lease is over */
    ENGINE_COUNT_RST,           /* RSTs of ours not sent: the RST guard */
    ENGINE_COUNT_ICMP_ERROR,
    ENGINE_COUNT_FRAGMENT,
    ENGINE_COUNT_ARP, /* announcements rewritten or held back */
    ENGINE_COUNT_ND,
    ENGINE_COUNT_REPLAYED, /* SYNs taken in again */
    ENGINE_COUNT_MAX
};

struct engine_counts { /* of one processor */
    __u64 values[ENGINE_COUNT_MAX];
};

#endif
