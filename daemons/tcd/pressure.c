/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pressure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Fields of the "cpu" line: user nice system idle iowait irq softirq steal. The guest fields that follow are
 * part of user and nice already. */
enum { STAT_FIELDS = 8, STAT_IDLE = 3, STAT_IOWAIT = 4 };

static const uint64_t COUNTER_MAX = UINT64_MAX / 16; /* so that sums cannot overflow */

static uint64_t limited(uint64_t value, uint64_t max)
{
    return value < max ? value : max;
}

static bool read_counter(const char **text, uint64_t *out)
{
    char *end;
    while (**text == ' ')
        (*text)++;
    if (**text < '0' || **text > '9')
        return false;
    *out = limited(strtoull(*text, &end, 10), COUNTER_MAX);
    *text = end;
    return true;
}

void pressure_read_stat(const char *stat, struct pressure_sample *sample)
{
    sample->has_cpu = false;
    sample->busy = sample->idle = 0;
    if (strncmp(stat, "cpu ", 4) != 0)
        return;
    stat += 4;
    int field;
    for (field = 0; field < STAT_FIELDS; field++) {
        uint64_t ticks;
        if (!read_counter(&stat, &ticks))
            break;
        if (field == STAT_IDLE || field == STAT_IOWAIT)
            sample->idle += ticks;
        else
            sample->busy += ticks;
    }
    sample->has_cpu = field > STAT_IDLE;
}

bool pressure_read_stall(const char *text, uint64_t *total_us)
{
    *total_us = 0;
    if (strncmp(text, "some ", 5) != 0)
        return false;
    const char *end = strchr(text, '\n');
    const char *total = strstr(text, "total=");
    if (!total || (end && total > end))
        return false;
    total += strlen("total=");
    return read_counter(&total, total_us);
}

/* How far a counter moved; one that ran backwards (wrapped, reset, or the kernel's iowait) did not move. */
static uint64_t moved(uint64_t before, uint64_t now)
{
    return now > before ? now - before : 0;
}

/* 1000 * part / whole, rounded, at most 1000. An empty whole gives 0. */
static uint16_t permille(uint64_t part, uint64_t whole)
{
    if (whole == 0)
        return 0;
    if (part >= whole)
        return PRESSURE_FREE;
    return (uint16_t)(((unsigned __int128)part * PRESSURE_FREE + whole / 2) / whole);
}

static uint16_t without(uint16_t share)
{
    return (uint16_t)(PRESSURE_FREE - share);
}

static uint16_t scaled(uint16_t share, uint16_t by)
{
    return (uint16_t)(((uint32_t)share * by + PRESSURE_FREE / 2) / PRESSURE_FREE);
}

/* The share of the time in which no task had to wait. */
static uint16_t unstalled(bool known, uint64_t before, uint64_t now, uint64_t elapsed_us)
{
    return known ? without(permille(moved(before, now), elapsed_us)) : PRESSURE_FREE;
}

static uint16_t cpu_share(const struct pressure_sample *a, const struct pressure_sample *b, uint64_t elapsed_us)
{
    uint16_t idle = PRESSURE_FREE;
    if (a->has_cpu && b->has_cpu) {
        uint64_t idle_ticks = limited(moved(a->idle, b->idle), COUNTER_MAX);
        uint64_t busy_ticks = limited(moved(a->busy, b->busy), COUNTER_MAX);
        idle = without(permille(busy_ticks, idle_ticks + busy_ticks));
    }
    bool known = a->has_cpu_stall && b->has_cpu_stall;
    return scaled(idle, unstalled(known, a->cpu_stall_us, b->cpu_stall_us, elapsed_us));
}

static uint16_t memory_share(const struct pressure_sample *a, const struct pressure_sample *b,
                             const struct loadindex_memory *memory, uint64_t elapsed_us)
{
    uint16_t available = memory->total_kb ? permille(memory->available_kb, memory->total_kb) : PRESSURE_FREE;
    bool known = a->has_memory_stall && b->has_memory_stall;
    return scaled(available, unstalled(known, a->memory_stall_us, b->memory_stall_us, elapsed_us));
}

/* Links are full duplex, so the busier way counts. A Mbit/s is a bit/µs. */
static uint16_t network_share(const struct pressure_sample *a, const struct pressure_sample *b, uint64_t elapsed_us)
{
    if (!a->has_network || !b->has_network || b->speed_mbit == 0)
        return PRESSURE_FREE;
    uint64_t received = moved(a->received_bytes, b->received_bytes);
    uint64_t sent = moved(a->sent_bytes, b->sent_bytes);
    uint64_t busier = limited(received > sent ? received : sent, COUNTER_MAX);
    uint64_t bytes_possible = limited(b->speed_mbit, UINT32_MAX) * limited(elapsed_us, UINT32_MAX) / 8;
    return without(permille(busier, bytes_possible));
}

void pressure_compute(const struct pressure_sample *before, const struct pressure_sample *now,
                      const struct loadindex_memory *memory, struct pressure_shares *out)
{
    uint64_t elapsed_us = moved(before->time_us, now->time_us);
    out->cpu = cpu_share(before, now, elapsed_us);
    out->memory = memory_share(before, now, memory, elapsed_us);
    out->network = network_share(before, now, elapsed_us);
    out->free = out->cpu < out->memory ? out->cpu : out->memory;
    if (out->network < out->free)
        out->free = out->network;
}

uint32_t pressure_index(uint64_t cpu, uint64_t total_kb, uint64_t smallest_mb, uint16_t free_share)
{
    uint16_t share = free_share > PRESSURE_FREE ? PRESSURE_FREE : free_share;
    if (share < PRESSURE_FLOOR)
        share = PRESSURE_FLOOR;
    uint64_t memory = limited(total_kb, LOADINDEX_MEMORY_MAX);
    return loadindex_compute(cpu, (memory * share + PRESSURE_FREE / 2) / PRESSURE_FREE, smallest_mb);
}
