/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that are rendered from has.conf: which there are, which node has which, and writing them. */
#ifndef HAS_CONFIG_FILES_H
#define HAS_CONFIG_FILES_H

#include "model.h"

#include <stdio.h>

struct config_context {
    const struct model *model;
    const char *templates; /* directory of the CIB's templates */
};

struct config_file {
    const char *name;
    bool per_node;
    bool secret;           /* for root alone: there may be passwords in it */
    const char *installed; /* where a node has it */
    /* Which nodes have it; for a file of the whole cluster, with a NULL node, whether there is one; NULL: always. */
    bool (*belongs)(const struct model *model, const struct node *node);
    /* Returns 0, or a negative errno after a message on stderr. */
    int (*print)(const struct config_context *context, const struct node *node, FILE *out);
};

extern const struct config_file config_files[]; /* ends with a NULL name */

const struct config_file *config_file_find(const char *name);

/* The file as text, which the caller frees. node: NULL for a file of the whole cluster.
 * Returns 0, or a negative errno after a message on stderr. */
int config_file_text(const struct config_file *file, const struct config_context *context, const struct node *node,
                     char **text);

/* Writes DIR/NODE/FILE for every node, and the files of the whole cluster into DIR. Returns an exit code. */
int config_files_write(const struct config_context *context, const char *directory);

#endif
