/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include "nlerror.h"
#include "table_entry.h"

#include <errno.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_BYTES 65536

struct table {
    struct nl_sock *socket;
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

static int see_route(struct rtnl_route *route, const struct table_port ports[PAIR_PORTS], struct book *book)
{
    struct book_entry entry;
    bool copy;
    for (unsigned port = 0; port < PAIR_PORTS; port++) {
        if (ports[port].index == 0 || !table_entry_of_route(route, ports[port].index, &entry, &copy) ||
            leads_over_both(route, ports))
            continue;
        nl_object_get((struct nl_object *)route);
        entry.object = route;
        return book_see(book, &entry, port, copy);
    }
    return 0;
}

int table_read(struct table *table, const struct table_port ports[PAIR_PORTS], struct book *book,
               const struct book_look *look)
{
    struct nl_cache *addresses = NULL, *routes = NULL;
    int rc = rtnl_addr_alloc_cache(table->socket, &addresses);
    if (rc >= 0)
        rc = rtnl_route_alloc_cache(table->socket, AF_UNSPEC, 0, &routes);
    rc = nlerror_to_errno(rc < 0 ? rc : 0);
    if (rc == 0) {
        book_begin(book);
        for (struct nl_object *o = nl_cache_get_first(addresses); rc == 0 && o != NULL; o = nl_cache_get_next(o))
            rc = see_address((struct rtnl_addr *)o, ports, book);
        for (struct nl_object *o = nl_cache_get_first(routes); rc == 0 && o != NULL; o = nl_cache_get_next(o))
            rc = see_route((struct rtnl_route *)o, ports, book);
        if (rc == 0)
            book_end(book, look);
    }
    if (addresses != NULL)
        nl_cache_free(addresses);
    if (routes != NULL)
        nl_cache_free(routes);
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

/* The port that the object of a route names: it may have been another one by then. */
static int index_of_object(const struct table_port ports[PAIR_PORTS], const struct book_entry *entry)
{
    struct rtnl_route *route = entry->object;
    for (int i = 0; i < rtnl_route_get_nnexthops(route); i++)
        for (unsigned port = 0; port < PAIR_PORTS; port++)
            if (rtnl_route_nh_get_ifindex(rtnl_route_nexthop_n(route, i)) == ports[port].index)
                return ports[port].index;
    return rtnl_route_nh_get_ifindex(rtnl_route_nexthop_n(route, 0));
}

static int act_on_route(struct table *table, const struct table_port ports[PAIR_PORTS], unsigned port,
                        const struct book_entry *entry, enum book_step step)
{
    bool copy = step == BOOK_ADD_COPY || step == BOOK_REMOVE_COPY;
    bool remove = step == BOOK_REMOVE_ROUTE || step == BOOK_REMOVE_COPY;
    struct rtnl_route *route = table_entry_to_route(entry, index_of_object(ports, entry), ports[port].index, copy);
    if (route == NULL)
        return -ENOMEM;
    int rc = remove ? rtnl_route_delete(table->socket, route, 0)
                    : rtnl_route_add(table->socket, route, NLM_F_CREATE | NLM_F_REPLACE);
    rtnl_route_put(route);
    rc = nlerror_to_errno(rc);
    return remove && (rc == -ENOENT || rc == -ESRCH) ? 0 : rc;
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
    snprintf(text, TABLE_TEXT_MAX, "%s%.150s", entry->kind == BOOK_ADDRESS ? "address" : "route", entry->key);
    return text;
}
