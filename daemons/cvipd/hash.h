/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which bucket a client belongs to: Jenkins' hash (lookup3, as the kernel's jhash) of the client's address, or of
 * address and port, with a seed. One file for the BPF program and for user space, so that both say the same. */
#ifndef CVIPD_HASH_H
#define CVIPD_HASH_H

#include <linux/types.h>

#define HASH_BUCKETS 256

static inline __attribute__((always_inline)) __u32 hash_rotate(__u32 value, __u32 bits)
{
    return (value << bits) | (value >> (32 - bits));
}

/* lookup3: __jhash_final */
static inline __attribute__((always_inline)) __u32 hash_final(__u32 a, __u32 b, __u32 c)
{
    c ^= b;
    c -= hash_rotate(b, 14);
    a ^= c;
    a -= hash_rotate(c, 11);
    b ^= a;
    b -= hash_rotate(a, 25);
    c ^= b;
    c -= hash_rotate(b, 16);
    a ^= c;
    a -= hash_rotate(c, 4);
    b ^= a;
    b -= hash_rotate(a, 14);
    c ^= b;
    c -= hash_rotate(b, 24);
    return c;
}

/* words: the client's address as it lies in the packet, 1 word (IPv4) or 4 (IPv6); port: as it lies in the packet, 0
 * when only the address counts. Returns 0 to HASH_BUCKETS - 1. */
static inline __attribute__((always_inline)) __u32 hash_bucket(const __u32 *words, __u32 count, __u16 port, __u32 seed)
{
    __u32 a = 0xdeadbeef + (count << 2) + seed, b = a, c = a;
    a += words[0];
    if (count == 4) {
        b += words[1];
        c += words[2];
        /* lookup3: __jhash_mix */
        a -= c;
        a ^= hash_rotate(c, 4);
        c += b;
        b -= a;
        b ^= hash_rotate(a, 6);
        a += c;
        c -= b;
        c ^= hash_rotate(b, 8);
        b += a;
        a -= c;
        a ^= hash_rotate(c, 16);
        c += b;
        b -= a;
        b ^= hash_rotate(a, 19);
        a += c;
        c -= b;
        c ^= hash_rotate(b, 4);
        b += a;
        a += words[3];
    }
    b += port; /* 0: the same as without, so that both kinds are one function */
    return (__u32)(((__u64)hash_final(a, b, c) * HASH_BUCKETS) >> 32);
}

#endif
