/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "template.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 8

/* The text as lines; no line has its end. */
struct lines {
    char **start;
    size_t count;
};

struct printer {
    const struct lines *lines;
    const struct template_data *data;
    struct problems *problems;
    FILE *out;
};

static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%^";

void template_quote(const char *text, FILE *out)
{
    if (*text && text[strspn(text, safe)] == '\0') {
        fputs(text, out);
        return;
    }
    fputc('\'', out);
    for (const char *c = text; *c; c++) {
        if (*c == '\'')
            fputs("'\"'\"'", out);
        else
            fputc(*c, out);
    }
    fputc('\'', out);
}

static int fail(const struct printer *printer, size_t line, const char *what, const char *name)
{
    problem_error(printer->problems, (unsigned)line + 1, "template: %s \"%s\"", what, name);
    return -EINVAL;
}

/* Prints one line with its values. */
static int print_line(const struct printer *printer, size_t number)
{
    const char *rest = printer->lines->start[number];
    const char *at;

    while ((at = strchr(rest, '@')) != NULL) {
        char name[TEMPLATE_NAME_MAX];
        size_t length = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_0123456789");

        if (length == 0 || length >= sizeof(name) || at[1 + length] != '@') {
            fprintf(printer->out, "%.*s", (int)(at + 1 - rest), rest);
            rest = at + 1;
            continue;
        }
        snprintf(name, sizeof(name), "%.*s", (int)length, at + 1);
        fprintf(printer->out, "%.*s", (int)(at - rest), rest);
        if (!printer->data->value(printer->data->context, name, printer->out))
            return fail(printer, number, "there is no value", name);
        rest = at + length + 2;
    }
    fprintf(printer->out, "%s\n", rest);
    return 0;
}

/* If the line is that directive, points *argument behind it. */
static bool is_directive(const char *line, const char *name, const char **argument)
{
    size_t length = strlen(name);

    line += strspn(line, " ");
    if (*line != '%' || strncmp(line + 1, name, length) != 0)
        return false;
    line += 1 + length;
    if (*line != '\0' && *line != ' ')
        return false;
    *argument = line + strspn(line, " ");
    return true;
}

static bool opens_block(const char *line)
{
    const char *argument;

    return is_directive(line, "for", &argument) || is_directive(line, "if", &argument);
}

/* Finds the lines of %else (or end, when there is none) and %end of the block that opens at line start. */
static int find_end(const struct printer *printer, size_t start, size_t end, size_t *middle, size_t *last)
{
    const char *argument;
    size_t depth = 0;

    *middle = 0;
    for (size_t i = start + 1; i < end; i++) {
        const char *line = printer->lines->start[i];

        if (opens_block(line)) {
            depth++;
        } else if (is_directive(line, "else", &argument) && depth == 0) {
            *middle = i;
        } else if (is_directive(line, "end", &argument) && depth-- == 0) {
            *last = i;
            *middle = *middle ? *middle : i;
            return 0;
        }
    }
    return fail(printer, start, "no %end for", printer->lines->start[start]);
}

static int print_range(const struct printer *printer, size_t start, size_t end, unsigned depth);

static int print_for(const struct printer *printer, size_t start, size_t last, const char *list, unsigned depth)
{
    const struct template_data *data = printer->data;
    long count = data->count(data->context, list);
    int result = count < 0 ? fail(printer, start, "there is no list", list) : 0;

    for (long i = 0; i < count && result == 0; i++) {
        data->select(data->context, list, (size_t)i);
        result = print_range(printer, start + 1, last, depth + 1);
    }
    return result;
}

static int print_if(const struct printer *printer, size_t start, size_t middle, size_t last, const char *name,
                    unsigned depth)
{
    const struct template_data *data = printer->data;
    bool negated = strncmp(name, "not ", 4) == 0;
    int holds = data->condition(data->context, negated ? name + 4 : name);

    if (holds < 0)
        return fail(printer, start, "there is no condition", name);
    if ((holds != 0) != negated)
        return print_range(printer, start + 1, middle, depth + 1);
    return print_range(printer, middle < last ? middle + 1 : last, last, depth + 1);
}

static int print_range(const struct printer *printer, size_t start, size_t end, unsigned depth)
{
    int result = 0;

    if (depth > DEPTH_MAX)
        return fail(printer, start, "blocks nest too deep at", printer->lines->start[start]);
    for (size_t i = start; i < end && result == 0; i++) {
        const char *line = printer->lines->start[i];
        const char *argument;
        size_t middle = 0;
        size_t last = 0;

        if (is_directive(line, "#", &argument))
            continue;
        if (opens_block(line)) {
            result = find_end(printer, i, end, &middle, &last);
            if (result == 0 && is_directive(line, "for", &argument))
                result = print_for(printer, i, last, argument, depth);
            else if (result == 0 && is_directive(line, "if", &argument))
                result = print_if(printer, i, middle, last, argument, depth);
            i = last;
        } else if (is_directive(line, "end", &argument) || is_directive(line, "else", &argument)) {
            result = fail(printer, i, "nothing is open at", line);
        } else {
            result = print_line(printer, i);
        }
    }
    return result;
}

/* Cuts the text, in place, into lines. */
static int split(char *text, struct lines *lines)
{
    size_t count = 1;

    for (const char *c = text; *c; c++)
        count += *c == '\n';
    lines->start = calloc(count, sizeof(*lines->start));
    if (!lines->start)
        return -ENOMEM;
    lines->count = 0;
    for (char *line = text; line && *line;) {
        char *end = strchr(line, '\n');

        lines->start[lines->count++] = line;
        if (end)
            *end++ = '\0';
        line = end;
    }
    return 0;
}

int template_print(const char *text, const struct template_data *data, FILE *out, struct problems *problems)
{
    struct lines lines = {0};
    struct printer printer = {&lines, data, problems, out};
    char *copy = strdup(text);
    int result = copy ? split(copy, &lines) : -ENOMEM;

    if (result == 0)
        result = print_range(&printer, 0, lines.count, 0);
    free(lines.start);
    free(copy);
    return result;
}
