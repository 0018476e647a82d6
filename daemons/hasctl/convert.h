/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From libconfuse's tree, where all is text, to the model's structures, one section at a time.
 * What is wrong becomes a problem with its line; the structure is then only partly filled. */
#ifndef HAS_CONVERT_H
#define HAS_CONVERT_H

#include "model.h"
#include "source.h"

void convert_setting(const struct setting_description *description, const char *text, unsigned line,
                     struct value *value, struct problems *problems);
void convert_name(const struct source *source, cfg_t *section, char name[MODEL_NAME_MAX]);
void convert_network(const struct source *source, cfg_t *section, struct network *network);
void convert_node(const struct source *source, cfg_t *section, enum node_role role, struct node *node);
void convert_cvip(const struct source *source, cfg_t *section, struct cvip *cvip);
void convert_service(const struct source *source, cfg_t *section, struct service *service);
void convert_check(const struct source *source, cfg_t *section, struct check *check);

/* fallback: the agent when the section names none, or NULL. Returns 0 or -ENOMEM. */
int convert_agent(const struct source *source, cfg_t *section, const char *fallback, struct agent *agent);

#endif
