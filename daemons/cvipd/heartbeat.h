/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The heartbeats between the masters: UDP, over every LAN, signed as lib/wire.h has it. This module carries them; what
 * they mean, and which of them are replays, is the ownership protocol's matter. */
#ifndef CVIPD_HEARTBEAT_H
#define CVIPD_HEARTBEAT_H

#include "addr.h"
#include "key.h"
#include "wire.h"

#include <qb/qbloop.h>
#include <stddef.h>
#include <stdint.h>

#define HEARTBEAT_LANS_MAX 4

struct heartbeat_peer {
    uint8_t id; /* member id, 1 to WIRE_MEMBERS_MAX */
    size_t count;
    struct addr addresses[HEARTBEAT_LANS_MAX];
};

struct heartbeat_settings {
    uint16_t port; /* of all members */
    size_t own_count;
    struct addr own[HEARTBEAT_LANS_MAX]; /* our address on each LAN, same order for all members */
    size_t peer_count;
    struct heartbeat_peer peers[WIRE_MEMBERS_MAX]; /* without ourselves */
};

struct heartbeat_counters {
    uint64_t sent;                       /* datagrams */
    uint64_t send_errors;                /* datagrams that the network did not take */
    uint64_t received;                   /* heartbeats handed on; a double by another LAN counts too */
    uint64_t refused[WIRE_RESULT_COUNT]; /* datagrams refused, by wire_result */
    uint64_t unexpected;                 /* authentic datagrams of another type */
    uint64_t strangers;                  /* authentic heartbeats of no member on our list, or of ourselves */
};

struct heartbeat;

/* Opens one socket for each of our addresses. One that cannot be opened now is tried again each second. Calls received
 * for each authentic heartbeat of a peer, with high priority in the loop. Copies settings and keys.
 * received must not call heartbeat_close.
 * Returns 0, -EINVAL (a family, id or count out of its range), -ENOMEM, or what the loop says. */
int heartbeat_open(qb_loop_t *loop, const struct heartbeat_settings *settings, const struct keyring *ring,
                   void (*received)(void *context, const struct wire_heartbeat *heartbeat), void *context,
                   struct heartbeat **out);
/* Takes the new keys; copied. */
void heartbeat_set_keys(struct heartbeat *heartbeat, const struct keyring *ring);
/* Reads what has arrived and not been read yet, without waiting for the loop: to be called before a tick of the
 * ownership protocol, so that nobody is taken for silent whose heartbeat lies in the socket. Bounded. */
void heartbeat_read(struct heartbeat *heartbeat);
/* Signs it once and sends it to every address of every peer, from our address on the same LAN. Never blocks; what is
 * not sent is counted. */
void heartbeat_send(struct heartbeat *heartbeat, const struct wire_heartbeat *message);
const struct heartbeat_counters *heartbeat_counters(const struct heartbeat *heartbeat);
/* NULL is allowed. */
void heartbeat_close(struct heartbeat *heartbeat);

#endif
