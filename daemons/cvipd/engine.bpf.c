/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data plane of cvipd: what this member lets in, by the state of the client's bucket. Attached to clsact ingress
 * and egress of the service port. It needs no BTF of the kernel; Linux 6.1 or later.
 *
 *                             FOREIGN               SILENT     SILENT+HOLD_SYN    OWN
 *                             dispatcher  sockets
 *   SYN                       keep        keep      pass       keep               pass
 *   segment, RST              drop (1)    socket    pass       pass (2)           pass
 *   fragment of TCP           drop        drop      pass       pass               pass
 *   other fragment            drop        drop      pass       drop               pass
 *   UDP, other protocols      drop        drop      pass       drop               pass
 *   echo, other ICMP          drop        drop      pass       drop               pass
 *   ICMP error                pass        pass      pass       pass               pass
 *   ARP, ND                   pass        pass      pass       pass               pass
 *   RST of ours, going out    drop        drop      drop       drop               pass
 *
 * keep: dropped, but kept for a replay; in FOREIGN only with a shared MAC. socket: passed when it belongs to a socket
 * of this machine that is no listener. A lease that is over turns every state into FOREIGN.
 * (1) an acknowledgement after a kept SYN: somebody else answered, engine_table.answered.
 * (2) but dropped when its SYN was kept in HOLD_SYN: the connection is the other member's.
 * RST of ours: one without ACK that no connected socket sent, so the answer to a segment of an unknown connection. The
 * answer to a SYN for a closed port has ACK, and goes out. */
#include "engine_neighbour.h"
#include "engine_packet.h"
#include "engine_table.h"

#include <linux/if_packet.h>
#include <linux/pkt_cls.h>

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct engine_table);
} engine_table SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct engine_counts);
} engine_counts SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, ENGINE_SYNS_MAX);
    __type(key, struct engine_syn_key);
    __type(value, struct engine_syn);
} engine_syns SEC(".maps");

/* The compiler must not join what is computed before and after: the verifier wants to see a value checked in the very
 * register in which it is used, and each of its bounds on its own. */
#define keep_apart(value) asm volatile("" : "+r"(value))

/* What a program run has at hand. */
struct engine_run {
    struct engine_table *table;
    struct engine_counts *counts;
    __u64 now;    /* ns, CLOCK_BOOTTIME */
    __u32 state;  /* of the bucket, with flags */
    __u32 bucket; /* of the client */
};

static __always_inline bool start_run(struct engine_run *run)
{
    __u32 zero = 0;

    run->table = bpf_map_lookup_elem(&engine_table, &zero);
    run->counts = bpf_map_lookup_elem(&engine_counts, &zero);
    return run->table && run->counts;
}

/* With a tag the frame is for a VLAN device above this one. A tag without an identifier only gives a priority. */
static __always_inline bool is_tagged(const struct __sk_buff *skb)
{
    return skb->vlan_present && (skb->vlan_tci & 0x0fff) != 0;
}

static __always_inline bool is_expired(const struct engine_run *run)
{
    return run->now >= run->table->lease_until;
}

static __always_inline void find_state(struct engine_run *run, const struct packet *p)
{
    __u32 index;

    run->now = bpf_ktime_get_boot_ns();
    run->bucket = packet_bucket(run->table, p);
    index = (run->table->active & 1) * HASH_BUCKETS + run->bucket;
    keep_apart(index);
    if (index >= 2 * HASH_BUCKETS || is_expired(run)) {
        run->state = BUCKET_FOREIGN;
        return;
    }
    run->state = ((const __u8 *)run->table->buckets)[index];
}

/* --- unanswered SYNs -------------------------------------------------------------------------------------- */

static __always_inline void make_key(const struct packet *p, struct engine_syn_key *key)
{
    __builtin_memcpy(key->client, p->client, sizeof(key->client));
    __builtin_memcpy(key->virtual_address, p->virtual_address, sizeof(key->virtual_address));
    key->client_port = p->client_port;
    key->virtual_port = p->virtual_port;
    key->word_count = p->words;
}

static __always_inline void keep_syn(struct __sk_buff *skb, const struct engine_run *run, const struct packet *p,
                                     bool held)
{
    struct engine_syn_key key;
    struct engine_syn syn = {.time = run->now, .bucket = run->bucket, .held = held};
    __u32 length = skb->len - ETH_HLEN;

    make_key(p, &key);
    if (length <= ENGINE_SYN_BYTES) {
        keep_apart(length);
        if (length >= sizeof(struct iphdr) && bpf_skb_load_bytes(skb, ETH_HLEN, syn.packet, length) == 0) {
            syn.length = (__u16)length;
        }
    }
    bpf_map_update_elem(&engine_syns, &key, &syn, BPF_ANY);
}

/* The client goes on with a handshake that somebody else answered. An RST proves nothing: a client may give up. */
static __always_inline void note_answered(const struct engine_run *run, const struct packet *p)
{
    struct engine_syn_key key;
    struct engine_syn *syn;
    __u64 *answered;

    make_key(p, &key);
    syn = bpf_map_lookup_elem(&engine_syns, &key);
    if (!syn) {
        return;
    }
    if (p->kind == KIND_SEGMENT && p->acknowledges && run->bucket < HASH_BUCKETS) {
        answered = &run->table->answered[run->bucket];
        if (*answered < syn->time) {
            *answered = syn->time;
        }
    }
    bpf_map_delete_elem(&engine_syns, &key);
}

/* There is no need to replay the SYN of this segment. Returns whether it came in the HOLD_SYN of this move: what is
 * left of an earlier one says nothing about a connection that has lived on since. */
static __always_inline bool cancel_replay(const struct engine_run *run, const struct packet *p)
{
    struct engine_syn_key key;
    struct engine_syn *syn;

    make_key(p, &key);
    syn = bpf_map_lookup_elem(&engine_syns, &key);
    if (!syn) {
        return false;
    }
    if (run->now > syn->time + ENGINE_HELD_NS) {
        bpf_map_delete_elem(&engine_syns, &key);
        return false;
    }
    syn->length = 0;
    return syn->held;
}

/* --- coming in -------------------------------------------------------------------------------------------- */

/* Whether a segment belongs to a socket of this machine that is in the middle of something. */
static __always_inline bool has_socket(struct __sk_buff *skb, const struct packet *p)
{
    struct bpf_sock_tuple tuple = {};
    struct bpf_sock *socket;
    bool found;

    if (p->words == 1) {
        tuple.ipv4.saddr = p->client[0];
        tuple.ipv4.daddr = p->virtual_address[0];
        tuple.ipv4.sport = p->client_port;
        tuple.ipv4.dport = p->virtual_port;
        socket = bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
    } else {
        __builtin_memcpy(tuple.ipv6.saddr, p->client, sizeof(tuple.ipv6.saddr));
        __builtin_memcpy(tuple.ipv6.daddr, p->virtual_address, sizeof(tuple.ipv6.daddr));
        tuple.ipv6.sport = p->client_port;
        tuple.ipv6.dport = p->virtual_port;
        socket = bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
    }
    if (!socket) {
        return false;
    }
    found = socket->state != BPF_TCP_LISTEN;
    bpf_sk_release(socket);
    return found;
}

static __always_inline bool is_segment(const struct packet *p)
{
    return p->kind == KIND_SEGMENT || p->kind == KIND_RST;
}

/* The three functions below are the columns of the table. Each returns the counter of its decision. */
static __always_inline __u32 decide_foreign(struct __sk_buff *skb, const struct engine_run *run, const struct packet *p)
{
    bool sees_all = run->table->mac_kind == ENGINE_MAC_SHARED;

    if (is_segment(p) && run->table->behind == ENGINE_SOCKETS && has_socket(skb, p)) {
        return ENGINE_COUNT_PASSED_SOCKET;
    }
    if (p->kind == KIND_SYN && sees_all) {
        keep_syn(skb, run, p, false);
    } else if (is_segment(p) && sees_all) {
        note_answered(run, p);
    }
    return is_expired(run) ? ENGINE_COUNT_EXPIRED : ENGINE_COUNT_FOREIGN;
}

static __always_inline __u32 decide_holding(struct __sk_buff *skb, const struct engine_run *run, const struct packet *p)
{
    if (p->kind == KIND_SYN) {
        keep_syn(skb, run, p, true);
        return ENGINE_COUNT_HELD;
    }
    if (is_segment(p)) {
        return cancel_replay(run, p) ? ENGINE_COUNT_HELD : ENGINE_COUNT_PASSED;
    }
    return p->kind == KIND_FRAGMENT && p->protocol == IPPROTO_TCP ? ENGINE_COUNT_PASSED : ENGINE_COUNT_HELD;
}

static __always_inline __u32 decide_ours(const struct engine_run *run, const struct packet *p)
{
    if (is_segment(p) && run->now < run->table->watch_until) {
        cancel_replay(run, p);
    }
    return ENGINE_COUNT_PASSED;
}

static __always_inline __u32 decide(struct __sk_buff *skb, struct engine_run *run, const struct packet *p)
{
    if (p->kind == KIND_ICMP_ERROR) {
        return ENGINE_COUNT_ICMP_ERROR;
    }
    find_state(run, p);
    if ((run->state & BUCKET_STATE_MASK) == BUCKET_FOREIGN) {
        return decide_foreign(skb, run, p);
    }
    return run->state & BUCKET_HOLD_SYN ? decide_holding(skb, run, p) : decide_ours(run, p);
}

static __always_inline bool is_for_shared_mac(struct __sk_buff *skb, const struct engine_table *table)
{
    struct {
        __u8 destination[ETH_ALEN];
    } frame;
    __u8 difference = 0;

    if (table->mac_kind != ENGINE_MAC_SHARED || bpf_skb_load_bytes(skb, 0, &frame, sizeof(frame)) != 0) {
        return false;
    }
    for (int i = 0; i < ETH_ALEN; i++) {
        difference |= frame.destination[i] ^ table->shared_mac[i];
    }
    return difference == 0;
}

/* IP and TCP drop what was sent to a MAC that is not the port's. */
static __always_inline int take_in(struct __sk_buff *skb)
{
    if (skb->pkt_type != PACKET_HOST) {
        bpf_skb_change_type(skb, PACKET_HOST);
    }
    return TC_ACT_UNSPEC;
}

static __always_inline bool count(struct engine_run *run, __u32 counter)
{
    if (counter < ENGINE_COUNT_MAX) {
        run->counts->values[counter]++;
    }
    return counter == ENGINE_COUNT_PASSED || counter == ENGINE_COUNT_PASSED_SOCKET ||
           counter == ENGINE_COUNT_ICMP_ERROR;
}

SEC("tc")
int engine_in(struct __sk_buff *skb)
{
    struct engine_run run = {};
    struct packet p = {};

    if (!start_run(&run) || is_tagged(skb)) {
        return TC_ACT_UNSPEC;
    }
    bool shared = is_for_shared_mac(skb, run.table);
    if (skb->pkt_type == PACKET_OTHERHOST && !shared) {
        return TC_ACT_UNSPEC;
    }
    if (skb->protocol == bpf_htons(ETH_P_ARP)) {
        return shared && skb->pkt_type != PACKET_BROADCAST ? take_in(skb) : TC_ACT_UNSPEC;
    }
    if (!packet_read(skb, run.table, false, &p)) {
        return TC_ACT_UNSPEC;
    }
    if (p.kind != KIND_NEIGHBOUR) {
        count(&run, ENGINE_COUNT_FRAMES);
        if (p.kind == KIND_FRAGMENT) {
            count(&run, ENGINE_COUNT_FRAGMENT);
        }
        if (!count(&run, decide(skb, &run, &p))) {
            return TC_ACT_SHOT;
        }
    }
    return shared ? take_in(skb) : TC_ACT_UNSPEC;
}

/* --- going out -------------------------------------------------------------------------------------------- */

/* The kernel's own socket, which answers for nobody, is connected to nobody. */
static __always_inline bool is_of_connected_socket(const struct __sk_buff *skb)
{
    struct bpf_sock *socket = skb->sk;

    if (!socket) {
        return false;
    }
    socket = bpf_sk_fullsock(socket);
    return socket && socket->dst_port;
}

static __always_inline bool guard_drops(struct __sk_buff *skb, struct engine_run *run)
{
    struct packet p = {};

    if (!packet_read(skb, run->table, true, &p) || p.kind != KIND_RST || p.acknowledges) {
        return false;
    }
    find_state(run, &p);
    return (run->state & BUCKET_STATE_MASK) != BUCKET_OWN && !is_of_connected_socket(skb);
}

SEC("tc")
int engine_out(struct __sk_buff *skb)
{
    struct engine_run run = {};
    bool arp = skb->protocol == bpf_htons(ETH_P_ARP);
    __u32 verdict;

    if (!start_run(&run) || is_tagged(skb)) {
        return TC_ACT_UNSPEC;
    }
    if (run.table->replay_mark && skb->mark == run.table->replay_mark) {
        skb->mark = 0;
        count(&run, ENGINE_COUNT_REPLAYED);
        return (int)bpf_redirect(skb->ifindex, BPF_F_INGRESS);
    }
    if (arp || skb->protocol == bpf_htons(ETH_P_IPV6)) {
        run.now = bpf_ktime_get_boot_ns();
        verdict = arp ? neighbour_arp(skb, run.table, run.now) : neighbour_nd(skb, run.table, run.now);
        if (verdict != NEIGHBOUR_OTHER) {
            count(&run, arp ? ENGINE_COUNT_ARP : ENGINE_COUNT_ND);
            return verdict == NEIGHBOUR_DROP ? TC_ACT_SHOT : TC_ACT_UNSPEC;
        }
    }
    if (guard_drops(skb, &run)) {
        count(&run, ENGINE_COUNT_RST);
        return TC_ACT_SHOT;
    }
    return TC_ACT_UNSPEC;
}

char engine_license[] SEC("license") = "GPL";
