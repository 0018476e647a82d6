/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The grammar of has.conf for libconfuse. Every value is text there: load.c converts, so that all messages
 * about values are ours and alike. */
#ifndef HAS_SCHEMA_H
#define HAS_SCHEMA_H

#include <confuse.h>

struct schema;

/* Called for each value that is set, and at the end of each section. Returns 0, or -1 to stop reading. */
typedef int (*schema_seen)(cfg_t *section, cfg_opt_t *option);

/* Builds the option table out of settings[] and the sections that may stand several times.
 * Returns NULL without memory. The table must live until schema_free, after cfg_free. */
struct schema *schema_new(schema_seen seen);
cfg_opt_t *schema_options(struct schema *schema);
void schema_free(struct schema *schema);

#endif
