/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of the storage load. */
#ifndef LAB_NFS_LOAD_OPTIONS_H
#define LAB_NFS_LOAD_OPTIONS_H

#include <stdint.h>

enum nfs_load_mode {
    NFS_LOAD_READER,
    NFS_LOAD_WRITER,
    NFS_LOAD_DATABASE,
    NFS_LOAD_LOCKER,
    NFS_LOAD_OPENER,
    NFS_LOAD_FILL,
    NFS_LOAD_LOCKED,
    NFS_LOAD_VERIFY,
    NFS_LOAD_MODES
};

struct nfs_load_options {
    enum nfs_load_mode mode;
    const char *file;
    const char *log;   /* of acknowledged writes, on a local disk; or NULL */
    const char *state; /* a local file that tells how it stands, or NULL */
    double seconds;    /* 0: until SIGTERM or SIGINT */
    long interval_us;  /* from the end of an operation to the beginning of the next */
    double gap_ms;     /* longer gaps are told one by one */
    uint64_t records;  /* places in the file */
};

/* The word for a mode. */
const char *nfs_load_mode_name(enum nfs_load_mode mode);

/* Fills options from the command line. Returns 0; or, after a message, the status with which to exit plus one. */
int nfs_load_options_parse(struct nfs_load_options *options, int argc, char *argv[]);

#endif
