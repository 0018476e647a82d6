/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of has.conf in, libconfuse's tree out, with the line on which each value stands. */
#ifndef HAS_SOURCE_H
#define HAS_SOURCE_H

#include "problems.h"
#include "schema.h"

struct source {
    struct schema *schema;
    cfg_t *cfg;
    struct problems *problems;
    struct source_line *lines;
    size_t line_count;
};

/* Parses the text. Returns 0, or -EINVAL with problems set, or -ENOMEM. source_close is due in each case. */
int source_open(struct source *source, const char *text, struct problems *problems);
void source_close(struct source *source);

/* The line on which the option was set in the section, 0 if it was not. */
unsigned source_line(const struct source *source, cfg_t *section, const char *option);

/* The line of the first value in the section, or of its end; 0 for a section that is not in the text. */
unsigned source_section_line(const struct source *source, const cfg_t *section);

/* The option's text, or NULL when it was not set. */
const char *source_text(cfg_t *section, const char *option);

#endif
