/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is there an NFS server at an address? NULL calls (RFC 5531, RFC 1813 3.3.0, RFC 8881 16.1) over one TCP connection
 * that stays open. A call is sent each interval, whether or not the ones before have been answered; each has its own
 * deadline. So a server that falls silent is noticed timeout_ms after the first call that it did not answer. */
#ifndef NFSHAD_PROBE_H
#define NFSHAD_PROBE_H

#include "addr.h"

#include <qb/qbloop.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NFS_PORT 2049

struct probe;

struct probe_settings {
    unsigned interval_ms; /* 10 to 60000 */
    unsigned timeout_ms;  /* of each call, and of connecting */
    unsigned version;     /* 3 or 4: of the program 100003 that is asked */
    uint16_t port;        /* NFS_PORT but in tests */
};

/* answered: a well-formed reply, also one that says "version mismatch" (a server is there). Else error is the negative
 * errno: -ETIMEDOUT, -ECONNREFUSED, -ECONNRESET, -EHOSTUNREACH… Called once for each interval at most. */
typedef void probe_result(void *context, bool answered, int error);

/* Begins at once. Returns 0 or a negative errno. */
int probe_open(qb_loop_t *loop, const struct addr *server, const struct probe_settings *settings, probe_result *result,
               void *context, struct probe **out);
void probe_close(struct probe *probe);
/* New interval, timeout; the connection stays. */
void probe_change(struct probe *probe, const struct probe_settings *settings);

#endif
