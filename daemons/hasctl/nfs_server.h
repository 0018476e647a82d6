/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an NFS server of this node shows without being asked over the network: nothing here can hang. */
#ifndef HAS_NFS_SERVER_H
#define HAS_NFS_SERVER_H

#include <jansson.h>

/* Where it is read; each may be changed in tests. */
struct nfs_server_paths {
    const char *nfsd;       /* /proc/fs/nfsd */
    const char *exports;    /* /var/lib/nfs/etab */
    const char *drbd;       /* /proc/drbd: the state itself up to DRBD 8.4 */
    const char *drbd_debug; /* a glob(3) pattern for the same of DRBD 9 in debugfs */
    const char *publish;    /* /var/lib/has/publish/status.json */
};

extern const struct nfs_server_paths nfs_server_paths;

/* {"threads":n, "clients":n, "grace":bool, "exports":[{"directory","client","options"}], "drbd":[{"minor",
 * "connection","role","peer_role","disk","peer_disk","out_of_sync_kb","synced":"12.5"}], "publish":{…}|null}. What is
 * not there is 0, empty or null. NULL: this node is no NFS server, or there is no memory. The caller frees it. */
json_t *nfs_server_read(const struct nfs_server_paths *paths);

#endif
