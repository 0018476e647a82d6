/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libnl's addresses and routes as entries of a book, and back. Pure: nothing is asked or changed. */
#ifndef ERD_TABLE_ENTRY_H
#define ERD_TABLE_ENTRY_H

#include "book.h"

#include <netlink/route/addr.h>
#include <netlink/route/route.h>

/* Whether the address is of that interface and our business. Fills *entry but for its object. */
bool table_entry_of_address(struct rtnl_addr *address, int interface, struct book_entry *entry);

/* The same for a route; *copy: it has the higher metric. */
bool table_entry_of_route(struct rtnl_route *route, int interface, struct book_entry *entry, bool *copy);

/* A new object for the port with that index and name: the address such that the kernel makes no route of it and does
 * not ask whether somebody has it; NULL: out of memory. */
struct rtnl_addr *table_entry_to_address(const struct book_entry *entry, int interface, const char *name);

/* A new object for the port with that index. copy: with the higher metric. */
struct rtnl_route *table_entry_to_route(const struct book_entry *entry, int interface, bool copy);

#endif
