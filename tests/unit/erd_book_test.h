/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel that is played, for the tests of the book of a pair. */
#ifndef ERD_BOOK_TEST_H
#define ERD_BOOK_TEST_H

#include "unit.h"

#include "book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THINGS_MAX 16

/* One address or route in the kernel that is played. */
struct thing {
    char key[BOOK_KEY_MAX];
    enum book_kind kind;
    sa_family_t family;
    bool link_local, dynamic;
    unsigned rank;
    bool own[PAIR_PORTS], copy[PAIR_PORTS];
};

struct kernel {
    struct thing things[THINGS_MAX];
    size_t count;
    struct book book;
    struct book_look look;
    unsigned steps;   /* done */
    int refuses;      /* errno of what is refused, 0: nothing is */
    char order[1024]; /* the keys of what was added, in that order */
};

static int setup(void **state)
{
    struct kernel *kernel = calloc(1, sizeof *kernel);
    assert_non_null(kernel);
    book_init(&kernel->book, free);
    kernel->look = (struct book_look){.there = {true, true}, .carrier = {true, true}};
    *state = kernel;
    return 0;
}

static int teardown(void **state)
{
    struct kernel *kernel = *state;
    book_clear(&kernel->book);
    free(kernel);
    return 0;
}

static struct thing *find(struct kernel *kernel, const char *key)
{
    for (size_t i = 0; i < kernel->count; i++)
        if (strcmp(kernel->things[i].key, key) == 0)
            return &kernel->things[i];
    fail_msg("no %s", key);
    return NULL;
}

/* Somebody adds it to the port. */
static struct thing *add(struct kernel *kernel, enum book_kind kind, const char *key, unsigned port)
{
    struct thing *thing = &kernel->things[kernel->count++];
    assert_true(kernel->count <= THINGS_MAX);
    *thing = (struct thing){.kind = kind, .family = AF_INET};
    snprintf(thing->key, sizeof thing->key, "%s", key);
    thing->own[port] = true;
    return thing;
}

static void read_kernel(struct kernel *kernel)
{
    book_begin(&kernel->book);
    for (size_t i = 0; i < kernel->count; i++) {
        const struct thing *thing = &kernel->things[i];
        struct book_entry seen = {.kind = thing->kind,
                                  .family = thing->family,
                                  .link_local = thing->link_local,
                                  .dynamic = thing->dynamic,
                                  .rank = thing->rank};
        snprintf(seen.key, sizeof seen.key, "%s", thing->key);
        for (unsigned port = 0; port < PAIR_PORTS; port++) {
            for (int copy = 0; copy < 2; copy++) {
                if (!(copy ? thing->copy : thing->own)[port])
                    continue;
                seen.object = malloc(1);
                assert_int_equal(book_see(&kernel->book, &seen, port, copy), 0);
            }
        }
    }
    book_end(&kernel->book, &kernel->look);
    kernel->look.first = false;
    kernel->look.fresh[0] = kernel->look.fresh[1] = kernel->look.disturbed[0] = kernel->look.disturbed[1] = false;
}

static int act(void *context, enum book_step step, unsigned port, const struct book_entry *entry)
{
    struct kernel *kernel = context;
    struct thing *thing = find(kernel, entry->key);
    kernel->steps++;
    if (kernel->refuses != 0)
        return -kernel->refuses;
    bool adds = step == BOOK_ADD_ADDRESS || step == BOOK_PUT_ROUTE || step == BOOK_ADD_COPY;
    bool copies = step == BOOK_ADD_COPY || step == BOOK_REMOVE_COPY;
    (copies ? thing->copy : thing->own)[port] = adds;
    if (step == BOOK_PUT_ROUTE)
        thing->own[1 - port] = false; /* replaced */
    if (adds)
        strncat(kernel->order, entry->key, sizeof kernel->order - strlen(kernel->order) - 1);
    return 0;
}

static unsigned settle(struct kernel *kernel)
{
    kernel->steps = 0;
    (void)book_settle(&kernel->book, kernel->look.active, kernel->look.there, act, kernel);
    return kernel->steps;
}

/* Until nothing is left to do, as the daemon does. */
static void look(struct kernel *kernel)
{
    for (int i = 0; i < 5; i++) {
        read_kernel(kernel);
        if (settle(kernel) == 0)
            return;
    }
    fail_msg("does not come to an end");
}

static void fail_over(struct kernel *kernel)
{
    kernel->look.active = 1 - kernel->look.active;
    assert_int_equal(book_activate(&kernel->book, kernel->look.active, act, kernel), 0);
    (void)settle(kernel);
}

static void begin(struct kernel *kernel)
{
    add(kernel, BOOK_ADDRESS, "A", 0);
    add(kernel, BOOK_ROUTE, "R", 0);
    kernel->look.first = true;
    look(kernel);
}

/* The entry is on both ports, or on none. */
static void assert_address(struct kernel *kernel, const char *key, bool there)
{
    const struct thing *thing = find(kernel, key);
    assert_int_equal(thing->own[0], there);
    assert_int_equal(thing->own[1], there);
}

static void assert_route(struct kernel *kernel, const char *key, bool there)
{
    const struct thing *thing = find(kernel, key);
    unsigned active = kernel->look.active;
    assert_int_equal(thing->own[active], there);
    assert_int_equal(thing->copy[1 - active], there);
    assert_false(thing->own[1 - active]);
    assert_false(thing->copy[active]);
}

#endif
