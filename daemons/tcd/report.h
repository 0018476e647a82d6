/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When to report to which master, and what the masters know. Pure: the time is passed in, no sockets.
 *
 * A master is one line of the configuration; its addresses are ways to the same traffic manager over several
 * networks, so they share its cookie. Reports go to every address of every master in one round each updates_ms,
 * with one sequence number. News that a master has not accepted is repeated to it after REPORT_NEWS_MS, if a round
 * would come later. The duty to report is the master's, not the address's: as long as a master answers on
 * any address, all its addresses get every report, so that the loss of one network delays nothing.
 * A master that answers on none is silent: it gets one report each retry_ms, until it answers or says hello. */
#ifndef TCD_REPORT_H
#define TCD_REPORT_H

#include "wire.h"

#define REPORT_MASTERS_MAX 16
#define REPORT_ADDRESSES_MAX 8
#define REPORT_WANT_ACK_MS 1000 /* an acknowledgement is asked for when the last one is older */
#define REPORT_SILENT_MS 3000   /* without acknowledgement, or three rounds if that is longer: silent */
#define REPORT_REFUSED_MS 500   /* likewise, after ICMP said that nobody listens */
#define REPORT_NEWS_MS 100      /* between reports of news that a master has not accepted yet, at most */
#define REPORT_REPEAT_MS 10     /* between reports that one master causes, at least */

struct report_address {
    struct addr address;
    bool acknowledged;        /* since it was last heard of as dead */
    uint64_t acknowledged_ms; /* last acknowledgement from this address */
};

struct report_master {
    char name[WIRE_NAME_MAX];
    uint64_t session; /* random, this master's alone: so an acknowledgement, which repeats it, fits no other master */
    size_t count;
    struct report_address addresses[REPORT_ADDRESSES_MAX];

    bool has_cookie;
    uint8_t cookie[WIRE_COOKIE_BYTES];
    uint64_t answered; /* highest sequence number that it answered */
    uint64_t accepted; /* highest sequence number that it accepted */
    bool refusing;     /* it answers but does not accept us: not listed there */
    bool acknowledged; /* it answered since it was last silent */
    uint64_t acknowledged_ms;
    uint64_t expected_ms; /* since when an answer is expected */
    bool refused;         /* ICMP errors since refused_ms, and no answer */
    uint64_t refused_ms;
    uint64_t reported_ms; /* last report to it */
    bool silent;
    uint64_t retry_at_ms; /* when silent */
    bool urgent;
    bool repeated; /* repeat_ms holds a time */
    uint64_t repeat_ms;
};

struct report_state {
    uint64_t sequence; /* of the last round */
    uint64_t news;     /* first sequence number that tells the latest change; masters shall accept it */
    uint32_t updates_ms;
    uint32_t retry_ms;
    uint64_t round_ms; /* next round */
    bool muted;        /* nothing may be said yet: checks have not spoken */
    bool stopped;      /* index 0: a master that has accepted the news gets nothing more */
    size_t count;
    struct report_master masters[REPORT_MASTERS_MAX];
};

/* One master in a round. */
struct report_order {
    size_t master;
    bool want_ack;
};

void report_init(struct report_state *state, uint64_t now_ms);

/* Takes a configuration over; masters keep what is known of them, and their session, when an address of theirs is
 * found again. Each master comes with a new random session number, not 0. */
void report_configure(struct report_state *state, const struct report_master *masters, size_t count,
                      uint32_t updates_ms, uint32_t retry_ms, uint64_t now_ms);

/* Something changed that every master shall know at once and acknowledge. */
void report_news(struct report_state *state, uint64_t now_ms);

/* Fills orders with the masters to report to now, under the new state->sequence. Returns how many; 0: not yet. */
size_t report_round(struct report_state *state, uint64_t now_ms, struct report_order orders[REPORT_MASTERS_MAX]);

/* When report_round() is to be called next. */
uint64_t report_next(const struct report_state *state);

/* A manager answered. Returns false for an answer that is not for us: unknown address, other session, old. */
bool report_acknowledged(struct report_state *state, const struct addr *from, const struct wire_acknowledgement *ack,
                         uint64_t now_ms);

/* A manager has started. Returns false when the address is no master's. */
bool report_hello(struct report_state *state, const struct addr *from, uint64_t now_ms);

/* ICMP says that nobody listens there. It is not authenticated: it only shortens the patience. */
void report_refused(struct report_state *state, const struct addr *to, uint64_t now_ms);

/* Whether every master that answers and takes us has accepted the latest news. */
bool report_news_known(const struct report_state *state);

#endif
