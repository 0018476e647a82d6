/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a pair of ports is to have: its addresses and routes, learned from the kernel. Pure: table.c reads and writes
 * the kernel, this decides.
 *
 * An address is on both ports. A route is on the active port as it is, and on the other one as a copy with a metric
 * that is 2^30 higher (the thesis' "higher metric", 3.23), where it does nothing but wait, also for an erd that is
 * started again. What others change is followed:
 *
 *   new on either port                       the pair has it from now on
 *   an address is removed from the active    from both, if that has a carrier
 *   port
 *   an address is removed from a port that   from both, if the port kept other addresses of the family until the next
 *   is not active, or has no carrier         look: who clears such a port (a program that heard of the loss of its
 *                                            carrier, disable_ipv6) does not mean the other one
 *   an address with a lifetime is removed    from both, if that was the active port: the other one hears no router
 *   a route is removed from the active port  from both, if the port has a carrier
 *   anything is removed from a port that     put back: that was the kernel
 *   was set down or made anew, or an address
 *   together with one that we removed
 *   a link-local address is new on the       nobody's business: the kernel makes it by itself
 *   port that is not active */
#ifndef ERD_BOOK_H
#define ERD_BOOK_H

#include "pair.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define BOOK_KEY_MAX 320
#define BOOK_COPY_METRIC (1U << 30)

enum book_kind { BOOK_ADDRESS, BOOK_ROUTE };

struct book_entry {
    enum book_kind kind;
    sa_family_t family;
    bool link_local;        /* an address that is no sign of configuration */
    bool dynamic;           /* an address with a lifetime */
    unsigned rank;          /* of routes: a lower one is added first (a gateway must be reachable) */
    char key[BOOK_KEY_MAX]; /* all that it is, apart from the port */
    void *object;           /* as it is on a port: libnl's */
    int interface;          /* the index of that port, which the object names */
    bool has_network;       /* IPv6: an address, or the route that the kernel makes of one */
    uint8_t network[17];    /* the prefix of either, and its length */
    bool shared;            /* a route: another interface has one to the same place with the same metric */

    bool own[PAIR_PORTS];  /* it is there: the address, or the route with its own metric */
    bool copy[PAIR_PORTS]; /* the route with the higher metric is there */
    bool had[PAIR_PORTS];  /* own, when we last looked or wrote */
    bool known;            /* since an earlier look */
    bool gone;             /* somebody removed it */
    bool failed;           /* the last step with it */
    bool doubt;            /* an address that is missing on a port that may be being cleared */
};

struct book {
    struct book_entry **entries; /* in the order in which the kernel has them: the first address is the source */
    size_t count, room;
    void (*release)(void *object);
};

/* What is known of the ports when the kernel was read. */
struct book_look {
    unsigned active;
    bool first;                 /* of this process: what is on the inactive port alone may be left over */
    bool there[PAIR_PORTS];     /* present and up: it can have addresses and routes */
    bool fresh[PAIR_PORTS];     /* made anew, or set up, since the last look */
    bool disturbed[PAIR_PORTS]; /* an address was removed from it by us: the kernel may have removed others with it */
    bool carrier[PAIR_PORTS];   /* it has one, and has had it for a while */
};

void book_init(struct book *book, void (*release)(void *object));
void book_clear(struct book *book);

/* A reading of the kernel: book_begin, book_see for everything that is on the ports, book_end. book_see takes the
 * object of `seen` (which is released when it is not needed), copies the rest; copy: with the higher metric. Returns 0
 * or -ENOMEM. */
void book_begin(struct book *book);
int book_see(struct book *book, const struct book_entry *seen, unsigned port, bool copy);
void book_end(struct book *book, const struct book_look *look);

/* What is to be done to an entry on a port. */
enum book_step {
    BOOK_ADD_ADDRESS,
    BOOK_REMOVE_ADDRESS,
    BOOK_PUT_ROUTE, /* with its own metric, instead of one elsewhere with the same metric */
    BOOK_REMOVE_ROUTE,
    BOOK_ADD_COPY,
    BOOK_REMOVE_COPY,
};
typedef int (*book_act)(void *context, enum book_step step, unsigned port, const struct book_entry *entry);

/* Does what makes the active port carry everything, and nothing else: what a failover waits for. act returns 0 or a
 * negative errno; what failed is tried again by the next call. Returns how many steps failed. */
unsigned book_activate(struct book *book, unsigned active, book_act act, void *context);

/* Does all the rest: the other port's copies, and removals. there: as in book_look. Entries that are gone and removed
 * everywhere are forgotten. Returns how many steps failed. */
unsigned book_settle(struct book *book, unsigned active, const bool there[PAIR_PORTS], book_act act, void *context);

/* Whether the next look is to decide about an address: it should come when a program that clears a port is through. */
bool book_in_doubt(const struct book *book);

/* How many addresses (without link-local ones) or routes the pair has. */
size_t book_count(const struct book *book, enum book_kind kind);

#endif
