/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NFS version 3, RFC 1813. */
#include "nfs.h"

#include <errno.h>
#include <string.h>

enum { LOOKUP = 3, ACCESS = 4, READDIRPLUS = 17 };

#define HANDLE_MAX 64
#define ACCESS_ALL 0x3fU

static void put_handle(struct xdr_writer *writer, const struct export_handle *handle)
{
    xdr_put_opaque(writer, handle->bytes, handle->length);
}

/* fattr3 */
static void get_fattr(struct xdr_reader *reader, struct nfs_object *out)
{
    out->type = xdr_get_u32(reader);
    xdr_get_bytes(reader, 4 * 4); /* mode, nlink, uid, gid */
    xdr_get_bytes(reader, 3 * 8); /* size, used, rdev */
    out->fsid_major = xdr_get_u64(reader);
    out->fsid_minor = 0;
    out->fileid = xdr_get_u64(reader);
    xdr_get_bytes(reader, 8); /* atime */
    out->modified = xdr_get_u32(reader);
    xdr_get_bytes(reader, 4 + 8); /* its nanoseconds, ctime */
    out->has_attributes = !reader->bad;
}

/* post_op_attr */
static void get_attributes_after(struct xdr_reader *reader, struct nfs_object *out)
{
    if (xdr_get_bool(reader))
        get_fattr(reader, out);
}

static uint32_t put_attributes(struct xdr_writer *writer, const struct export_handle *handle)
{
    put_handle(writer, handle);
    xdr_put_u32(writer, ACCESS_ALL);
    return ACCESS;
}

static int get_attributes(struct xdr_reader *reader, struct nfs_object *out)
{
    memset(out, 0, sizeof(*out));
    out->status = nfs_status(xdr_get_u32(reader));
    get_attributes_after(reader, out);
    if (out->status == 0)
        out->access = xdr_get_u32(reader);
    return reader->bad ? -EPROTO : 0;
}

static uint32_t put_lookup(struct xdr_writer *writer, const struct export_handle *directory, const char *name,
                           size_t length)
{
    put_handle(writer, directory);
    xdr_put_opaque(writer, name, length);
    return LOOKUP;
}

static int get_lookup(struct xdr_reader *reader, struct nfs_object *out)
{
    memset(out, 0, sizeof(*out));
    out->status = nfs_status(xdr_get_u32(reader));
    if (out->status == 0) {
        nfs_get_handle(reader, HANDLE_MAX, &out->handle);
        get_attributes_after(reader, out);
    }
    return reader->bad ? -EPROTO : 0;
}

static uint32_t put_list(struct xdr_writer *writer, const struct export_handle *directory,
                         const struct nfs_listing *listing)
{
    put_handle(writer, directory);
    xdr_put_u64(writer, listing->cookie);
    xdr_put_bytes(writer, listing->verifier, sizeof(listing->verifier));
    xdr_put_u32(writer, NFS_REPLY_SIZE / 4); /* names alone */
    xdr_put_u32(writer, NFS_REPLY_SIZE);
    return READDIRPLUS;
}

/* entryplus3 */
static void get_entry(struct xdr_reader *reader, struct nfs_listing *listing)
{
    struct nfs_name *entry = &listing->names[listing->count];

    memset(&entry->object, 0, sizeof(entry->object));
    uint64_t fileid = xdr_get_u64(reader);
    bool usable = nfs_get_name(reader, entry->name);
    listing->cookie = xdr_get_u64(reader);
    get_attributes_after(reader, &entry->object);
    if (xdr_get_bool(reader))
        nfs_get_handle(reader, HANDLE_MAX, &entry->object.handle);
    if (!entry->object.has_attributes)
        entry->object.fileid = fileid;
    if (usable && !reader->bad)
        listing->count++;
}

static int get_list(struct xdr_reader *reader, struct nfs_listing *listing)
{
    struct nfs_object directory;

    listing->status = nfs_status(xdr_get_u32(reader));
    get_attributes_after(reader, &directory);
    if (listing->status != 0)
        return reader->bad ? -EPROTO : 0;
    const uint8_t *verifier = xdr_get_bytes(reader, sizeof(listing->verifier));
    if (verifier != NULL)
        memcpy(listing->verifier, verifier, sizeof(listing->verifier));
    while (listing->count < NFS_LISTING_MAX && xdr_get_bool(reader))
        get_entry(reader, listing);
    listing->end = listing->count == NFS_LISTING_MAX || xdr_get_bool(reader);
    return reader->bad ? -EPROTO : 0;
}

const struct nfs_dialect nfs3_dialect = {
    .version = 3,
    .put_attributes = put_attributes,
    .get_attributes = get_attributes,
    .put_lookup = put_lookup,
    .get_lookup = get_lookup,
    .put_list = put_list,
    .get_list = get_list,
};
