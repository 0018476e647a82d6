/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Enters connections into this machine's own IPVS table, through its backup sync daemon: multicast with TTL 0, so that
 * nothing leaves the machine. Paced, since the kernel drops what comes faster than it reads. */
#ifndef CVIPD_INJECT_H
#define CVIPD_INJECT_H

#include "sync_message.h"

#include <qb/qbloop.h>

struct inject;

/* idle answers inject_flush. Returns 0 or a negative errno (-ENODEV no such interface). */
int inject_open(qb_loop_t *loop, const char *interface, uint8_t id, void (*idle)(void *context), void *context,
                struct inject **out);
void inject_close(struct inject *inject);

/* What was not sent yet goes by that interface, as all that follows. Returns 0 or a negative errno, and nothing has
 * changed. */
int inject_move(struct inject *inject, const char *interface);

/* Returns 0, -EINVAL as sync_message_add, or -ENOMEM. */
int inject_add(struct inject *inject, const struct sync_connection *connection);
/* How many connections were taken by inject_add but could not be sent, since it was opened. */
uint64_t inject_failed(const struct inject *inject);
/* That was all for now: idle is called when it has been sent, also when there was nothing. */
void inject_flush(struct inject *inject);

#endif
