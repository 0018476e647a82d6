/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments and results of the few NFS procedures that compare two servers, for version 3 (RFC 1813) and version 4.0
 * (RFC 7530: none of these operations needs a client's state on the server). Pure, fuzzed. */
#ifndef NFSHA_NFS_H
#define NFSHA_NFS_H

#include "export.h"
#include "xdr.h"

#define NFS_NAME_MAX 255
#define NFS_LISTING_MAX 256        /* names read of one directory */
#define NFS_REPLY_SIZE (32 * 1024) /* asked for, of a listing */
#define NFS_TYPE_FILE 1            /* ftype3, nfs_ftype4 */
#define NFS_TYPE_DIRECTORY 2

#define NFS_ACCESS_WRITE (0x04U | 0x08U) /* ACCESS3_MODIFY, ACCESS3_EXTEND; version 4 has the same */

/* What the server says of one object. */
struct nfs_object {
    int status; /* 0 or the negative errno that stands for the server's (nfs_status()); then nothing else is set */
    struct export_handle handle; /* length 0: not told */
    bool has_attributes;
    uint32_t type;
    uint64_t fileid;
    uint64_t fsid_major, fsid_minor;
    int64_t modified; /* seconds, of the server's clock */
    uint32_t access;  /* with attributes() only */
};

struct nfs_name {
    char name[NFS_NAME_MAX + 1];
    struct nfs_object object;
};

struct nfs_listing {
    int status;
    bool end; /* the directory's, or NFS_LISTING_MAX names are there */
    uint64_t cookie;
    uint8_t verifier[8];
    size_t count;
    struct nfs_name names[NFS_LISTING_MAX];
};

/* Each put_…() writes arguments and returns the procedure's number; each get_…() takes the results and returns 0 (then
 * status says how the server answered) or -EPROTO. */
struct nfs_dialect {
    unsigned version;
    /* Attributes and access rights of the object with that handle; in the results the handle is not told. */
    uint32_t (*put_attributes)(struct xdr_writer *writer, const struct export_handle *handle);
    int (*get_attributes)(struct xdr_reader *reader, struct nfs_object *out);
    /* The name (length bytes, no end) in the directory. */
    uint32_t (*put_lookup)(struct xdr_writer *writer, const struct export_handle *directory, const char *name,
                           size_t length);
    int (*get_lookup)(struct xdr_reader *reader, struct nfs_object *out);
    /* The next names of the directory, behind those that the listing has. */
    uint32_t (*put_list)(struct xdr_writer *writer, const struct export_handle *directory,
                         const struct nfs_listing *listing);
    int (*get_list)(struct xdr_reader *reader, struct nfs_listing *listing);
};

extern const struct nfs_dialect nfs3_dialect;
extern const struct nfs_dialect nfs4_dialect;

/* Version 4: the object at a path from the root of all exports, with attributes, access rights and handle. Returns the
 * procedure's number, 0 when the path has "..", or too many parts. get: 0 or -EPROTO. */
uint32_t nfs4_put_path(struct xdr_writer *writer, const char *path);
int nfs4_get_path(struct xdr_reader *reader, struct nfs_object *out);

/* The negative errno for an nfsstat3 or nfsstat4; 0 for 0. */
int nfs_status(uint32_t status);

/* A handle from opaque data. Too long or empty ones are bad. */
void nfs_get_handle(struct xdr_reader *reader, size_t max, struct export_handle *out);
/* A name in a directory's listing; false when it is none that a client should use ("." and "..", with a slash…). */
bool nfs_get_name(struct xdr_reader *reader, char out[NFS_NAME_MAX + 1]);

#endif
