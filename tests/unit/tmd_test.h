/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the traffic manager share: configurations from text, reports, seeded chance. */
#ifndef TEST_TMD_TEST_H
#define TEST_TMD_TEST_H

#include "configuration.h"
#include "unit.h"

/* Chance that is the same in every run. */
struct chance {
    uint64_t state;
};

static inline uint32_t chance_next(struct chance *chance)
{
    chance->state = chance->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(chance->state >> 33);
}

/* From low to high, both included. */
static inline uint32_t chance_between(struct chance *chance, uint32_t low, uint32_t high)
{
    return low + chance_next(chance) % (high - low + 1);
}

static inline struct addr an_address(const char *text)
{
    struct addr address;
    assert_int_equal(addr_parse(text, &address), 0);
    return address;
}

static inline struct config *a_config(const char *text)
{
    struct config *config = NULL;
    struct conf_error error = {""};
    if (config_read_text("tmd.conf", text, strlen(text), &config, &error) != 0)
        print_error("%s\n", error.text);
    assert_non_null(config);
    return config;
}

static inline struct wire_report a_report(const char *address, uint32_t index)
{
    return (struct wire_report){
        .address = an_address(address), .session = 1, .sequence = 1, .index = index, .pressure = 500};
}

#endif
