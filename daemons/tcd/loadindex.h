/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The load index of the thesis, section 3.22.6: Load_a = CPU_a * RAM_a / RAM_x.
 * Pure: it gets the text of /proc/cpuinfo and /proc/meminfo, and reads no file. docs/load-index.md has the reasoning.
 */
#ifndef TCD_LOADINDEX_H
#define TCD_LOADINDEX_H

#include <stdint.h>

/* BogoMIPS are counted in hundredths, as the kernel prints them: 1185.43 is 118543. */
#define LOADINDEX_CPU_MAX UINT64_C(1000000000000)    /* hundredths of BogoMIPS of one node, 10^10 BogoMIPS */
#define LOADINDEX_MEMORY_MAX UINT64_C(1099511627776) /* kB of one node, 1 PiB */
#define LOADINDEX_CPU_FALLBACK UINT64_C(200000)      /* hundredths a CPU, when nothing at all is known */

struct loadindex_memory {
    uint64_t total_kb;
    uint64_t free_kb;      /* MemFree */
    uint64_t available_kb; /* MemAvailable; where the kernel has none: MemFree + Buffers + Cached - Shmem */
};

/* The processor's speed in hundredths of BogoMIPS, summed over the CPUs listed in the text (the online ones).
 * Without BogoMIPS: twice the MHz of each CPU; without those, 2000 BogoMIPS for each of online_cpus.
 * Between 1 and LOADINDEX_CPU_MAX for any text. */
uint64_t loadindex_cpu(const char *cpuinfo, unsigned online_cpus);

/* Reads the text of /proc/meminfo. What is missing is 0; nothing is above LOADINDEX_MEMORY_MAX, and
 * free and available are not above total. */
void loadindex_memory(const char *meminfo, struct loadindex_memory *out);

/* CPU_a * RAM_a / RAM_x, rounded. cpu: hundredths of BogoMIPS; ram_kb: RAM_a in kB; smallest_mb: RAM_x in MB
 * of 1024 kB (0 counts as 1). Between 1 and UINT32_MAX: 0 is kept for an application that does not answer. */
uint32_t loadindex_compute(uint64_t cpu, uint64_t ram_kb, uint64_t smallest_mb);

#endif
