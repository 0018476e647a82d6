/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reader of the daemons' configuration files: the format of the thesis, sections 3.22.3.1 and 3.22.5.1:
 * a keyword and its values on a line, '#' at the start of a word begins a comment. Words may stand in double
 * quotes, and so may values behind a '='; inside, \" and \\ stand for a quote and a backslash, any other backslash
 * for itself. Keywords are compared without regard to case. */
#ifndef HAS_CONF_H
#define HAS_CONF_H

#include "addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONF_WORDS_MAX 32
#define CONF_ERROR_MAX 512

/* What is wrong, in one line for people: "FILE:LINE: what, and what to do". Empty when nothing is. */
struct conf_error {
    char text[CONF_ERROR_MAX];
};

struct conf_line {
    const char *path;
    unsigned number; /* line, from 1; 0: messages name the file only */
    int count;       /* words on the line, the keyword among them */
    char *words[CONF_WORDS_MAX];
};

/* One keyword of a file. A name that ends in '#' stands for the name and a decimal number ("master#": master1). */
struct conf_keyword {
    const char *name;
    int values_min; /* values after the keyword */
    int values_max;
    int (*apply)(void *context, const struct conf_line *line, struct conf_error *error);
};

struct conf_grammar {
    const struct conf_keyword *keywords; /* ends with a NULL name */
    /* Lines whose first word is no keyword but an address (the thesis' bare list of standby nodes);
     * NULL where the file has no such lines. */
    int (*bare_address)(void *context, const struct conf_line *line, struct conf_error *error);
};

/* Reads a whole file. Returns 0, or a negative errno with error->text set: -EINVAL for a line that is
 * wrong (unknown keyword, count of values, an apply function's refusal), else the errno of opening it. */
int conf_read(const char *path, const struct conf_grammar *grammar, void *context, struct conf_error *error);

/* The same from memory, for tests and fuzzers; path is the name that errors show. */
int conf_read_text(const char *path, const char *text, size_t length, const struct conf_grammar *grammar, void *context,
                   struct conf_error *error);

/* Sets error->text to "FILE:LINE: message" and returns -EINVAL, so that callers may return it. */
int conf_fail(struct conf_error *error, const struct conf_line *line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Values. Each returns 0 or -EINVAL with error set; *out is written only on success.
 * index counts the words of the line: 1 is the first value. */
int conf_number(const struct conf_line *line, int index, long min, long max, long *out, struct conf_error *error);
int conf_address(const struct conf_line *line, int index, struct addr *out, struct conf_error *error);
int conf_boolean(const struct conf_line *line, int index, bool *out, struct conf_error *error); /* yes no on off */
/* One of choices (ends with NULL); *out is its position. */
int conf_choice(const struct conf_line *line, int index, const char *const *choices, int *out,
                struct conf_error *error);
/* Copies a word; refuses one that does not fit in size bytes with its end. */
int conf_string(const struct conf_line *line, int index, char *out, size_t size, struct conf_error *error);

/* Options "name=value" at the end of a line. Returns true and points *value behind the '=' when
 * the word is that option. */
bool conf_option(const char *word, const char *name, const char **value);
/* Like conf_number for the value of an option; name is for the message. */
int conf_option_number(const struct conf_line *line, const char *name, const char *value, long min, long max, long *out,
                       struct conf_error *error);

#endif
