/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers as they look to a client, and a daemon that asks them: for the tests of failover.c. */
#ifndef NFSHAD_FAILOVER_TEST_H
#define NFSHAD_FAILOVER_TEST_H

#include "unit.h"

#include "failover.h"

#define STEP_MS 10 /* between probes */
#define DONE_MAX 1024

struct world {
    struct failover failover;
    uint64_t now;
    bool up[SOURCE_SERVERS_MAX];
    enum failover_identity serves[SOURCE_SERVERS_MAX]; /* UNKNOWN: cannot be compared */
    bool slow;                                         /* moves and comparisons do not end by themselves */
    int result;                                        /* of moves */
    char done[DONE_MAX];                               /* moves and remounts: "move 1, remount 0" */
    unsigned comparisons[SOURCE_SERVERS_MAX];
};

static const struct failover_settings usual = {
    .replication = REPLICATION_STANDBY,
    .mismatch = MISMATCH_REFUSE,
    .compare = true,
    .writable = true,
    .fall = 2,
    .rise = 3,
    .compare_ms = 10000,
    .compare_soon_ms = 100,
};

/* The next action in words, "" for none; nothing comes of it. */
static inline const char *next(struct world *w)
{
    static const char *const names[] = {"compare", "move", "remount"};
    static char text[32];
    struct failover_action action;
    text[0] = '\0';
    if (failover_next(&w->failover, w->now, &action))
        snprintf(text, sizeof text, "%s %zu", names[action.what], action.server);
    return text;
}

static inline void compared(struct world *w, size_t server, enum failover_identity identity)
{
    failover_compared(&w->failover, server, identity, NULL, w->now);
}

static inline void act(struct world *w)
{
    struct failover_action action;
    for (unsigned actions = 0; failover_next(&w->failover, w->now, &action); actions++) {
        assert_true(actions < 100);
        if (action.what == FAILOVER_COMPARE) {
            w->comparisons[action.server]++;
            if (!w->slow)
                compared(w, action.server, w->serves[action.server]);
            continue;
        }
        assert_true(strlen(w->done) < DONE_MAX - 16);
        sprintf(w->done + strlen(w->done), "%s%s %zu", w->done[0] != '\0' ? ", " : "",
                action.what == FAILOVER_MOVE ? "move" : "remount", action.server);
        if (w->slow)
            continue;
        if (w->result == 0 && action.what == FAILOVER_REMOUNT)
            w->serves[action.server] = FAILOVER_SAME; /* what it serves is the right thing from now on */
        failover_moved(&w->failover, w->result, w->now);
    }
}

/* Time passes, with probes each STEP_MS. */
static inline void pass(struct world *w, uint64_t ms)
{
    for (uint64_t end = w->now + ms; w->now < end;) {
        w->now += STEP_MS;
        for (size_t i = 0; i < w->failover.count; i++) {
            if (w->up[i])
                failover_answered(&w->failover, i, w->now);
            else
                failover_missed(&w->failover, i, w->now);
        }
        act(w);
    }
}

static inline void see(struct world *w, size_t server, bool answers, unsigned times)
{
    w->up[server] = answers;
    for (unsigned i = 0; i < times; i++) {
        if (answers)
            failover_answered(&w->failover, server, w->now);
        else
            failover_missed(&w->failover, server, w->now);
    }
}

/* The server in use serves, others answer and do not. Nothing has been probed yet. */
static inline struct world world_of(const struct failover_settings *settings, size_t count, size_t current)
{
    struct world w = {.now = 1000};
    for (size_t i = 0; i < count; i++) {
        w.up[i] = true;
        w.serves[i] = i == current ? FAILOVER_SAME : FAILOVER_NOT_SERVING;
    }
    failover_start(&w.failover, settings, count, current, w.now);
    return w;
}

/* The same, where all serve the same. */
static inline struct world world_of_copies(enum replication replication, bool writable, size_t count)
{
    struct failover_settings settings = usual;
    settings.replication = replication;
    settings.writable = writable;
    struct world w = world_of(&settings, count, 0);
    for (size_t i = 0; i < count; i++)
        w.serves[i] = FAILOVER_SAME;
    return w;
}

static inline void assert_state(const struct world *w, enum failover_state state, size_t current)
{
    if (w->failover.state != state || w->failover.current != current)
        fail_msg("%s at %zu (%s), not %s at %zu; done: %s", failover_state_name(w->failover.state), w->failover.current,
                 w->failover.reason, failover_state_name(state), current, w->done);
}

static inline void assert_says(const char *text, const char *words)
{
    if (strstr(text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", text, words);
}

#endif
