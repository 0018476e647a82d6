/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes unanswered SYNs in again: each is sent out of the active port with a mark that only the egress program knows,
 * which turns it round to ingress, where it counts as just received. */
#include "checksum.h"
#include "engine_private.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define BATCH (ENGINE_REPLAY_MAX / 2) /* looked at together */
#define NS_PER_MS 1000000U

struct batch {
    struct engine_syn_key keys[BATCH];
    struct engine_syn syns[BATCH];
};

struct replay {
    const struct engine *engine;
    const bool *wanted;
    const uint64_t *since_ns;
    uint64_t not_before_ns;
    int sent;
    int error; /* of the last one that could not be sent */
};

/* To the port's own MAC, and from it: the stack does not ask where it came from. */
static int send_in(const struct engine *engine, const struct engine_syn *syn)
{
    const struct engine_port *port = &engine->ports[engine->active];
    struct ethhdr frame = {.h_proto = htons(syn->packet[0] >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6)};
    struct sockaddr_ll to = {
        .sll_family = AF_PACKET, .sll_protocol = frame.h_proto, .sll_ifindex = port->interface, .sll_halen = ETH_ALEN};
    uint8_t packet[ENGINE_SYN_BYTES];
    struct iovec parts[] = {{.iov_base = &frame, .iov_len = sizeof(frame)},
                            {.iov_base = packet, .iov_len = syn->length}};
    struct msghdr message = {.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = parts, .msg_iovlen = 2};

    memcpy(packet, syn->packet, sizeof(packet));
    checksum_complete(packet, syn->length);
    memcpy(frame.h_dest, port->mac, ETH_ALEN);
    memcpy(frame.h_source, port->mac, ETH_ALEN);
    return sendmsg(engine->socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* The entry is taken out and looked at again: its connection may have been answered since. */
static void replay_one(struct replay *replay, const struct engine_syn_key *key)
{
    struct engine_syn syn;
    int error;

    if (bpf_map_lookup_and_delete_elem(replay->engine->syns_map, key, &syn) != 0 || syn.length == 0 ||
        syn.length > ENGINE_SYN_BYTES) {
        return;
    }
    error = send_in(replay->engine, &syn);
    if (error != 0) {
        replay->error = error;
    } else {
        replay->sent++;
    }
}

static void replay_batch(struct replay *replay, const struct batch *batch, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct engine_syn *syn = &batch->syns[i];

        if (syn->bucket < HASH_BUCKETS && replay->wanted[syn->bucket] && syn->time >= replay->not_before_ns &&
            syn->time >= replay->since_ns[syn->bucket]) {
            replay_one(replay, &batch->keys[i]);
        }
    }
}

static int replay_some(struct replay *replay, struct batch *batch, struct engine_replay *state)
{
    int error;

    state->more = false;
    do {
        uint32_t count = BATCH;
        error = bpf_map_lookup_batch(replay->engine->syns_map, state->begun ? &state->position : NULL, &state->position,
                                     batch->keys, batch->syns, &count, NULL);
        if (error != 0 && error != -ENOENT) { /* -ENOENT: these were the last */
            return error;
        }
        replay_batch(replay, batch, count);
        state->begun = true;
    } while (error == 0 && replay->sent + BATCH <= ENGINE_REPLAY_MAX);
    state->more = error == 0;
    return replay->sent == 0 ? replay->error : replay->sent;
}

int engine_replay(struct engine *engine, const bool wanted[HASH_BUCKETS], const uint64_t since_ns[HASH_BUCKETS],
                  uint64_t now_ns, unsigned max_age_ms, struct engine_replay *state)
{
    uint64_t age_ns = (uint64_t)max_age_ms * NS_PER_MS;
    struct replay replay = {.engine = engine,
                            .wanted = wanted,
                            .since_ns = since_ns,
                            .not_before_ns = now_ns > age_ns ? now_ns - age_ns : 0};
    struct batch *batch;
    int result;

    /* Without our program at egress they would go out on the wire. */
    if (!engine_is_attached(engine, &engine->ports[engine->active])) {
        state->more = false;
        return -ENOLINK;
    }
    batch = malloc(sizeof(*batch));
    if (batch == NULL) {
        state->more = false;
        return -ENOMEM;
    }
    result = replay_some(&replay, batch, state);
    free(batch);
    return result;
}
