/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: SOURCE DIR [-fhnrsvVw] [-o OPTIONS], as mount(8) calls its helpers. */
#ifndef NFSHA_MOUNT_ARGUMENTS_H
#define NFSHA_MOUNT_ARGUMENTS_H

#include "options.h"

/* mount(8), RETURN VALUES */
enum { MOUNT_OK = 0, MOUNT_USAGE = 1, MOUNT_SYSTEM = 2, MOUNT_FAILED = 32 };

struct mount_arguments {
    const char *source;
    const char *directory;
    char options[2 * MOUNT_OPTIONS_MAX]; /* all -o, -r and -w, joined by commas */
    bool fake;                           /* -f: do all but the mount */
    bool no_mtab;                        /* -n */
    bool sloppy;                         /* -s */
    bool verbose;                        /* -v */
};

/* Returns -1 to go on, or an exit status after a message or after what -h and -V print. */
int mount_arguments_parse(int argc, char **argv, struct mount_arguments *out);

#endif
