/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A walk over the fields of a body in the order of the wire, for writing and for reading alike; only the bodies use
 * this. Each function reads the field into what it is given, or writes it from there and leaves it as it was. */
#ifndef HAS_WIRE_WALK_H
#define HAS_WIRE_WALK_H

#include "wire.h"

enum wire_fault { WIRE_FAULT_NONE, WIRE_FAULT_RANGE, WIRE_FAULT_ROOM };

/* A place in a body. Exactly one of in and out is set. After a fault nothing is touched any more. */
struct wire_walk {
    const uint8_t *in;
    uint8_t *out;
    size_t left;
    size_t used;
    enum wire_fault fault;
};

/* A fault when it does not fit. */
void wire_require(struct wire_walk *w, bool fits);

void wire_walk_bytes(struct wire_walk *w, void *bytes, size_t count);

/* Numbers, most significant byte first. */
void wire_walk_u8(struct wire_walk *w, uint8_t *value);
void wire_walk_u16(struct wire_walk *w, uint16_t *value);
void wire_walk_u32(struct wire_walk *w, uint32_t *value);
void wire_walk_u64(struct wire_walk *w, uint64_t *value);
void wire_walk_bool(struct wire_walk *w, bool *value);

/* A count of entries in one byte; never above max, also after a fault. */
void wire_walk_count(struct wire_walk *w, size_t *count, size_t max);

/* Family as 4, 6 or 0 (none), then the bytes of the address. */
void wire_walk_addr(struct wire_walk *w, struct addr *a, bool may_be_none);

/* The bytes of an address whose family is known: AF_INET or AF_INET6. */
void wire_walk_addr_bytes(struct wire_walk *w, struct addr *a);

/* Length in one byte, then UTF-8 without control characters; not empty. */
void wire_walk_name(struct wire_walk *w, char name[WIRE_NAME_MAX]);

#endif
