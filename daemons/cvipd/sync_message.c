/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sync_message.h"

#include <errno.h>
#include <string.h>

/* Header: reserved, id, size (2), number of connections, version, spare (2). */
#define HEADER 8
#define OFFSET_ID 1
#define OFFSET_SIZE 2
#define OFFSET_COUNT 4
#define OFFSET_VERSION 5
#define COUNT_MAX 255

#define TYPE_IPV6 1
/* A connection: type, protocol, version and size (2), flags (4), state, three ports (2 each), mark (4), timeout (4),
 * three addresses. */
#define FIXED 24

static uint8_t *put16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
    return to + 2;
}

static uint8_t *put32(uint8_t *to, uint32_t value)
{
    return put16(put16(to, value >> 16), value & 0xffff);
}

static uint8_t *put_address(uint8_t *to, const struct addr *address, size_t size)
{
    memcpy(to, address->bytes, size);
    return to + size;
}

void sync_message_begin(struct sync_message *message, uint8_t id)
{
    memset(message->bytes, 0, HEADER);
    message->bytes[OFFSET_ID] = id;
    message->bytes[OFFSET_VERSION] = 1;
    message->length = HEADER;
    put16(&message->bytes[OFFSET_SIZE], HEADER);
}

int sync_message_add(struct sync_message *message, const struct sync_connection *connection)
{
    sa_family_t family = connection->client.family;
    if ((family != AF_INET && family != AF_INET6) || connection->virtual_address.family != family ||
        connection->server.family != family)
        return -EINVAL;
    size_t address = family == AF_INET ? 4 : 16, size = FIXED + 3 * address;
    if (message->length + size > SYNC_MESSAGE_MAX || message->bytes[OFFSET_COUNT] == COUNT_MAX)
        return -EMSGSIZE;
    uint8_t *to = &message->bytes[message->length];
    *to++ = family == AF_INET ? 0 : TYPE_IPV6;
    *to++ = connection->protocol;
    to = put16(to, (uint32_t)size); /* version 0 in the upper bits */
    to = put32(to, connection->flags);
    to = put16(to, connection->state);
    to = put16(to, connection->client_port);
    to = put16(to, connection->virtual_port);
    to = put16(to, connection->server_port);
    to = put32(to, 0); /* no firewall mark */
    to = put32(to, connection->timeout);
    to = put_address(to, &connection->client, address);
    to = put_address(to, &connection->virtual_address, address);
    put_address(to, &connection->server, address);
    message->length += size;
    message->bytes[OFFSET_COUNT]++;
    put16(&message->bytes[OFFSET_SIZE], (uint32_t)message->length);
    return 0;
}

unsigned sync_message_count(const struct sync_message *message)
{
    return message->bytes[OFFSET_COUNT];
}
