/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of erd.conf, one by one. */
#ifndef ERD_CONFIG_LINE_H
#define ERD_CONFIG_LINE_H

#include "erd_config.h"

struct erd_config_reader {
    struct erd_config *config;
    struct erd_pair_config general;  /* what holds for pairs that say nothing else */
    struct erd_pair_config *current; /* the pair whose lines these are, or general */
};

extern const struct conf_grammar erd_config_grammar; /* its context is a reader */

/* Adds a pair of these ports with what holds in general. line: where they stand. Returns 0, or -EINVAL with error set:
 * a name that no port can have, a port that is in a pair already, or too many pairs. */
int erd_config_pair(struct erd_config_reader *reader, const char *primary, const char *twin,
                    const struct conf_line *line, struct conf_error *error);

#endif
