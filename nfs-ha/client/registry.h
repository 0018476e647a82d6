/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mounts that mount.nfsha made, one JSON file each in /run/nfs-ha/mounts: nfshad reads them when it starts and when
 * it is told to. A file whose mount is gone is removed by nfshad. */
#ifndef NFSHA_REGISTRY_H
#define NFSHA_REGISTRY_H

#include "source.h"

#define REGISTRY_DIRECTORY "/run/nfs-ha/mounts"

/* What the servers behind one mount are to each other (option replication=). */
enum replication {
    REPLICATION_STANDBY, /* one set of data, which one server serves at a time (DRBD, a shared device): the default */
    REPLICATION_COPIES,  /* each server serves a copy; mounted read-only */
    REPLICATION_SHARED   /* one set of data, which all serve at the same time (a cluster file system) */
};

/* What to do when the data is served by another server under other handles (option mismatch=). */
enum mismatch {
    MISMATCH_REFUSE, /* wait for the server in use: the default */
    MISMATCH_REMOUNT /* mount the other server in its place: for what is opened from then on */
};

struct registry_mount {
    char directory[SOURCE_PATH_MAX]; /* mount point, absolute */
    struct source source;            /* resolved */
    size_t first;                    /* the server that was mounted */
    unsigned version;                /* 3 or 4, as far as known at mount time; 0: not known */
    enum replication replication;
    enum mismatch mismatch;
    bool compare; /* false: compare=no, the administrator answers for equal handles */
    bool readonly;
    char options[1024]; /* those given to mount.nfs */
};

/* Writes (atomically) or replaces the file of mount->directory below `where`; makes `where`. 0 or a negative errno. */
int registry_write(const char *where, const struct registry_mount *mount);
/* Removes it. Returns 0 also when there is none. */
int registry_remove(const char *where, const char *directory);
/* Reads all. *out is a new array of *count. Files that cannot be read are skipped with a log message.
 * Returns 0 (also when there is no such directory) or a negative errno. */
int registry_read(const char *where, struct registry_mount **out, size_t *count);

const char *replication_name(enum replication replication); /* "standby", "copies", "shared" */
const char *mismatch_name(enum mismatch mismatch);          /* "refuse", "remount" */

#endif
