/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which names of an export are compared. */
#ifndef NFSHA_EXPORT_SAMPLE_H
#define NFSHA_EXPORT_SAMPLE_H

#include "export_session.h"

/* Chooses from a listing of the directory at `path` ("" for the root, whose fsid is in identity) and appends to the
 * identity: directories first, then files not changed within the last minute of now_s (time(2)), in the order of their
 * names, at most `each` of both. Sorts the listing. Pure. Returns 0 or -ENOMEM. */
int export_sample_choose(struct export_identity *identity, const char *path, struct nfs_listing *listing, size_t each,
                         int64_t now_s);

/* Reads the directories, from the root on, and fills identity->entries. Returns 0 or a negative errno with text. */
int export_sample_read(struct export_session *session, struct export_identity *identity);

#endif
