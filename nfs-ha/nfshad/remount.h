/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounting another server in the place of a dead one: for copies whose file handles differ. What is opened from then on
 * comes from the new server; files that are open stay with the old one, and go on when it returns. */
#ifndef NFSHAD_REMOUNT_H
#define NFSHAD_REMOUNT_H

#include "registry.h"

#define REMOUNT_OPTIONS_MAX 48
#define REMOUNT_WORD_MAX 256

struct remount_option {
    char key[REMOUNT_WORD_MAX];
    char value[REMOUNT_WORD_MAX]; /* empty: a flag */
};

/* The options of a mount as fsconfig(2) and fsmount(2) take them. */
struct remount_options {
    unsigned attributes; /* MOUNT_ATTR_… */
    size_t count;
    struct remount_option options[REMOUNT_OPTIONS_MAX];
};

/* Takes the text that was given to mount.nfs; pure. Options that only mount programs know are left out. The addresses
 * (addr, clientaddr…) are remount()'s to add. Returns 0, or -E2BIG when there are too many, or too long ones. */
int remount_options(const char *text, struct remount_options *out);

/* Mounts the server (version "3", "4.2"…), detaches what is mounted at mount->directory, and puts the new mount there.
 * Blocks. Needs CAP_SYS_ADMIN. Returns 0 or a negative errno after a message (quiet: for the debug log only; it
 * has been told already); the old mount stays when the new one cannot be made. */
int remount(const struct registry_mount *mount, const char *version, const struct source_server *server, bool quiet);

#endif
