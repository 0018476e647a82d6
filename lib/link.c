/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link.h"

#include "nlerror.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <stdlib.h>
#include <string.h>

#define LIFETIME_FOREVER UINT32_MAX

struct link_socket {
    struct nl_sock *socket;
};

int link_open(struct link_socket **out)
{
    struct link_socket *links = calloc(1, sizeof(*links));
    int result;

    if (links == NULL) {
        return -ENOMEM;
    }
    links->socket = nl_socket_alloc();
    result = links->socket == NULL ? -NLE_NOMEM : nl_connect(links->socket, NETLINK_ROUTE);
    if (result < 0) {
        link_close(links);
        return nlerror_to_errno(result);
    }
    *out = links;
    return 0;
}

void link_close(struct link_socket *links)
{
    if (links != NULL) {
        nl_socket_free(links->socket);
        free(links);
    }
}

static int read_interface(struct link_socket *links, int index, const char *name, struct link_interface *out)
{
    struct rtnl_link *found = NULL;
    int result = rtnl_link_get_kernel(links->socket, index, name, &found);
    const char *type;

    if (result < 0) {
        result = nlerror_to_errno(result);
        return result == -ENOENT ? -ENODEV : result;
    }
    memset(out, 0, sizeof(*out));
    out->index = rtnl_link_get_ifindex(found);
    strncpy(out->name, rtnl_link_get_name(found), sizeof(out->name) - 1);
    out->up = (rtnl_link_get_flags(found) & IFF_UP) != 0;
    out->loopback = (rtnl_link_get_flags(found) & IFF_LOOPBACK) != 0;
    type = rtnl_link_get_type(found);
    out->dummy = type != NULL && strcmp(type, "dummy") == 0;
    out->vrf = type != NULL && strcmp(type, "vrf") == 0;
    out->master = rtnl_link_get_master(found);
    rtnl_link_put(found);
    return 0;
}

int link_by_name(struct link_socket *links, const char *name, struct link_interface *out)
{
    return read_interface(links, 0, name, out);
}

int link_by_index(struct link_socket *links, int index, struct link_interface *out)
{
    return read_interface(links, index, NULL, out);
}

/* Takes the change. */
static int change_link(struct link_socket *links, int index, struct rtnl_link *change)
{
    struct rtnl_link *which = rtnl_link_alloc();
    int result = -NLE_NOMEM;

    if (which != NULL && change != NULL) {
        rtnl_link_set_ifindex(which, index);
        result = rtnl_link_change(links->socket, which, change, 0);
    }
    rtnl_link_put(which);
    rtnl_link_put(change);
    return nlerror_to_errno(result);
}

int link_set_up(struct link_socket *links, int index)
{
    struct rtnl_link *change = rtnl_link_alloc();

    if (change != NULL) {
        rtnl_link_set_flags(change, IFF_UP);
    }
    return change_link(links, index, change);
}

int link_set_down(struct link_socket *links, int index)
{
    struct rtnl_link *change = rtnl_link_alloc();

    if (change != NULL) {
        rtnl_link_unset_flags(change, IFF_UP);
    }
    return change_link(links, index, change);
}

int link_set_mac(struct link_socket *links, int index, const uint8_t mac[6])
{
    struct rtnl_link *change = rtnl_link_alloc();
    struct nl_addr *address = nl_addr_build(AF_LLC, mac, 6);

    if (change != NULL && address != NULL) {
        rtnl_link_set_addr(change, address); /* takes a reference of its own */
    }
    nl_addr_put(address);
    return change_link(links, index, change);
}

int link_set_mtu(struct link_socket *links, int index, unsigned mtu)
{
    struct rtnl_link *change = rtnl_link_alloc();

    if (change != NULL) {
        rtnl_link_set_mtu(change, mtu);
    }
    return change_link(links, index, change);
}

int link_dummy_create(struct link_socket *links, const char *name)
{
    struct rtnl_link *dummy = rtnl_link_alloc();
    int result = dummy == NULL ? -NLE_NOMEM : rtnl_link_set_type(dummy, "dummy");

    if (result >= 0) {
        rtnl_link_set_name(dummy, name);
        result = rtnl_link_add(links->socket, dummy, NLM_F_CREATE | NLM_F_EXCL);
    }
    rtnl_link_put(dummy);
    return nlerror_to_errno(result);
}

int link_delete(struct link_socket *links, int index)
{
    struct rtnl_link *which = rtnl_link_alloc();
    int result = -NLE_NOMEM;

    if (which != NULL) {
        rtnl_link_set_ifindex(which, index);
        result = rtnl_link_delete(links->socket, which);
    }
    rtnl_link_put(which);
    return nlerror_to_errno(result);
}

/* False when it is no IP address. */
static bool from_libnl(struct rtnl_addr *entry, struct link_address *out)
{
    struct nl_addr *local = rtnl_addr_get_local(entry);
    sa_family_t family = (sa_family_t)rtnl_addr_get_family(entry);
    size_t length = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);

    if ((family != AF_INET && family != AF_INET6) || local == NULL || nl_addr_get_len(local) != length) {
        return false;
    }
    memset(out, 0, sizeof(*out));
    out->address.family = family;
    memcpy(out->address.bytes, nl_addr_get_binary_addr(local), length);
    out->interface = rtnl_addr_get_ifindex(entry);
    out->prefix_length = (unsigned)rtnl_addr_get_prefixlen(entry);
    return true;
}

int link_address_find(struct link_socket *links, const struct addr *address, struct link_address *out, size_t max)
{
    struct nl_cache *cache;
    int result = rtnl_addr_alloc_cache(links->socket, &cache);
    int found = 0;

    if (result < 0) {
        return nlerror_to_errno(result);
    }
    for (struct nl_object *entry = nl_cache_get_first(cache); entry != NULL; entry = nl_cache_get_next(entry)) {
        struct link_address candidate;

        if (from_libnl((struct rtnl_addr *)entry, &candidate) && addr_equal(&candidate.address, address)) {
            if ((size_t)found < max) {
                out[found] = candidate;
            }
            found++;
        }
    }
    nl_cache_free(cache);
    return found;
}

/* The address on the interface as libnl wants it; NULL: out of memory. */
static struct rtnl_addr *to_libnl(int index, const struct addr *address, unsigned prefix_length)
{
    size_t length = address->family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
    struct nl_addr *local = nl_addr_build(address->family, address->bytes, length);
    struct rtnl_addr *entry = rtnl_addr_alloc();

    if (local == NULL || entry == NULL) {
        nl_addr_put(local);
        rtnl_addr_put(entry);
        return NULL;
    }
    rtnl_addr_set_ifindex(entry, index);
    rtnl_addr_set_local(entry, local); /* takes a reference of its own, and the family */
    rtnl_addr_set_prefixlen(entry, (int)prefix_length);
    nl_addr_put(local);
    return entry;
}

int link_address_add(struct link_socket *links, int index, const struct addr *address)
{
    struct rtnl_addr *entry = to_libnl(index, address, address->family == AF_INET ? 32 : 128);
    int result;

    if (entry == NULL) {
        return -ENOMEM;
    }
    if (address->family == AF_INET) {
        /* A source for destinations outside must have a wider scope. */
        rtnl_addr_set_scope(entry, RT_SCOPE_HOST);
    } else {
        /* A deprecated address is not chosen as a source. It is nobody's business on the LAN: no duplicate
         * address detection. */
        rtnl_addr_set_flags(entry, IFA_F_NODAD | IFA_F_NOPREFIXROUTE);
        rtnl_addr_set_valid_lifetime(entry, LIFETIME_FOREVER);
        rtnl_addr_set_preferred_lifetime(entry, 0);
    }
    result = rtnl_addr_add(links->socket, entry, NLM_F_CREATE | NLM_F_EXCL);
    rtnl_addr_put(entry);
    return nlerror_to_errno(result);
}

int link_address_remove(struct link_socket *links, int index, const struct addr *address, unsigned prefix_length)
{
    struct rtnl_addr *entry = to_libnl(index, address, prefix_length);
    int result;

    if (entry == NULL) {
        return -ENOMEM;
    }
    result = rtnl_addr_delete(links->socket, entry, 0);
    rtnl_addr_put(entry);
    return nlerror_to_errno(result);
}
