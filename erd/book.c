/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "book.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void book_init(struct book *book, void (*release)(void *object))
{
    *book = (struct book){.release = release};
}

static void forget(struct book *book, size_t place)
{
    struct book_entry *entry = book->entries[place];
    book->release(entry->object);
    free(entry);
    book->count--;
    memmove(&book->entries[place], &book->entries[place + 1], (book->count - place) * sizeof(void *));
}

void book_clear(struct book *book)
{
    while (book->count > 0)
        forget(book, book->count - 1);
    free(book->entries);
    book->entries = NULL;
    book->room = 0;
}

void book_begin(struct book *book)
{
    for (size_t i = 0; i < book->count; i++) {
        struct book_entry *entry = book->entries[i];
        for (unsigned port = 0; port < PAIR_PORTS; port++)
            entry->own[port] = entry->copy[port] = false;
    }
}

static struct book_entry *find(const struct book *book, const struct book_entry *like)
{
    for (size_t i = 0; i < book->count; i++)
        if (book->entries[i]->kind == like->kind && strcmp(book->entries[i]->key, like->key) == 0)
            return book->entries[i];
    return NULL;
}

static int make_room(struct book *book)
{
    if (book->count < book->room)
        return 0;
    size_t room = book->room == 0 ? 32 : 2 * book->room;
    struct book_entry **more = reallocarray(book->entries, room, sizeof(void *));
    if (more == NULL)
        return -ENOMEM;
    book->entries = more;
    book->room = room;
    return 0;
}

static struct book_entry *append(struct book *book, const struct book_entry *seen)
{
    struct book_entry *entry = make_room(book) == 0 ? malloc(sizeof *entry) : NULL;
    if (entry == NULL)
        return NULL;
    *entry = *seen;
    for (unsigned port = 0; port < PAIR_PORTS; port++)
        entry->own[port] = entry->copy[port] = entry->had[port] = false;
    entry->known = entry->gone = entry->failed = entry->doubt = false;
    book->entries[book->count++] = entry;
    return entry;
}

int book_see(struct book *book, const struct book_entry *seen, unsigned port, bool copy)
{
    struct book_entry *entry = find(book, seen);
    if (entry != NULL) {
        entry->shared = seen->shared;
        book->release(seen->object);
    } else {
        entry = append(book, seen);
        if (entry == NULL) {
            book->release(seen->object);
            return -ENOMEM;
        }
    }
    (copy ? entry->copy : entry->own)[port] = true;
    return 0;
}

/* Whether the port has addresses of the family that somebody configured. */
static bool has_addresses(const struct book *book, sa_family_t family, unsigned port)
{
    for (size_t i = 0; i < book->count; i++) {
        const struct book_entry *entry = book->entries[i];
        if (entry->kind == BOOK_ADDRESS && entry->family == family && !entry->link_local && entry->own[port])
            return true;
    }
    return false;
}

/* Whether the port has any address of the family: with IPv6 every port that works has a link-local one. */
static bool has_any(const struct book *book, sa_family_t family, unsigned port)
{
    for (size_t i = 0; i < book->count; i++) {
        const struct book_entry *entry = book->entries[i];
        if (entry->kind == BOOK_ADDRESS && entry->family == family && entry->own[port])
            return true;
    }
    return false;
}

/* Whether what is missing on the port was removed by somebody who meant it. */
static bool is_meant(const struct book *book, const struct book_entry *entry, unsigned port,
                     const struct book_look *look)
{
    if (!look->there[port] || look->fresh[port])
        return false;
    if (entry->kind == BOOK_ROUTE)
        return port == look->active && look->carrier[port];
    if (look->disturbed[port] || (entry->dynamic && port != look->active))
        return false;
    if (port == look->active && look->carrier[port])
        return true;
    return look->carrier[port] ? has_any(book, entry->family, port) : has_addresses(book, entry->family, port);
}

/* Where all may be about to go it is believed at the second look. */
static bool is_removed(const struct book *book, struct book_entry *entry, const struct book_look *look)
{
    bool doubted = entry->doubt;
    entry->doubt = false;
    for (unsigned port = 0; port < PAIR_PORTS; port++) {
        if (!entry->had[port] || entry->own[port] || !is_meant(book, entry, port, look))
            continue;
        if ((port == look->active && look->carrier[port]) || doubted)
            return true;
        entry->doubt = true;
    }
    return false;
}

/* What an earlier erd left on the inactive port, and the active one does not have: removed while no erd ran, unless the
 * active port looks as if it had been cleared. Own routes on the inactive port somebody else has put there. */
static bool is_left_over(const struct book *book, const struct book_entry *entry, const struct book_look *look)
{
    unsigned active = look->active;
    bool cleared = !look->there[active] || !look->carrier[active];
    if (entry->own[active] || (entry->kind == BOOK_ROUTE && entry->own[1 - active]))
        return false;
    if (entry->kind == BOOK_ROUTE)
        return !cleared;
    return !cleared || has_addresses(book, entry->family, active);
}

static bool is_anywhere(const struct book_entry *entry)
{
    return entry->own[0] || entry->own[1];
}

/* Somebody has put there again what was to be removed. */
static bool is_back(const struct book_entry *entry)
{
    return (entry->own[0] && !entry->had[0]) || (entry->own[1] && !entry->had[1]);
}

static void judge(const struct book *book, struct book_entry *entry, const struct book_look *look)
{
    if (look->first)
        entry->gone = is_left_over(book, entry, look);
    else if (is_removed(book, entry, look) ||
             (!entry->known && !is_anywhere(entry))) /* a copy of what we do not know */
        entry->gone = true;
    else if (is_back(entry))
        entry->gone = false;
    entry->known = true;
}

/* The kernel takes the route of a prefix away with its last address, but not on a port where the route is ours. */
static bool is_left_by_its_address(const struct book *book, const struct book_entry *route)
{
    bool left = false;
    for (size_t i = 0; i < book->count; i++) {
        const struct book_entry *entry = book->entries[i];
        if (entry->kind != BOOK_ADDRESS || !entry->has_network ||
            memcmp(entry->network, route->network, sizeof route->network) != 0)
            continue;
        if (!entry->gone)
            return false;
        left = true;
    }
    return left;
}

void book_end(struct book *book, const struct book_look *look)
{
    for (size_t i = book->count; i-- > 0;) {
        const struct book_entry *entry = book->entries[i];
        if (!entry->known && entry->link_local && !entry->own[look->active])
            forget(book, i);
    }
    for (size_t i = 0; i < book->count; i++)
        judge(book, book->entries[i], look);
    for (size_t i = 0; i < book->count; i++) {
        struct book_entry *entry = book->entries[i];
        if (entry->kind == BOOK_ROUTE && entry->has_network && is_left_by_its_address(book, entry))
            entry->gone = true;
    }
    for (size_t i = 0; i < book->count; i++)
        for (unsigned port = 0; port < PAIR_PORTS; port++)
            if (!book->entries[i]->doubt)
                book->entries[i]->had[port] = book->entries[i]->own[port];
}

/* Does a step and notes what is so afterwards. Returns 1 when it failed. */
static unsigned step(struct book_entry *entry, enum book_step what, unsigned port, book_act act, void *context)
{
    entry->failed = act(context, what, port, entry) != 0;
    if (entry->failed)
        return 1;
    switch (what) {
    case BOOK_PUT_ROUTE: /* instead of the other port's */
        entry->own[1 - port] = entry->had[1 - port] = false;
        entry->own[port] = entry->had[port] = true;
        break;
    case BOOK_ADD_ADDRESS:
        entry->own[port] = entry->had[port] = true;
        break;
    case BOOK_REMOVE_ADDRESS:
    case BOOK_REMOVE_ROUTE:
        entry->own[port] = entry->had[port] = false;
        break;
    case BOOK_ADD_COPY:
        entry->copy[port] = true;
        break;
    case BOOK_REMOVE_COPY:
        entry->copy[port] = false;
        break;
    }
    return 0;
}

static unsigned add_addresses(struct book *book, unsigned port, book_act act, void *context)
{
    unsigned failed = 0;
    for (size_t i = 0; i < book->count; i++) {
        struct book_entry *entry = book->entries[i];
        if (entry->kind == BOOK_ADDRESS && !entry->gone && !entry->own[port] && !(entry->doubt && entry->had[port]))
            failed += step(entry, BOOK_ADD_ADDRESS, port, act, context);
    }
    return failed;
}

static unsigned highest_rank(const struct book *book)
{
    unsigned rank = 0;
    for (size_t i = 0; i < book->count; i++)
        rank = book->entries[i]->rank > rank ? book->entries[i]->rank : rank;
    return rank;
}

/* Routes that are missing on the port: as they are on the active one, else as copies. */
static unsigned add_routes(struct book *book, unsigned port, bool active, book_act act, void *context)
{
    unsigned failed = 0, last = highest_rank(book);
    for (unsigned rank = 0; rank <= last; rank++) {
        for (size_t i = 0; i < book->count; i++) {
            struct book_entry *entry = book->entries[i];
            if (entry->kind != BOOK_ROUTE || entry->gone || entry->rank != rank)
                continue;
            if (!(active ? entry->own : entry->copy)[port])
                failed += step(entry, active ? BOOK_PUT_ROUTE : BOOK_ADD_COPY, port, act, context);
        }
    }
    return failed;
}

unsigned book_activate(struct book *book, unsigned active, book_act act, void *context)
{
    unsigned failed = add_addresses(book, active, act, context);
    return failed + add_routes(book, active, true, act, context);
}

/* Whether the entry, with its own metric or as a copy, has no place on the port. */
static bool is_surplus(const struct book_entry *entry, unsigned port, unsigned active, bool copy)
{
    if (!(copy ? entry->copy : entry->own)[port])
        return false;
    if (entry->gone)
        return true;
    return entry->kind == BOOK_ROUTE && (copy ? port == active : port != active);
}

static unsigned remove_surplus(struct book_entry *entry, unsigned active, book_act act, void *context)
{
    unsigned failed = 0;
    for (unsigned port = 0; port < PAIR_PORTS; port++) {
        if (is_surplus(entry, port, active, false))
            failed +=
                step(entry, entry->kind == BOOK_ADDRESS ? BOOK_REMOVE_ADDRESS : BOOK_REMOVE_ROUTE, port, act, context);
        if (is_surplus(entry, port, active, true))
            failed += step(entry, BOOK_REMOVE_COPY, port, act, context);
    }
    return failed;
}

static bool is_nowhere(const struct book_entry *entry)
{
    return !entry->own[0] && !entry->own[1] && !entry->copy[0] && !entry->copy[1];
}

unsigned book_settle(struct book *book, unsigned active, const bool there[PAIR_PORTS], book_act act, void *context)
{
    unsigned other = 1 - active, failed = 0;
    for (size_t i = book->count; i-- > 0;) {
        failed += remove_surplus(book->entries[i], active, act, context);
        if (book->entries[i]->gone && is_nowhere(book->entries[i]))
            forget(book, i);
    }
    if (there[active])
        failed += book_activate(book, active, act, context);
    if (there[other]) {
        failed += add_addresses(book, other, act, context);
        failed += add_routes(book, other, false, act, context);
    }
    return failed;
}

bool book_in_doubt(const struct book *book)
{
    for (size_t i = 0; i < book->count; i++)
        if (book->entries[i]->doubt)
            return true;
    return false;
}

size_t book_count(const struct book *book, enum book_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < book->count; i++) {
        const struct book_entry *entry = book->entries[i];
        count += entry->kind == kind && !entry->link_local && !entry->gone;
    }
    return count;
}
