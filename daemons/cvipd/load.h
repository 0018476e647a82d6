/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How busy this machine's processors are: the first line of /proc/stat, with the time in interrupts and softirqs, in
 * which a dispatcher does its work. */
#ifndef CVIPD_LOAD_H
#define CVIPD_LOAD_H

#include <stdbool.h>
#include <stdint.h>

/* In ticks, since boot. */
struct load_times {
    uint64_t busy;
    uint64_t all;
};

/* Reads the line "cpu …". Returns 0 or -EINVAL. */
int load_parse(const char *text, struct load_times *out);
/* Reads the file. Returns 0 or a negative errno. */
int load_read(const char *path, struct load_times *out);
/* Percent of the time between, 0 to 100; 0 when no time went by. */
uint8_t load_percent(const struct load_times *before, const struct load_times *now);

#endif
