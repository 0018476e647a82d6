/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the storage load writes: records of 4 KiB which say of themselves where they belong and when they were written,
 * so that a lost, an old, a torn and a foreign one can be told apart. */
#ifndef LAB_NFS_LOAD_RECORD_H
#define LAB_NFS_LOAD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NFS_LOAD_RECORD = 4096 };

struct nfs_load_record {
    char magic[8];
    uint64_t file;     /* nfs_load_record_file() of the name */
    uint64_t slot;     /* its place: offset / NFS_LOAD_RECORD */
    uint64_t sequence; /* counts the writes to the file, from 1; 0: from before the run */
    uint64_t checksum; /* of the rest, with this as 0 */
    uint8_t rest[NFS_LOAD_RECORD - 40];
};

/* A number for a file's name without its directory: contents of another file are not taken for this one's. */
uint64_t nfs_load_record_file(const char *path);

/* Makes a whole record. */
void nfs_load_record_make(struct nfs_load_record *record, uint64_t file, uint64_t slot, uint64_t sequence);

/* Whether it is a whole record of this file and place; its sequence is then worth reading. */
bool nfs_load_record_good(const struct nfs_load_record *record, uint64_t file, uint64_t slot);

/* An aligned record for O_DIRECT; ends the program when there is no memory. */
struct nfs_load_record *nfs_load_record_new(void);

#endif
