/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine.h"

#include <errno.h>
#include <string.h>

/* Only so that the rest links until the engine is here. */
int engine_open(const struct engine_settings *settings, struct engine **out, const char **what)
{
    (void)settings;
    *out = NULL;
    *what = "no engine yet";
    return -EOPNOTSUPP;
}

void engine_close(struct engine *engine, bool leave_attached)
{
    (void)engine;
    (void)leave_attached;
}

int engine_clean(const char *interface)
{
    (void)interface;
    return 0;
}

void engine_set(struct engine *engine, const uint8_t states[HASH_BUCKETS])
{
    (void)engine;
    (void)states;
}

void engine_lease(struct engine *engine, uint64_t until_ns)
{
    (void)engine;
    (void)until_ns;
}

void engine_announce(struct engine *engine, bool announces)
{
    (void)engine;
    (void)announces;
}

void engine_states(const struct engine *engine, uint64_t now_ns, uint8_t states[HASH_BUCKETS])
{
    (void)engine;
    (void)now_ns;
    memset(states, BUCKET_FOREIGN, HASH_BUCKETS);
}

void engine_answered(const struct engine *engine, uint64_t times_ns[HASH_BUCKETS])
{
    (void)engine;
    memset(times_ns, 0, HASH_BUCKETS * sizeof(times_ns[0]));
}

void engine_counters(const struct engine *engine, uint64_t counters[ENGINE_COUNT_MAX])
{
    (void)engine;
    memset(counters, 0, ENGINE_COUNT_MAX * sizeof(counters[0]));
}

int engine_replay(struct engine *engine, const bool wanted[HASH_BUCKETS], uint64_t now_ns, unsigned max_age_ms)
{
    (void)engine;
    (void)wanted;
    (void)now_ns;
    (void)max_age_ms;
    return 0;
}
