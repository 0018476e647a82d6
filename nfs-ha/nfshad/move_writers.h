/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writes of addresses that the kernel has not let come back yet. A transport of lockd that asks a dead server for
 * its port may hold one for hours: no second one waits beside it. For several threads at once. */
#ifndef NFSHAD_MOVE_WRITERS_H
#define NFSHAD_MOVE_WRITERS_H

#include "transport.h"

#include <stdbool.h>

struct move_writers;

/* NULL: no memory. */
struct move_writers *move_writers_open(void);
/* Writes that have not come back keep it until then. NULL: nothing is done. */
void move_writers_close(struct move_writers *writers);

/* Before a write to the transport with that path. Returns false where somebody writes to it already, or too many write
 * at all; the caller leaves it alone then. With NULL for writers it is true. */
bool move_writers_begin(struct move_writers *writers, const char *path);

/* When that write has come back. The kernel keeps the name of a transport for as long as somebody writes to it. NULL:
 * nothing is done. */
void move_writers_end(struct move_writers *writers, const char *path);

/* Whether anybody writes to a transport of the list; writers must not be NULL. */
bool move_writers_any(struct move_writers *writers, const struct transport_list *list);

#endif
