/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of configuration files, with a grammar that uses every kind of value. */
#include "conf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int apply_address(void *context, const struct conf_line *line, struct conf_error *error)
{
    (void)context;
    for (int i = 1; i < line->count; i++) {
        struct addr address;

        if (conf_address(line, i, &address, error) != 0)
            return -1;
    }
    return 0;
}

static int apply_number(void *context, const struct conf_line *line, struct conf_error *error)
{
    long number;

    (void)context;
    if (conf_number(line, 1, 1024, 65535, &number, error) != 0)
        return -1;
    if (number < 1024 || number > 65535)
        abort();
    return 0;
}

static int apply_text(void *context, const struct conf_line *line, struct conf_error *error)
{
    char text[16];

    (void)context;
    return conf_string(line, 1, text, sizeof(text), error);
}

static int apply_check(void *context, const struct conf_line *line, struct conf_error *error)
{
    static const char *const kinds[] = {"tcp", "http", "program", NULL};
    int kind;
    bool yes;

    (void)context;
    if (conf_choice(line, 1, kinds, &kind, error) != 0 || conf_boolean(line, 2, &yes, error) != 0)
        return -1;
    for (int i = 3; i < line->count; i++) {
        const char *value;
        long number;

        if (conf_option(line->words[i], "rise", &value)) {
            if (conf_option_number(line, "rise", value, 1, 10, &number, error) != 0)
                return -1;
        } else if (!conf_option(line->words[i], "match", &value)) {
            return conf_fail(error, line, "unknown option \"%s\"", line->words[i]);
        }
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct conf_keyword keywords[] = {
        {"master#", 1, CONF_WORDS_MAX, apply_address}, {"port", 1, 1, apply_number}, {"ErrorLog", 1, 1, apply_text},
        {"check", 2, CONF_WORDS_MAX, apply_check},     {NULL, 0, 0, NULL},
    };
    static const struct conf_grammar grammar = {keywords, apply_address};
    struct conf_error error;
    int result = conf_read_text("fuzz", (const char *)data, size, &grammar, NULL, &error);

    if (strnlen(error.text, CONF_ERROR_MAX) == CONF_ERROR_MAX || (result == 0) != (error.text[0] == '\0'))
        abort(); /* an error always says what is wrong, and only an error does */
    return 0;
}
