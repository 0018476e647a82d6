/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UDP socket of the traffic manager: datagrams in batches, answers from the address that was asked. */
#ifndef TMD_RECEIVE_H
#define TMD_RECEIVE_H

#include "addr.h"
#include "wire.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define RECEIVE_BATCH 64

/* Where a datagram came from, and when the kernel got it. */
struct receive_origin {
    struct sockaddr_storage peer;
    socklen_t peer_length;
    struct addr local;    /* the address it was sent to; none if unknown */
    unsigned interface;   /* for link-local addresses only, else 0 */
    uint64_t received_ns; /* CLOCK_REALTIME; 0: unknown */
};

struct receiver;

typedef void (*receive_handler)(void *context, const uint8_t *data, size_t length, const struct receive_origin *origin);

/* Binds the port on all addresses, IPv6 and IPv4; IPv4 only where the host has no IPv6.
 * Returns 0 or a negative errno: -EADDRINUSE… */
int receiver_open(struct receiver **out, uint16_t port);
void receiver_close(struct receiver *receiver);

int receiver_descriptor(const struct receiver *receiver);

/* Takes what waits, at most RECEIVE_BATCH datagrams, and hands each to the handler. Does not wait. Then the replies
 * are sent. Returns how many were taken. */
int receiver_read(struct receiver *receiver, receive_handler handler, void *context);

/* For handlers: answers the sender. Sent after the batch; dropped if it does not fit into the batch. */
void receiver_reply(struct receiver *receiver, const struct receive_origin *origin, const uint8_t *data, size_t length);

/* Sends a datagram of our own. Returns 0 or a negative errno. */
int receiver_send(struct receiver *receiver, const struct addr *to, uint16_t port, const uint8_t *data, size_t length);

#endif
