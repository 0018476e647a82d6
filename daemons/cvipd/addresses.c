/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "addresses.h"

#include "engine_table.h"
#include "link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_MAX 8 /* interfaces that have one address */

struct addresses {
    struct link_socket *links;
    struct addresses_ports ports;
    size_t count;
    struct addr addresses[ENGINE_ADDRESSES_MAX];
};

static unsigned whole(const struct addr *address)
{
    return address->family == AF_INET ? 32 : 128;
}

enum place { PLACE_NONE, PLACE_HERE, PLACE_ELSEWHERE };

/* Where the address is, or a negative errno. */
static int find(const struct addresses *addresses, const struct addr *address)
{
    struct link_address found[PLACES_MAX];
    int count = link_address_find(addresses->links, address, found, PLACES_MAX);
    if (count < 0)
        return count;
    for (int i = 0; i < count && i < PLACES_MAX; i++)
        if ((unsigned)found[i].interface == addresses->ports.active ||
            (unsigned)found[i].interface == addresses->ports.other)
            return PLACE_HERE;
    return count > 0 ? PLACE_ELSEWHERE : PLACE_NONE;
}

static int add(struct addresses *addresses, const struct addr *address)
{
    if (addresses->ports.active == 0)
        return -ENODEV;
    int rc = link_address_add(addresses->links, (int)addresses->ports.active, address);
    return rc == -EEXIST ? 0 : rc;
}

int addresses_open(const struct addresses_ports *ports, const struct addr *list, size_t count, struct addresses **out,
                   const struct addr **which)
{
    struct addresses *addresses = calloc(1, sizeof *addresses);
    if (addresses == NULL)
        return -ENOMEM;
    *which = &list[0];
    addresses->ports = *ports;
    int rc = link_open(&addresses->links);
    if (rc != 0) {
        free(addresses);
        return rc;
    }
    for (size_t i = 0; rc == 0 && i < count; i++) {
        *which = &list[i];
        int place = find(addresses, &list[i]);
        rc = place < 0                  ? place
             : place == PLACE_ELSEWHERE ? -EADDRINUSE
             : place == PLACE_HERE      ? 0
                                        : add(addresses, &list[i]);
        if (rc == 0)
            addresses->addresses[addresses->count++] = list[i];
    }
    if (rc == 0)
        *out = addresses;
    else
        (void)addresses_close(addresses);
    return rc;
}

void addresses_use(struct addresses *addresses, const struct addresses_ports *ports)
{
    addresses->ports = *ports;
}

int addresses_check(struct addresses *addresses)
{
    int added = 0;
    for (size_t i = 0; i < addresses->count; i++) {
        int place = find(addresses, &addresses->addresses[i]);
        if (place == PLACE_HERE)
            continue;
        int rc = place < 0 ? place : add(addresses, &addresses->addresses[i]);
        if (rc != 0)
            return rc;
        added++;
    }
    return added;
}

static int remove_one(struct link_socket *links, unsigned index, const struct addr *address)
{
    int rc = index == 0 ? 0 : link_address_remove(links, (int)index, address, whole(address));
    return rc == -EADDRNOTAVAIL || rc == -ENODEV ? 0 : rc;
}

int addresses_close(struct addresses *addresses)
{
    int result = 0;
    if (addresses == NULL)
        return 0;
    for (size_t i = 0; i < addresses->count; i++) {
        const struct addr *address = &addresses->addresses[i];
        int active = remove_one(addresses->links, addresses->ports.active, address);
        int other = remove_one(addresses->links, addresses->ports.other, address);
        result = active != 0 ? active : other != 0 ? other : result;
    }
    link_close(addresses->links);
    free(addresses);
    return result;
}

static int open_interface(const char *interface, struct link_socket **links, int *index)
{
    struct link_interface found;
    int rc = link_open(links);
    if (rc != 0)
        return rc;
    rc = link_by_name(*links, interface, &found);
    if (rc != 0)
        link_close(*links);
    else
        *index = found.index;
    return rc;
}

int addresses_clean(const char *interface, const struct addr *list, size_t count)
{
    struct link_socket *links;
    int index;
    int removed = 0;
    int rc = open_interface(interface, &links, &index);
    if (rc != 0)
        return rc == -ENODEV ? 0 : rc;
    for (size_t i = 0; rc >= 0 && i < count; i++) {
        rc = link_address_remove(links, index, &list[i], whole(&list[i]));
        if (rc == 0)
            removed++;
        if (rc == -EADDRNOTAVAIL)
            rc = 0;
    }
    link_close(links);
    return rc < 0 ? rc : removed;
}
