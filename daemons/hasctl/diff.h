/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unified differences between a file and a text, by diff(1). */
#ifndef HAS_DIFF_H
#define HAS_DIFF_H

#include <stdio.h>

/* Prints what would change in the file if it became the text; an absent file counts as an empty one.
 * Returns 0 when they are alike, 1 when they differ, or a negative errno. */
int diff_print(const char *path, const char *text, FILE *out);

#endif
