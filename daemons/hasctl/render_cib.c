/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render_cib.h"

#include "cib_values.h"
#include "file.h"
#include "render.h"
#include "template.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEMPLATE_MAX 1048576

const char *const cib_template_names[] = {"has.crm.tmpl", "has.pcs.tmpl"};
const char *const cib_file_names[] = {"cib.crm", "cib.pcs.sh"};

int render_cib(const struct model *model, enum cib_tool tool, const char *templates, FILE *out,
               struct problems *problems)
{
    struct cib_cursor cursor = {.model = model};
    const struct template_data data = {&cursor, cib_count, cib_select, cib_condition, cib_value};
    char path[512];
    char *text;
    size_t length;
    int result;

    snprintf(path, sizeof(path), "%s/%s", templates, cib_template_names[tool]);
    problems_init(problems, path);
    result = file_read(path, TEMPLATE_MAX, &text, &length);
    if (result != 0) {
        problem_error(problems, 0, "%s; --templates DIR says where the templates are", strerror(-result));
        problems->path = cib_template_names[tool];
        return result;
    }
    fprintf(out, "%s\n", RENDER_NOTICE);
    result = template_print(text, &data, out, problems);
    problems->path = cib_template_names[tool];
    free(text);
    return result;
}
