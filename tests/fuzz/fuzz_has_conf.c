/* SPDX-License-Identifier: GPL-2.0-or-later */
/* has.conf: reader, validation and every renderer that needs no template. */
#include "load.h"
#include "redundancy_settings.h"
#include "render.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void render_all(const struct model *model)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    if (!out)
        return;
    for (size_t i = 0; i < model->node_count && model_has_twin(model); i++)
        render_erd(model, &model->nodes[i], out);
    for (size_t i = 0; i < model->node_count; i++)
        if (model->nodes[i].role != ROLE_MASTER)
            render_tcd(model, &model->nodes[i], out);
        else if (redundancy_by_cvipd(model))
            render_cvipd(model, &model->nodes[i], out);
    render_tmd(model, out);
    render_corosync(model, out);
    fclose(out);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct problems problems;
    struct model model;
    char *text = malloc(size + 1);

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    problems_init(&problems, "fuzz");
    if (load_text(text, &model, &problems) == 0) {
        render_all(&model);
        model_free(&model);
    } else if (problems.errors == 0) {
        abort(); /* an error always says what is wrong */
    }
    free(text);
    return 0;
}
