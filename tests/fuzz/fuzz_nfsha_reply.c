/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an NFS server, its mount daemon and its rpcbind answer. The first byte says which answer it is. */
#include "mount3.h"
#include "nfs.h"
#include "rpc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void use_object(const struct nfs_object *object)
{
    require(object->status <= 0 && object->handle.length <= EXPORT_HANDLE_MAX);
}

/* Pages of a directory until it ends, as export_session_list() reads them: all have the same bytes. */
static void use_listing(const struct nfs_dialect *dialect, const struct xdr_reader *page)
{
    struct nfs_listing *listing = calloc(1, sizeof(*listing));
    require(listing != NULL);
    for (unsigned i = 0; i < 4 && !listing->end; i++) {
        struct xdr_reader reader = *page;
        if (dialect->get_list(&reader, listing) != 0 || listing->status != 0)
            break;
    }
    require(listing->count <= NFS_LISTING_MAX);
    for (size_t i = 0; i < listing->count; i++) {
        use_object(&listing->names[i].object);
        require(strlen(listing->names[i].name) <= NFS_NAME_MAX && strchr(listing->names[i].name, '/') == NULL);
    }
    free(listing);
}

static void use_mount(unsigned which, struct xdr_reader *reader)
{
    struct export_handle handle;
    uint16_t port;
    uint32_t number;
    bool exported;

    if (which == 0)
        (void)mount3_get_port(reader, &port);
    else if (which == 1)
        (void)mount3_get_universal_port(reader, &port);
    else if (which == 2 && mount3_get_root(reader, &number, &handle) == 0)
        require(handle.length <= EXPORT_HANDLE_MAX);
    else if (which == 3)
        (void)mount3_get_exported(reader, "/srv/content", &exported);
    else
        (void)rpc_reply_head(reader, &number);
}

static void use_nfs(unsigned which, const struct nfs_dialect *dialect, struct xdr_reader *reader)
{
    struct nfs_object object = {.status = 0};

    if (which == 0)
        (void)dialect->get_attributes(reader, &object);
    else if (which == 1)
        (void)dialect->get_lookup(reader, &object);
    else if (which == 2)
        (void)nfs4_get_path(reader, &object);
    else
        use_listing(dialect, reader);
    use_object(&object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct xdr_reader reader = {.data = data + 1, .length = size - 1};
    unsigned which = data[0] % 13;
    if (which < 5)
        use_mount(which, &reader);
    else if (which < 9)
        use_nfs(which - 5, &nfs3_dialect, &reader);
    else
        use_nfs(which - 9, &nfs4_dialect, &reader);
    require(reader.at <= reader.length);
    return 0;
}
