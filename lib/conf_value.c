/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values on a line of a configuration file. */
#include "conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *word_at(const struct conf_line *line, int index, struct conf_error *error)
{
    if (index >= 0 && index < line->count)
        return line->words[index];
    conf_fail(error, line, "%s: value %d is missing", line->count > 0 ? line->words[0] : "line", index);
    return NULL;
}

static bool whole_number(const char *text, long min, long max, long *out)
{
    char *end;
    long value;

    if (*text != '-' && (*text < '0' || *text > '9'))
        return false; /* strtol would skip blanks and take a '+' */
    errno = 0;
    value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || value < min || value > max)
        return false;
    *out = value;
    return true;
}

int conf_option_number(const struct conf_line *line, const char *name, const char *value, long min, long max, long *out,
                       struct conf_error *error)
{
    if (whole_number(value, min, max, out))
        return 0;
    return conf_fail(error, line, "%s must be a whole number from %ld to %ld, not \"%.64s\"", name, min, max, value);
}

int conf_number(const struct conf_line *line, int index, long min, long max, long *out, struct conf_error *error)
{
    const char *word = word_at(line, index, error);

    return word == NULL ? -EINVAL : conf_option_number(line, line->words[0], word, min, max, out, error);
}

int conf_address(const struct conf_line *line, int index, struct addr *out, struct conf_error *error)
{
    const char *word = word_at(line, index, error);

    if (word == NULL)
        return -EINVAL;
    if (addr_parse(word, out) == 0)
        return 0;
    return conf_fail(error, line, "\"%.64s\" is not an IPv4 or IPv6 address in numbers", word);
}

int conf_boolean(const struct conf_line *line, int index, bool *out, struct conf_error *error)
{
    static const char *const choices[] = {"no", "yes", "off", "on", NULL};
    int choice;
    int result = conf_choice(line, index, choices, &choice, error);

    if (result == 0)
        *out = choice % 2 == 1;
    return result;
}

int conf_choice(const struct conf_line *line, int index, const char *const *choices, int *out, struct conf_error *error)
{
    const char *word = word_at(line, index, error);
    char known[256] = "";
    size_t used = 0;

    if (word == NULL)
        return -EINVAL;
    for (int i = 0; choices[i] != NULL; i++) {
        if (strcasecmp(choices[i], word) == 0) {
            *out = i;
            return 0;
        }
        if (used < sizeof(known))
            used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i > 0 ? ", " : "", choices[i]);
    }
    return conf_fail(error, line, "%s must be one of %s, not \"%.64s\"", line->words[0], known, word);
}

int conf_string(const struct conf_line *line, int index, char *out, size_t size, struct conf_error *error)
{
    const char *word = word_at(line, index, error);
    size_t length;

    if (word == NULL)
        return -EINVAL;
    length = strlen(word);
    if (length >= size)
        return conf_fail(error, line, "\"%.64s\" is longer than %zu bytes", word, size - 1);
    memcpy(out, word, length + 1);
    return 0;
}

bool conf_option(const char *word, const char *name, const char **value)
{
    size_t length = strlen(name);

    if (strncasecmp(word, name, length) != 0 || word[length] != '=')
        return false;
    *value = word + length + 1;
    return true;
}
