/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "start.h"

#include "message.h"
#include "program.h"

#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* execve(2) wants pointers to what it does not change. */
static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void tell(char *const argv[])
{
    fputs("mount.nfsha: running", stderr);
    for (size_t i = 0; argv[i] != NULL; i++)
        fprintf(stderr, " %s", argv[i]);
    fputc('\n', stderr);
}

int start_mount_text(const struct mount_paths *paths, const struct mount_arguments *arguments, const char *directory,
                     const char *text, const struct mount_options *options)
{
    const char *program = program_mount_nfs(paths);
    char *argv[10] = {word("mount.nfs"), word(text), word(directory)};
    size_t count = 3;

    if (program == NULL)
        return MOUNT_SYSTEM;
    if (arguments->no_mtab)
        argv[count++] = word("-n");
    if (arguments->sloppy)
        argv[count++] = word("-s");
    if (arguments->verbose)
        argv[count++] = word("-v");
    argv[count++] = word("-o");
    argv[count++] = word(options->passed);
    if (arguments->verbose)
        tell(argv);
    int status = program_run(program, argv);
    if (status >= 0)
        return status;
    message("%s: %s", program, strerror(-status));
    return MOUNT_SYSTEM;
}

/* Would mount.nfs, which asks by itself, get another address for that name? */
static bool has_one_address(const struct source_server *server)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;

    if (getaddrinfo(server->name, NULL, &hints, &found) != 0)
        return false;
    bool one = found->ai_next == NULL;
    freeaddrinfo(found);
    return one;
}

int start_mount(const struct mount_paths *paths, const struct mount_arguments *arguments, const char *directory,
                const struct source *source, size_t server, const struct mount_options *options)
{
    struct source alone = {.count = 1};
    char text[SOURCE_TEXT_MAX];

    alone.servers[0] = source->servers[server];
    memcpy(alone.path, source->path, sizeof(alone.path));
    if (!has_one_address(&alone.servers[0]))
        addr_format(&alone.servers[0].address, alone.servers[0].name);
    return start_mount_text(paths, arguments, directory, source_format(&alone, text), options);
}
