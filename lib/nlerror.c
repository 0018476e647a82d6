/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nlerror.h"

#include <errno.h>
#include <netlink/errno.h>
#include <stddef.h>

static const struct {
    int code;
    int error;
} pairs[] = {
    {NLE_SUCCESS, 0},
    {NLE_INTR, -EINTR},
    {NLE_DUMP_INTR, -EINTR},
    {NLE_AGAIN, -EAGAIN},
    {NLE_NOMEM, -ENOMEM},
    {NLE_EXIST, -EEXIST},
    {NLE_INVAL, -EINVAL},
    {NLE_RANGE, -ERANGE},
    {NLE_MSGSIZE, -EMSGSIZE},
    {NLE_OPNOTSUPP, -EOPNOTSUPP},
    {NLE_AF_NOSUPPORT, -EAFNOSUPPORT},
    {NLE_OBJ_NOTFOUND, -ENOENT},
    {NLE_BUSY, -EBUSY},
    {NLE_PERM, -EPERM},
    {NLE_NOACCESS, -EACCES},
    {NLE_NOADDR, -EADDRNOTAVAIL},
    {NLE_NODEV, -ENODEV},
};

int nlerror_to_errno(int code)
{
    int positive = code < 0 ? -code : code;

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (pairs[i].code == positive) {
            return pairs[i].error;
        }
    }
    return -EIO;
}
