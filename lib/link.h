/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network interfaces and their addresses over rtnetlink, by libnl-route. All functions return 0 or a negative errno
 * unless they say otherwise; changes need CAP_NET_ADMIN (-EPERM). */
#ifndef HAS_LINK_H
#define HAS_LINK_H

#include "addr.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

struct link_interface {
    int index;
    char name[IF_NAMESIZE];
    bool up; /* administratively */
    bool loopback;
    bool dummy;
    bool vrf;
    int master; /* the interface that it belongs to: a bridge, a bond, a VRF; 0: none */
};

/* An address, and on which interface it is. */
struct link_address {
    struct addr address;
    int interface;
    unsigned prefix_length;
};

struct link_socket;

int link_open(struct link_socket **out);
void link_close(struct link_socket *links);

/* -ENODEV: no such interface. */
int link_by_name(struct link_socket *links, const char *name, struct link_interface *out);
int link_by_index(struct link_socket *links, int index, struct link_interface *out);

int link_set_up(struct link_socket *links, int index);
int link_set_down(struct link_socket *links, int index);

/* -EOPNOTSUPP: the driver refuses; -EBUSY: it takes one only while the interface is down. */
int link_set_mac(struct link_socket *links, int index, const uint8_t mac[6]);
int link_set_mtu(struct link_socket *links, int index, unsigned mtu);

/* A dummy device, which is left down. -EEXIST: the name is taken; -EOPNOTSUPP: the kernel has none. */
int link_dummy_create(struct link_socket *links, const char *name);
int link_delete(struct link_socket *links, int index);

/* All interfaces that have the address. Writes at most max of them and returns how many there are, or a
 * negative errno. */
int link_address_find(struct link_socket *links, const struct addr *address, struct link_address *out, size_t max);

/* Adds the address alone (prefix length 32 or 128), such that the machine takes packets for it but does not choose
 * it as the source of its own connections. -EEXIST: it is there. */
int link_address_add(struct link_socket *links, int index, const struct addr *address);

/* Removes the address with that prefix length. -EADDRNOTAVAIL: it is not there. */
int link_address_remove(struct link_socket *links, int index, const struct addr *address, unsigned prefix_length);

#endif
