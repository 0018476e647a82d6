/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCES_MAX = 10000 };

static struct sockaddr_in *four(struct sockaddr_storage *address)
{
    return (struct sockaddr_in *)address;
}

static struct sockaddr_in6 *six(struct sockaddr_storage *address)
{
    return (struct sockaddr_in6 *)address;
}

bool source_parse(struct source *source, const char *text)
{
    char address[INET6_ADDRSTRLEN];
    const char *plus = strchr(text, '+');
    char *end;
    unsigned long count;

    *source = (struct source){.count = 0};
    if (!plus || (size_t)(plus - text) >= sizeof(address))
        return false;
    snprintf(address, sizeof(address), "%.*s", (int)(plus - text), text);
    count = strtoul(plus + 1, &end, 10);
    if (*end != '\0' || count < 1 || count > SOURCES_MAX)
        return false;
    source->count = (unsigned)count;
    if (inet_pton(AF_INET, address, &four(&source->first)->sin_addr) == 1)
        source->first.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, address, &six(&source->first)->sin6_addr) == 1)
        source->first.ss_family = AF_INET6;
    else
        return false;
    return true;
}

static socklen_t address_of(struct sockaddr_storage *address, unsigned number)
{
    uint8_t *bytes;

    if (address->ss_family == AF_INET) {
        four(address)->sin_addr.s_addr = htonl(ntohl(four(address)->sin_addr.s_addr) + number);
        return sizeof(struct sockaddr_in);
    }
    bytes = six(address)->sin6_addr.s6_addr;
    number += (unsigned)bytes[14] << 8 | bytes[15];
    bytes[14] = (uint8_t)(number >> 8);
    bytes[15] = (uint8_t)number;
    return sizeof(struct sockaddr_in6);
}

int source_bind(int fd, int family, const struct source *source, unsigned turn)
{
    static const int on = 1;
    struct sockaddr_storage address = source->first;
    socklen_t length;

    if (source->count == 0 || address.ss_family != family)
        return 0;
    length = address_of(&address, turn % source->count);
    if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) < 0)
        return -1;
    /* The address is the host's by a route only, which is enough for IPv4. */
    if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on)) < 0)
        return -1;
    return bind(fd, (const struct sockaddr *)&address, length);
}
