/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "export_session.h"
#include "export_verdict.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct compare_call {
    const struct export_identity *reference;
    const struct nfs_dialect *dialect;
    struct export_answers *answers;
};

/* Call 0 is for the root, the others are for the names. */
static uint32_t put(void *context, size_t index, struct xdr_writer *arguments)
{
    const struct compare_call *call = context;
    const struct export_identity *reference = call->reference;

    if (index == 0)
        return call->dialect->put_attributes(arguments, &reference->root);
    int parent = export_parent(reference, index - 1);
    const char *path = reference->entries[index - 1].path;
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    return call->dialect->put_lookup(arguments, parent >= 0 ? &reference->entries[parent].handle : &reference->root,
                                     name, strlen(name));
}

static int get(void *context, size_t index, struct xdr_reader *results)
{
    const struct compare_call *call = context;
    return index == 0 ? call->dialect->get_attributes(results, &call->answers->root)
                      : call->dialect->get_lookup(results, &call->answers->names[index - 1]);
}

static bool is_to_wait(const struct compare_call *call)
{
    bool wait = call->answers->root.status == -EAGAIN;
    for (size_t i = 0; i < call->reference->count; i++)
        wait = wait || call->answers->names[i].status == -EAGAIN;
    return wait;
}

/* The server does not know the root's handle: it serves nothing below that path yet, or something else. */
static int explain_root(struct export_session *session, const struct export_identity *reference,
                        enum export_verdict *verdict)
{
    struct nfs_object root;
    char text[ADDR_TEXT_MAX];
    int result = export_session_root(session, &root);

    if (result != 0)
        return result;
    if (root.handle.length == reference->root.length &&
        memcmp(root.handle.bytes, reference->root.bytes, root.handle.length) == 0)
        return export_session_fail(session, -EAGAIN, session->path); /* served since a moment ago */
    *verdict = EXPORT_DIFFERENT;
    snprintf(session->error->text, sizeof(session->error->text), "%s: %s: the root has another file handle there",
             addr_format(session->server, text), session->path);
    return 0;
}

static int judge(struct export_session *session, const struct compare_call *call, enum export_verdict *verdict)
{
    const struct nfs_object *root = &call->answers->root;
    struct conf_error why;
    char text[ADDR_TEXT_MAX];

    if (root->status == -ESTALE || root->status == -ENOENT)
        return explain_root(session, call->reference, verdict);
    if (root->status != 0)
        return export_session_fail(session, root->status, session->path);
    if (!root->has_attributes)
        return export_session_fail(session, -EREMOTEIO, session->path);
    *verdict = export_judge(call->reference, call->answers, &why);
    session->error->text[0] = '\0';
    if (*verdict != EXPORT_SAME)
        snprintf(session->error->text, sizeof(session->error->text), "%s: %s: %.300s",
                 addr_format(session->server, text), session->path, why.text);
    return 0;
}

static int compare(struct export_session *session, struct compare_call *call, enum export_verdict *verdict)
{
    int result;
    do
        result = export_session_exchange(session, 1 + call->reference->count, put, get, call);
    while (result == 0 && is_to_wait(call) && export_session_again(session));
    return result == 0 ? judge(session, call, verdict) : result;
}

int export_compare(const struct addr *server, const char *path, const struct export_identity *reference,
                   unsigned timeout_ms, enum export_verdict *verdict, struct conf_error *error)
{
    struct export_session session = {.server = server, .path = path, .error = error};
    struct compare_call call = {.reference = reference, .answers = calloc(1, sizeof(*call.answers))};

    *verdict = EXPORT_DIFFERENT;
    error->text[0] = '\0';
    if (call.answers == NULL)
        return -ENOMEM;
    int result = export_session_open(&session, reference->version, timeout_ms);
    if (result == 0) {
        call.dialect = session.dialect;
        result = compare(&session, &call, verdict);
        export_session_close(&session);
    }
    free(call.answers);
    return result;
}
