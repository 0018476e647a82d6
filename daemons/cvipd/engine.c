/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine.h"

#include "engine_private.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* So long the program looks out for segments that make a replay needless; a replay follows the states at once. */
#define WATCH_NS 500000000U

static int make_mark(uint32_t *mark)
{
    do {
        if (getrandom(mark, sizeof(*mark), 0) != (ssize_t)sizeof(*mark)) {
            return -errno;
        }
    } while (*mark == 0);
    return 0;
}

static void write_address(struct engine_address *out, const struct addr *address)
{
    out->word_count = address->family == AF_INET ? 1 : 4;
    memcpy(out->words, address->bytes, out->word_count * sizeof(out->words[0]));
}

static int write_settings(struct engine_table *table, const struct engine_settings *settings)
{
    if (settings->address_count > ENGINE_ADDRESSES_MAX) {
        return -EINVAL;
    }
    for (size_t i = 0; i < settings->address_count; i++) {
        write_address(&table->addresses[i], &settings->addresses[i]);
    }
    table->address_count = (uint32_t)settings->address_count;
    table->mac_kind = settings->mac_kind;
    table->behind = settings->behind;
    table->hash = settings->hash;
    table->seed = settings->seed;
    memcpy(table->shared_mac, settings->shared_mac, sizeof(table->shared_mac));
    return make_mark(&table->replay_mark);
}

/* One that is missing comes later, by engine_check(). */
static int attach_all(struct engine *engine, const char **what)
{
    bool any = false;

    for (int i = 0; i < ENGINE_PORTS; i++) {
        int error = engine_attach(engine, &engine->ports[i], what);

        if (error != 0 && error != -ENODEV) {
            return error;
        }
        if (error == 0 && !any) {
            engine->active = i;
            any = true;
        }
    }
    return any ? 0 : -ENODEV;
}

static int open_all(struct engine *engine, const struct engine_settings *settings, const char **what)
{
    int error;

    engine->settings = *settings;
    for (int i = 0; i < ENGINE_PORTS; i++) {
        engine->ports[i].name = engine->settings.interfaces[i];
    }
    error = engine_load(engine, what);
    if (error != 0) {
        return error;
    }
    *what = "write the settings of the BPF program";
    error = write_settings(engine->table, settings);
    if (error != 0) {
        return error;
    }
    error = engine_socket_open(engine, what);
    return error != 0 ? error : attach_all(engine, what);
}

int engine_open(const struct engine_settings *settings, struct engine **out, const char **what)
{
    struct engine *engine = calloc(1, sizeof(*engine));
    int error;

    *what = "allocate memory";
    if (engine == NULL) {
        return -ENOMEM;
    }
    engine->socket = -1;
    error = open_all(engine, settings, what);
    if (error != 0) {
        engine_close(engine, false);
        return error;
    }
    *out = engine;
    return 0;
}

void engine_use(struct engine *engine, int port)
{
    engine->active = port;
}

void engine_close(struct engine *engine, bool leave_attached)
{
    if (engine == NULL) {
        return;
    }
    if (!leave_attached) {
        engine_detach(engine);
    } else {
        engine_lease(engine, 0);
    }
    if (engine->socket >= 0) {
        close(engine->socket);
    }
    engine_unload(engine);
    free(engine);
}

static bool takes_syns(uint8_t state)
{
    return (state & BUCKET_STATE_MASK) != BUCKET_FOREIGN && (state & BUCKET_HOLD_SYN) == 0;
}

static uint64_t now_boottime(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* The row that is not in force is written, then the rows change places. */
void engine_set(struct engine *engine, const uint8_t states[HASH_BUCKETS])
{
    struct engine_table *table = engine->table;
    uint32_t active = table->active & 1;
    bool gains = false;

    for (size_t i = 0; i < HASH_BUCKETS; i++) {
        gains = gains || (takes_syns(states[i]) && !takes_syns(table->buckets[active][i]));
    }
    if (gains) {
        __atomic_store_n(&table->watch_until, now_boottime() + WATCH_NS, __ATOMIC_RELEASE);
    }
    memcpy(table->buckets[1 - active], states, HASH_BUCKETS);
    __atomic_store_n(&table->active, 1 - active, __ATOMIC_RELEASE);
}

void engine_lease(struct engine *engine, uint64_t until_ns)
{
    __atomic_store_n(&engine->table->lease_until, until_ns, __ATOMIC_RELEASE);
}

void engine_announce(struct engine *engine, bool announces)
{
    __atomic_store_n(&engine->table->announces, announces ? 1 : 0, __ATOMIC_RELEASE);
}

void engine_states(const struct engine *engine, uint64_t now_ns, uint8_t states[HASH_BUCKETS])
{
    const struct engine_table *table = engine->table;

    if (now_ns >= table->lease_until) {
        memset(states, BUCKET_FOREIGN, HASH_BUCKETS);
        return;
    }
    memcpy(states, table->buckets[table->active & 1], HASH_BUCKETS);
}

void engine_answered(const struct engine *engine, uint64_t times_ns[HASH_BUCKETS])
{
    for (size_t i = 0; i < HASH_BUCKETS; i++) {
        times_ns[i] = __atomic_load_n(&engine->table->answered[i], __ATOMIC_RELAXED);
    }
}

void engine_counters(const struct engine *engine, uint64_t counters[ENGINE_COUNT_MAX])
{
    const uint32_t key = 0;

    memset(counters, 0, ENGINE_COUNT_MAX * sizeof(counters[0]));
    if (bpf_map_lookup_elem(engine->counts_map, &key, engine->counts) != 0) {
        return;
    }
    for (size_t i = 0; i < engine->processors; i++) {
        for (size_t j = 0; j < ENGINE_COUNT_MAX; j++) {
            counters[j] += engine->counts[i].values[j];
        }
    }
}
