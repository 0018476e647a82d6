/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct source_line {
    const cfg_t *section;
    const cfg_opt_t *option;
    unsigned line;
};

/* libconfuse gives its callbacks no context; hasctl reads one file at a time. */
static struct source *current;

static void take_error(cfg_t *cfg, const char *format, va_list arguments)
{
    char message[PROBLEM_TEXT_MAX / 2];

    /* libconfuse complains about each free key of a "parameters" section before it takes it. */
    if ((cfg->flags & CFGF_KEYSTRVAL) && strncmp(format, "no such option", strlen("no such option")) == 0)
        return;
    vsnprintf(message, sizeof(message), format, arguments);
    if (cfg->title)
        problem_error(current->problems, (unsigned)cfg->line, "%s \"%s\": %s", cfg->name, cfg->title, message);
    else if (strcmp(cfg->name, "root") != 0)
        problem_error(current->problems, (unsigned)cfg->line, "%s: %s", cfg->name, message);
    else
        problem_error(current->problems, (unsigned)cfg->line, "%s", message);
}

static int take_value(cfg_t *section, cfg_opt_t *option)
{
    struct source *source = current;
    struct source_line *grown;

    for (size_t i = 0; i < source->line_count; i++) {
        if (source->lines[i].option != option)
            continue;
        if (!(option->flags & CFGF_LIST))
            problem_error(source->problems, (unsigned)section->line, "'%s' is already set on line %u", option->name,
                          source->lines[i].line);
        return 0;
    }
    grown = reallocarray(source->lines, source->line_count + 1, sizeof(*grown));
    if (!grown)
        return -1;
    grown[source->line_count] = (struct source_line){section, option, (unsigned)section->line};
    source->lines = grown;
    source->line_count++;
    return 0;
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
