/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes messages of the kernel's IPVS connection synchronisation, version 1 (net/netfilter/ipvs/ip_vs_sync.c). */
#ifndef CVIPD_SYNC_MESSAGE_H
#define CVIPD_SYNC_MESSAGE_H

#include "addr.h"

#include <stddef.h>
#include <stdint.h>

#define SYNC_MESSAGE_MAX 1400 /* fits into one frame everywhere */
#define SYNC_MESSAGE_PORT 8848
#define SYNC_MESSAGE_GROUP "224.0.0.81"

/* Flags of a connection, as the kernel's IP_VS_CONN_F_…; the forwarding method is among them. */
#define SYNC_TEMPLATE 0x1000

struct sync_connection {
    uint8_t protocol;                            /* IPPROTO_TCP */
    struct addr client, virtual_address, server; /* of one family */
    uint16_t client_port, virtual_port, server_port;
    uint32_t flags;   /* forwarding method (IP_VS_CONN_F_DROUTE…) and SYNC_TEMPLATE */
    uint16_t state;   /* the protocol's; of TCP 1 is established; 0 for a template */
    uint32_t timeout; /* s */
};

struct sync_message {
    uint8_t bytes[SYNC_MESSAGE_MAX];
    size_t length;
};

void sync_message_begin(struct sync_message *message, uint8_t id);
/* Returns 0, -EMSGSIZE when the message is full, or -EINVAL when the addresses are not of one family. */
int sync_message_add(struct sync_message *message, const struct sync_connection *connection);
/* How many connections it has. */
unsigned sync_message_count(const struct sync_message *message);

#endif
