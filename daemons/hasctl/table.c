/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define GAP 2

struct table {
    size_t columns;
    const char *const *headings;
    char **cells; /* row after row */
    size_t count;
};

struct table *table_new(const char *const *headings)
{
    struct table *table = calloc(1, sizeof(*table));

    if (!table)
        return NULL;
    table->headings = headings;
    while (headings[table->columns])
        table->columns++;
    return table;
}

void table_cell(struct table *table, const char *format, ...)
{
    va_list arguments;
    char **grown;
    char *text;
    int length;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    if (length == 0) {
        free(text);
        text = strdup("-");
    }
    grown = text ? reallocarray(table->cells, table->count + 1, sizeof(*grown)) : NULL;
    if (!grown) {
        free(text);
        return;
    }
    table->cells = grown;
    table->cells[table->count++] = text;
}

static const char *heading(const struct table *table, size_t column)
{
    const char *text = table->headings[column];

    return *text == '>' ? text + 1 : text;
}

/* Characters, not bytes: names may be UTF-8. */
static size_t text_width(const char *text)
{
    size_t width = 0;

    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static size_t column_width(const struct table *table, size_t column)
{
    size_t width = text_width(heading(table, column));

    for (size_t i = column; i < table->count; i += table->columns)
        if (text_width(table->cells[i]) > width)
            width = text_width(table->cells[i]);
    return width;
}

/* One line; blanks wait until something follows them. */
static void print_row(const struct table *table, const size_t *widths, char *const *cells, FILE *out)
{
    size_t pending = 0;

    for (size_t i = 0; i < table->columns; i++) {
        const char *text = cells ? cells[i] : heading(table, i);
        size_t missing = widths[i] - text_width(text);
        int before = table->headings[i][0] == '>' ? (int)missing : 0;

        fprintf(out, "%*s%s", (int)pending + before, "", text);
        pending = missing - (size_t)before + GAP;
    }
    fputc('\n', out);
}

void table_print(const struct table *table, FILE *out)
{
    size_t *widths = calloc(table->columns, sizeof(*widths));

    if (!widths)
        return;
    for (size_t i = 0; i < table->columns; i++)
        widths[i] = column_width(table, i);
    print_row(table, widths, NULL, out);
    for (size_t i = 0; i + table->columns <= table->count; i += table->columns)
        print_row(table, widths, &table->cells[i], out);
    free(widths);
}

void table_free(struct table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    free(table);
}
