/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The servers of a mount as the administrator writes them: s1,s2:/path (thesis 3.15.2.2). */
#ifndef NFSHA_SOURCE_H
#define NFSHA_SOURCE_H

#include "addr.h"
#include "conf.h"

#include <stdbool.h>
#include <stddef.h>

#define SOURCE_SERVERS_MAX 8
#define SOURCE_NAME_MAX 256  /* a host's name, or an address without its brackets; with its end */
#define SOURCE_PATH_MAX 1024 /* the longest path that mount.nfs takes; with its end */

struct source_server {
    char name[SOURCE_NAME_MAX]; /* as written, without brackets */
    struct addr address;        /* after source_resolve() */
};

struct source {
    size_t count;
    struct source_server servers[SOURCE_SERVERS_MAX];
    char path[SOURCE_PATH_MAX]; /* begins with '/' */
};

/* Does the text name more than one server? For the wrapper around mount.nfs: what is no list is not ours. */
bool source_is_list(const char *text);

/* Parses "s1,s2:/path", "[fd00::1],[fd00::2]:/path", mixed, 1 to SOURCE_SERVERS_MAX servers. Pure: resolves nothing.
 * Returns 0, or -EINVAL with error->text naming what is wrong and how to write it. */
int source_parse(const char *text, struct source *out, struct conf_error *error);

/* Finds the address of each server (getaddrinfo; the first one of a host). Two servers with one address are refused.
 * Returns 0, or a negative errno with error->text. */
int source_resolve(struct source *source, struct conf_error *error);

/* "s1,s2:/path" again, with brackets where they are needed. */
#define SOURCE_TEXT_MAX (SOURCE_SERVERS_MAX * (SOURCE_NAME_MAX + 2) + SOURCE_PATH_MAX)
const char *source_format(const struct source *source, char out[SOURCE_TEXT_MAX]);

#endif
