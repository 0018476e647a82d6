/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of text with aligned columns. */
#ifndef HAS_TABLE_H
#define HAS_TABLE_H

#include <stddef.h>
#include <stdio.h>

struct table;

/* headings ends with NULL. A heading that begins with '>' makes a column of numbers, aligned to the right.
 * Returns NULL without memory. */
struct table *table_new(const char *const *headings);

/* Fills the next cell; a row is full after as many as there are headings. An empty text is shown as "-". */
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints the headings and the rows; no blanks stand at the ends of lines. */
void table_print(const struct table *table, FILE *out);

void table_free(struct table *table);

#endif
