/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which servers answer, which one of them serves the export, and whether they agree. It asks all at once. */
#ifndef NFSHA_MOUNT_CHECK_H
#define NFSHA_MOUNT_CHECK_H

#include "export.h"
#include "options.h"

#define CHECK_TIMEOUT_MS 1000

struct check_server {
    int result; /* of export_read(), or of a NULL call with compare=no */
    struct export_identity *identity;
    struct conf_error error;
};

struct check {
    struct check_server servers[SOURCE_SERVERS_MAX];
    size_t first; /* the server to mount */
};

/* Asks, and decides. preferred: a server to take first when it serves (the group's server in use), or source->count.
 * Says on stderr what is wrong, or, when it can be mounted all the same, what could not be compared. Returns 0 with
 * check->first set, or a negative errno:
 * -EHOSTDOWN nobody serves it, -ESTALE other handles, -EXDEV copies of their own that would be written to. */
int check_servers(const struct source *source, const struct mount_options *options, size_t preferred,
                  struct check *check);
void check_free(struct check *check);

#endif
