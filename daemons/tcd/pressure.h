/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What share of the node is really free now, 0 to 1000 (thesis 3.22.5.2, "a better representation of the load
 * index"). Pure: it gets texts of /proc and counters. docs/load-index.md has the reasoning and the bounds. */
#ifndef TCD_PRESSURE_H
#define TCD_PRESSURE_H

#include "loadindex.h"

#include <stdbool.h>
#include <stdint.h>

#define PRESSURE_FREE 1000 /* all free */
#define PRESSURE_FLOOR 100 /* the index counts a node as at least so much free */

/* Counters read at one moment. What could not be read has its flag unset and counts for nothing. */
struct pressure_sample {
    uint64_t time_us; /* monotonic */
    bool has_cpu;     /* /proc/stat */
    uint64_t busy;    /* ticks of all CPUs */
    uint64_t idle;    /* ticks of all CPUs, waiting for disks among them */
    bool has_cpu_stall;
    uint64_t cpu_stall_us; /* /proc/pressure/cpu, "some", total */
    bool has_memory_stall;
    uint64_t memory_stall_us; /* /proc/pressure/memory, "some", total */
    bool has_network;
    uint64_t received_bytes;
    uint64_t sent_bytes;
    uint64_t speed_mbit; /* of the interface, each way */
};

/* Free shares, each 0 to 1000. */
struct pressure_shares {
    uint16_t cpu;
    uint16_t memory;
    uint16_t network;
    uint16_t free; /* the scarcest of them: the share that is reported */
};

/* Reads the "cpu" line of /proc/stat into busy and idle; sets has_cpu. */
void pressure_read_stat(const char *stat, struct pressure_sample *sample);

/* Reads the total of the "some" line of a pressure file. Returns false, and 0 in *total_us, when there is none. */
bool pressure_read_stall(const char *text, uint64_t *total_us);

/* The shares in the time between two samples. Any values may be in them: counters that ran backwards count as
 * unmoved, and what is missing in either sample counts as free. memory is the present state. */
void pressure_compute(const struct pressure_sample *before, const struct pressure_sample *now,
                      const struct loadindex_memory *memory, struct pressure_shares *out);

/* The load index of formula "pressure": the static capacity CPU_a * (total RAM of a) / RAM_x, scaled by the free
 * share, but by PRESSURE_FLOOR at least. Between 1 and UINT32_MAX. */
uint32_t pressure_index(uint64_t cpu, uint64_t total_kb, uint64_t smallest_mb, uint16_t free_share);

#endif
