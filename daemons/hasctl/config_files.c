/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_files.h"

#include "file.h"
#include "redundancy_settings.h"
#include "render.h"
#include "render_cib.h"
#include "storage.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

static bool is_traffic(const struct model *model, const struct node *node)
{
    (void)model;
    return node->role != ROLE_MASTER;
}

static bool is_master(const struct model *model, const struct node *node)
{
    (void)model;
    return node->role == ROLE_MASTER;
}

static int print_tcd(const struct config_context *context, const struct node *node, FILE *out)
{
    render_tcd(context->model, node, out);
    return 0;
}

static int print_tmd(const struct config_context *context, const struct node *node, FILE *out)
{
    (void)node;
    render_tmd(context->model, out);
    return 0;
}

static bool has_cvipd(const struct model *model, const struct node *node)
{
    return node->role == ROLE_MASTER && redundancy_by_cvipd(model);
}

static int print_cvipd(const struct config_context *context, const struct node *node, FILE *out)
{
    render_cvipd(context->model, node, out);
    return 0;
}

static bool has_twin(const struct model *model, const struct node *node)
{
    (void)node;
    return model_has_twin(model);
}

static int print_erd(const struct config_context *context, const struct node *node, FILE *out)
{
    render_erd(context->model, node, out);
    return 0;
}

static int print_corosync(const struct config_context *context, const struct node *node, FILE *out)
{
    (void)node;
    render_corosync(context->model, out);
    return 0;
}

static int print_cib(const struct config_context *context, enum cib_tool tool, FILE *out)
{
    struct problems *problems = calloc(1, sizeof(*problems));
    int result;

    if (!problems)
        return -ENOMEM;
    result = render_cib(context->model, tool, context->templates, out, problems);
    problems_print(problems, stderr);
    free(problems);
    return result;
}

static int print_crm(const struct config_context *context, const struct node *node, FILE *out)
{
    (void)node;
    return print_cib(context, CIB_CRM, out);
}

static int print_pcs(const struct config_context *context, const struct node *node, FILE *out)
{
    (void)node;
    return print_cib(context, CIB_PCS, out);
}

static bool has_storage(const struct model *model, const struct node *node)
{
    return model->storage_count > 0 && (!node || storage_is_server(model, node));
}

static bool has_drbd(const struct model *model, const struct node *node)
{
    return has_storage(model, node) && storage_kind(&model->storage) == STORAGE_DRBD;
}

static bool has_publish(const struct model *model, const struct node *node)
{
    return has_storage(model, node) && storage_kind(&model->storage) == STORAGE_COPIES;
}

static bool has_nfshad(const struct model *model, const struct node *node)
{
    return node->role != ROLE_MASTER && storage_is_mounted(model);
}

static int print_drbd(const struct config_context *context, const struct node *node, FILE *out)
{
    (void)node;
    render_drbd(context->model, out);
    return 0;
}

static int print_nfs_conf(const struct config_context *context, const struct node *node, FILE *out)
{
    (void)node;
    render_nfs_conf(context->model, out);
    return 0;
}

static int print_publish(const struct config_context *context, const struct node *node, FILE *out)
{
    render_publish(context->model, node, out);
    return 0;
}

static int print_nfshad(const struct config_context *context, const struct node *node, FILE *out)
{
    (void)node;
    render_nfshad(context->model, out);
    return 0;
}

static int print_storage_steps(const struct config_context *context, const struct node *node, FILE *out)
{
    (void)node;
    render_storage_steps(context->model, out);
    return 0;
}

/* erd and nfshad stand alone, too, so their files are not in has's directory. */
const struct config_file config_files[] = {
    {"tcd.conf", true, false, HAS_CONFDIR "/tcd.conf", is_traffic, print_tcd},
    {"tmd.conf", true, false, HAS_CONFDIR "/tmd.conf", is_master, print_tmd},
    {"cvipd.conf", true, false, HAS_CONFDIR "/cvipd.conf", has_cvipd, print_cvipd},
    {"erd.conf", true, false, HAS_SYSCONFDIR "/erd.conf", has_twin, print_erd},
    {"nfshad.conf", true, false, HAS_SYSCONFDIR "/nfshad.conf", has_nfshad, print_nfshad},
    {"nfs.conf", true, false, "/etc/nfs.conf.d/has.conf", has_storage, print_nfs_conf},
    {"publish.conf", true, false, HAS_CONFDIR "/publish.conf", has_publish, print_publish},
    {"drbd.res", true, true, "/etc/drbd.d/has.res", has_drbd, print_drbd},
    {"corosync.conf", true, false, "/etc/corosync/corosync.conf", model_is_member, print_corosync},
    {"cib.crm", false, true, NULL, NULL, print_crm},
    {"cib.pcs.sh", false, true, NULL, NULL, print_pcs},
    {"storage.txt", false, false, NULL, has_storage, print_storage_steps},
    {NULL, false, false, NULL, NULL, NULL},
};

const struct config_file *config_file_find(const char *name)
{
    for (const struct config_file *file = config_files; file->name; file++)
        if (strcmp(file->name, name) == 0)
            return file;
    return NULL;
}

int config_file_text(const struct config_file *file, const struct config_context *context, const struct node *node,
                     char **text)
{
    size_t length;
    FILE *out = open_memstream(text, &length);
    int result;

    if (!out)
        return -errno;
    result = file->print(context, node, out);
    if (fclose(out) != 0 && result == 0)
        result = -errno;
    if (result != 0)
        free(*text);
    return result;
}

static int make_directory(const char *path)
{
    if (mkdir(path, 0755) == 0 || errno == EEXIST)
        return EX_OK;
    fprintf(stderr, "hasctl: %s: %s\n", path, strerror(errno));
    return EX_CANTCREAT;
}

/* A fence device's password may be among the CIB's parameters: that file is for root alone. */
static int write_file(const struct config_file *file, const struct config_context *context, const struct node *node,
                      const char *directory)
{
    char path[PATH_MAX];
    char *text;
    int result;

    if (config_file_text(file, context, node, &text) != 0)
        return EX_SOFTWARE;
    snprintf(path, sizeof(path), "%s%s%s/%s", directory, node ? "/" : "", node ? node->name : "", file->name);
    result = file_write(path, text, strlen(text), file->secret ? 0600 : 0644, 0);
    free(text);
    if (result == 0)
        return EX_OK;
    fprintf(stderr, "hasctl: %s: %s\n", path, strerror(-result));
    return EX_CANTCREAT;
}

static int write_node(const struct config_context *context, const struct node *node, const char *directory)
{
    char path[PATH_MAX];
    int result;

    snprintf(path, sizeof(path), "%s/%s", directory, node->name);
    result = make_directory(path);
    for (const struct config_file *file = config_files; file->name && result == EX_OK; file++)
        if (file->per_node && file->belongs(context->model, node))
            result = write_file(file, context, node, directory);
    return result;
}

int config_files_write(const struct config_context *context, const char *directory)
{
    int result = make_directory(directory);

    for (size_t i = 0; i < context->model->node_count && result == EX_OK; i++)
        result = write_node(context, &context->model->nodes[i], directory);
    for (const struct config_file *file = config_files; file->name && result == EX_OK; file++)
        if (!file->per_node && (!file->belongs || file->belongs(context->model, NULL)))
            result = write_file(file, context, NULL, directory);
    return result;
}
