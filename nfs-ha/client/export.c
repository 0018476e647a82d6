/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void export_free(struct export_identity *identity)
{
    if (identity == NULL)
        return;
    for (size_t i = 0; i < identity->count; i++)
        free(identity->entries[i].path);
    free(identity);
}

int export_read(const struct addr *server, const char *path, unsigned version, unsigned timeout_ms,
                struct export_identity **out, struct conf_error *error)
{
    (void)server;
    (void)path;
    (void)version;
    (void)timeout_ms;
    *out = NULL;
    snprintf(error->text, sizeof(error->text), "not written yet");
    return -ENOSYS;
}

int export_compare(const struct addr *server, const char *path, const struct export_identity *reference,
                   unsigned timeout_ms, enum export_verdict *verdict, struct conf_error *error)
{
    (void)server;
    (void)path;
    (void)reference;
    (void)timeout_ms;
    *verdict = EXPORT_DIFFERENT;
    snprintf(error->text, sizeof(error->text), "not written yet");
    return -ENOSYS;
}
