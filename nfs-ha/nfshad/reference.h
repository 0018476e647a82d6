/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the server in use showed, kept in a file, so that an nfshad that is started again while that server is dead
 * still knows what another one has to serve. For nobody else to read: who knows a file handle needs no permission of
 * the directories above the file. */
#ifndef NFSHAD_REFERENCE_H
#define NFSHAD_REFERENCE_H

#include "export.h"

#include <jansson.h>

#define REFERENCE_DIRECTORY "/run/nfs-ha/exports"

/* The file's path for what is mounted from that directory of any of the group's servers. first: a text that names the
 * group. */
#define REFERENCE_PATH_MAX 256
void reference_path(const char *where, const char *group, const char *path, unsigned version,
                    char out[REFERENCE_PATH_MAX]);

/* Each returns 0 or a negative errno; a file that is damaged is -EBADMSG. */
int reference_write(const char *file, const struct export_identity *identity);
int reference_read(const char *file, struct export_identity **out);

#endif
