/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_state.h"

void check_state_init(struct check_state *state, uint64_t now_ms)
{
    *state = (struct check_state){.status = CHECK_UNKNOWN, .begun_ms = now_ms, .next_ms = now_ms};
}

void check_state_trust(struct check_state *state)
{
    if (state->status == CHECK_UNKNOWN)
        state->status = CHECK_UP;
}

void check_state_begin(struct check_state *state, uint64_t now_ms)
{
    state->running = true;
    state->again = false;
    state->begun_ms = now_ms;
}

/* Counts tries that speak against the status. Returns true when there were enough of them. */
static bool count_try(struct check_state *state, const struct check_timing *timing, bool passed)
{
    enum check_status status = passed ? CHECK_UP : CHECK_DOWN;
    if (state->status == status) {
        state->in_a_row = 0;
        return false;
    }
    if (state->passing != passed)
        state->in_a_row = 0;
    state->passing = passed;
    state->in_a_row++;
    if (state->in_a_row < (passed ? timing->rise : timing->fall))
        return false;
    state->status = status;
    state->in_a_row = 0;
    return true;
}

/* The earliest moment that the limit on early tries allows. */
static uint64_t early_time(const struct check_state *state, uint64_t now_ms)
{
    uint64_t earliest = state->was_early ? state->early_ms + CHECK_EARLY_MS : now_ms;
    return earliest > now_ms ? earliest : now_ms;
}

static void bring_forward(struct check_state *state, uint64_t now_ms)
{
    uint64_t when = early_time(state, now_ms);
    if (when >= state->next_ms)
        return;
    state->next_ms = when;
    state->early_ms = when;
    state->was_early = true;
}

bool check_state_end(struct check_state *state, const struct check_timing *timing, enum check_outcome outcome,
                     uint64_t now_ms)
{
    bool again = state->again;
    bool changed = count_try(state, timing, outcome == CHECK_PASSED);
    state->running = false;
    state->again = false;
    state->next_ms = state->begun_ms + timing->interval_ms;
    if (state->next_ms < now_ms)
        state->next_ms = now_ms;
    if (outcome == CHECK_REFUSED && state->status != CHECK_DOWN && now_ms + CHECK_REFUSED_MS < state->next_ms)
        state->next_ms = now_ms + CHECK_REFUSED_MS;
    if (again)
        bring_forward(state, now_ms);
    return changed;
}

void check_state_early(struct check_state *state, uint64_t now_ms)
{
    if (state->running)
        state->again = true;
    else
        bring_forward(state, now_ms);
}

const char *check_status_name(enum check_status status)
{
    static const char *const names[] = {"unknown", "up", "down"};
    return status <= CHECK_DOWN ? names[status] : "unknown";
}
