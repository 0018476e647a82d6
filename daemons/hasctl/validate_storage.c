/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "validate_storage.h"

#include "storage.h"

#include <string.h>

#define SECRET_MAX 63 /* SHARED_SECRET_MAX of DRBD, without its end */

static unsigned line_of(const struct storage *storage, enum storage_option option)
{
    return storage->options[option].line ? storage->options[option].line : storage->line;
}

static void check_server(const struct model *model, size_t nth, struct problems *problems)
{
    const struct storage *storage = &model->storage;
    const struct node *server = storage->servers[nth];
    unsigned line = storage->servers_line ? storage->servers_line : storage->line;
    const struct network *link = storage_network(model);

    for (size_t i = 0; i < nth; i++)
        if (strcmp(storage->server_names[i], storage->server_names[nth]) == 0)
            problem_error(problems, line, "storage \"%s\": server \"%s\" is named twice", storage->name,
                          storage->server_names[nth]);
    if (!server)
        problem_error(problems, line, "storage \"%s\": there is no node \"%.63s\"", storage->name,
                      storage->server_names[nth]);
    else if (server->role != ROLE_MASTER)
        problem_error(problems, line,
                      "storage \"%s\": \"%s\" is a traffic node; NFS servers are master nodes, as a traffic node that "
                      "mounts from itself hangs when memory is short",
                      storage->name, server->name);
    else if (storage_kind(storage) != STORAGE_SHARED && link && server->address_count > 0 &&
             !node_address_in(server, link, network_link_family(link)))
        problem_error(problems, line_of(storage, STORAGE_NETWORK),
                      "storage \"%s\": \"%s\" has no address in network \"%s\", over which the servers replicate; "
                      "give it one, or say network = \"…\"",
                      storage->name, server->name, link->name);
}

static void check_servers(const struct model *model, struct problems *problems)
{
    const struct storage *storage = &model->storage;
    unsigned line = storage->servers_line ? storage->servers_line : storage->line;

    for (size_t i = 0; i < storage->server_count; i++)
        check_server(model, i, problems);
    if (storage_kind(storage) == STORAGE_DRBD && storage->server_count != 2)
        problem_error(problems, line,
                      "storage \"%s\": kind = drbd needs two servers, and there are %zu: write "
                      "servers = { \"m1\", \"m2\" }",
                      storage->name, storage->server_count);
    else if (storage->server_count < 2)
        problem_error(problems, line,
                      "storage \"%s\": one server is not highly available: write servers = { \"m1\", \"m2\" }",
                      storage->name);
    if (!storage_network(model) && storage->options[STORAGE_NETWORK].text)
        problem_error(problems, line_of(storage, STORAGE_NETWORK), "storage \"%s\": there is no network \"%s\"",
                      storage->name, storage->options[STORAGE_NETWORK].text);
}

/* Without fencing a server that only seems dead goes on writing: to its own copy with DRBD, which then has to be thrown
 * away, and with a shared device to that of its successor, which destroys the file system. */
static void check_fencing(const struct model *model, struct problems *problems)
{
    const struct storage *storage = &model->storage;

    if (model->settings[SETTING_FENCING].number)
        return;
    if (storage_kind(storage) == STORAGE_SHARED)
        problem_error(problems, line_of(storage, STORAGE_KIND),
                      "storage \"%s\": kind = shared needs fencing: two servers that mount one device destroy its file "
                      "system; write fencing sections and take cluster { fencing = off } away",
                      storage->name);
    else if (storage_kind(storage) == STORAGE_DRBD)
        problem_warning(problems, line_of(storage, STORAGE_KIND),
                        "storage \"%s\": kind = drbd without fencing: when the servers lose each other both may accept "
                        "writes, and one's will have to be thrown away",
                        storage->name);
}

static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, length) == 0 && strchr(",=", at[length]))
            return true; /* the end of the text, too */
    }
    return false;
}

static void check_export(const struct model *model, struct problems *problems)
{
    const struct storage *storage = &model->storage;
    const char *export = storage_text(model, STORAGE_EXPORT);
    unsigned line = line_of(storage, STORAGE_EXPORT);

    if (strpbrk(export, " \t()"))
        problem_error(problems, line, "storage \"%s\": export: options of exports(5) with commas between are wanted",
                      storage->name);
    if (has_word(export, "fsid"))
        problem_error(problems, line, "storage \"%s\": export: the fsid is an option of its own: write fsid = …",
                      storage->name);
    if (has_word(export, "async"))
        problem_error(problems, line,
                      "storage \"%s\": export: async loses writes that clients were told are safe; take it away",
                      storage->name);
    if (storage_kind(storage) == STORAGE_COPIES && has_word(export, "rw"))
        problem_error(problems, line,
                      "storage \"%s\": export: copies are only read: a write to one would be missing in the others; "
                      "write ro, or choose kind = drbd",
                      storage->name);
    if (storage->client_count == 0)
        problem_error(problems, storage->clients_line ? storage->clients_line : storage->line,
                      "storage \"%s\": it is exported to nobody: write clients = { \"10.1.0.0/24\" }", storage->name);
    if (storage->versions == 0)
        problem_error(problems, storage->versions_line, "storage \"%s\": versions: name at least one, such as 4.2",
                      storage->name);
}

/* A directory below the root, without an end that would make two names of one. */
static bool is_good_directory(const char *path)
{
    return strlen(path) > 1 && path[strlen(path) - 1] != '/' && !strpbrk(path, " \t\\:,") && !strstr(path, "//");
}

static void check_paths(const struct model *model, struct problems *problems)
{
    static const enum storage_option paths[] = {STORAGE_DIRECTORY, STORAGE_MOUNT, STORAGE_DEVICE, STORAGE_SOURCE};
    const struct storage *storage = &model->storage;

    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
        if (storage->options[paths[i]].text && !is_good_directory(storage->options[paths[i]].text))
            problem_error(problems, line_of(storage, paths[i]),
                          "storage \"%s\": %s = \"%s\": a path without blanks, ':' and ',' and without '/' at its end "
                          "is wanted",
                          storage->name, storage_options[paths[i]].name, storage->options[paths[i]].text);
}

/* What must be said, and what would be said in vain. */
static void check_kind(const struct model *model, struct problems *problems)
{
    static const struct {
        enum storage_option option;
        unsigned kinds; /* bits */
    } of_kinds[] = {{STORAGE_DEVICE, 1U << STORAGE_DRBD | 1U << STORAGE_SHARED},
                    {STORAGE_DRBD_VERSION, 1U << STORAGE_DRBD},
                    {STORAGE_MINOR, 1U << STORAGE_DRBD},
                    {STORAGE_PORT, 1U << STORAGE_DRBD},
                    {STORAGE_SECRET, 1U << STORAGE_DRBD},
                    {STORAGE_PUBLISHER, 1U << STORAGE_COPIES},
                    {STORAGE_SOURCE, 1U << STORAGE_COPIES}};
    const struct storage *storage = &model->storage;
    enum storage_kind kind = storage_kind(storage);

    for (size_t i = 0; i < sizeof(of_kinds) / sizeof(*of_kinds); i++)
        if (storage->options[of_kinds[i].option].line && !(of_kinds[i].kinds & 1U << kind))
            problem_error(problems, line_of(storage, of_kinds[i].option),
                          "storage \"%s\": %s means nothing with kind = %s; take it away", storage->name,
                          storage_options[of_kinds[i].option].name, storage_text(model, STORAGE_KIND));
    if (kind != STORAGE_COPIES && !storage->options[STORAGE_DEVICE].text)
        problem_error(problems, storage->line, "storage \"%s\": say which device: %s", storage->name,
                      kind == STORAGE_DRBD ? "the disk below DRBD, device = \"/dev/vdb\""
                                           : "the one that both servers reach, device = \"/dev/disk/by-id/…\"");
    if (kind == STORAGE_COPIES && !storage->options[STORAGE_SOURCE].text)
        problem_error(problems, storage->line,
                      "storage \"%s\": say which directory is published: source = \"/srv/publish\"", storage->name);
    if (!storage_publisher(model))
        problem_error(problems, line_of(storage, STORAGE_PUBLISHER), "storage \"%s\": \"%s\" is none of its servers",
                      storage->name, storage_text(model, STORAGE_PUBLISHER));
}

static void check_client(const struct model *model, struct problems *problems)
{
    const struct storage *storage = &model->storage;
    const char *options = storage_text(model, STORAGE_MOUNT_OPTIONS);

    if (strpbrk(options, " \t"))
        problem_error(problems, line_of(storage, STORAGE_MOUNT_OPTIONS),
                      "storage \"%s\": mount_options: options with commas between are wanted", storage->name);
    if (has_word(options, "replication"))
        problem_error(problems, line_of(storage, STORAGE_MOUNT_OPTIONS),
                      "storage \"%s\": mount_options: replication follows from the kind; take it away", storage->name);
    if (has_word(options, "soft"))
        problem_warning(problems, line_of(storage, STORAGE_MOUNT_OPTIONS),
                        "storage \"%s\": mount_options: with soft, applications get errors while a server is replaced",
                        storage->name);
    if (strlen(storage_text(model, STORAGE_SECRET)) > SECRET_MAX ||
        strpbrk(storage_text(model, STORAGE_SECRET), "\"\\"))
        problem_error(problems, line_of(storage, STORAGE_SECRET),
                      "storage \"%s\": secret: up to %d characters without quotes and backslashes are wanted",
                      storage->name, SECRET_MAX);
}

/* nfshad moves IPv6 mounts by the kernel series only. */
static void check_family(const struct model *model, struct problems *problems)
{
    const struct storage *storage = &model->storage;

    for (size_t i = 0; i < storage->server_count && storage_is_mounted(model); i++) {
        const struct node *server = storage->servers[i];
        const struct addr *address = server ? storage_server_address(model, server) : NULL;

        if (!address || address->family == AF_INET)
            continue;
        problem_warning(problems, line_of(storage, STORAGE_MOUNT),
                        "storage \"%s\": \"%s\" has no IPv4 address in the first network; mounts from IPv6 addresses "
                        "move only with the kernel series on the traffic nodes, see nfs-ha(7)",
                        storage->name, server->name);
        return;
    }
}

static void check_grace(const struct model *model, struct problems *problems)
{
    const struct storage *storage = &model->storage;

    if (storage_number(model, STORAGE_GRACE) < storage_number(model, STORAGE_LEASE))
        problem_error(problems, line_of(storage, STORAGE_GRACE),
                      "storage \"%s\": grace (%ld s) must not be shorter than lease (%ld s): clients notice within a "
                      "lease that they have to reclaim their locks",
                      storage->name, storage_number(model, STORAGE_GRACE), storage_number(model, STORAGE_LEASE));
    if (storage_kind(storage) == STORAGE_DRBD && !storage->options[STORAGE_SECRET].text)
        problem_warning(problems, storage->line,
                        "storage \"%s\": no secret: whoever reaches port %ld on the replication link can act as the "
                        "other server; write secret = \"…\", and use a private network",
                        storage->name, storage_number(model, STORAGE_PORT));
}

void validate_storage(const struct model *model, struct problems *problems)
{
    if (model->storage_count == 0)
        return;
    check_servers(model, problems);
    check_fencing(model, problems);
    check_export(model, problems);
    check_paths(model, problems);
    check_kind(model, problems);
    check_client(model, problems);
    check_family(model, problems);
    check_grace(model, problems);
}
