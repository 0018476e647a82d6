/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people see of NFS: a client's groups of mounts, as nfshad tells them, and a server. */
#ifndef HAS_NFS_REPORT_H
#define HAS_NFS_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* nfshad's status: each group with its servers and mounts. */
void nfs_report_client(const json_t *answer, FILE *out);

/* What nfs_server_read() found. now: seconds since 1970. */
void nfs_report_server(const json_t *server, long long now, FILE *out);

/* Whether every group is steady on a server that is up. The first that is not is told on out. */
bool nfs_report_is_well(const json_t *answer, FILE *out);

#endif
