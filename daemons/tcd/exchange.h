/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One TCP exchange on the loop: connect, send a request, collect the answer. It never blocks. */
#ifndef TCD_EXCHANGE_H
#define TCD_EXCHANGE_H

#include "addr.h"

#include <qb/qbloop.h>
#include <stddef.h>

struct exchange_plan {
    struct addr address;
    uint16_t port;
    struct addr source; /* AF_UNSPEC: the kernel chooses */
    const char *request;
    size_t request_length; /* 0: send nothing */
    size_t answer_max;     /* bytes; 0: the exchange is over when connected and all is sent */
};

/* Whether the answer so far is enough. */
typedef bool (*exchange_enough_fn)(void *context, const char *answer, size_t length);
/* The exchange is over. error: 0, or a negative errno. The answer ends with a zero byte that length does not count;
 * it lives until exchange_stop(), which must be called in here or later. */
typedef void (*exchange_done_fn)(void *context, int error, const char *answer, size_t length);

struct exchange;

/* A connected or connecting non-blocking socket. Returns the descriptor, or a negative errno: -ECONNREFUSED is
 * often known at once. */
int exchange_connect(const struct addr *address, uint16_t port, const struct addr *source);

/* Begins. request is copied. Returns 0, and done is called later; or a negative errno, and it is not. */
int exchange_start(qb_loop_t *loop, const struct exchange_plan *plan, exchange_enough_fn enough, exchange_done_fn done,
                   void *context, struct exchange **out);

/* Closes and frees; also one that is under way. */
void exchange_stop(struct exchange *x);

#endif
