/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One server that is asked what it serves: the calls of export.c, each tried again while the server says "later", all
 * within one deadline. */
#ifndef NFSHA_EXPORT_SESSION_H
#define NFSHA_EXPORT_SESSION_H

#include "nfs.h"
#include "rpc.h"

struct export_session {
    const struct addr *server;
    const char *path;
    uint64_t deadline_ms;
    struct rpc *rpc;
    const struct nfs_dialect *dialect;
    struct conf_error *error;
};

/* Connects. version: 3 or 4. Returns 0, or a negative errno with error->text. */
int export_session_open(struct export_session *session, unsigned version, unsigned timeout_ms);
void export_session_close(struct export_session *session);

/* The root of the export as its path leads to it: handle, attributes, access rights. Version 3 takes over (in
 * session->dialect) where the server does not offer 4.0. Returns 0, or a negative errno as export_read(), with text. */
int export_session_root(struct export_session *session, struct nfs_object *out);

/* The names of a directory, at most NFS_LISTING_MAX. Returns 0 (also when the server refuses: listing->status), or a
 * negative errno with text. */
int export_session_list(struct export_session *session, const struct export_handle *directory,
                        struct nfs_listing *listing);

/* Makes the calls; the same as rpc_exchange(), with text on error. */
int export_session_exchange(struct export_session *session, size_t count, rpc_encode *encode, rpc_decode *decode,
                            void *context);

/* Sets error->text: "10.1.0.1: WHAT: reason". Returns the error. */
int export_session_fail(const struct export_session *session, int error, const char *what);

/* Waits a moment before the same is asked again. Returns false when the deadline does not leave the time. */
bool export_session_again(const struct export_session *session);

#endif
