/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with a configuration: errors and warnings for people, each with file and line. */
#ifndef HAS_PROBLEMS_H
#define HAS_PROBLEMS_H

#include <stddef.h>
#include <stdio.h>

/* More are counted, but not kept. */
#define PROBLEMS_KEPT 64
#define PROBLEM_TEXT_MAX 512

struct problems {
    const char *path; /* the file that lines are of */
    size_t errors;
    size_t warnings;
    size_t kept;
    unsigned lines[PROBLEMS_KEPT];
    char texts[PROBLEMS_KEPT][PROBLEM_TEXT_MAX]; /* by their lines, those of the whole file last; warnings say so */
};

void problems_init(struct problems *problems, const char *path);

/* Adds "FILE:LINE: message"; line 0: the file as a whole. */
void problem_error(struct problems *problems, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds "FILE:LINE: warning: message". */
void problem_warning(struct problems *problems, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One line each. */
void problems_print(const struct problems *problems, FILE *out);

#endif
