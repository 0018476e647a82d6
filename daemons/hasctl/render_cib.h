/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CIB as commands, out of the templates in cib/. */
#ifndef HAS_RENDER_CIB_H
#define HAS_RENDER_CIB_H

#include "model.h"
#include "problems.h"

#include <stdio.h>

enum cib_tool { CIB_CRM, CIB_PCS };

/* The template's and the rendered file's name. */
extern const char *const cib_template_names[];
extern const char *const cib_file_names[];

/* Prints the commands. templates: the directory of the templates.
 * Returns 0 or a negative errno with problems set; problems is made anew. */
int render_cib(const struct model *model, enum cib_tool tool, const char *templates, FILE *out,
               struct problems *problems);

#endif
