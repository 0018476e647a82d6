/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf.h"

#include "file.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONF_FILE_MAX (1024 * 1024)
#define CONF_LINE_MAX 4096

int conf_fail(struct conf_error *error, const struct conf_line *line, const char *format, ...)
{
    size_t used;
    va_list args;

    if (line->number == 0)
        snprintf(error->text, sizeof(error->text), "%s: ", line->path);
    else
        snprintf(error->text, sizeof(error->text), "%s:%u: ", line->path, line->number);
    used = strlen(error->text);
    va_start(args, format);
    vsnprintf(error->text + used, sizeof(error->text) - used, format, args);
    va_end(args);
    return -EINVAL;
}

/* Takes a quoted part out of the text in place: *from stands behind the opening quote and is moved behind the
 * closing one, *to behind what was written. */
static int unquote(char **from, char **to, const struct conf_line *line, struct conf_error *error)
{
    char *in = *from;
    char *out = *to;

    while (*in != '"') {
        if (*in == '\0')
            return conf_fail(error, line, "the closing quote is missing");
        if (in[0] == '\\' && (in[1] == '"' || in[1] == '\\'))
            in++; /* any other backslash stays: regular expressions need it */
        *out++ = *in++;
    }
    in++;
    if (*in != '\0' && *in != ' ' && *in != '\t')
        return conf_fail(error, line, "a blank is missing behind the closing quote");
    *from = in;
    *to = out;
    return 0;
}

/* Reads one word in place. A quote may open at its start or right behind a '=' (match="a b"). */
static int next_word(char **cursor, struct conf_line *line, struct conf_error *error)
{
    char *in = *cursor;
    char *out = *cursor;
    char *start = *cursor;

    while (*in != '\0' && *in != ' ' && *in != '\t') {
        if (*in != '"') {
            *out++ = *in++;
            continue;
        }
        if (in != start && in[-1] != '=')
            return conf_fail(error, line,
                             "a quote inside a word; put the whole word into quotes, \\\" stands for a quote");
        in++;
        if (unquote(&in, &out, line, error) != 0)
            return -EINVAL;
    }
    if (line->count == CONF_WORDS_MAX)
        return conf_fail(error, line, "more than %d words on a line", CONF_WORDS_MAX);
    line->words[line->count++] = start;
    *cursor = *in == '\0' ? in : in + 1;
    *out = '\0';
    return 0;
}

static int split_words(char *text, struct conf_line *line, struct conf_error *error)
{
    line->count = 0;
    for (;;) {
        text += strspn(text, " \t");
        if (*text == '\0' || *text == '#')
            return 0;
        if (next_word(&text, line, error) != 0)
            return -EINVAL;
    }
}

static bool keyword_fits(const char *name, const char *word)
{
    size_t length = strlen(name);

    if (length == 0 || name[length - 1] != '#')
        return strcasecmp(name, word) == 0;
    length--;
    if (strncasecmp(name, word, length) != 0 || word[length] == '\0')
        return false;
    return word[length + strspn(word + length, "0123456789")] == '\0';
}

static int unknown_keyword(const struct conf_grammar *grammar, const struct conf_line *line, struct conf_error *error)
{
    char known[CONF_ERROR_MAX] = "";
    size_t used = 0;

    for (const struct conf_keyword *k = grammar->keywords; k->name != NULL && used < sizeof(known); k++)
        used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", used > 0 ? " " : "", k->name);
    return conf_fail(error, line, "unknown keyword \"%.64s\"; known are: %s", line->words[0], known);
}

static int apply_line(const struct conf_grammar *grammar, void *context, const struct conf_line *line,
                      struct conf_error *error)
{
    const struct conf_keyword *k = grammar->keywords;
    int values = line->count - 1;
    struct addr address;

    while (k->name != NULL && !keyword_fits(k->name, line->words[0]))
        k++;
    if (k->name == NULL) {
        if (grammar->bare_address != NULL && addr_parse(line->words[0], &address) == 0)
            return grammar->bare_address(context, line, error);
        return unknown_keyword(grammar, line, error);
    }
    if (values < k->values_min)
        return conf_fail(error, line, "%s needs %s%d value%s, %d given", line->words[0],
                         k->values_min == k->values_max ? "" : "at least ", k->values_min,
                         k->values_min == 1 ? "" : "s", values);
    if (values > k->values_max)
        return conf_fail(error, line, "%s takes %s%d value%s, %d given; put a value with blanks into quotes",
                         line->words[0], k->values_min == k->values_max ? "" : "at most ", k->values_max,
                         k->values_max == 1 ? "" : "s", values);
    return k->apply(context, line, error);
}

/* Copies a line of the text without its end. Refuses what no text file holds. */
static int take_line(const char *from, size_t length, char out[CONF_LINE_MAX], const struct conf_line *line,
                     struct conf_error *error)
{
    if (length > 0 && from[length - 1] == '\r')
        length--;
    if (length >= CONF_LINE_MAX)
        return conf_fail(error, line, "the line is longer than %d bytes", CONF_LINE_MAX - 1);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)from[i];

        if (c == '\0')
            return conf_fail(error, line, "a NUL byte; this is no text file");
        if (c != '\t' && (c < ' ' || c == 0x7f))
            return conf_fail(error, line, "a control character (0x%02x); remove it", c);
    }
    memcpy(out, from, length);
    out[length] = '\0';
    return 0;
}

int conf_read_text(const char *path, const char *text, size_t length, const struct conf_grammar *grammar, void *context,
                   struct conf_error *error)
{
    struct conf_line line = {.path = path};
    char copy[CONF_LINE_MAX];

    error->text[0] = '\0';
    while (length > 0) {
        const char *end = memchr(text, '\n', length);
        size_t used = end == NULL ? length : (size_t)(end - text);

        line.number++;
        if (take_line(text, used, copy, &line, error) != 0 || split_words(copy, &line, error) != 0)
            return -EINVAL;
        if (line.count > 0 && apply_line(grammar, context, &line, error) != 0) {
            if (error->text[0] == '\0')
                conf_fail(error, &line, "\"%.64s\" is not accepted", line.words[0]);
            return -EINVAL;
        }
        used += end == NULL ? 0 : 1;
        text += used;
        length -= used;
    }
    return 0;
}

int conf_read(const char *path, const struct conf_grammar *grammar, void *context, struct conf_error *error)
{
    struct conf_line line = {.path = path};
    char *text = NULL;
    size_t length = 0;
    int result = file_read(path, CONF_FILE_MAX, &text, &length);

    if (result != 0) {
        conf_fail(error, &line, "cannot be read: %s", strerror(-result));
        return result;
    }
    result = conf_read_text(path, text, length, grammar, context, error);
    free(text);
    return result;
}
