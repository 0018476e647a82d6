/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table_entry.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FOREVER UINT32_MAX
#define METRICS_LAST RTAX_MAX
#define ADDRESS_TEXT 64

/* A growing text in a buffer of fixed size. */
struct text {
    char *at;
    size_t left;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    int length = vsnprintf(text->at, text->left, format, values);
    va_end(values);
    if (length < 0 || (size_t)length >= text->left) {
        text->left = 0; /* too long: see is_whole() */
        return;
    }
    text->at += length;
    text->left -= (size_t)length;
}

static bool is_whole(const struct text *text)
{
    return text->left > 0;
}

static void add_address(struct text *text, const char *what, struct nl_addr *address)
{
    char buffer[ADDRESS_TEXT];
    if (address != NULL)
        add(text, " %s %s", what, nl_addr2str(address, buffer, sizeof buffer));
}

static bool is_link_local(const struct nl_addr *address)
{
    const struct in6_addr *bytes = nl_addr_get_binary_addr(address);
    return nl_addr_get_family(address) == AF_INET6 && nl_addr_get_len(address) == sizeof *bytes &&
           IN6_IS_ADDR_LINKLOCAL(bytes);
}

/* The kernel's own passing addresses (RFC 8981), and those that somebody else has. IPv4 uses the first flag for all
 * but the first address of a subnet. */
static bool is_passing(struct rtnl_addr *address)
{
    return rtnl_addr_get_family(address) == AF_INET6 &&
           (rtnl_addr_get_flags(address) & (IFA_F_TEMPORARY | IFA_F_DADFAILED)) != 0;
}

static void set_network(struct book_entry *entry, const struct nl_addr *address, unsigned length)
{
    entry->has_network = true;
    memcpy(entry->network, nl_addr_get_binary_addr(address), sizeof(struct in6_addr));
    for (unsigned bit = length; bit < 8 * sizeof(struct in6_addr); bit++)
        entry->network[bit / 8] &= (uint8_t) ~(0x80U >> bit % 8);
    entry->network[sizeof(struct in6_addr)] = (uint8_t)length;
}

bool table_entry_of_address(struct rtnl_addr *address, int interface, struct book_entry *entry)
{
    struct nl_addr *local = rtnl_addr_get_local(address);
    int family = rtnl_addr_get_family(address);
    uint32_t valid = rtnl_addr_get_valid_lifetime(address);
    if (rtnl_addr_get_ifindex(address) != interface || local == NULL || (family != AF_INET && family != AF_INET6) ||
        is_passing(address))
        return false;
    *entry = (struct book_entry){.kind = BOOK_ADDRESS,
                                 .family = (sa_family_t)family,
                                 .interface = interface,
                                 .link_local = is_link_local(local),
                                 .dynamic = valid != 0 && valid != FOREVER};
    if (family == AF_INET6 && !entry->link_local && nl_addr_get_len(local) == sizeof(struct in6_addr))
        set_network(entry, local, (unsigned)rtnl_addr_get_prefixlen(address));
    struct text text = {entry->key, sizeof entry->key};
    add_address(&text, "local", local);
    add(&text, " length %d", rtnl_addr_get_prefixlen(address));
    add_address(&text, "peer", rtnl_addr_get_peer(address));
    return is_whole(&text);
}

/* Whether the kernel, not somebody, has put it there for what every interface has. */
static bool is_kernels(struct rtnl_route *route)
{
    const struct nl_addr *destination = rtnl_route_get_dst(route);
    const struct in6_addr *bytes = destination == NULL ? NULL : nl_addr_get_binary_addr(destination);
    if (rtnl_route_get_table(route) == RT_TABLE_LOCAL || (rtnl_route_get_flags(route) & RTM_F_CLONED) != 0)
        return true;
    return rtnl_route_get_family(route) == AF_INET6 && destination != NULL &&
           nl_addr_get_len(destination) == sizeof *bytes &&
           (IN6_IS_ADDR_LINKLOCAL(bytes) || IN6_IS_ADDR_MULTICAST(bytes));
}

/* How many of its next hops are by the interface. */
static int hops_by(struct rtnl_route *route, int interface)
{
    int found = 0;
    for (int i = 0; i < rtnl_route_get_nnexthops(route); i++)
        found += rtnl_route_nh_get_ifindex(rtnl_route_nexthop_n(route, i)) == interface;
    return found;
}

/* A gateway must be reachable by a route that is there already: those without one come first, then gateways on the
 * link, then those of routes that others lead to. */
static unsigned rank_of(struct rtnl_route *route)
{
    for (int i = 0; i < rtnl_route_get_nnexthops(route); i++) {
        struct rtnl_nexthop *hop = rtnl_route_nexthop_n(route, i);
        if (rtnl_route_nh_get_gateway(hop) != NULL || rtnl_route_nh_get_via(hop) != NULL)
            return 1;
    }
    return 0;
}

static void add_hops(struct text *text, struct rtnl_route *route, int interface)
{
    for (int i = 0; i < rtnl_route_get_nnexthops(route); i++) {
        struct rtnl_nexthop *hop = rtnl_route_nexthop_n(route, i);
        int index = rtnl_route_nh_get_ifindex(hop);
        add_address(text, "gateway", rtnl_route_nh_get_gateway(hop));
        add_address(text, "via", rtnl_route_nh_get_via(hop));
        add(text, " dev %d weight %u flags %x", index == interface ? 0 : index, rtnl_route_nh_get_weight(hop),
            rtnl_route_nh_get_flags(hop) & RTNH_F_ONLINK);
    }
}

bool table_entry_of_route(struct rtnl_route *route, int interface, struct book_entry *entry, bool *copy)
{
    uint32_t metric = rtnl_route_get_priority(route), value;
    if (rtnl_route_get_type(route) != RTN_UNICAST || is_kernels(route) || hops_by(route, interface) == 0 ||
        metric >= 2 * BOOK_COPY_METRIC)
        return false;
    *copy = metric >= BOOK_COPY_METRIC;
    *entry = (struct book_entry){
        .kind = BOOK_ROUTE, .family = rtnl_route_get_family(route), .interface = interface, .rank = rank_of(route)};
    const struct nl_addr *to = rtnl_route_get_dst(route);
    if (entry->family == AF_INET6 && rtnl_route_get_protocol(route) == RTPROT_KERNEL && entry->rank == 0 &&
        to != NULL && nl_addr_get_len(to) == sizeof(struct in6_addr))
        set_network(entry, to, nl_addr_get_prefixlen(to));
    struct text text = {entry->key, sizeof entry->key};
    add_address(&text, "to", rtnl_route_get_dst(route));
    add_address(&text, "from", rtnl_route_get_src(route));
    add(&text, " family %u table %u metric %u tos %u scope %u protocol %u", entry->family, rtnl_route_get_table(route),
        *copy ? metric - BOOK_COPY_METRIC : metric, rtnl_route_get_tos(route), rtnl_route_get_scope(route),
        rtnl_route_get_protocol(route));
    add_address(&text, "source", rtnl_route_get_pref_src(route));
    for (int i = 1; i <= METRICS_LAST; i++)
        if (rtnl_route_get_metric(route, i, &value) == 0)
            add(&text, " %d=%u", i, value);
    add_hops(&text, route, interface);
    return is_whole(&text);
}

/* eth0:web of the one port is eth1:web of the other. */
static void set_label(struct rtnl_addr *address, const char *name)
{
    const char *before = rtnl_addr_get_label(address);
    const char *rest = before == NULL ? NULL : strchr(before, ':');
    char label[IFNAMSIZ];
    if (rtnl_addr_get_family(address) != AF_INET)
        return;
    int length = snprintf(label, sizeof label, "%s%s", name, rest == NULL ? "" : rest);
    if (length < 0 || (size_t)length >= sizeof label)
        snprintf(label, sizeof label, "%s", name);
    rtnl_addr_set_label(address, label);
}

struct rtnl_addr *table_entry_to_address(const struct book_entry *entry, int interface, const char *name)
{
    struct rtnl_addr *address = (struct rtnl_addr *)nl_object_clone(entry->object);
    if (address == NULL)
        return NULL;
    rtnl_addr_set_ifindex(address, interface);
    set_label(address, name);
    rtnl_addr_unset_flags(address, UINT32_MAX);
    rtnl_addr_set_flags(address, IFA_F_NOPREFIXROUTE | (entry->family == AF_INET6 ? (unsigned)IFA_F_NODAD : 0U));
    if (entry->dynamic) { /* who renews it renews it on the port where it came from */
        rtnl_addr_set_valid_lifetime(address, FOREVER);
        rtnl_addr_set_preferred_lifetime(address, FOREVER);
    }
    return address;
}

struct rtnl_route *table_entry_to_route(const struct book_entry *entry, int interface, bool copy)
{
    struct rtnl_route *route = (struct rtnl_route *)nl_object_clone(entry->object);
    if (route == NULL)
        return NULL;
    uint32_t metric = rtnl_route_get_priority(route) % BOOK_COPY_METRIC;
    uint32_t flags = rtnl_route_get_flags(route) & RTNH_F_ONLINK;
    rtnl_route_set_priority(route, copy ? metric + BOOK_COPY_METRIC : metric);
    for (int i = 0; i < rtnl_route_get_nnexthops(route); i++) {
        struct rtnl_nexthop *hop = rtnl_route_nexthop_n(route, i);
        flags |= rtnl_route_nh_get_flags(hop) & RTNH_F_ONLINK;
        rtnl_route_nh_unset_flags(hop, ~(unsigned)RTNH_F_ONLINK);
        if (rtnl_route_nh_get_ifindex(hop) == entry->interface)
            rtnl_route_nh_set_ifindex(hop, interface);
    }
    rtnl_route_unset_flags(route, UINT32_MAX);
    rtnl_route_set_flags(route, flags);
    return route;
}
