/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bodies of the datagrams; only wire.c uses this. */
#ifndef HAS_WIRE_BODY_H
#define HAS_WIRE_BODY_H

#include "wire.h"

/* Writes the body into out and the flags into *flags. Returns the length of the body, -EMSGSIZE when it does not
 * fit into size bytes, or -EINVAL when a value is out of its range. */
int wire_body_write(const struct wire_message *message, uint8_t *flags, uint8_t *out, size_t size);

/* Reads an authentic body; message->type is set already. Returns false when it is not well formed. */
bool wire_body_read(struct wire_message *message, uint8_t flags, const uint8_t *data, size_t length);

#endif
