/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mount3.h"

#include "nfs.h"
#include "rpc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { GETPORT = 3, GETADDR = 3 }; /* of rpcbind version 2 and 3 */
enum { MNT = 1, EXPORT = 5 };
enum { MNT3ERR_PERM = 1, MNT3ERR_NOENT = 2, MNT3ERR_ACCES = 13, MNT3ERR_NOTDIR = 20 };

#define VERSION_PORTMAP 2 /* knows IPv4 only */
#define VERSION_RPCBIND 3
#define VERSION_MOUNT 3
#define PROTOCOL_TCP 6
#define HANDLE_MAX 64
#define UNIVERSAL_MAX 64 /* "fd00::1.8.1" */
#define PATH_MAX_SENT 1024
#define TEXT_MAX 4096

struct asked {
    const struct addr *server;
    const char *path;
    uint16_t port;
    uint32_t status;
    bool exported;
    struct export_handle *root;
};

int mount3_get_port(struct xdr_reader *reader, uint16_t *port)
{
    uint32_t value = xdr_get_u32(reader);
    *port = value <= UINT16_MAX ? (uint16_t)value : 0;
    return reader->bad || value > UINT16_MAX ? -EPROTO : 0;
}

int mount3_get_universal_port(struct xdr_reader *reader, uint16_t *port)
{
    char text[UNIVERSAL_MAX + 1], extra;
    unsigned high = 0, low = 0;
    size_t length;
    const uint8_t *bytes = xdr_get_opaque(reader, UNIVERSAL_MAX, &length);

    *port = 0;
    if (bytes == NULL)
        return -EPROTO;
    if (length == 0)
        return 0;
    memcpy(text, bytes, length);
    text[length] = '\0';
    char *dot = strrchr(text, '.');
    while (dot != NULL && dot > text && *--dot != '.')
        continue;
    if (dot == NULL || sscanf(dot, ".%3u.%3u%c", &high, &low, &extra) != 2 || high > 255 || low > 255)
        return -EPROTO;
    *port = (uint16_t)(high << 8 | low);
    return 0;
}

int mount3_get_root(struct xdr_reader *reader, uint32_t *status, struct export_handle *out)
{
    *status = xdr_get_u32(reader);
    out->length = 0;
    if (*status == 0)
        nfs_get_handle(reader, HANDLE_MAX, out);
    return reader->bad ? -EPROTO : 0; /* the flavours behind it are of no interest */
}

static bool is_above(const uint8_t *directory, size_t length, const char *path)
{
    while (length > 0 && directory[length - 1] == '/')
        length--;
    return strlen(path) >= length && (length == 0 || memcmp(directory, path, length) == 0) &&
           (path[length] == '\0' || path[length] == '/');
}

int mount3_get_exported(struct xdr_reader *reader, const char *path, bool *exported)
{
    size_t length;

    *exported = false;
    while (xdr_get_bool(reader)) {
        const uint8_t *directory = xdr_get_opaque(reader, TEXT_MAX, &length);
        if (directory != NULL && is_above(directory, length, path))
            *exported = true;
        while (xdr_get_bool(reader))
            xdr_get_opaque(reader, TEXT_MAX, &length);
    }
    return reader->bad ? -EPROTO : 0;
}

static uint32_t put_port(void *context, size_t index, struct xdr_writer *arguments)
{
    const struct asked *asked = context;
    (void)index;
    xdr_put_u32(arguments, RPC_PROGRAM_MOUNT);
    xdr_put_u32(arguments, VERSION_MOUNT);
    if (asked->server->family == AF_INET) {
        xdr_put_u32(arguments, PROTOCOL_TCP);
        xdr_put_u32(arguments, 0);
        return GETPORT;
    }
    xdr_put_text(arguments, "tcp6");
    xdr_put_text(arguments, "");
    xdr_put_text(arguments, "");
    return GETADDR;
}

static int get_port(void *context, size_t index, struct xdr_reader *results)
{
    struct asked *asked = context;
    (void)index;
    return asked->server->family == AF_INET ? mount3_get_port(results, &asked->port)
                                            : mount3_get_universal_port(results, &asked->port);
}

static uint32_t put_root(void *context, size_t index, struct xdr_writer *arguments)
{
    const struct asked *asked = context;
    (void)index;
    xdr_put_opaque(arguments, asked->path, strnlen(asked->path, PATH_MAX_SENT));
    return MNT;
}

static int get_root(void *context, size_t index, struct xdr_reader *results)
{
    struct asked *asked = context;
    (void)index;
    return mount3_get_root(results, &asked->status, asked->root);
}

static uint32_t put_nothing(void *context, size_t index, struct xdr_writer *arguments)
{
    (void)context;
    (void)index;
    (void)arguments;
    return EXPORT;
}

static int get_exported(void *context, size_t index, struct xdr_reader *results)
{
    struct asked *asked = context;
    (void)index;
    return mount3_get_exported(results, asked->path, &asked->exported);
}

static int ask_port(struct asked *asked, uint64_t deadline_ms)
{
    uint32_t version = asked->server->family == AF_INET ? VERSION_PORTMAP : VERSION_RPCBIND;
    struct rpc *rpc;
    int result = rpc_open(asked->server, RPC_PORT_RPCBIND, deadline_ms, &rpc);
    if (result == -ECONNREFUSED)
        return -EPROTONOSUPPORT; /* the server itself has been reached before */
    if (result != 0)
        return result;
    result = rpc_exchange(rpc, RPC_PROGRAM_RPCBIND, version, 1, put_port, get_port, asked, deadline_ms);
    rpc_close(rpc);
    if (result == 0 && asked->port == 0)
        result = -EPROTONOSUPPORT;
    return result;
}

/* A mount daemon tells "access denied" also of what it does not export: its list tells which it is. */
static int explain(struct rpc *rpc, struct asked *asked, uint64_t deadline_ms)
{
    switch (asked->status) {
    case 0:
        return 0;
    case MNT3ERR_NOENT:
    case MNT3ERR_NOTDIR:
        return -ENOENT;
    case MNT3ERR_PERM:
    case MNT3ERR_ACCES:
        if (rpc_exchange(rpc, RPC_PROGRAM_MOUNT, VERSION_MOUNT, 1, put_nothing, get_exported, asked, deadline_ms) == 0)
            return asked->exported ? -EACCES : -ENOENT;
        return -EACCES;
    default:
        return -EREMOTEIO;
    }
}

int mount3_root(const struct addr *server, const char *path, uint64_t deadline_ms, struct export_handle *out,
                const char **step)
{
    struct asked asked = {.server = server, .path = path, .root = out};
    struct rpc *rpc;

    *step = "rpcbind (port 111)";
    int result = ask_port(&asked, deadline_ms);
    if (result != 0)
        return result;
    *step = "mount daemon";
    result = rpc_open(server, asked.port, deadline_ms, &rpc);
    if (result != 0)
        return result;
    result = rpc_exchange(rpc, RPC_PROGRAM_MOUNT, VERSION_MOUNT, 1, put_root, get_root, &asked, deadline_ms);
    if (result == 0)
        result = explain(rpc, &asked, deadline_ms);
    rpc_close(rpc);
    return result;
}
