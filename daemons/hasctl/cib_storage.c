/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cib_storage.h"

#include "storage.h"
#include "template.h"

#include <string.h>

bool cib_storage_moves(const struct model *model)
{
    return model->storage_count > 0 && storage_kind(&model->storage) != STORAGE_COPIES;
}

int cib_storage_condition(const struct model *model, const char *name)
{
    if (strcmp(name, "storage") == 0)
        return model->storage_count > 0;
    if (strcmp(name, "storage_drbd") == 0)
        return model->storage_count > 0 && storage_kind(&model->storage) == STORAGE_DRBD;
    if (strcmp(name, "storage_copies") == 0)
        return model->storage_count > 0 && storage_kind(&model->storage) == STORAGE_COPIES;
    if (strcmp(name, "storage_moves") == 0)
        return cib_storage_moves(model);
    if (strcmp(name, "storage_mount") == 0)
        return storage_is_mounted(model);
    return -1;
}

static void put_name(const struct cib_cursor *cursor, FILE *out)
{
    template_quote(cursor->model->storage.name, out);
}

/* What is mounted on the servers. */
static void put_disk(const struct cib_cursor *cursor, FILE *out)
{
    if (storage_kind(&cursor->model->storage) == STORAGE_DRBD)
        fprintf(out, "/dev/drbd%ld", storage_number(cursor->model, STORAGE_MINOR));
    else
        template_quote(storage_text(cursor->model, STORAGE_DEVICE), out);
}

static void put_directory(const struct cib_cursor *cursor, FILE *out)
{
    template_quote(storage_text(cursor->model, STORAGE_DIRECTORY), out);
}

static void put_state(const struct cib_cursor *cursor, FILE *out)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/" STORAGE_STATE, storage_text(cursor->model, STORAGE_DIRECTORY));
    template_quote(path, out);
}

/* The server scope of RFC 8881, 2.10.4: equal on all servers, so that clients may reclaim their locks from any. */
static void put_scope(const struct cib_cursor *cursor, FILE *out)
{
    char scope[65];

    snprintf(scope, sizeof(scope), "%.30s-%.32s", cursor->model->settings[SETTING_CLUSTER_NAME].text,
             cursor->model->storage.name);
    template_quote(scope, out);
}

static void put_client(const struct cib_cursor *cursor, FILE *out)
{
    const struct prefix *client = &cursor->model->storage.clients[cursor->address];
    char text[ADDR_TEXT_MAX], spec[ADDR_TEXT_MAX + 8];
    bool ipv6 = client->address.family == AF_INET6;

    snprintf(spec, sizeof(spec), "%s%s/%u%s", ipv6 ? "[" : "", addr_format(&client->address, text), client->length,
             ipv6 ? "]" : "");
    template_quote(spec, out);
}

static void put_export_id(const struct cib_cursor *cursor, FILE *out)
{
    fprintf(out, "storage-export-%zu", cursor->address + 1);
}

static void put_export_ids(const struct cib_cursor *cursor, FILE *out)
{
    for (size_t i = 0; i < cursor->model->storage.client_count; i++)
        fprintf(out, "%sstorage-export-%zu", i > 0 ? " " : "", i + 1);
}

static void put_server_count(const struct cib_cursor *cursor, FILE *out)
{
    fprintf(out, "%zu", cursor->model->storage.server_count);
}

static void put_is_not_server(const struct cib_cursor *cursor, FILE *out)
{
    for (size_t i = 0; i < cursor->model->storage.server_count; i++)
        fprintf(out, "%s'#uname' ne %s", i > 0 ? " and " : "", cursor->model->storage.servers[i]->name);
}

static void put_source(const struct cib_cursor *cursor, FILE *out)
{
    char source[STORAGE_SOURCE_MAX];

    template_quote(storage_source(cursor->model, source), out);
}

/* What the servers are to each other follows from the kind. With a shared device one server at a time serves, too. */
static void put_options(const struct cib_cursor *cursor, FILE *out)
{
    const char *given = storage_text(cursor->model, STORAGE_MOUNT_OPTIONS);
    char options[640];

    snprintf(options, sizeof(options), "%s%s%s", given, *given ? "," : "",
             storage_kind(&cursor->model->storage) == STORAGE_COPIES ? "ro,replication=copies" : "replication=standby");
    template_quote(options, out);
}

/* What comes before and after all else of the servers. */
static void put_first(const struct cib_cursor *cursor, FILE *out)
{
    static const char *const firsts[] = {"storage-drbd-clone", "storage", "storage-clone"};

    fputs(firsts[storage_kind(&cursor->model->storage)], out);
}

static void put_last(const struct cib_cursor *cursor, FILE *out)
{
    fputs(cib_storage_moves(cursor->model) ? "storage" : "storage-clone", out);
}

/* crm-fence-peer waits until a lost server is fenced, within a promotion, too. */
static void put_promote(const struct cib_cursor *cursor, FILE *out)
{
    fprintf(out, "%ld", cursor->model->settings[SETTING_FENCING_TIMEOUT].number + 60);
}

static void put_server_parameters(const struct cib_cursor *cursor, FILE *out)
{
    fprintf(out, " grace=%ld", storage_number(cursor->model, STORAGE_GRACE));
    if (!cib_storage_moves(cursor->model))
        return;
    fputs(" state=", out);
    put_state(cursor, out);
    fputs(" scope=", out);
    put_scope(cursor, out);
}

static void put_publish_conf(const struct cib_cursor *cursor, FILE *out)
{
    (void)cursor;
    template_quote(HAS_CONFDIR "/publish.conf", out);
}

static void put_nfshad_conf(const struct cib_cursor *cursor, FILE *out)
{
    (void)cursor;
    template_quote(HAS_SYSCONFDIR "/nfshad.conf", out);
}

static const struct {
    const char *name;
    void (*put)(const struct cib_cursor *cursor, FILE *out);
} values[] = {
    {"storage_name", put_name},
    {"storage_disk", put_disk},
    {"storage_directory", put_directory},
    {"storage_first", put_first},
    {"storage_last", put_last},
    {"storage_promote", put_promote},
    {"storage_server_parameters", put_server_parameters},
    {"storage_client", put_client},
    {"storage_export_id", put_export_id},
    {"storage_export_ids", put_export_ids},
    {"storage_server_count", put_server_count},
    {"storage_is_not_server", put_is_not_server},
    {"nfs_source", put_source},
    {"nfs_options", put_options},
    {"storage_publish_config", put_publish_conf},
    {"nfs_config", put_nfshad_conf},
};

/* storage_OPTION, for the options that have a value. */
static bool put_option(const struct model *model, const char *name, FILE *out)
{
    for (size_t i = 0; i < STORAGE_OPTION_COUNT; i++) {
        if (strcmp(name, storage_options[i].name) != 0 || !model->storage.options[i].text || i == STORAGE_SECRET)
            continue;
        template_quote(model->storage.options[i].text, out);
        return true;
    }
    return false;
}

bool cib_storage_value(const struct cib_cursor *cursor, const char *name, FILE *out)
{
    if (cursor->model->storage_count == 0)
        return false;
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        if (strcmp(values[i].name, name) != 0)
            continue;
        values[i].put(cursor, out);
        return true;
    }
    return strncmp(name, "storage_", strlen("storage_")) == 0 &&
           put_option(cursor->model, name + strlen("storage_"), out);
}
