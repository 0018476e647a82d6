/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {"drbd", "shared", "copies", NULL};
static const char *const drbd_versions[] = {"8.4", "9", NULL};
const char *const storage_version_names[] = {"3", "4.0", "4.1", "4.2", NULL};

#define NUMBER(low, high, what) .kind = KIND_NUMBER, .min = (low), .max = (high), .unit = (what)

/* Fallbacks that differ by kind are convert_storage.c's. nfsd and its clients allow no lease below 10 s. */
const struct setting_description storage_options[STORAGE_OPTION_COUNT] = {
    [STORAGE_KIND] = {"storage", "kind", NULL, .kind = KIND_CHOICE, .choices = kinds},
    [STORAGE_DEVICE] = {"storage", "device", NULL, .kind = KIND_PATH},
    [STORAGE_FILESYSTEM] = {"storage", "filesystem", "ext4", .kind = KIND_NAME},
    [STORAGE_DIRECTORY] = {"storage", "directory", "/srv/content", .kind = KIND_PATH},
    [STORAGE_EXPORT] = {"storage", "export", NULL, .kind = KIND_TEXT},
    [STORAGE_FSID] = {"storage", "fsid", "1", NUMBER(1, 4294967295, NULL)},
    [STORAGE_LEASE] = {"storage", "lease", "10", NUMBER(10, 3600, "s")},
    [STORAGE_GRACE] = {"storage", "grace", "10", NUMBER(10, 3600, "s")},
    [STORAGE_THREADS] = {"storage", "threads", "16", NUMBER(1, 4096, NULL)},
    [STORAGE_MONITOR] = {"storage", "monitor", "1", NUMBER(1, 3600, "s")},
    [STORAGE_MOUNT] = {"storage", "mount", NULL, .kind = KIND_PATH},
    [STORAGE_MOUNT_OPTIONS] = {"storage", "mount_options", "vers=4.2", .kind = KIND_TEXT},
    [STORAGE_PROBE] = {"storage", "probe", "100", NUMBER(10, 60000, "ms")},
    [STORAGE_TIMEOUT] = {"storage", "timeout", "500", NUMBER(10, 60000, "ms")},
    [STORAGE_FALL] = {"storage", "fall", "2", NUMBER(1, 100, "probes")},
    [STORAGE_RISE] = {"storage", "rise", "3", NUMBER(1, 100, "probes")},
    [STORAGE_RETURN] = {"storage", "return", "no", .kind = KIND_NUMBER_OR_OFF, .min = 1, .max = 86400, .unit = "s"},
    [STORAGE_DRBD_VERSION] = {"storage", "drbd", "8.4", .kind = KIND_CHOICE, .choices = drbd_versions},
    [STORAGE_MINOR] = {"storage", "minor", "0", NUMBER(0, 255, NULL)},
    [STORAGE_PORT] = {"storage", "port", "7788", NUMBER(1024, 65535, NULL)},
    [STORAGE_SECRET] = {"storage", "secret", NULL, .kind = KIND_TEXT},
    [STORAGE_PUBLISHER] = {"storage", "publisher", NULL, .kind = KIND_NAME},
    [STORAGE_SOURCE] = {"storage", "source", NULL, .kind = KIND_PATH},
    [STORAGE_NETWORK] = {"storage", "network", NULL, .kind = KIND_NAME},
};

/* Who names no servers means the masters (thesis 3.15: the master nodes run the NFS servers). */
static void find_servers(struct model *model)
{
    struct storage *storage = &model->storage;

    for (size_t i = 0; i < model->node_count && storage->servers_line == 0; i++)
        if (model->nodes[i].role == ROLE_MASTER && storage->server_count < MODEL_STORAGE_SERVERS_MAX)
            snprintf(storage->server_names[storage->server_count++], MODEL_NAME_MAX, "%s", model->nodes[i].name);
    for (size_t i = 0; i < storage->server_count; i++)
        storage->servers[i] = model_node(model, storage->server_names[i]);
}

void storage_resolve(struct model *model)
{
    struct storage *storage = &model->storage;

    find_servers(model);
    if (storage->clients_line != 0 || model->network_count == 0)
        return;
    if (model->networks[0].ipv4.address.family != AF_UNSPEC)
        storage->clients[storage->client_count++] = model->networks[0].ipv4;
    if (model->networks[0].ipv6.address.family != AF_UNSPEC)
        storage->clients[storage->client_count++] = model->networks[0].ipv6;
}

enum storage_kind storage_kind(const struct storage *storage)
{
    return (enum storage_kind)storage->options[STORAGE_KIND].number;
}

bool storage_is_server(const struct model *model, const struct node *node)
{
    for (size_t i = 0; i < model->storage.server_count; i++)
        if (model->storage.servers[i] == node)
            return true;
    return false;
}

bool storage_is_mounted(const struct model *model)
{
    return model->storage_count > 0 && model->storage.options[STORAGE_MOUNT].text;
}

const struct network *storage_network(const struct model *model)
{
    const char *wanted = model->storage.options[STORAGE_NETWORK].text;

    for (size_t i = 0; wanted && i < model->network_count; i++)
        if (strcmp(model->networks[i].name, wanted) == 0)
            return &model->networks[i];
    if (wanted || model->network_count == 0)
        return NULL;
    return &model->networks[model->network_count > 1 ? 1 : 0];
}

const struct node *storage_publisher(const struct model *model)
{
    const char *wanted = model->storage.options[STORAGE_PUBLISHER].text;

    for (size_t i = 0; i < model->storage.server_count; i++)
        if (!wanted || strcmp(model->storage.server_names[i], wanted) == 0)
            return model->storage.servers[i];
    return NULL;
}

const char *storage_text(const struct model *model, enum storage_option option)
{
    const char *text = model->storage.options[option].text;

    return text ? text : "";
}

long storage_number(const struct model *model, enum storage_option option)
{
    return model->storage.options[option].number;
}

const struct addr *storage_server_address(const struct model *model, const struct node *server)
{
    static const sa_family_t families[] = {AF_INET, AF_INET6};
    const struct addr *found = NULL;

    for (size_t i = 0; i < 2 && !found && model->network_count > 0; i++)
        found = node_address_in(server, &model->networks[0], families[i]);
    for (size_t i = 0; i < 2 && !found; i++)
        found = model_server_address(model, server, families[i]);
    return found;
}

const char *storage_source(const struct model *model, char out[STORAGE_SOURCE_MAX])
{
    char text[ADDR_TEXT_MAX];
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < model->storage.server_count && used < STORAGE_SOURCE_MAX; i++) {
        const struct addr *address = storage_server_address(model, model->storage.servers[i]);
        bool bracket = address->family == AF_INET6;

        used += (size_t)snprintf(out + used, STORAGE_SOURCE_MAX - used, "%s%s%s%s", i > 0 ? "," : "",
                                 bracket ? "[" : "", addr_format(address, text), bracket ? "]" : "");
    }
    if (used < STORAGE_SOURCE_MAX)
        snprintf(out + used, STORAGE_SOURCE_MAX - used, ":%s", storage_text(model, STORAGE_DIRECTORY));
    return out;
}
