/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads what the load index and the free share are made of: /proc, and /sys for the network interface. */
#ifndef TCD_MEASURE_H
#define TCD_MEASURE_H

#include "pressure.h"
#include "tcd_config.h"

#define MEASURE_INTERVAL_MS 500 /* between two samples; long enough for the 10 ms ticks of /proc/stat */

struct measure {
    uint64_t cpu; /* hundredths of BogoMIPS */
    struct loadindex_memory memory;
    struct pressure_sample last;
    struct pressure_shares shares;
};

/* Reads the processor's speed, once (thesis 3.24.2), and takes the first sample. */
void measure_init(struct measure *measure, const struct tcd_config *config);

/* Takes a sample and computes the free shares since the last one. Call it each MEASURE_INTERVAL_MS. */
void measure_sample(struct measure *measure, const struct tcd_config *config);

/* The load index now, by the configured formula; reads the memory's state. At least 1. */
uint32_t measure_index(struct measure *measure, const struct tcd_config *config);

#endif
