/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The root handle of an export from a server's mount daemon: MOUNT version 3, RFC 1813 appendix I, whose port rpcbind
 * tells (RFC 1833). It blocks. */
#ifndef NFSHA_MOUNT3_H
#define NFSHA_MOUNT3_H

#include "export.h"
#include "xdr.h"

/* Returns 0, or a negative errno with *step naming what was asked ("rpcbind (port 111)"): -ENOENT not exported, -EACCES
 * not to us, -EPROTONOSUPPORT there is no mount daemon, or the errno of reaching it. */
int mount3_root(const struct addr *server, const char *path, uint64_t deadline_ms, struct export_handle *out,
                const char **step);

/* The results of the calls. Each returns 0 or -EPROTO. Pure, fuzzed. */
int mount3_get_port(struct xdr_reader *reader, uint16_t *port);           /* PMAPPROC_GETPORT; 0: not registered */
int mount3_get_universal_port(struct xdr_reader *reader, uint16_t *port); /* RPCBPROC_GETADDR; the same */
int mount3_get_root(struct xdr_reader *reader, uint32_t *status, struct export_handle *out); /* MOUNTPROC3_MNT */
/* MOUNTPROC3_EXPORT: is the path, or a directory above it, exported to anybody? */
int mount3_get_exported(struct xdr_reader *reader, const char *path, bool *exported);

#endif
