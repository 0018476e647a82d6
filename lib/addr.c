/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static size_t addr_length(const struct addr *a)
{
    switch (a->family) {
    case AF_INET:
        return sizeof(a->v4);
    case AF_INET6:
        return sizeof(a->v6);
    default:
        return 0;
    }
}

static void addr_from_v6(struct addr *out, const struct in6_addr *v6)
{
    memset(out, 0, sizeof(*out));
    if (IN6_IS_ADDR_V4MAPPED(v6)) {
        out->family = AF_INET;
        memcpy(&out->v4, &v6->s6_addr[12], sizeof(out->v4));
    } else {
        out->family = AF_INET6;
        out->v6 = *v6;
    }
}

int addr_parse(const char *text, struct addr *out)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, text, &v4) == 1) {
        memset(out, 0, sizeof(*out));
        out->family = AF_INET;
        out->v4 = v4;
        return 0;
    }
    if (inet_pton(AF_INET6, text, &v6) == 1) {
        addr_from_v6(out, &v6);
        return 0;
    }
    return -EINVAL;
}

const char *addr_format(const struct addr *a, char buf[ADDR_TEXT_MAX])
{
    if (addr_length(a) == 0 || inet_ntop(a->family, a->bytes, buf, ADDR_TEXT_MAX) == NULL)
        memcpy(buf, "-", sizeof("-"));
    return buf;
}

int addr_compare(const struct addr *a, const struct addr *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return memcmp(a->bytes, b->bytes, addr_length(a));
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
    return addr_compare(a, b) == 0;
}

socklen_t addr_to_sockaddr(const struct addr *a, uint16_t port, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof(*out));
    if (a->family == AF_INET) {
        struct sockaddr_in *in = (struct sockaddr_in *)out;

        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        in->sin_addr = a->v4;
        return sizeof(*in);
    }
    if (a->family == AF_INET6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(port);
        in6->sin6_addr = a->v6;
        return sizeof(*in6);
    }
    return 0;
}

int addr_from_sockaddr(const struct sockaddr_storage *in, struct addr *a, uint16_t *port)
{
    if (in->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)in;

        memset(a, 0, sizeof(*a));
        a->family = AF_INET;
        a->v4 = v4->sin_addr;
        *port = ntohs(v4->sin_port);
        return 0;
    }
    if (in->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)in;

        addr_from_v6(a, &v6->sin6_addr);
        *port = ntohs(v6->sin6_port);
        return 0;
    }
    return -EAFNOSUPPORT;
}
