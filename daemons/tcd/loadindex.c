/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loadindex.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Reads a decimal number in units of a hundredth: "1185.43" is 118543, "7" is 700. Stops at anything else. */
static uint64_t read_hundredths(const char *text, uint64_t max)
{
    uint64_t value = 0;
    while (*text == ' ' || *text == '\t')
        text++;
    for (; isdigit((unsigned char)*text); text++)
        value = smaller(value * 10 + (uint64_t)(*text - '0'), max);
    value *= 100;
    if (*text == '.' && isdigit((unsigned char)text[1])) {
        value += (uint64_t)(text[1] - '0') * 10;
        if (isdigit((unsigned char)text[2]))
            value += (uint64_t)(text[2] - '0');
    }
    return smaller(value, max);
}

/* The value of a "key : value" line, or NULL when the line has another key. Upper and lower case differ between
 * architectures and kernel versions: bogomips, BogoMIPS. */
static const char *value_of(const char *line, const char *key)
{
    size_t length = strlen(key);
    if (strncasecmp(line, key, length) != 0)
        return NULL;
    line += length;
    while (*line == ' ' || *line == '\t')
        line++;
    return *line == ':' ? line + 1 : NULL;
}

static const char *next_line(const char *line)
{
    line = strchr(line, '\n');
    return line ? line + 1 : NULL;
}

struct cpu_sums {
    uint64_t bogomips;
    uint64_t mhz;
};

static void add_cpu_line(struct cpu_sums *sums, const char *line, unsigned online_cpus)
{
    const char *value;
    if ((value = value_of(line, "bogomips")))
        sums->bogomips += read_hundredths(value, LOADINDEX_CPU_MAX);
    else if ((value = value_of(line, "bogomips per cpu"))) /* s390: one line for all */
        sums->bogomips += read_hundredths(value, LOADINDEX_CPU_MAX / 4096) * smaller(online_cpus, 4096);
    else if ((value = value_of(line, "cpu MHz")))
        sums->mhz += read_hundredths(value, LOADINDEX_CPU_MAX / 2);
    sums->bogomips = smaller(sums->bogomips, LOADINDEX_CPU_MAX);
    sums->mhz = smaller(sums->mhz, LOADINDEX_CPU_MAX);
}

uint64_t loadindex_cpu(const char *cpuinfo, unsigned online_cpus)
{
    struct cpu_sums sums = {0};
    if (online_cpus == 0)
        online_cpus = 1;
    for (const char *line = cpuinfo; line; line = next_line(line))
        add_cpu_line(&sums, line, online_cpus);
    if (sums.bogomips > 0)
        return sums.bogomips;
    if (sums.mhz > 0)
        return smaller(sums.mhz * 2, LOADINDEX_CPU_MAX);
    return smaller(LOADINDEX_CPU_FALLBACK * online_cpus, LOADINDEX_CPU_MAX);
}

static bool read_kb(const char *line, const char *key, uint64_t *out)
{
    const char *value = value_of(line, key);
    if (!value)
        return false;
    *out = read_hundredths(value, LOADINDEX_MEMORY_MAX * 100) / 100;
    return true;
}

void loadindex_memory(const char *meminfo, struct loadindex_memory *out)
{
    uint64_t buffers = 0;
    uint64_t cached = 0;
    uint64_t shared = 0;
    bool has_available = false;
    *out = (struct loadindex_memory){0};
    for (const char *line = meminfo; line; line = next_line(line)) {
        (void)(read_kb(line, "MemTotal", &out->total_kb) || read_kb(line, "MemFree", &out->free_kb) ||
               read_kb(line, "Buffers", &buffers) || read_kb(line, "Cached", &cached) ||
               read_kb(line, "Shmem", &shared));
        has_available |= read_kb(line, "MemAvailable", &out->available_kb);
    }
    if (!has_available) {
        uint64_t sum = out->free_kb + buffers + cached;
        out->available_kb = sum > shared ? sum - shared : 0;
    }
    out->free_kb = smaller(out->free_kb, out->total_kb);
    out->available_kb = smaller(out->available_kb, out->total_kb);
}

uint32_t loadindex_compute(uint64_t cpu, uint64_t ram_kb, uint64_t smallest_mb)
{
    uint64_t smallest = smaller(smallest_mb ? smallest_mb : 1, LOADINDEX_MEMORY_MAX / 1024) * 1024;
    unsigned __int128 product =
        (unsigned __int128)smaller(cpu, LOADINDEX_CPU_MAX) * smaller(ram_kb, LOADINDEX_MEMORY_MAX);
    unsigned __int128 divisor = (unsigned __int128)smallest * 100;
    unsigned __int128 index = (product + divisor / 2) / divisor;
    if (index < 1)
        return 1;
    return index > UINT32_MAX ? UINT32_MAX : (uint32_t)index;
}
