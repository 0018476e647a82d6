/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NFS version 4.0, RFC 7530: each procedure is a COMPOUND of operations. */
#include "nfs.h"

#include <errno.h>
#include <string.h>

enum { COMPOUND = 1 };
enum { ACCESS = 3, GETATTR = 9, GETFH = 10, LOOKUP = 15, PUTFH = 22, PUTROOTFH = 24, READDIR = 26 };
enum { TYPE = 1, FSID = 8, RDATTR_ERROR = 11, FILEHANDLE = 19, FILEID = 20, TIME_MODIFY = 53 };

#define HANDLE_MAX 128
#define ACCESS_ALL 0x3fU
#define TAG_MAX 1024
#define WORDS 2 /* of the bitmap of attributes that are asked for */
#define WORDS_MAX 8
#define PARTS_MAX 64 /* of a path */
#define ATTRIBUTES_MAX 4096

static void put_compound(struct xdr_writer *writer, uint32_t operations)
{
    xdr_put_text(writer, ""); /* tag */
    xdr_put_u32(writer, 0);   /* minor version */
    xdr_put_u32(writer, operations);
}

static void put_handle(struct xdr_writer *writer, const struct export_handle *handle)
{
    xdr_put_u32(writer, PUTFH);
    xdr_put_opaque(writer, handle->bytes, handle->length);
}

static void put_wanted(struct xdr_writer *writer, uint32_t more)
{
    xdr_put_u32(writer, WORDS);
    xdr_put_u32(writer, more | 1U << TYPE | 1U << FSID | 1U << FILEID);
    xdr_put_u32(writer, 1U << (TIME_MODIFY - 32));
}

static void put_getattr_access(struct xdr_writer *writer)
{
    xdr_put_u32(writer, GETATTR);
    put_wanted(writer, 0);
    xdr_put_u32(writer, ACCESS);
    xdr_put_u32(writer, ACCESS_ALL);
}

/* The head of the results: the status of the last operation that was tried, which each operation tells again. */
static void get_compound(struct xdr_reader *reader)
{
    size_t length;
    xdr_get_u32(reader);
    xdr_get_opaque(reader, TAG_MAX, &length);
    xdr_get_u32(reader);
}

/* The head of one operation's result: false when it failed, with the object's status set. */
static bool get_operation(struct xdr_reader *reader, uint32_t operation, int *status)
{
    uint32_t number = xdr_get_u32(reader);
    uint32_t result = xdr_get_u32(reader);
    if (number != operation)
        reader->bad = true;
    if (reader->bad)
        return false;
    *status = nfs_status(result);
    return *status == 0;
}

/* One attribute, in the order of the bitmap. */
static void get_attribute(struct xdr_reader *reader, unsigned number, struct nfs_object *out)
{
    switch (number) {
    case TYPE:
        out->type = xdr_get_u32(reader);
        break;
    case FSID:
        out->fsid_major = xdr_get_u64(reader);
        out->fsid_minor = xdr_get_u64(reader);
        break;
    case RDATTR_ERROR:
        out->status = nfs_status(xdr_get_u32(reader));
        break;
    case FILEHANDLE:
        nfs_get_handle(reader, HANDLE_MAX, &out->handle);
        break;
    case FILEID:
        out->fileid = xdr_get_u64(reader);
        break;
    case TIME_MODIFY:
        out->modified = (int64_t)xdr_get_u64(reader);
        xdr_get_u32(reader);
        break;
    default:
        reader->bad = true; /* not asked for */
    }
}

static bool has(const uint32_t words[WORDS], unsigned number)
{
    return (words[number / 32] >> number % 32 & 1U) != 0;
}

/* fattr4 */
static void get_fattr(struct xdr_reader *reader, struct nfs_object *out)
{
    uint32_t words[WORDS] = {0};
    size_t length;
    uint32_t count = xdr_get_u32(reader);

    if (count > WORDS_MAX)
        reader->bad = true;
    for (uint32_t i = 0; i < count && !reader->bad; i++) {
        uint32_t word = xdr_get_u32(reader);
        if (i < WORDS)
            words[i] = word;
        else if (word != 0)
            reader->bad = true;
    }
    const uint8_t *data = xdr_get_opaque(reader, ATTRIBUTES_MAX, &length);
    struct xdr_reader values = {.data = data, .length = length, .bad = reader->bad};
    for (unsigned number = 0; number < 32 * WORDS && !values.bad; number++)
        if (has(words, number))
            get_attribute(&values, number, out);
    reader->bad = values.bad;
    out->has_attributes = !values.bad && has(words, TYPE) && has(words, FSID) && has(words, FILEID);
}

static int end(const struct xdr_reader *reader)
{
    return reader->bad ? -EPROTO : 0;
}

static void get_getattr_access(struct xdr_reader *reader, struct nfs_object *out)
{
    if (!get_operation(reader, GETATTR, &out->status))
        return;
    get_fattr(reader, out);
    if (!get_operation(reader, ACCESS, &out->status))
        return;
    xdr_get_u32(reader); /* supported */
    out->access = xdr_get_u32(reader);
}

static uint32_t put_attributes(struct xdr_writer *writer, const struct export_handle *handle)
{
    put_compound(writer, 3);
    put_handle(writer, handle);
    put_getattr_access(writer);
    return COMPOUND;
}

/* A COMPOUND that the server refuses as a whole (minor version) has no operations at all. */
static bool refused(const struct xdr_reader *reader, int *status)
{
    struct xdr_reader whole = {.data = reader->data, .length = reader->length, .at = reader->at};
    *status = nfs_status(xdr_get_u32(&whole));
    return !whole.bad && *status == -EPROTONOSUPPORT;
}

static int get_attributes(struct xdr_reader *reader, struct nfs_object *out)
{
    memset(out, 0, sizeof(*out));
    if (refused(reader, &out->status))
        return 0;
    get_compound(reader);
    if (get_operation(reader, PUTFH, &out->status))
        get_getattr_access(reader, out);
    return end(reader);
}

static uint32_t put_lookup(struct xdr_writer *writer, const struct export_handle *directory, const char *name,
                           size_t length)
{
    put_compound(writer, 3);
    put_handle(writer, directory);
    xdr_put_u32(writer, LOOKUP);
    xdr_put_opaque(writer, name, length);
    xdr_put_u32(writer, GETFH);
    return COMPOUND;
}

static int get_lookup(struct xdr_reader *reader, struct nfs_object *out)
{
    memset(out, 0, sizeof(*out));
    if (refused(reader, &out->status))
        return 0;
    get_compound(reader);
    if (get_operation(reader, PUTFH, &out->status) && get_operation(reader, LOOKUP, &out->status) &&
        get_operation(reader, GETFH, &out->status))
        nfs_get_handle(reader, HANDLE_MAX, &out->handle);
    return end(reader);
}

static uint32_t put_list(struct xdr_writer *writer, const struct export_handle *directory,
                         const struct nfs_listing *listing)
{
    put_compound(writer, 2);
    put_handle(writer, directory);
    xdr_put_u32(writer, READDIR);
    xdr_put_u64(writer, listing->cookie);
    xdr_put_bytes(writer, listing->verifier, sizeof(listing->verifier));
    xdr_put_u32(writer, NFS_REPLY_SIZE / 4); /* names alone */
    xdr_put_u32(writer, NFS_REPLY_SIZE);
    put_wanted(writer, 1U << RDATTR_ERROR | 1U << FILEHANDLE);
    return COMPOUND;
}

/* entry4 */
static void get_entry(struct xdr_reader *reader, struct nfs_listing *listing)
{
    struct nfs_name *entry = &listing->names[listing->count];

    memset(&entry->object, 0, sizeof(entry->object));
    listing->cookie = xdr_get_u64(reader);
    bool usable = nfs_get_name(reader, entry->name);
    get_fattr(reader, &entry->object);
    if (usable && !reader->bad)
        listing->count++;
}

static int get_list(struct xdr_reader *reader, struct nfs_listing *listing)
{
    if (refused(reader, &listing->status))
        return 0;
    get_compound(reader);
    if (!get_operation(reader, PUTFH, &listing->status) || !get_operation(reader, READDIR, &listing->status))
        return end(reader);
    const uint8_t *verifier = xdr_get_bytes(reader, sizeof(listing->verifier));
    if (verifier != NULL)
        memcpy(listing->verifier, verifier, sizeof(listing->verifier));
    while (listing->count < NFS_LISTING_MAX && xdr_get_bool(reader))
        get_entry(reader, listing);
    listing->end = listing->count == NFS_LISTING_MAX || xdr_get_bool(reader);
    return end(reader);
}

/* The next part of a path, of *length bytes; NULL at its end. */
static const char *next_part(const char *at, size_t *length)
{
    for (;;) {
        at += strspn(at, "/");
        *length = strcspn(at, "/");
        if (*length == 0)
            return NULL;
        if (*length != 1 || at[0] != '.')
            return at;
        at += *length;
    }
}

uint32_t nfs4_put_path(struct xdr_writer *writer, const char *path)
{
    size_t length;
    uint32_t parts = 0;

    for (const char *part = next_part(path, &length); part != NULL; part = next_part(part + length, &length)) {
        if (++parts > PARTS_MAX || (length == 2 && part[0] == '.' && part[1] == '.'))
            return 0;
    }
    put_compound(writer, parts + 4);
    xdr_put_u32(writer, PUTROOTFH);
    for (const char *part = next_part(path, &length); part != NULL; part = next_part(part + length, &length)) {
        xdr_put_u32(writer, LOOKUP);
        xdr_put_opaque(writer, part, length);
    }
    xdr_put_u32(writer, GETFH);
    put_getattr_access(writer);
    return COMPOUND;
}

int nfs4_get_path(struct xdr_reader *reader, struct nfs_object *out)
{
    memset(out, 0, sizeof(*out));
    if (refused(reader, &out->status))
        return 0;
    get_compound(reader);
    bool going = get_operation(reader, PUTROOTFH, &out->status);
    /* as many LOOKUPs as the path had parts: their number is the server's to repeat, and bounded by its reply */
    while (going) {
        struct xdr_reader next = *reader;
        if (xdr_get_u32(&next) != LOOKUP || next.bad)
            break;
        going = get_operation(reader, LOOKUP, &out->status);
    }
    if (going && get_operation(reader, GETFH, &out->status)) {
        nfs_get_handle(reader, HANDLE_MAX, &out->handle);
        get_getattr_access(reader, out);
    }
    return end(reader);
}

const struct nfs_dialect nfs4_dialect = {
    .version = 4,
    .put_attributes = put_attributes,
    .get_attributes = get_attributes,
    .put_lookup = put_lookup,
    .get_lookup = get_lookup,
    .put_list = put_list,
    .get_list = get_list,
};
