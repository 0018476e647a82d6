/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include "nlerror.h"
#include "table_entry.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_BYTES 65536

#define FOREIGN_BITS (1U << 20)

struct table {
    struct nl_sock *socket;
    struct table_port ports[PAIR_PORTS]; /* when it was read */
    struct nl_cache *addresses;
    struct rtnl_route **routes; /* by these ports */
    size_t count, room;
    uint8_t foreign[FOREIGN_BITS / 8]; /* prefixes and metrics of all other routes */
};

int table_open(struct table **out)
{
    struct table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return -ENOMEM;
    table->socket = nl_socket_alloc();
    int rc = table->socket == NULL ? -NLE_NOMEM : nl_connect(table->socket, NETLINK_ROUTE);
    if (rc < 0) {
        table_close(table);
        return nlerror_to_errno(rc);
    }
    /* One call for an answer instead of two, as traffic may wait for it: no dump's part is larger (kernel, 6.12). */
    nl_socket_disable_msg_peek(table->socket);
    rc = nl_socket_set_msg_buf_size(table->socket, ANSWER_BYTES);
    if (rc < 0) {
        table_close(table);
        return nlerror_to_errno(rc);
    }
    *out = table;
    return 0;
}

void table_close(struct table *table)
{
    if (table == NULL)
        return;
    table_forget(table);
    free(table->routes);
    nl_socket_free(table->socket);
    free(table);
}

void table_release(void *object)
{
    nl_object_put(object);
}

static int see_address(struct rtnl_addr *address, const struct table_port ports[PAIR_PORTS], struct book *book)
{
    struct book_entry entry;
    for (unsigned port = 0; port < PAIR_PORTS; port++) {
        if (ports[port].index == 0 || !table_entry_of_address(address, ports[port].index, &entry))
            continue;
        nl_object_get((struct nl_object *)address);
        entry.object = address;
        return book_see(book, &entry, port, false);
    }
    return 0;
}

/* One that leads over both ports of the pair is somebody's own idea of redundancy: it is left alone. */
static bool leads_over_both(struct rtnl_route *route, const struct table_port ports[PAIR_PORTS])
{
    bool by[PAIR_PORTS] = {false, false};
    for (int i = 0; i < rtnl_route_get_nnexthops(route); i++)
        for (unsigned port = 0; port < PAIR_PORTS; port++)
            by[port] |= rtnl_route_nh_get_ifindex(rtnl_route_nexthop_n(route, i)) == ports[port].index;
    return by[0] && by[1];
}

/* One that another interface has too, with the same metric (two ports on one LAN, two routers): a replacement could hit
 * the wrong one. Their keys are kept as bits, so that a large table costs no memory; two with the same bit cost a step.
 */
static uint32_t bit_of(unsigned family, unsigned table, uint32_t metric, unsigned tos, const void *prefix,
                       unsigned length)
{
    const uint8_t *bytes = prefix;
    const uint32_t numbers[] = {family, table, metric, tos, length};
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        hash = (hash ^ numbers[i]) * 16777619U;
    for (unsigned i = 0; i < (length + 7) / 8; i++)
        hash = (hash ^ bytes[i]) * 16777619U;
    return (hash ^ hash >> 15) % FOREIGN_BITS;
}

static uint32_t bit_of_message(struct nlmsghdr *message)
{
    const struct rtmsg *about = nlmsg_data(message);
    const struct nlattr *to = nlmsg_find_attr(message, sizeof *about, RTA_DST);
    const struct nlattr *table = nlmsg_find_attr(message, sizeof *about, RTA_TABLE);
    const struct nlattr *metric = nlmsg_find_attr(message, sizeof *about, RTA_PRIORITY);
    unsigned length = to == NULL || nla_len(to) < (about->rtm_dst_len + 7) / 8 ? 0 : about->rtm_dst_len;
    return bit_of(about->rtm_family, table == NULL ? about->rtm_table : nla_get_u32(table),
                  metric == NULL ? 0 : nla_get_u32(metric), about->rtm_tos, to == NULL ? NULL : nla_data(to), length);
}

static uint32_t bit_of_route(struct rtnl_route *route)
{
    const struct nl_addr *to = rtnl_route_get_dst(route);
    return bit_of(rtnl_route_get_family(route), rtnl_route_get_table(route),
                  rtnl_route_get_priority(route) % BOOK_COPY_METRIC, rtnl_route_get_tos(route),
                  to == NULL ? NULL : nl_addr_get_binary_addr(to), to == NULL ? 0 : nl_addr_get_prefixlen(to));
}

static void note_foreign(struct table *table, uint32_t bit)
{
    table->foreign[bit / 8] |= (uint8_t)(1U << bit % 8);
}

static bool is_of_ports(struct rtnl_route *route, const struct table_port ports[PAIR_PORTS])
{
    for (int i = 0; i < rtnl_route_get_nnexthops(route); i++)
        for (unsigned port = 0; port < PAIR_PORTS; port++)
            if (ports[port].index != 0 &&
                rtnl_route_nh_get_ifindex(rtnl_route_nexthop_n(route, i)) == ports[port].index)
                return true;
    return false;
}

static int keep(struct table *table, struct rtnl_route *route)
{
    if (table->count == table->room) {
        size_t room = table->room == 0 ? 64 : 2 * table->room;
        struct rtnl_route **more = reallocarray(table->routes, room, sizeof(void *));
        if (more == NULL)
            return -ENOMEM;
        table->routes = more;
        table->room = room;
    }
    table->routes[table->count++] = route;
    return 0;
}

/* Not by a cache of libnl: that takes two routes by different interfaces for one, and drops the second. */
static int on_route(struct nl_msg *object, void *context)
{
    struct table *table = context;
    struct nlmsghdr *message = nlmsg_hdr(object);
    const struct rtmsg *about = nlmsg_data(message);
    struct rtnl_route *route;
    if (message->nlmsg_type != RTM_NEWROUTE || !nlmsg_valid_hdr(message, sizeof *about) ||
        (about->rtm_family != AF_INET && about->rtm_family != AF_INET6) || about->rtm_type != RTN_UNICAST ||
        about->rtm_table == RT_TABLE_LOCAL || (about->rtm_flags & RTM_F_CLONED) != 0)
        return NL_OK;
    const struct nlattr *out = nlmsg_find_attr(message, sizeof *about, RTA_OIF);
    int index = out == NULL ? 0 : (int)nla_get_u32(out);
    if (index != 0 && index != table->ports[0].index && index != table->ports[1].index) {
        note_foreign(table, bit_of_message(message));
        return NL_OK;
    }
    if (rtnl_route_parse(message, &route) < 0)
        return NL_OK; /* of a kind that libnl does not know: not ours to copy */
    if (is_of_ports(route, table->ports) && keep(table, route) == 0)
        return NL_OK;
    note_foreign(table, bit_of_message(message));
    rtnl_route_put(route);
    return NL_OK;
}

static int dump_routes(struct table *table)
{
    struct rtmsg about = {.rtm_family = AF_UNSPEC};
    int rc = nl_socket_modify_cb(table->socket, NL_CB_VALID, NL_CB_CUSTOM, on_route, table);
    if (rc >= 0)
        rc = nl_send_simple(table->socket, RTM_GETROUTE, NLM_F_DUMP, &about, sizeof about);
    if (rc >= 0)
        rc = nl_recvmsgs_default(table->socket);
    (void)nl_socket_modify_cb(table->socket, NL_CB_VALID, NL_CB_DEFAULT, NULL, NULL);
    return rc;
}

void table_forget(struct table *table)
{
    if (table->addresses != NULL)
        nl_cache_free(table->addresses);
    table->addresses = NULL;
    for (size_t i = 0; i < table->count; i++)
        rtnl_route_put(table->routes[i]);
    table->count = 0;
    memset(table->foreign, 0, sizeof table->foreign);
}

int table_read(struct table *table, const struct table_port ports[PAIR_PORTS])
{
    table_forget(table);
    memcpy(table->ports, ports, sizeof table->ports);
    int rc = rtnl_addr_alloc_cache(table->socket, &table->addresses);
    if (rc >= 0)
        rc = dump_routes(table);
    if (rc < 0)
        table_forget(table);
    return nlerror_to_errno(rc < 0 ? rc : 0);
}

static int see_route(const struct table *table, struct rtnl_route *route, struct book *book)
{
    struct book_entry entry;
    bool copy;
    uint32_t bit = bit_of_route(route);
    for (unsigned port = 0; port < PAIR_PORTS; port++) {
        int index = table->ports[port].index;
        if (index == 0 || !table_entry_of_route(route, index, &entry, &copy) || leads_over_both(route, table->ports))
            continue;
        nl_object_get((struct nl_object *)route);
        entry.object = route;
        entry.shared = ((unsigned)table->foreign[bit / 8] >> bit % 8 & 1U) != 0;
        return book_see(book, &entry, port, copy);
    }
    return 0;
}

int table_enter(struct table *table, struct book *book, const struct book_look *look)
{
    int rc = 0;
    book_begin(book);
    for (struct nl_object *o = nl_cache_get_first(table->addresses); rc == 0 && o != NULL; o = nl_cache_get_next(o))
        rc = see_address((struct rtnl_addr *)o, table->ports, book);
    for (size_t i = 0; rc == 0 && i < table->count; i++)
        rc = see_route(table, table->routes[i], book);
    if (rc == 0)
        book_end(book, look);
    table_forget(table);
    return rc;
}

static int act_on_address(struct table *table, const struct table_port *port, const struct book_entry *entry,
                          bool remove)
{
    struct rtnl_addr *address = table_entry_to_address(entry, port->index, port->name);
    if (address == NULL)
        return -ENOMEM;
    int rc = remove ? rtnl_addr_delete(table->socket, address, 0)
                    : rtnl_addr_add(table->socket, address, NLM_F_CREATE | NLM_F_EXCL);
    rtnl_addr_put(address);
    rc = nlerror_to_errno(rc);
    return rc == (remove ? -EADDRNOTAVAIL : -EEXIST) ? 0 : rc;
}

static int change_route(struct table *table, const struct book_entry *entry, int index, bool copy, int flags)
{
    struct rtnl_route *route = table_entry_to_route(entry, index, copy);
    if (route == NULL)
        return -ENOMEM;
    int rc = flags == 0 ? rtnl_route_delete(table->socket, route, 0) : rtnl_route_add(table->socket, route, flags);
    rtnl_route_put(route);
    rc = nlerror_to_errno(rc);
    if (flags == 0)
        return rc == -ENOENT || rc == -ESRCH ? 0 : rc;
    return rc == -EEXIST ? 0 : rc;
}

/* Beside another interface's with the same metric: IPv4 takes the one that was put in front; IPv6 would use both. */
static int put_beside(struct table *table, const struct table_port ports[PAIR_PORTS], unsigned port,
                      const struct book_entry *entry)
{
    int other = ports[1 - port].index, before = 0, after = 0;
    if (other != 0 && entry->family == AF_INET6)
        before = change_route(table, entry, other, false, 0);
    int rc = change_route(table, entry, ports[port].index, false, NLM_F_CREATE);
    if (other != 0 && entry->family == AF_INET)
        after = change_route(table, entry, other, false, 0);
    return rc != 0 ? rc : before != 0 ? before : after;
}

static int act_on_route(struct table *table, const struct table_port ports[PAIR_PORTS], unsigned port,
                        const struct book_entry *entry, enum book_step step)
{
    int index = ports[port].index;
    switch (step) {
    case BOOK_REMOVE_ROUTE:
    case BOOK_REMOVE_COPY:
        return change_route(table, entry, index, step == BOOK_REMOVE_COPY, 0);
    case BOOK_ADD_COPY:
        return change_route(table, entry, index, true, NLM_F_CREATE | (entry->shared ? NLM_F_APPEND : NLM_F_REPLACE));
    default:
        return entry->shared ? put_beside(table, ports, port, entry)
                             : change_route(table, entry, index, false, NLM_F_CREATE | NLM_F_REPLACE);
    }
}

int table_act(struct table *table, const struct table_port ports[PAIR_PORTS], enum book_step step, unsigned port,
              const struct book_entry *entry)
{
    bool removes = step == BOOK_REMOVE_ADDRESS || step == BOOK_REMOVE_ROUTE || step == BOOK_REMOVE_COPY;
    if (ports[port].index == 0)
        return removes ? 0 : -ENODEV;
    if (entry->kind == BOOK_ADDRESS)
        return act_on_address(table, &ports[port], entry, removes);
    return act_on_route(table, ports, port, entry, step);
}

static bool to_addr(const struct nl_addr *from, struct addr *out)
{
    size_t length = from == NULL ? 0 : nl_addr_get_len(from);
    if (length != sizeof out->v4 && length != sizeof out->v6)
        return false;
    *out = (struct addr){.family = length == sizeof out->v4 ? AF_INET : AF_INET6};
    memcpy(out->bytes, nl_addr_get_binary_addr(from), length);
    return true;
}

bool table_address(const struct book_entry *entry, struct addr *out, unsigned *prefix_length)
{
    if (entry->kind != BOOK_ADDRESS || !to_addr(rtnl_addr_get_local(entry->object), out))
        return false;
    *prefix_length = (unsigned)rtnl_addr_get_prefixlen(entry->object);
    return true;
}

bool table_default_gateway(const struct book_entry *entry, struct addr *out)
{
    if (entry->kind != BOOK_ROUTE || entry->gone)
        return false;
    struct nl_addr *destination = rtnl_route_get_dst(entry->object);
    if (destination != NULL && nl_addr_get_prefixlen(destination) != 0)
        return false;
    return to_addr(rtnl_route_nh_get_gateway(rtnl_route_nexthop_n(entry->object, 0)), out);
}

const char *table_text(const struct book_entry *entry, char text[TABLE_TEXT_MAX])
{
    char buffer[ADDR_TEXT_MAX];
    struct addr address;
    unsigned length;
    if (table_address(entry, &address, &length))
        snprintf(text, TABLE_TEXT_MAX, "address %s/%u", addr_format(&address, buffer), length);
    else
        snprintf(text, TABLE_TEXT_MAX, "route%.150s", entry->key);
    return text;
}
