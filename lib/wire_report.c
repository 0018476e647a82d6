/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between traffic clients and traffic managers, and between traffic managers. */
#include "wire_body.h"

#define WEIGHT_MAX 65535
#define PRESSURE_MAX 1000

void wire_walk_report(struct wire_walk *w, struct wire_report *r)
{
    wire_require(w, (r->flags & ~(WIRE_WANT_ACK | WIRE_DRAINING)) == 0);
    wire_walk_u64(w, &r->session);
    wire_walk_u64(w, &r->sequence);
    wire_require(w, r->session != 0 && r->sequence != 0);
    wire_walk_bytes(w, r->cookie, sizeof(r->cookie));
    wire_walk_addr(w, &r->address, false);
    wire_walk_addr(w, &r->address6, true);
    wire_require(w, r->address.family != r->address6.family);
    wire_walk_u32(w, &r->index);
    wire_walk_u16(w, &r->pressure);
    wire_require(w, r->pressure <= PRESSURE_MAX);
    wire_walk_u32(w, &r->connections);
    wire_walk_name(w, r->name);
    wire_walk_count(w, &r->service_count, WIRE_SERVICES_MAX);
    for (size_t i = 0; i < r->service_count; i++) {
        wire_walk_bool(w, &r->services[i].up);
        wire_walk_name(w, r->services[i].name);
    }
}

void wire_walk_acknowledgement(struct wire_walk *w, struct wire_acknowledgement *a)
{
    wire_require(w, (a->flags & ~WIRE_ACCEPTED) == 0);
    wire_walk_u64(w, &a->session);
    wire_walk_u64(w, &a->sequence);
    wire_require(w, a->session != 0 && a->sequence != 0);
    wire_walk_bytes(w, a->cookie, sizeof(a->cookie));
}

void wire_walk_overrides(struct wire_walk *w, struct wire_overrides *o)
{
    wire_walk_count(w, &o->count, WIRE_OVERRIDES_MAX);
    for (size_t i = 0; i < o->count; i++) {
        struct wire_override *entry = &o->entries[i];

        wire_walk_addr(w, &entry->node, false);
        wire_walk_u8(w, &entry->kind);
        wire_require(w, entry->kind <= WIRE_OVERRIDE_WEIGHT);
        wire_walk_u32(w, &entry->weight);
        wire_require(w, entry->weight <= WEIGHT_MAX);
        wire_walk_u64(w, &entry->stamp);
        wire_walk_u64(w, &entry->origin);
    }
}
