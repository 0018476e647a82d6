/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure.h"

#include "clock.h"
#include "file.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PROC_FILE_MAX ((size_t)4 * 1024 * 1024) /* /proc/cpuinfo and /proc/stat of a very large machine */

/* The text of a file, or NULL. */
static char *read_text(const char *path)
{
    char *text = NULL;
    size_t length;
    return file_read(path, PROC_FILE_MAX, &text, &length) == 0 ? text : NULL;
}

static void read_memory(struct loadindex_memory *memory)
{
    char *text = read_text("/proc/meminfo");
    if (text)
        loadindex_memory(text, memory);
    free(text);
}

static bool read_stall(const char *path, uint64_t *total_us)
{
    char *text = read_text(path);
    bool known = text && pressure_read_stall(text, total_us);
    free(text);
    return known;
}

static bool read_interface(const char *interface, const char *file, uint64_t *out)
{
    char path[128];
    snprintf(path, sizeof(path), "/sys/class/net/%s/%s", interface, file);
    char *text = read_text(path);
    long long value = text ? strtoll(text, NULL, 10) : -1;
    free(text);
    *out = value > 0 ? (uint64_t)value : 0;
    return value >= 0;
}

static void read_sample(struct pressure_sample *sample, const char *interface)
{
    *sample = (struct pressure_sample){.time_us = clock_us()};
    char *stat = read_text("/proc/stat");
    if (stat)
        pressure_read_stat(stat, sample);
    free(stat);
    sample->has_cpu_stall = read_stall("/proc/pressure/cpu", &sample->cpu_stall_us);
    sample->has_memory_stall = read_stall("/proc/pressure/memory", &sample->memory_stall_us);
    if (interface[0])
        sample->has_network = read_interface(interface, "statistics/rx_bytes", &sample->received_bytes) &&
                              read_interface(interface, "statistics/tx_bytes", &sample->sent_bytes) &&
                              read_interface(interface, "speed", &sample->speed_mbit);
}

void measure_init(struct measure *measure, const struct tcd_config *config)
{
    *measure = (struct measure){.cpu = config->bogomips};
    if (measure->cpu == 0) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        char *text = read_text("/proc/cpuinfo");
        measure->cpu = loadindex_cpu(text ? text : "", online > 0 ? (unsigned)online : 1);
        free(text);
    }
    read_memory(&measure->memory);
    read_sample(&measure->last, config->network);
    pressure_compute(&measure->last, &measure->last, &measure->memory, &measure->shares);
    if (config->network[0] && (!measure->last.has_network || measure->last.speed_mbit == 0))
        log_warning("network %s has no known speed: it does not count in the free share", config->network);
}

void measure_sample(struct measure *measure, const struct tcd_config *config)
{
    struct pressure_sample now;
    read_sample(&now, config->network);
    read_memory(&measure->memory);
    pressure_compute(&measure->last, &now, &measure->memory, &measure->shares);
    measure->last = now;
}

uint32_t measure_index(struct measure *measure, const struct tcd_config *config)
{
    const struct loadindex_memory *memory = &measure->memory;
    if (config->formula == TCD_FORMULA_PRESSURE)
        return pressure_index(measure->cpu, memory->total_kb, config->smallest_mb, measure->shares.free);
    read_memory(&measure->memory);
    uint64_t ram_kb = config->memory == TCD_MEMORY_FREE ? memory->free_kb : memory->available_kb;
    return loadindex_compute(measure->cpu, ram_kb, config->smallest_mb);
}
