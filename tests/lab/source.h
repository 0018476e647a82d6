/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source addresses of the lab's client programs: many, so that clients of every bucket are among them. */
#ifndef LAB_SOURCE_H
#define LAB_SOURCE_H

#include <stdbool.h>
#include <sys/socket.h>

/* COUNT addresses from a first one on; they differ in the last two bytes. The lab's client host takes for its own
 * 192.0.2.64 to .191 and 2001:db8:2:1::/64. */
struct source {
    struct sockaddr_storage first; /* family AF_UNSPEC: none, the kernel chooses */
    unsigned count;
};

/* Reads "ADDRESS+COUNT", COUNT 1 to 10000. Returns whether it is one. */
bool source_parse(struct source *source, const char *text);

/* Binds the socket to the address of that turn (they come round and round). Without addresses, or when their family is
 * not the socket's, nothing happens. Returns 0, or -1 with errno. */
int source_bind(int fd, int family, const struct source *source, unsigned turn);

#endif
