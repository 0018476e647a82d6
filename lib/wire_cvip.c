/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the masters that share the cluster virtual IP, and between them and the traffic clients. */
#include "wire_body.h"

#define PERCENT_MAX 100
#define RATE_MIN 1000
#define RATE_MAX 1000000

#define MEMBER_FLAGS                                                                                                   \
    (WIRE_MEMBER_READY | WIRE_MEMBER_PORT_UP | WIRE_MEMBER_ASIDE | WIRE_MEMBER_LEAVING | WIRE_MEMBER_QUORATE |         \
     WIRE_ACTIVE_BY_LOAD)

/* A member's id, or with smallest 0 nobody's. */
static void walk_member(struct wire_walk *w, uint8_t *member, uint8_t smallest)
{
    wire_walk_u8(w, member);
    wire_require(w, *member >= smallest && *member <= WIRE_MEMBERS_MAX);
}

static void walk_members_of_buckets(struct wire_walk *w, uint8_t members[WIRE_BUCKETS])
{
    uint8_t highest = 0;

    wire_walk_bytes(w, members, WIRE_BUCKETS);
    for (size_t i = 0; i < WIRE_BUCKETS; i++)
        highest = members[i] > highest ? members[i] : highest;
    wire_require(w, highest <= WIRE_MEMBERS_MAX);
}

/* A map that there is not yet has neither an epoch nor a coordinator. */
static void walk_any_map(struct wire_walk *w, struct wire_map *m)
{
    wire_walk_u64(w, &m->epoch);
    walk_member(w, &m->coordinator, 0);
    wire_require(w, (m->epoch == 0) == (m->coordinator == 0));
    walk_members_of_buckets(w, m->owners);
    walk_members_of_buckets(w, m->previous);
}

void wire_walk_map(struct wire_walk *w, struct wire_map *m)
{
    walk_any_map(w, m);
    wire_require(w, m->epoch != 0);
}

/* Each member once. */
static void walk_echoes(struct wire_walk *w, struct wire_heartbeat *h)
{
    uint32_t seen = 0;

    wire_walk_count(w, &h->echo_count, WIRE_MEMBERS_MAX);
    for (size_t i = 0; i < h->echo_count && w->fault == WIRE_FAULT_NONE; i++) {
        struct wire_echo *echo = &h->echoes[i];

        walk_member(w, &echo->member, 1);
        wire_walk_u64(w, &echo->session);
        wire_walk_u64(w, &echo->sequence);
        wire_require(w, echo->session != 0 && (seen >> (echo->member & 31) & 1) == 0);
        seen |= 1u << (echo->member & 31);
    }
}

void wire_walk_heartbeat(struct wire_walk *w, struct wire_heartbeat *h)
{
    wire_require(w, (h->flags & ~MEMBER_FLAGS) == 0);
    walk_member(w, &h->member, 1);
    wire_walk_u64(w, &h->session);
    wire_walk_u64(w, &h->sequence);
    wire_require(w, h->session != 0 && h->sequence != 0);
    wire_walk_u32(w, &h->digest);
    wire_walk_u8(w, &h->weight);
    wire_walk_u8(w, &h->load);
    wire_require(w, h->weight <= PERCENT_MAX && h->load <= PERCENT_MAX);
    wire_walk_u8(w, &h->active);
    wire_require(w, h->active != 0);
    wire_walk_u64(w, &h->active_stamp);
    walk_member(w, &h->active_origin, 0);
    wire_walk_u64(w, &h->frames);
    wire_walk_u64(w, &h->released);
    wire_walk_u64(w, &h->filled);
    walk_echoes(w, h);
    walk_any_map(w, &h->map);
}

void wire_walk_connections_request(struct wire_walk *w, struct wire_connections_request *r)
{
    wire_walk_u64(w, &r->request);
    wire_walk_u32(w, &r->rate);
    wire_require(w, r->rate >= RATE_MIN && r->rate <= RATE_MAX);
}

/* The connections have the family of the virtual address. */
static void walk_connection(struct wire_walk *w, struct wire_connection *c, sa_family_t family)
{
    if (w->in != NULL)
        c->client.family = family;
    wire_require(w, c->client.family == family);
    wire_walk_addr_bytes(w, &c->client);
    wire_walk_u16(w, &c->port);
    wire_require(w, c->port != 0);
}

void wire_walk_connections(struct wire_walk *w, struct wire_connections *c)
{
    wire_require(w, (c->flags & ~WIRE_CONNECTIONS_LAST) == 0);
    wire_walk_u64(w, &c->request);
    wire_walk_addr(w, &c->node, false);
    wire_walk_u32(w, &c->part);
    wire_walk_addr(w, &c->virtual_address, true);
    wire_walk_u16(w, &c->virtual_port);
    wire_walk_count(w, &c->count, WIRE_CONNECTIONS_MAX);
    wire_require(w, c->count == 0 || (c->virtual_address.family != AF_UNSPEC && c->virtual_port != 0));
    for (size_t i = 0; i < c->count && w->fault == WIRE_FAULT_NONE; i++)
        walk_connection(w, &c->connections[i], c->virtual_address.family);
}

/* What stands before the connections: request, node (either family), part, virtual address, port, count. */
size_t wire_connections_room(sa_family_t family)
{
    size_t bytes = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
    size_t before = 8 + 17 + 4 + (1 + bytes) + 2 + 1;
    size_t room = (WIRE_BODY_MAX - before) / (bytes + 2);

    if (family != AF_INET && family != AF_INET6)
        return 0;
    return room < WIRE_CONNECTIONS_MAX ? room : WIRE_CONNECTIONS_MAX;
}
