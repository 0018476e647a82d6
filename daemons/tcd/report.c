/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <string.h>

void report_init(struct report_state *state, uint64_t now_ms)
{
    *state = (struct report_state){.news = 1, .updates_ms = 100, .retry_ms = 5000, .round_ms = now_ms, .muted = true};
}

static struct report_address *find_address(struct report_master *master, const struct addr *address)
{
    for (size_t i = 0; i < master->count; i++)
        if (addr_equal(&master->addresses[i].address, address))
            return &master->addresses[i];
    return NULL;
}

static struct report_master *find_master(struct report_state *state, const struct addr *address)
{
    for (size_t i = 0; i < state->count; i++)
        if (find_address(&state->masters[i], address))
            return &state->masters[i];
    return NULL;
}

static bool session_is_taken(const struct report_master *masters, size_t count, uint64_t session)
{
    for (size_t i = 0; i < count; i++)
        if (masters[i].session == session)
            return true;
    return false;
}

/* For the last of count new masters. One known master may have become two: only the first inherits. */
static void keep_known(struct report_state *state, struct report_master *masters, size_t count)
{
    struct report_master *master = &masters[count - 1];
    for (size_t i = 0; i < master->count; i++) {
        struct report_master *known = find_master(state, &master->addresses[i].address);
        if (!known || session_is_taken(masters, count - 1, known->session))
            continue;
        struct report_master wanted = *master;
        *master = *known;
        memcpy(master->name, wanted.name, sizeof(master->name));
        master->count = wanted.count;
        for (size_t j = 0; j < wanted.count; j++) {
            const struct report_address *old = find_address(known, &wanted.addresses[j].address);
            master->addresses[j] = old ? *old : wanted.addresses[j];
        }
        return;
    }
}

void report_configure(struct report_state *state, const struct report_master *masters, size_t count,
                      uint32_t updates_ms, uint32_t retry_ms, uint64_t now_ms)
{
    struct report_master next[REPORT_MASTERS_MAX] = {0};
    if (count > REPORT_MASTERS_MAX)
        count = REPORT_MASTERS_MAX;
    for (size_t i = 0; i < count; i++) {
        next[i] = masters[i];
        next[i].expected_ms = now_ms;
        keep_known(state, next, i + 1);
    }
    memcpy(state->masters, next, count * sizeof(next[0]));
    state->count = count;
    state->updates_ms = updates_ms;
    state->retry_ms = retry_ms;
    state->round_ms = now_ms;
}

/* Masters that were told nothing for a while cannot have answered: patience begins anew. */
static void expect_answers(struct report_state *state, uint64_t now_ms)
{
    for (size_t i = 0; i < state->count; i++)
        if (!state->masters[i].silent)
            state->masters[i].expected_ms = now_ms;
}

void report_news(struct report_state *state, uint64_t now_ms)
{
    state->news = state->sequence + 1;
    expect_answers(state, now_ms);
    for (size_t i = 0; i < state->count; i++)
        state->masters[i].urgent = true;
}

static bool knows_news(const struct report_state *state, const struct report_master *master)
{
    return master->accepted >= state->news;
}

/* How long a master may be without an answer before it is silent, from since_ms. */
static bool patience_is_over(uint64_t since_ms, uint64_t patience_ms, uint64_t rounds_ms, uint64_t now_ms)
{
    uint64_t limit = patience_ms > rounds_ms ? patience_ms : rounds_ms;
    return now_ms > since_ms && now_ms - since_ms > limit;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void judge_silence(const struct report_state *state, struct report_master *master, uint64_t now_ms)
{
    if (master->silent)
        return;
    uint64_t rounds_ms = state->updates_ms;
    uint64_t since_ms = later(master->acknowledged_ms, master->expected_ms);
    bool over = patience_is_over(since_ms, REPORT_SILENT_MS, 3 * rounds_ms, now_ms);
    if (master->refused)
        over = over || patience_is_over(later(since_ms, master->refused_ms), REPORT_REFUSED_MS, 2 * rounds_ms, now_ms);
    if (!over)
        return;
    master->silent = true;
    master->acknowledged = false;
    master->retry_at_ms = now_ms + state->retry_ms;
    for (size_t i = 0; i < master->count; i++)
        master->addresses[i].acknowledged = false;
}

static bool at_rest(const struct report_state *state, const struct report_master *master)
{
    return state->stopped && knows_news(state, master);
}

/* It answers, but has not accepted the latest news: it must not wait for it until the next round. */
static bool must_learn(const struct report_state *state, const struct report_master *master)
{
    return !master->silent && !master->refusing && !knows_news(state, master);
}

static bool is_due(const struct report_state *state, const struct report_master *master, bool round, uint64_t now_ms)
{
    if (master->urgent)
        return true;
    if (at_rest(state, master))
        return false;
    if (must_learn(state, master) && now_ms >= master->reported_ms + REPORT_NEWS_MS)
        return true;
    return master->silent ? now_ms >= master->retry_at_ms : round;
}

static bool wants_ack(const struct report_state *state, const struct report_master *master, uint64_t now_ms)
{
    return !master->acknowledged || !master->has_cookie || master->refused || !knows_news(state, master) ||
           now_ms - master->acknowledged_ms >= REPORT_WANT_ACK_MS;
}

static void advance_round(struct report_state *state, uint64_t now_ms)
{
    state->round_ms += state->updates_ms;
    if (state->round_ms <= now_ms) /* the loop was late: do not send the missed rounds in a burst */
        state->round_ms = now_ms + state->updates_ms;
}

size_t report_round(struct report_state *state, uint64_t now_ms, struct report_order orders[REPORT_MASTERS_MAX])
{
    bool round = now_ms >= state->round_ms;
    size_t due = 0;
    if (round)
        advance_round(state, now_ms);
    if (state->muted)
        return 0;
    for (size_t i = 0; i < state->count; i++) {
        struct report_master *master = &state->masters[i];
        if (!at_rest(state, master))
            judge_silence(state, master, now_ms);
        if (!is_due(state, master, round, now_ms))
            continue;
        master->urgent = false;
        master->reported_ms = now_ms;
        if (master->silent)
            master->retry_at_ms = now_ms + state->retry_ms;
        orders[due++] = (struct report_order){.master = i, .want_ack = wants_ack(state, master, now_ms)};
    }
    if (due > 0)
        state->sequence++;
    return due;
}

uint64_t report_next(const struct report_state *state)
{
    uint64_t next = state->round_ms;
    if (state->muted)
        return next;
    for (size_t i = 0; i < state->count; i++) {
        const struct report_master *master = &state->masters[i];
        if (master->urgent)
            return 0;
        if (master->silent && !at_rest(state, master) && master->retry_at_ms < next)
            next = master->retry_at_ms;
        if (must_learn(state, master) && master->reported_ms + REPORT_NEWS_MS < next)
            next = master->reported_ms + REPORT_NEWS_MS;
    }
    return next;
}

/* Lets a master cause a report at once; the limit keeps two programs from exciting each other. */
static void report_at_once(struct report_master *master, uint64_t now_ms)
{
    if (master->repeated && now_ms - master->repeat_ms < REPORT_REPEAT_MS)
        return;
    master->repeated = true;
    master->repeat_ms = now_ms;
    master->urgent = true;
}

static void mark_answering(struct report_master *master, const struct addr *from, uint64_t now_ms)
{
    struct report_address *address = find_address(master, from);
    address->acknowledged = true;
    address->acknowledged_ms = now_ms;
    master->acknowledged = true;
    master->acknowledged_ms = now_ms;
    master->refused = false;
    if (master->silent) {
        master->silent = false;
        report_at_once(master, now_ms);
    }
}

bool report_acknowledged(struct report_state *state, const struct addr *from, const struct wire_acknowledgement *ack,
                         uint64_t now_ms)
{
    struct report_master *master = find_master(state, from);
    if (!master || ack->session != master->session || ack->sequence > state->sequence ||
        ack->sequence < master->answered)
        return false;
    master->answered = ack->sequence;
    bool new_cookie = !master->has_cookie || !wire_cookie_equal(master->cookie, ack->cookie);
    memcpy(master->cookie, ack->cookie, WIRE_COOKIE_BYTES);
    master->has_cookie = true;
    mark_answering(master, from, now_ms);
    if (ack->flags & WIRE_ACCEPTED) {
        master->accepted = ack->sequence;
        master->refusing = false;
    } else if (new_cookie) {
        master->accepted = 0; /* another instance: it knows nothing of what the last one accepted */
        report_at_once(master, now_ms);
    } else if (ack->sequence > master->accepted) {
        master->refusing = true;
    }
    return true;
}

bool report_hello(struct report_state *state, const struct addr *from, uint64_t now_ms)
{
    struct report_master *master = find_master(state, from);
    if (!master)
        return false;
    master->silent = false;
    master->expected_ms = now_ms;
    master->accepted = 0;
    report_at_once(master, now_ms);
    return true;
}

void report_refused(struct report_state *state, const struct addr *to, uint64_t now_ms)
{
    struct report_master *master = find_master(state, to);
    if (!master || master->refused)
        return;
    master->refused = true;
    master->refused_ms = now_ms;
}

bool report_news_known(const struct report_state *state)
{
    for (size_t i = 0; i < state->count; i++) {
        const struct report_master *master = &state->masters[i];
        if (!master->silent && !master->refusing && !knows_news(state, master))
            return false;
    }
    return true;
}
