/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether an application counts as up, and when to try it next. Pure: the time is passed in.
 *
 *            passes, rise in a row                passes, rise in a row
 *   unknown ----------------------> up <--------------------------------- down
 *      |                             |                                     ^
 *      +-----------------------------+----- fails, fall in a row ----------+
 *
 * Tries begin interval_ms apart. A refused connection (or a reset one, or one closed without a word) needs no
 * patience: the next try follows after CHECK_REFUSED_MS until fall is reached. When the server closes the watch
 * connection, a try begins at once. */
#ifndef TCD_CHECK_STATE_H
#define TCD_CHECK_STATE_H

#include <stdbool.h>
#include <stdint.h>

#define CHECK_REFUSED_MS 5 /* between tries while the server refuses connections and still counts as up */
#define CHECK_EARLY_MS 50  /* between early tries, at least */

enum check_status { CHECK_UNKNOWN, CHECK_UP, CHECK_DOWN };
enum check_outcome { CHECK_PASSED, CHECK_FAILED, CHECK_REFUSED };

struct check_timing {
    uint32_t interval_ms;
    uint32_t timeout_ms;
    uint32_t rise;
    uint32_t fall;
};

struct check_state {
    enum check_status status;
    uint32_t in_a_row; /* tries in a row that speak against the status */
    bool passing;      /* what those tries said */
    bool running;
    uint64_t begun_ms; /* the last try */
    uint64_t next_ms;  /* the next try, when none is running */
    uint64_t early_ms; /* the last early try */
    bool was_early;    /* early_ms holds a time */
    bool again;        /* an early try was asked for while one was running */
};

void check_state_init(struct check_state *state, uint64_t now_ms);

/* The node was well before the configuration was read again: a check that has not spoken yet counts as up until it
 * fails, so that a new or renamed check does not silence a healthy node. */
void check_state_trust(struct check_state *state);

/* A try begins. */
void check_state_begin(struct check_state *state, uint64_t now_ms);

/* A try ended; sets next_ms. Returns true when the status changed. */
bool check_state_end(struct check_state *state, const struct check_timing *timing, enum check_outcome outcome,
                     uint64_t now_ms);

/* The server closed a connection: brings the next try forward, at most once in CHECK_EARLY_MS. */
void check_state_early(struct check_state *state, uint64_t now_ms);

/* "unknown", "up", "down" */
const char *check_status_name(enum check_status status);

#endif
