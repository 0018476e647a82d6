/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of -o: ours are taken out, those that only mount(8) and systemd know are dropped, the others are for
 * mount.nfs. Pure, fuzzed. */
#ifndef NFSHA_MOUNT_OPTIONS_H
#define NFSHA_MOUNT_OPTIONS_H

#include "conf.h"
#include "registry.h"

#include <stdbool.h>

#define MOUNT_OPTIONS_MAX sizeof(((struct registry_mount *)NULL)->options)

/* Who moves the mount when its server dies (option failover=). */
enum mount_failover {
    MOUNT_FAILOVER_AUTO,   /* nfshad, and the kernel too where it has the series: the default */
    MOUNT_FAILOVER_DAEMON, /* nfshad alone */
    MOUNT_FAILOVER_KERNEL, /* the kernel alone */
    MOUNT_FAILOVER_NONE    /* nobody */
};

struct mount_options {
    enum replication replication;
    enum mismatch mismatch;
    enum mount_failover failover;
    bool compare;
    bool readonly;
    bool remount;
    bool soft;                      /* I/O ends with an error when a failover takes long: worth a warning */
    unsigned version;               /* 3 or 4; 0: mount.nfs negotiates */
    char passed[MOUNT_OPTIONS_MAX]; /* those for mount.nfs */
};

/* Returns 0, or -EINVAL with error->text naming the option. A "rw" that stands first is no explicit one: mount(8) puts
 * it there for itself. */
int mount_options_parse(const char *text, struct mount_options *out, struct conf_error *error);

/* Appends "name" or "name=value" to those for mount.nfs. Returns 0, or -E2BIG with text. */
int mount_options_add(struct mount_options *options, const char *name, const char *value, struct conf_error *error);

/* Is there an option of that name among those for mount.nfs? */
bool mount_options_has(const struct mount_options *options, const char *name);

#endif
