/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small traffic manager for the test of the real tcd: takes reports, gives cookies, acknowledges. */
#ifndef TCD_PEER_H
#define TCD_PEER_H

#include "wire.h"

struct peer {
    int fd;
    uint16_t port;
    struct keyring keys;
    uint8_t cookie; /* all bytes of the cookie that it gives; another one stands for a restart */
    bool deaf;      /* takes reports, answers none */
    struct wire_report last;
    struct addr from;
    uint64_t accepted; /* reports with the right cookie */
    uint64_t received;
};

void peer_open(struct peer *peer, const char *address);
void peer_close(struct peer *peer);

/* Takes one datagram and answers it. Returns false when none came until deadline_ms (clock_ms). */
bool peer_receive(struct peer *peer, uint64_t deadline_ms);

/* Sends a hello to the one who reported last. */
void peer_hello(struct peer *peer);

/* Sends bytes to the one who reported last. */
void peer_send(struct peer *peer, const void *data, size_t length);

#endif
