/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small template language for the files in cib/.
 *
 *   %# text            a comment, not printed
 *   %for LIST … %end   once for each item of a list
 *   %if NAME … %else … %end, %if not NAME … %end
 *   @name@             the value of a name, quoted for a POSIX shell (crmsh reads the same quotes)
 *
 * Directives stand alone on a line. Blocks nest. An unknown name is an error, never an empty text. */
#ifndef HAS_TEMPLATE_H
#define HAS_TEMPLATE_H

#include "problems.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TEMPLATE_NAME_MAX 32

struct template_data {
    void *context;
    /* How many items a list has; -1: no such list. */
    long (*count)(void *context, const char *list);
    /* Makes an item the current one of its list. */
    void (*select)(void *context, const char *list, size_t item);
    /* 1 or 0; -1: no such condition. */
    int (*condition)(void *context, const char *name);
    /* Prints the value with template_quote; false: no such name. */
    bool (*value)(void *context, const char *name, FILE *out);
};

/* Prints the template. Returns 0, or -EINVAL with problems set: file and line of the template. */
int template_print(const char *text, const struct template_data *data, FILE *out, struct problems *problems);

/* Prints text as one word for a shell: as it is, or in single quotes where it must be. */
void template_quote(const char *text, FILE *out);

#endif
