/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nfs.h"

#include <errno.h>
#include <string.h>

#define NAME_LIMIT 4096 /* longer ones are no name at all */

int nfs_status(uint32_t status)
{
    static const struct {
        uint32_t status;
        int error;
    } known[] = {
        {0, 0},
        {1, -EACCES}, /* PERM */
        {2, -ENOENT},
        {5, -EIO},
        {13, -EACCES},
        {20, -ENOTDIR},
        {22, -EINVAL},
        {63, -ENAMETOOLONG},
        {70, -ESTALE},
        {10001, -ESTALE}, /* BADHANDLE */
        {10004, -EOPNOTSUPP},
        {10008, -EAGAIN},          /* JUKEBOX, DELAY */
        {10013, -EAGAIN},          /* GRACE */
        {10014, -ESTALE},          /* FHEXPIRED */
        {10016, -EACCES},          /* WRONGSEC */
        {10020, -ENOENT},          /* NOFILEHANDLE: no root of exports */
        {10021, -EPROTONOSUPPORT}, /* MINOR_VERS_MISMATCH */
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].status == status)
            return known[i].error;
    return -EREMOTEIO;
}

void nfs_get_handle(struct xdr_reader *reader, size_t max, struct export_handle *out)
{
    size_t length;
    const uint8_t *bytes = xdr_get_opaque(reader, max, &length);

    out->length = 0;
    if (bytes == NULL || length == 0 || length > sizeof(out->bytes)) {
        reader->bad = true;
        return;
    }
    out->length = (uint8_t)length;
    memcpy(out->bytes, bytes, length);
}

bool nfs_get_name(struct xdr_reader *reader, char out[NFS_NAME_MAX + 1])
{
    size_t length;
    const uint8_t *bytes = xdr_get_opaque(reader, NAME_LIMIT, &length);

    out[0] = '\0';
    if (bytes == NULL || length == 0 || length > NFS_NAME_MAX || memchr(bytes, '/', length) != NULL ||
        memchr(bytes, '\0', length) != NULL)
        return false;
    memcpy(out, bytes, length);
    out[length] = '\0';
    return strcmp(out, ".") != 0 && strcmp(out, "..") != 0;
}
