/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way into the kernel's connection table behind the functions of inject.h, for tests: keeps what would be entered.
 */
#ifndef TEST_FAKE_INJECT_H
#define TEST_FAKE_INJECT_H

#include "inject.h"

#define FAKE_INJECT_MAX 2048

struct fake_inject {
    char interface[16]; /* as it was opened */
    uint8_t id;
    size_t count;
    bool refuses; /* takes nothing more */
    struct sync_connection connections[FAKE_INJECT_MAX];
};

extern struct fake_inject fake_inject;

#endif
