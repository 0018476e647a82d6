/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bodies of the datagrams; only wire*.c use this. */
#ifndef HAS_WIRE_BODY_H
#define HAS_WIRE_BODY_H

#include "wire.h"
#include "wire_walk.h"

#define WIRE_HEADER_BYTES 12
#define WIRE_MAC_BYTES 32
#define WIRE_BODY_MAX (WIRE_DATAGRAM_MAX - WIRE_HEADER_BYTES - WIRE_MAC_BYTES)

/* How many bytes of a struct wire_message a message of this type takes; the rest of the union is not its. So that
 * neither is zeroed or copied for a small message that only a large one needs. */
size_t wire_body_extent(enum wire_type type);

/* Writes the body into out (WIRE_BODY_MAX bytes) and the flags into *flags. Returns the length of the body, -EMSGSIZE
 * when it does not fit, or -EINVAL when a value is out of its range. */
int wire_body_write(const struct wire_message *message, uint8_t *flags, uint8_t *out);

/* Reads an authentic body; message->type is set already. Returns false when it is not well formed. */
bool wire_body_read(struct wire_message *message, uint8_t flags, const uint8_t *data, size_t length);

/* One function a message walks over its fields, for writing and for reading alike: so the two directions cannot
 * differ. Range checks are the same for both. */
void wire_walk_report(struct wire_walk *w, struct wire_report *r);
void wire_walk_acknowledgement(struct wire_walk *w, struct wire_acknowledgement *a);
void wire_walk_overrides(struct wire_walk *w, struct wire_overrides *o);
void wire_walk_heartbeat(struct wire_walk *w, struct wire_heartbeat *h);
void wire_walk_map(struct wire_walk *w, struct wire_map *m);
void wire_walk_connections_request(struct wire_walk *w, struct wire_connections_request *r);
void wire_walk_connections(struct wire_walk *w, struct wire_connections *c);

#endif
