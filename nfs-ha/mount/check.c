/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"

#include "clock.h"
#include "message.h"
#include "rpc.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define PORT_NFS 2049

struct question {
    pthread_t thread;
    bool started;
    const struct source *source;
    const struct mount_options *options;
    size_t server;
    struct check_server *answer;
};

static uint32_t put_null(void *context, size_t index, struct xdr_writer *arguments)
{
    (void)context;
    (void)index;
    (void)arguments;
    return 0;
}

static int get_null(void *context, size_t index, struct xdr_reader *results)
{
    (void)context;
    (void)index;
    (void)results;
    return 0;
}

/* Is an NFS server there at all? For compare=no. */
static int ask_null(const struct source_server *server, unsigned version, struct conf_error *error)
{
    uint64_t deadline = clock_ms() + CHECK_TIMEOUT_MS;
    struct rpc *rpc;
    int result = rpc_open(&server->address, PORT_NFS, deadline, &rpc);

    if (result == 0) {
        result = rpc_exchange(rpc, RPC_PROGRAM_NFS, version, 1, put_null, get_null, NULL, deadline);
        rpc_close(rpc);
    }
    if (result != 0)
        snprintf(error->text, sizeof(error->text), "%s: NFS (port 2049): %s", server->name, strerror(-result));
    return result;
}

static void *ask(void *context)
{
    const struct question *question = context;
    const struct source_server *server = &question->source->servers[question->server];
    unsigned version = question->options->version == 3 ? 3 : 4;
    struct check_server *answer = question->answer;

    answer->result = question->options->compare ? export_read(&server->address, question->source->path, version,
                                                              CHECK_TIMEOUT_MS, &answer->identity, &answer->error)
                                                : ask_null(server, version, &answer->error);
    return NULL;
}

static void ask_all(const struct source *source, const struct mount_options *options, struct check *check)
{
    struct question questions[SOURCE_SERVERS_MAX];

    for (size_t i = 0; i < source->count; i++) {
        questions[i] =
            (struct question){.source = source, .options = options, .server = i, .answer = &check->servers[i]};
        questions[i].started = pthread_create(&questions[i].thread, NULL, ask, &questions[i]) == 0;
        if (!questions[i].started)
            ask(&questions[i]);
    }
    for (size_t i = 0; i < source->count; i++)
        if (questions[i].started)
            pthread_join(questions[i].thread, NULL);
}

static bool choose(const struct source *source, size_t preferred, struct check *check)
{
    check->first = source->count;
    if (preferred < source->count && check->servers[preferred].result == 0)
        check->first = preferred;
    for (size_t i = 0; i < source->count && check->first == source->count; i++)
        if (check->servers[i].result == 0)
            check->first = i;
    return check->first < source->count;
}

static int nobody(const struct source *source, const struct check *check)
{
    char text[SOURCE_TEXT_MAX];
    message("%s: no server serves it:", source_format(source, text));
    for (size_t i = 0; i < source->count; i++)
        message("  %s: %s", source->servers[i].name, check->servers[i].error.text);
    return -EHOSTDOWN;
}

static int own_copies(const struct source *source, const struct check *check, size_t other)
{
    message("%s and %s both serve %s at the same time, and it is to be mounted for writing.",
            source->servers[check->first].name, source->servers[other].name, source->path);
    message(
        "With replication=standby each would have a copy of its own: a write to one is missing on the other. Write");
    message("  replication=shared  when both serve the same data (a cluster file system),");
    message("  replication=copies  when they are copies to be read, or ro,");
    message("or let only one of them export it at a time.");
    return -EXDEV;
}

/* Holds one more server that serves it against the chosen one. */
static int compare(const struct source *source, const struct mount_options *options, const struct check *check,
                   size_t other)
{
    struct conf_error error;
    enum export_verdict verdict;
    int result = export_compare(&source->servers[other].address, source->path, check->servers[check->first].identity,
                                CHECK_TIMEOUT_MS, &verdict, &error);

    if (result != 0) {
        message("warning: %s could not be compared with %s: %s", source->servers[other].name,
                source->servers[check->first].name, error.text);
        return 0;
    }
    if (verdict == EXPORT_DIFFERENT) {
        bool remount = options->mismatch == MISMATCH_REMOUNT && options->readonly;
        message("%sthe exports of %s and %s differ: %s", remount ? "warning: " : "", source->servers[check->first].name,
                source->servers[other].name, error.text);
        if (remount)
            return 0;
        message("No open file would live through a move from one to the other. Make them identical block by block "
                "(DRBD, an image that is copied), or mount with ro,mismatch=remount.");
        return -ESTALE;
    }
    if (options->replication == REPLICATION_STANDBY && !options->readonly)
        return own_copies(source, check, other);
    return 0;
}

/* The others: those that serve it, too, are compared; the administrator learns of the rest. */
static int compare_all(const struct source *source, const struct mount_options *options, const struct check *check)
{
    int result = 0;
    for (size_t i = 0; i < source->count && result == 0; i++) {
        const struct check_server *server = &check->servers[i];
        if (i == check->first)
            continue;
        if (server->result == 0)
            result = compare(source, options, check, i);
        else if (server->result != -ENOENT || options->replication != REPLICATION_STANDBY)
            message("warning: %s could not be compared: %s", source->servers[i].name, server->error.text);
    }
    return result;
}

int check_servers(const struct source *source, const struct mount_options *options, size_t preferred,
                  struct check *check)
{
    memset(check, 0, sizeof(*check));
    ask_all(source, options, check);
    if (!choose(source, preferred, check))
        return nobody(source, check);
    return options->compare ? compare_all(source, options, check) : 0;
}

void check_free(struct check *check)
{
    for (size_t i = 0; i < SOURCE_SERVERS_MAX; i++)
        export_free(check->servers[i].identity);
}
