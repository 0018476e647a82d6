/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monotonic clock. Only main loops read it; logic gets the time passed in. */
#ifndef HAS_CLOCK_H
#define HAS_CLOCK_H

#include <stdint.h>

uint64_t clock_ms(void); /* milliseconds since boot, CLOCK_MONOTONIC */
uint64_t clock_us(void);
uint64_t clock_boot_us(void); /* microseconds since boot, CLOCK_BOOTTIME: goes on while the machine sleeps */

#endif
