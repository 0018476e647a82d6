/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single values of a section of has.conf, converted and complained about. */
#ifndef HAS_CONVERT_VALUES_H
#define HAS_CONVERT_VALUES_H

#include "model.h"
#include "source.h"

/* "master \"m1\"" for messages; the section's name alone when it has no title. Returns buf. */
const char *section_label(cfg_t *section, char *buf, size_t size);

/* The line of the option, or the section's when it was not set. */
unsigned option_line(const struct source *source, cfg_t *section, const char *option);

/* A number from min to max; fallback when the option is not set. */
long option_number(const struct source *source, cfg_t *section, const char *option, long min, long max, long fallback);

/* The position in choices (ends with NULL); fallback when the option is not set. */
long option_choice(const struct source *source, cfg_t *section, const char *option, const char *const *choices,
                   long fallback);

bool option_switch(const struct source *source, cfg_t *section, const char *option, bool fallback);

/* A name, empty when the option is not set. */
void option_name(const struct source *source, cfg_t *section, const char *option, char name[MODEL_NAME_MAX]);

/* "ADDRESS/LENGTH" of that family; AF_UNSPEC when the option is not set. */
void option_prefix(const struct source *source, cfg_t *section, const char *option, sa_family_t family,
                   struct prefix *prefix);

/* A list of networks, such as "clients", of either family. Returns how many were good. */
size_t option_prefixes(const struct source *source, cfg_t *section, const char *option, struct prefix *out, size_t max);

/* A list of addresses, such as "addresses". Returns how many were good. */
size_t option_addresses(const struct source *source, cfg_t *section, const char *option, struct addr *out, size_t max);

#endif
