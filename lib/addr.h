/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One IP address of either family, and its text. */
#ifndef HAS_ADDR_H
#define HAS_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Room for any address as text, with its end. */
#define ADDR_TEXT_MAX INET6_ADDRSTRLEN

struct addr {
    sa_family_t family; /* AF_INET, AF_INET6, or AF_UNSPEC for "none" */
    union {
        struct in_addr v4;
        struct in6_addr v6;
        uint8_t bytes[16];
    };
};

/* Reads an IPv4 or IPv6 address written in numbers (no names, no scope); an IPv4-mapped one becomes IPv4.
 * Returns 0, or -EINVAL and leaves *out untouched. */
int addr_parse(const char *text, struct addr *out);

/* Writes the address as text (RFC 5952 for IPv6), "-" for none.
 * Returns buf, which holds ADDR_TEXT_MAX bytes. */
const char *addr_format(const struct addr *a, char buf[ADDR_TEXT_MAX]);

bool addr_equal(const struct addr *a, const struct addr *b);

/* A total order for sorted tables: by family, then by bytes. */
int addr_compare(const struct addr *a, const struct addr *b);

/* Fills *out with the address and a port in host byte order; returns its length, 0 for none. */
socklen_t addr_to_sockaddr(const struct addr *a, uint16_t port, struct sockaddr_storage *out);

/* Takes address and port out of a socket address; an IPv4-mapped IPv6 address becomes IPv4.
 * Returns 0, or -EAFNOSUPPORT. */
int addr_from_sockaddr(const struct sockaddr_storage *in, struct addr *a, uint16_t *port);

#endif
