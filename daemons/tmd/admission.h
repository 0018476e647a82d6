/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which authentic report is news (docs/protocol.md): the cookie proves that the session is alive now, the sequence
 * number that the report is newer than the last. Pure; no clocks are compared. */
#ifndef TMD_ADMISSION_H
#define TMD_ADMISSION_H

#include "wire.h"

#include <stdint.h>

#define ADMISSION_WINDOW 32 /* sequence numbers of which copies are told apart */

enum admission_result {
    ADMISSION_ACCEPTED,
    ADMISSION_DUPLICATE,    /* the same report over another network: no attack, no news */
    ADMISSION_REPLAYED,     /* an old report of this session, or one copy too many */
    ADMISSION_STALE_COOKIE, /* no cookie yet, or one of another session or manager: answered with the right one */
    ADMISSION_NOT_LISTED,   /* no such node, and nobody may join unlisted */
    ADMISSION_RESULT_COUNT
};

/* The name of a result as it stands in counters. */
const char *admission_result_name(enum admission_result result);

/* What is remembered of one node; start it with admission_start. */
struct admission {
    uint64_t generation; /* sessions accepted so far */
    uint64_t session;    /* 0: none yet */
    uint64_t sequence;   /* the highest accepted */
    uint8_t cookie[WIRE_COOKIE_BYTES];
    uint8_t copies[ADMISSION_WINDOW]; /* received of each of the latest sequence numbers */
};

/* generation: different for every start within one life of the manager, so that what an earlier entry for the same
 * node has accepted is not accepted again. */
void admission_start(struct admission *admission, uint64_t generation);

/* Judges a report and, when it is accepted, remembers it. secret: KEY_BYTES random bytes made when the manager
 * started. copies: how often one report may arrive (the number of a master's addresses).
 * cookie: set to what the acknowledgement must carry. */
enum admission_result admission_judge(struct admission *admission, const uint8_t secret[KEY_BYTES],
                                      const struct wire_report *report, unsigned copies,
                                      uint8_t cookie[WIRE_COOKIE_BYTES]);

#endif
