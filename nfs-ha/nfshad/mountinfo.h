/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The NFS mounts that the kernel has: /proc/self/mountinfo, proc(5). Pure. */
#ifndef NFSHAD_MOUNTINFO_H
#define NFSHAD_MOUNTINFO_H

#include "source.h"

struct mountinfo_entry {
    char directory[SOURCE_PATH_MAX]; /* octal escapes undone */
    char source[SOURCE_TEXT_MAX];    /* "s1:/export" */
    struct addr address;             /* option addr= */
    unsigned version;                /* 3 or 4 (option vers=, 4.2 is 4) */
    unsigned minor;
    bool readonly; /* of the mount or of its file system */
};

/* Parses the whole text; takes the mounts of type nfs and nfs4. *out is a new array of *count. Lines that are not
 * understood are skipped. Returns 0 or -ENOMEM. */
int mountinfo_parse(const char *text, struct mountinfo_entry **out, size_t *count);

#endif
