/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "problems.h"

#include <stdarg.h>
#include <string.h>

void problems_init(struct problems *problems, const char *path)
{
    memset(problems, 0, sizeof(*problems));
    problems->path = path;
}

/* Makes room behind all that do not stand below that line, for who mends them from the top; those of the whole file
 * come last. Returns where. */
static size_t make_room(struct problems *problems, unsigned line)
{
    size_t at = problems->kept++;

    for (; at > 0 && line != 0 && (problems->lines[at - 1] == 0 || problems->lines[at - 1] > line); at--) {
        problems->lines[at] = problems->lines[at - 1];
        memcpy(problems->texts[at], problems->texts[at - 1], PROBLEM_TEXT_MAX);
    }
    problems->lines[at] = line;
    return at;
}

static void __attribute__((format(printf, 4, 0)))
add(struct problems *problems, unsigned line, const char *kind, const char *format, va_list arguments)
{
    char message[PROBLEM_TEXT_MAX / 2];
    char place[16] = "";

    if (problems->kept == PROBLEMS_KEPT)
        return;
    vsnprintf(message, sizeof(message), format, arguments);
    if (line > 0)
        snprintf(place, sizeof(place), ":%u", line);
    snprintf(problems->texts[make_room(problems, line)], PROBLEM_TEXT_MAX, "%.200s%s: %s%s", problems->path, place,
             kind, message);
}

void problem_error(struct problems *problems, unsigned line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(problems, line, "", format, arguments);
    va_end(arguments);
    problems->errors++;
}

void problem_warning(struct problems *problems, unsigned line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(problems, line, "warning: ", format, arguments);
    va_end(arguments);
    problems->warnings++;
}

void problems_print(const struct problems *problems, FILE *out)
{
    for (size_t i = 0; i < problems->kept; i++)
        fprintf(out, "%s\n", problems->texts[i]);
    if (problems->errors + problems->warnings > problems->kept)
        fprintf(out, "%s: %zu more problems are not shown\n", problems->path,
                problems->errors + problems->warnings - problems->kept);
}
