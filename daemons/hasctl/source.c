/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct source_line {
    const cfg_t *section;
    const cfg_opt_t *option; /* NULL: the end of the section */
    unsigned line;
};

/* libconfuse gives its callbacks no context; hasctl reads one file at a time. */
static struct source *current;

static void complain(cfg_t *section, const char *message)
{
    const char *title = cfg_title(section);
    unsigned line = (unsigned)section->line;

    if (section == current->cfg)
        problem_error(current->problems, line, "%s", message);
    else
        problem_error(current->problems, line, "%s%s%s%s: %s", cfg_name(section), title ? " \"" : "",
                      title ? title : "", title ? "\"" : "", message);
}

static void __attribute__((format(printf, 2, 0))) take_error(cfg_t *section, const char *format, va_list arguments)
{
    char message[PROBLEM_TEXT_MAX / 2];

    /* libconfuse complains about each free key of a "parameters" section before it takes it. */
    if ((section->flags & CFGF_KEYSTRVAL) && strncmp(format, "no such option", strlen("no such option")) == 0)
        return;
    vsnprintf(message, sizeof(message), format, arguments);
    complain(section, message);
}

static int add_line(struct source *source, const cfg_t *section, const cfg_opt_t *option, int line)
{
    struct source_line *grown = reallocarray(source->lines, source->line_count + 1, sizeof(*grown));

    if (!grown)
        return -1;
    grown[source->line_count] = (struct source_line){section, option, (unsigned)line};
    source->lines = grown;
    source->line_count++;
    return 0;
}

static int take_value(cfg_t *section, cfg_opt_t *option)
{
    struct source *source = current;
    char message[PROBLEM_TEXT_MAX / 2];

    /* The end of a section: the only line that an empty one has. */
    if (option->type == CFGT_SEC)
        return add_line(source, cfg_opt_getnsec(option, cfg_opt_size(option) - 1), NULL, section->line);
    for (size_t i = 0; i < source->line_count; i++) {
        if (source->lines[i].option != option)
            continue;
        snprintf(message, sizeof(message), "'%s' is already set on line %u", option->name, source->lines[i].line);
        if (!(option->flags & CFGF_LIST))
            complain(section, message);
        return 0;
    }
    return add_line(source, section, option, section->line);
}

int source_open(struct source *source, const char *text, struct problems *problems)
{
    memset(source, 0, sizeof(*source));
    source->problems = problems;
    source->schema = schema_new(take_value);
    if (!source->schema)
        return -ENOMEM;
    current = source;
    source->cfg = cfg_init(schema_options(source->schema), CFGF_NONE);
    if (!source->cfg)
        return -ENOMEM;
    cfg_set_error_function(source->cfg, take_error);
    if (cfg_parse_buf(source->cfg, text) != CFG_SUCCESS && problems->errors == 0)
        problem_error(problems, (unsigned)source->cfg->line, "this cannot be understood");
    return problems->errors > 0 ? -EINVAL : 0;
}

void source_close(struct source *source)
{
    if (source->cfg)
        cfg_free(source->cfg);
    schema_free(source->schema);
    free(source->lines);
    memset(source, 0, sizeof(*source));
    current = NULL;
}

unsigned source_line(const struct source *source, cfg_t *section, const char *option)
{
    const cfg_opt_t *wanted = cfg_getopt(section, option);

    for (size_t i = 0; i < source->line_count; i++)
        if (source->lines[i].option == wanted)
            return source->lines[i].line;
    return 0;
}

unsigned source_section_line(const struct source *source, const cfg_t *section)
{
    for (size_t i = 0; i < source->line_count; i++)
        if (source->lines[i].section == section)
            return source->lines[i].line;
    return 0;
}

const char *source_text(cfg_t *section, const char *option)
{
    return cfg_size(section, option) > 0 ? cfg_getstr(section, option) : NULL;
}
