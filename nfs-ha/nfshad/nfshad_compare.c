/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does a server serve what the server in use serves, under the same handles? Asked by a thread. */
#include "nfshad.h"

#include "clock.h"
#include "reference.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of one exchange with a server that answers probes. */
#define COMPARE_TIMEOUT_MS 1000

struct compared {
    char path[SOURCE_PATH_MAX];
    unsigned version;
    bool foreign;
    struct nfshad_reference *reference;
    struct export_identity *fresh; /* of the server in use */
};

struct compare {
    struct nfshad *nfshad;
    unsigned group;
    size_t server;
    struct addr address;
    bool in_use;
    enum failover_identity identity;
    char why[FAILOVER_REASON_MAX];
    size_t count;
    struct compared exports[];
};

void nfshad_reference_release(struct nfshad_reference *reference)
{
    if (reference == NULL || --reference->users > 0)
        return;
    export_free(reference->identity);
    free(reference);
}

static bool has_same_root(const struct export_identity *one, const struct export_identity *other)
{
    return one->fsid_major == other->fsid_major && one->fsid_minor == other->fsid_minor &&
           one->root.length == other->root.length && memcmp(one->root.bytes, other->root.bytes, one->root.length) == 0;
}

/* The server in use shows what is the right thing to serve, as long as the root is the one that was mounted. Else its
 * data has gone from there, and it exports the directory on which that was mounted, or another disk. */
static int read_export(struct compare *compare, struct compared *export, struct conf_error *error)
{
    int rc = export_read(&compare->address, export->path, export->version, COMPARE_TIMEOUT_MS, &export->fresh, error);
    compare->identity = rc == 0 ? FAILOVER_SAME : FAILOVER_IDENTITY_UNKNOWN;
    if (rc != 0 || export->reference == NULL || export->reference->recalled ||
        has_same_root(export->reference->identity, export->fresh))
        return rc;
    compare->identity = FAILOVER_DIFFERENT;
    snprintf(error->text, sizeof error->text, "the root of %.200s is another one than before", export->path);
    export_free(export->fresh);
    export->fresh = NULL;
    return 0;
}

static int compare_export(struct compare *compare, const struct compared *export, struct conf_error *error)
{
    enum export_verdict verdict;
    if (export->reference == NULL) {
        compare->identity = FAILOVER_IDENTITY_UNKNOWN;
        snprintf(error->text, sizeof error->text, "it is not known yet what the server in use serves");
        return -EAGAIN;
    }
    int rc = export_compare(&compare->address, export->path, export->reference->identity, COMPARE_TIMEOUT_MS, &verdict,
                            error);
    if (rc == 0)
        compare->identity = verdict == EXPORT_SAME ? FAILOVER_SAME : FAILOVER_DIFFERENT;
    else
        compare->identity = FAILOVER_IDENTITY_UNKNOWN;
    return rc;
}

/* In the thread. The first export that is not the same decides. */
static void work(void *job)
{
    struct compare *compare = job;
    struct conf_error error = {""};
    compare->identity = FAILOVER_SAME;
    for (size_t i = 0; i < compare->count && compare->identity == FAILOVER_SAME; i++) {
        struct compared *export = &compare->exports[i];
        int rc = compare->in_use ? read_export(compare, export, &error) : compare_export(compare, export, &error);
        if (rc == -ENOENT)
            compare->identity = FAILOVER_NOT_SERVING;
        if (compare->in_use && export->foreign)
            compare->identity = FAILOVER_SAME; /* the server is not lost because of somebody else's mount */
        if (compare->identity != FAILOVER_SAME)
            snprintf(compare->why, sizeof compare->why, "%s", error.text);
    }
}

/* The others could not be compared with anything until now. */
static void compare_others(struct nfshad_group *group)
{
    for (size_t i = 0; i < group->source.count; i++)
        if (i != group->failover.current)
            group->failover.servers[i].compare_now = true;
}

static void file_of(const struct nfshad_group *group, const struct nfshad_export *export, char out[REFERENCE_PATH_MAX])
{
    char servers[SOURCE_TEXT_MAX];
    struct source named = group->source;
    snprintf(named.path, sizeof named.path, "/");
    reference_path(group->nfshad->exports, source_format(&named, servers), export->path, export->version, out);
}

static void keep(const struct nfshad_group *group, const struct nfshad_export *export)
{
    char file[REFERENCE_PATH_MAX];
    file_of(group, export, file);
    int rc = reference_write(file, export->reference->identity);
    if (rc != 0)
        log_debug("cannot write %s: %s", file, strerror(-rc));
}

/* What an nfshad before us learned; the server in use may be dead by now. */
void nfshad_reference_recall(const struct nfshad_group *group, struct nfshad_export *export)
{
    char file[REFERENCE_PATH_MAX];
    struct nfshad_reference *reference = calloc(1, sizeof *reference);
    file_of(group, export, file);
    if (reference == NULL || reference_read(file, &reference->identity) != 0) {
        free(reference);
        return;
    }
    reference->users = 1;
    reference->recalled = true;
    export->reference = reference;
}

void nfshad_reference_drop(struct nfshad_group *group)
{
    for (size_t i = 0; i < group->export_count; i++) {
        nfshad_reference_release(group->exports[i].reference);
        group->exports[i].reference = NULL;
        nfshad_reference_forget(group, &group->exports[i]);
    }
}

void nfshad_reference_forget(const struct nfshad_group *group, const struct nfshad_export *export)
{
    char file[REFERENCE_PATH_MAX];
    file_of(group, export, file);
    (void)unlink(file);
}

static void take_fresh(struct nfshad_group *group, struct compared *compared)
{
    for (size_t i = 0; i < group->export_count; i++) {
        struct nfshad_export *export = &group->exports[i];
        if (compared->fresh == NULL || export->version != compared->version ||
            strcmp(export->path, compared->path) != 0)
            continue;
        struct nfshad_reference *reference = calloc(1, sizeof *reference);
        if (reference == NULL)
            return;
        *reference = (struct nfshad_reference){.users = 1, .identity = compared->fresh};
        compared->fresh = NULL;
        if (export->reference == NULL)
            compare_others(group);
        nfshad_reference_release(export->reference);
        export->reference = reference;
        keep(group, export);
    }
}

static void forget(struct compare *compare)
{
    for (size_t i = 0; i < compare->count; i++) {
        nfshad_reference_release(compare->exports[i].reference);
        export_free(compare->exports[i].fresh);
    }
    free(compare);
}

static void done(void *job)
{
    struct compare *compare = job;
    struct nfshad_group *group = nfshad_groups_find(compare->nfshad, compare->group);
    if (group != NULL) {
        /* a move came between: the server in use is asked less than another one, and is held against nothing */
        if (compare->in_use != (compare->server == group->failover.current))
            compare->identity = FAILOVER_IDENTITY_UNKNOWN;
        /* what a server shows that is no more in use is no reference */
        for (size_t i = 0; i < compare->count && compare->server == group->failover.current; i++)
            take_fresh(group, &compare->exports[i]);
        failover_compared(&group->failover, compare->server, compare->identity, compare->why, clock_ms());
        nfshad_act(group);
    }
    forget(compare);
}

/* The daemon ends: the references are not ours to count any more, in this thread. */
static void drop(void *job)
{
    free(job);
}

int nfshad_compare(struct nfshad_group *group, size_t server)
{
    struct compare *compare = calloc(1, sizeof *compare + group->export_count * sizeof compare->exports[0]);
    if (compare == NULL)
        return -ENOMEM;
    compare->nfshad = group->nfshad;
    compare->group = group->id;
    compare->server = server;
    compare->address = group->source.servers[server].address;
    compare->in_use = server == group->failover.current;
    compare->count = group->export_count;
    for (size_t i = 0; i < group->export_count; i++) {
        struct compared *compared = &compare->exports[i];
        memcpy(compared->path, group->exports[i].path, sizeof compared->path);
        compared->version = group->exports[i].version;
        compared->foreign = group->exports[i].foreign;
        compared->reference = group->exports[i].reference;
        if (compared->reference != NULL)
            compared->reference->users++;
    }
    int rc = worker_run(group->nfshad->worker, work, done, drop, compare);
    if (rc != 0)
        forget(compare);
    return rc;
}
