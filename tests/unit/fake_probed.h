/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What plays an NFS server for probes, on the test's own loop: it answers NULL calls as it is told to. */
#ifndef FAKE_PROBED_H
#define FAKE_PROBED_H

#include "addr.h"
#include "wake.h"

#include <stdbool.h>
#include <stddef.h>

#define FAKE_CONNECTIONS_MAX 64
#define FAKE_CALLS_MAX 256

enum fake_answer {
    FAKE_ANSWERS,
    FAKE_SILENT,
    FAKE_FORGETS,    /* each other call */
    FAKE_RESETS,     /* ends the connection when a call arrives */
    FAKE_ENDS,       /* the same in the polite way */
    FAKE_GARBAGE,    /* sends what is no reply */
    FAKE_BYTES,      /* each byte for itself */
    FAKE_BACKWARDS,  /* two answers at a time, the later one first */
    FAKE_MISMATCH,   /* "I do not have that version" */
    FAKE_OTHER_CALLS /* answers calls that nobody has made */
};

struct fake_call {
    int fd;
    uint32_t xid;
    uint64_t due_ms;
};

struct fake_probed {
    qb_loop_t *loop;
    struct addr address;
    uint16_t port;
    enum fake_answer answer;
    unsigned delay_ms;
    int listener; /* -1: none */
    int fds[FAKE_CONNECTIONS_MAX];
    struct fake_call waiting[FAKE_CALLS_MAX];
    size_t waiting_count;
    struct wake wake;
    /* what it has seen */
    unsigned connections, calls;
    uint32_t version;
};

/* Takes a port of that address. */
void fake_probed_begin(struct fake_probed *fake, qb_loop_t *loop, const char *address);
/* backlog: of listen(2). */
void fake_probed_listen(struct fake_probed *fake, int backlog);
/* Nobody listens any more; connections stay. */
void fake_probed_shut(struct fake_probed *fake);
/* Ends all connections. */
void fake_probed_reset(struct fake_probed *fake);
void fake_probed_end(struct fake_probed *fake);

#endif
