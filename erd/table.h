/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's addresses and routes of a pair of ports, by libnl-route: read into a book, and changed. All routing
 * tables count but the kernel's own table "local". */
#ifndef ERD_TABLE_H
#define ERD_TABLE_H

#include "addr.h"
#include "book.h"

#include <net/if.h>

struct table;

/* The ports as the kernel numbers them now; index 0: not there. */
struct table_port {
    int index;
    char name[IF_NAMESIZE];
};

/* A connection to rtnetlink. Returns 0 or a negative errno. */
int table_open(struct table **out);
void table_close(struct table *table);

/* Releases an object of a book's entry: for book_init. */
void table_release(void *object);

/* Reads what is on both ports; table_enter writes what was read into the book, from book_begin to book_end. Between
 * them is the moment to see whether the ports have changed meanwhile. Each returns 0 or a negative errno; the book is
 * then as it was, and knows less of what is where. */
int table_read(struct table *table, const struct table_port ports[PAIR_PORTS]);
int table_enter(struct table *table, struct book *book, const struct book_look *look);

/* Forgets what was read and not entered. */
void table_forget(struct table *table);

/* Does one step (see book_act). What is there already, or gone already, is right. Returns 0 or a negative errno. */
int table_act(struct table *table, const struct table_port ports[PAIR_PORTS], enum book_step step, unsigned port,
              const struct book_entry *entry);

/* The address of an entry, and the length of its prefix. */
bool table_address(const struct book_entry *entry, struct addr *out, unsigned *prefix_length);

/* The gateway of a default route; false: the entry is none, or has none. */
bool table_default_gateway(const struct book_entry *entry, struct addr *out);

/* "address 10.1.0.1/24", "route to 10.1.0.0/24 family 2 table 254 ...": for logs. Returns text. */
#define TABLE_TEXT_MAX 160
const char *table_text(const struct book_entry *entry, char text[TABLE_TEXT_MAX]);

#endif
