/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An NFS 4.0 server in a process of its own, at port 2049 of an address: /content with a directory d1 (g1, g2) and the
 * files f1 to f6. It needs a network namespace where nobody else has that port. */
#ifndef NFSHA_TEST_FAKE_NFS_H
#define NFSHA_TEST_FAKE_NFS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum fake_nfs_fault {
    FAKE_NFS_WELL,
    FAKE_NFS_SILENT,  /* takes connections and never answers */
    FAKE_NFS_EMPTY,   /* serves nothing: a standby server */
    FAKE_NFS_UNKNOWN, /* refuses our credentials, as the kernel's does when it exports nothing to a host */
    FAKE_NFS_SECURE,  /* wants better ones */
    FAKE_NFS_OLD,     /* has not version 4 */
    FAKE_NFS_LATER,   /* "later" three times, then well */
    FAKE_NFS_CUT,     /* ends the connection within a reply */
    FAKE_NFS_LONG,    /* a record of 256 MB */
    FAKE_NFS_LENGTHS, /* a handle of 4 GB */
    FAKE_NFS_ENDLESS  /* a directory that never ends */
};

struct fake_nfs {
    const char *address; /* IPv4 or IPv6 */
    uint8_t generation;  /* is in all handles but the root's */
    uint64_t fsid;
    enum fake_nfs_fault fault;
};

/* Returns its process; it listens by then. */
pid_t fake_nfs_start(const struct fake_nfs *server);
void fake_nfs_stop(pid_t pid);

#endif
