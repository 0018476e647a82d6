/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "export.h"

#include "export_sample.h"

#include <errno.h>
#include <stdlib.h>

void export_free(struct export_identity *identity)
{
    if (identity == NULL)
        return;
    for (size_t i = 0; i < identity->count; i++)
        free(identity->entries[i].path);
    free(identity);
}

static int read_identity(struct export_session *session, struct export_identity *identity)
{
    struct nfs_object root;
    int result = export_session_root(session, &root);

    if (result != 0)
        return result;
    if (root.type != NFS_TYPE_DIRECTORY)
        return export_session_fail(session, -ENOTDIR, session->path);
    identity->version = session->dialect->version;
    identity->fsid_major = root.fsid_major;
    identity->fsid_minor = root.fsid_minor;
    identity->root = root.handle;
    identity->root_fileid = root.fileid;
    identity->writable = (root.access & NFS_ACCESS_WRITE) == NFS_ACCESS_WRITE;
    return export_sample_read(session, identity);
}

int export_read(const struct addr *server, const char *path, unsigned version, unsigned timeout_ms,
                struct export_identity **out, struct conf_error *error)
{
    struct export_session session = {.server = server, .path = path, .error = error};
    struct export_identity *identity = calloc(1, sizeof(*identity));

    *out = NULL;
    error->text[0] = '\0';
    if (identity == NULL)
        return -ENOMEM;
    int result = export_session_open(&session, version, timeout_ms);
    if (result == 0) {
        result = read_identity(&session, identity);
        export_session_close(&session);
    }
    if (result != 0) {
        export_free(identity);
        return result;
    }
    error->text[0] = '\0';
    *out = identity;
    return 0;
}
