/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "export_session.h"

#include "clock.h"
#include "mount3.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PORT_NFS 2049
#define AGAIN_MS 20  /* between two tries while a server says "later" (grace, its exports are being looked up) */
#define PAGES_MAX 32 /* of one directory */

static const char *reason(int error)
{
    switch (error) {
    case -ENOENT:
        return "not exported there to this host";
    case -EACCES:
        return "not exported with sec=sys";
    case -EPROTONOSUPPORT:
        return "the server does not offer it";
    case -EPROTO:
        return "the answer makes no sense";
    case -ETIMEDOUT:
        return "no answer in time";
    case -EAGAIN:
        return "the server asks to wait";
    case -EREMOTEIO:
        return "the server tells an error";
    default:
        return strerror(-error);
    }
}

int export_session_fail(const struct export_session *session, int error, const char *what)
{
    char text[ADDR_TEXT_MAX];
    snprintf(session->error->text, sizeof(session->error->text), "%s: %s: %s", addr_format(session->server, text), what,
             reason(error));
    return error;
}

bool export_session_again(const struct export_session *session)
{
    if (clock_ms() + AGAIN_MS >= session->deadline_ms)
        return false;
    usleep(AGAIN_MS * 1000);
    return true;
}

int export_session_open(struct export_session *session, unsigned version, unsigned timeout_ms)
{
    session->deadline_ms = clock_ms() + timeout_ms;
    session->dialect = version == 3 ? &nfs3_dialect : &nfs4_dialect;
    session->rpc = NULL;
    int result = rpc_open(session->server, PORT_NFS, session->deadline_ms, &session->rpc);
    return result == 0 ? 0 : export_session_fail(session, result, "NFS (port 2049)");
}

void export_session_close(struct export_session *session)
{
    rpc_close(session->rpc);
    session->rpc = NULL;
}

static const char *program_name(const struct export_session *session)
{
    return session->dialect->version == 3 ? "NFS version 3" : "NFS version 4.0";
}

int export_session_exchange(struct export_session *session, size_t count, rpc_encode *encode, rpc_decode *decode,
                            void *context)
{
    int result = rpc_exchange(session->rpc, RPC_PROGRAM_NFS, session->dialect->version, count, encode, decode, context,
                              session->deadline_ms);
    return result == 0 ? 0 : export_session_fail(session, result, program_name(session));
}

struct root_call {
    const struct export_session *session;
    const struct export_handle *handle; /* version 3 */
    struct nfs_object *out;
};

static uint32_t put_root(void *context, size_t index, struct xdr_writer *arguments)
{
    const struct root_call *call = context;
    (void)index;
    return call->handle != NULL ? call->session->dialect->put_attributes(arguments, call->handle)
                                : nfs4_put_path(arguments, call->session->path);
}

static int get_root(void *context, size_t index, struct xdr_reader *results)
{
    const struct root_call *call = context;
    (void)index;
    return call->handle != NULL ? call->session->dialect->get_attributes(results, call->out)
                                : nfs4_get_path(results, call->out);
}

/* What the server says of the root, as the error of export_read(). */
static int judge_root(const struct export_session *session, const struct nfs_object *root)
{
    int status = root->status;
    if (status == 0 && !root->has_attributes)
        status = -EREMOTEIO;
    if (status == -ESTALE || status == -ENOTDIR)
        status = -ENOENT; /* exports that come or go */
    return status == 0 ? 0 : export_session_fail(session, status, session->path);
}

static int ask_root(struct export_session *session, const struct export_handle *handle, struct nfs_object *out)
{
    struct root_call call = {.session = session, .handle = handle, .out = out};
    int result;

    do
        result = export_session_exchange(session, 1, put_root, get_root, &call);
    while (result == 0 && out->status == -EAGAIN && export_session_again(session));
    return result == 0 ? judge_root(session, out) : result;
}

static int root3(struct export_session *session, struct nfs_object *out)
{
    const char *step;
    struct export_handle handle;
    int result = mount3_root(session->server, session->path, session->deadline_ms, &handle, &step);

    if (result != 0)
        return export_session_fail(session, result, result == -ENOENT || result == -EACCES ? session->path : step);
    result = ask_root(session, &handle, out);
    out->handle = handle;
    return result;
}

int export_session_root(struct export_session *session, struct nfs_object *out)
{
    if (session->dialect->version == 4) {
        uint8_t bytes[RPC_ARGUMENTS_MAX];
        struct xdr_writer writer = {.data = bytes, .size = sizeof(bytes)};
        if (nfs4_put_path(&writer, session->path) == 0)
            return export_session_fail(session, -EINVAL, session->path);
        int result = ask_root(session, NULL, out);
        if (result != -EPROTONOSUPPORT)
            return result;
        /* Only 4.1 and 4.2, which would need a client's state on the server. The kernel's server has the same handles
         * for 3 and 4: what is the same for the one is the same for the other. */
        session->dialect = &nfs3_dialect;
        result = root3(session, out);
        if (result != -EPROTONOSUPPORT)
            return result;
        return export_session_fail(session, result, "neither NFS 4.0 nor 3, by which exports are compared");
    }
    return root3(session, out);
}

struct list_call {
    const struct nfs_dialect *dialect;
    const struct export_handle *directory;
    struct nfs_listing *listing;
};

static uint32_t put_list(void *context, size_t index, struct xdr_writer *arguments)
{
    const struct list_call *call = context;
    (void)index;
    return call->dialect->put_list(arguments, call->directory, call->listing);
}

static int get_list(void *context, size_t index, struct xdr_reader *results)
{
    const struct list_call *call = context;
    (void)index;
    return call->dialect->get_list(results, call->listing);
}

int export_session_list(struct export_session *session, const struct export_handle *directory,
                        struct nfs_listing *listing)
{
    struct list_call call = {.dialect = session->dialect, .directory = directory, .listing = listing};
    int result = 0;

    memset(listing, 0, offsetof(struct nfs_listing, names));
    for (unsigned page = 0; page < PAGES_MAX && result == 0 && !listing->end; page++) {
        do
            result = export_session_exchange(session, 1, put_list, get_list, &call);
        while (result == 0 && listing->status == -EAGAIN && export_session_again(session));
        if (result == 0 && listing->status != 0)
            return 0;
    }
    return result;
}
