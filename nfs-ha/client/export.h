/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a server serves below a path, as a client sees it: the file handles. Two servers are interchangeable for a
 * mounted client only if the same names have the same handles on both; a plain rsync copy does not (ESTALE, EIO, or,
 * where inodes have equal generation numbers, silently another file).
 * These functions block, each at most for the time given: they are for the mount helper and for nfshad's worker
 * threads, several of which may call them at once. They ask as root with sec=sys, from a reserved port where the
 * process may have one (CAP_NET_BIND_SERVICE). Nothing a server sends is believed unchecked: that is why they make
 * their few calls themselves, and libnfs 4.0, which does believe lengths, does not. */
#ifndef NFSHA_EXPORT_H
#define NFSHA_EXPORT_H

#include "addr.h"
#include "conf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT_HANDLE_MAX 128
#define EXPORT_SAMPLE_MAX 48

struct export_handle {
    uint8_t length;
    uint8_t bytes[EXPORT_HANDLE_MAX];
};

/* One name below the root of the export, and what it stands for. */
struct export_entry {
    char *path; /* relative to the root, "a/b" */
    struct export_handle handle;
    uint64_t fileid;
    uint32_t type; /* nfs_ftype */
};

struct export_identity {
    unsigned
        version; /* as which it was read: 3 also where 4 was asked for and the server offers 4.1 and later only (the
                    kernel's server has the same handles for both); handles of different versions are not compared
                  */
    uint64_t fsid_major;
    uint64_t fsid_minor; /* 0 with version 3 */
    struct export_handle root;
    uint64_t root_fileid; /* the kernel's server leaves it out of the root's handle */
    bool writable;        /* the server would let root write to the root directory (ACCESS) */
    size_t count;
    struct export_entry entries[EXPORT_SAMPLE_MAX];
};

/* Reads the identity: the root's handle and fsid, and a sample of names (directories first, then files that were not
 * changed within the last minute, in the order of their names, some levels deep).
 * version: 3, or 4 for all of 4.x. Returns 0 with a new *out, or a negative errno with error->text:
 * -ENOENT   the server answers and does not serve this path (not exported, or a standby server)
 * -ECONNREFUSED, -ETIMEDOUT, -EHOSTUNREACH…  no server there
 * -EACCES   it serves the path, but not to us, -EPROTONOSUPPORT  not with this version. */
int export_read(const struct addr *server, const char *path, unsigned version, unsigned timeout_ms,
                struct export_identity **out, struct conf_error *error);
void export_free(struct export_identity *identity);

enum export_verdict { EXPORT_SAME, EXPORT_DIFFERENT };

/* Asks the server, with the reference's handles as a client that has mounted the other one would, for the same names,
 * and compares: one connection, all calls at once. Names that are gone or have been replaced since the reference was
 * read are normal in small number: different is another root handle, another fsid, another number (fileid) of the root,
 * more than a quarter of the names with another handle, or none of them there at all. An export without names to
 * compare can only be told apart by its root. Returns 0 with *verdict set (and error->text saying what differs), or a
 * negative errno as export_read(). */
int export_compare(const struct addr *server, const char *path, const struct export_identity *reference,
                   unsigned timeout_ms, enum export_verdict *verdict, struct conf_error *error);

#endif
