/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's connections to NFS servers: /sys/kernel/sunrpc/xprt-switches/switch-N/xprt-M-tcp (Linux 5.14 and later),
 * and how they are moved to another server: by the file dstaddr, or, with the kernel series of nfs-ha/kernel, by the
 * file failover. */
#ifndef NFSHAD_TRANSPORT_H
#define NFSHAD_TRANSPORT_H

#include "addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRANSPORT_DIRECTORY "/sys/kernel/sunrpc/xprt-switches"
#define TRANSPORT_NFS_PORT 2049
#define TRANSPORTS_MAX 256
#define TRANSPORT_PATH_MAX 128

struct transport {
    char path[TRANSPORT_PATH_MAX]; /* its directory */
    struct addr server;            /* dstaddr */
    uint16_t port;                 /* dst_port of xprt_info; 0: not known, it has no connection */
    uint16_t own_port;             /* src_port, the same */
    bool series;                   /* the kernel series is there: file failover */
};

struct transport_list {
    size_t count;
    struct transport transports[TRANSPORTS_MAX];
};

/* Reads all TCP transports below root (TRANSPORT_DIRECTORY but in tests). Returns 0, -ENOENT when the kernel has no
 * such directory (older than 5.14), or another negative errno. */
int transport_read(const char *root, struct transport_list *list);

/* Writes the new address. With the series it returns at once. Without it the write waits while the kernel tries to
 * connect to the dead server; another thread has to end that connection again and again (sockets.h) until this
 * returns. Returns 0 or a negative errno: -EAFNOSUPPORT when the file dstaddr cannot take the address (IPv6: a fault of
 * the kernel that the series mends). */
int transport_move(const struct transport *transport, const struct addr *to);

/* With the series: the servers that the kernel may move the transport to by itself; count 0: none. The same. */
int transport_set_replicas(const struct transport *transport, const struct addr *servers, size_t count);

/* Does the kernel move it by itself? */
bool transport_has_replicas(const struct transport *transport);

#endif
