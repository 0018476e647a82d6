/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two masters, the first on two networks, and a clock that runs as we like. */
#ifndef TCD_REPORT_SIMULATION_H
#define TCD_REPORT_SIMULATION_H

#include "unit.h"

#include "report.h"

#define SESSION 77 /* of master1; master2 has the next one */
#define UPDATES 100
#define RETRY 5000

static inline struct addr address(const char *text)
{
    struct addr a;
    assert_int_equal(addr_parse(text, &a), 0);
    return a;
}

static inline void start(struct report_state *s)
{
    struct report_master masters[2] = {{.name = "master1", .session = SESSION, .count = 2},
                                       {.name = "master2", .session = SESSION + 1, .count = 1}};
    masters[0].addresses[0].address = address("10.1.0.1");
    masters[0].addresses[1].address = address("10.2.0.1");
    masters[1].addresses[0].address = address("fd00:1::2");
    report_init(s, 0);
    report_configure(s, masters, 2, UPDATES, RETRY, 0);
    s->muted = false;
}

static inline struct wire_acknowledgement ack_of(const struct report_state *s, size_t master, bool accepted,
                                                 uint8_t cookie)
{
    struct wire_acknowledgement ack = {
        .flags = accepted ? WIRE_ACCEPTED : 0, .session = s->masters[master].session, .sequence = s->sequence};
    memset(ack.cookie, cookie, sizeof(ack.cookie));
    return ack;
}

/* A manager that answers as tmd does. */
static inline void answer(struct report_state *s, const char *from, uint8_t cookie, uint64_t now)
{
    struct addr a = address(from);
    size_t master = a.family == AF_INET ? 0 : 1;
    bool fits = s->masters[master].has_cookie && s->masters[master].cookie[0] == cookie;
    struct wire_acknowledgement ack = ack_of(s, master, fits, cookie);
    assert_true(report_acknowledged(s, &a, &ack, now));
}

struct run {
    int reports[2]; /* to each master */
    int wanted[2];  /* with WIRE_WANT_ACK */
    uint64_t last_ms[2];
};

/* Lets the time pass. answering: bit i set, master i answers what it is asked to. */
static inline struct run simulate(struct report_state *s, uint64_t from_ms, uint64_t until_ms, unsigned answering)
{
    struct run run = {0};
    struct report_order orders[REPORT_MASTERS_MAX];
    for (uint64_t now = from_ms; now < until_ms; now++) {
        if (report_next(s) > now)
            continue;
        size_t due = report_round(s, now, orders);
        for (size_t i = 0; i < due; i++) {
            size_t m = orders[i].master;
            run.reports[m]++;
            run.wanted[m] += orders[i].want_ack;
            run.last_ms[m] = now;
            if (orders[i].want_ack && (answering >> m & 1))
                answer(s, m == 0 ? "10.1.0.1" : "fd00:1::2", (uint8_t)(m + 1), now);
        }
    }
    return run;
}

#endif
