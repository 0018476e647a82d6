/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"

#include <string.h>

void render_word(const char *word, FILE *out)
{
    const char *equals = strchr(word, '=');

    if (*word && !strpbrk(word, " \t\"#\\")) {
        fputs(word, out);
        return;
    }
    /* An option's quotes stand behind its '='. */
    if (equals) {
        fprintf(out, "%.*s", (int)(equals + 1 - word), word);
        word = equals + 1;
    }
    fputc('"', out);
    for (const char *c = word; *c; c++) {
        if (*c == '"' || *c == '\\')
            fputc('\\', out);
        fputc(*c, out);
    }
    fputc('"', out);
}

void render_settings(const struct model *model, enum setting_file file, FILE *out)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (!(settings[i].file & file) || !model->settings[i].text)
            continue;
        fprintf(out, "%s ", settings[i].keyword);
        render_word(model->settings[i].text, out);
        fputc('\n', out);
    }
}

void render_masters(const struct model *model, FILE *out)
{
    char text[ADDR_TEXT_MAX];
    unsigned number = 0;

    for (size_t i = 0; i < model->node_count; i++) {
        const struct node *node = &model->nodes[i];

        if (node->role != ROLE_MASTER)
            continue;
        fprintf(out, "master%u", ++number);
        for (size_t j = 0; j < node->address_count; j++)
            fprintf(out, " %s", addr_format(&node->addresses[j], text));
        fputc('\n', out);
    }
}
