/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Carries out what report.h decides: sockets, datagrams, the timer of the rounds. */
#ifndef TCD_REPORTER_H
#define TCD_REPORTER_H

#include "connection_list.h"
#include "key.h"
#include "log.h"
#include "report.h"
#include "tcd_config.h"
#include "timer.h"

struct reporter {
    qb_loop_t *loop;
    const struct tcd_config *config;
    const struct keyring *keys;
    /* Fills index, pressure, connections, services and the draining flag of a report. */
    void (*fill)(void *context, struct wire_report *report);
    void *context;
    struct report_state state;
    struct timer timer;
    struct connection_list *list; /* answers masters that ask for our connections */
    int sockets[2];               /* IPv4, IPv6; -1: no master of that family */
    uint64_t sent;
    uint64_t send_errors;
    uint64_t answers;
    uint64_t hellos;
    uint64_t lists;      /* requests for our connections that were answered */
    uint64_t not_for_us; /* authentic, but from an unknown address, for another session, or old */
    uint64_t rejected[WIRE_RESULT_COUNT];
    struct log_limit send_limit;
    struct log_limit reject_limit;
};

/* Opens the sockets and begins the rounds; nothing is sent before reporter_say() allows it. config and keys must
 * outlive the reporter. Returns 0 or a negative errno. */
int reporter_open(struct reporter *reporter, qb_loop_t *loop, const struct tcd_config *config,
                  const struct keyring *keys, void (*fill)(void *, struct wire_report *), void *context);
void reporter_close(struct reporter *reporter);

/* Takes another configuration over. Returns 0 or a negative errno; then the sockets are those of before. */
int reporter_configure(struct reporter *reporter, const struct tcd_config *config);

/* What may be said changed; masters are told at once.
 * muted: nothing. stopped: index 0, then nothing to those who know. */
void reporter_say(struct reporter *reporter, bool muted, bool stopped);

/* Whether all masters that answer know the latest news. */
bool reporter_is_known(const struct reporter *reporter);

#endif
