/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load.h"

#include "convert.h"
#include "convert_storage.h"
#include "convert_values.h"
#include "file.h"
#include "source.h"
#include "storage.h"
#include "validate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HAS_CONF_MAX 4194304

static void read_settings(const struct source *source, struct model *model)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        cfg_t *section = settings[i].section[0] ? cfg_getsec(source->cfg, settings[i].section) : source->cfg;
        const char *text = source_text(section, settings[i].name);
        unsigned line = source_line(source, section, settings[i].name);

        if (text || settings[i].fallback)
            convert_setting(&settings[i], text ? text : settings[i].fallback, line, &model->settings[i],
                            source->problems);
    }
}

static void read_ports(const struct source *source, struct model *model)
{
    cfg_t *section = cfg_getsec(source->cfg, "ports");

    model->ports_line = source_section_line(source, section);
    model->targets_line = source_line(source, section, "targets");
    model->target_count = option_addresses(source, section, "targets", model->targets, MODEL_TARGETS_MAX);
}

static int read_networks(const struct source *source, struct model *model)
{
    unsigned count = cfg_size(source->cfg, "network");

    for (unsigned i = 0; i < count; i++) {
        cfg_t *section = cfg_getnsec(source->cfg, "network", i);

        if (model->network_count == MODEL_NETWORKS_MAX) {
            problem_error(source->problems, source_section_line(source, section),
                          "network \"%s\": there may be at most %d networks", cfg_title(section), MODEL_NETWORKS_MAX);
            break;
        }
        convert_network(source, section, &model->networks[model->network_count++]);
    }
    return 0;
}

static int read_nodes(const struct source *source, struct model *model)
{
    unsigned masters = cfg_size(source->cfg, "master");
    unsigned traffic = cfg_size(source->cfg, "traffic");

    model->nodes = calloc((size_t)masters + traffic + 1, sizeof(*model->nodes));
    if (!model->nodes)
        return -ENOMEM;
    for (unsigned i = 0; i < masters; i++)
        convert_node(source, cfg_getnsec(source->cfg, "master", i), ROLE_MASTER, &model->nodes[model->node_count++]);
    for (unsigned i = 0; i < traffic; i++)
        convert_node(source, cfg_getnsec(source->cfg, "traffic", i), ROLE_ACTIVE, &model->nodes[model->node_count++]);
    return 0;
}

static int read_cvips(const struct source *source, struct model *model)
{
    unsigned count = cfg_size(source->cfg, "cvip");

    model->cvips = calloc((size_t)count + 1, sizeof(*model->cvips));
    if (!model->cvips)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++)
        convert_cvip(source, cfg_getnsec(source->cfg, "cvip", i), &model->cvips[model->cvip_count++]);
    return 0;
}

static int read_services(const struct source *source, struct model *model)
{
    unsigned count = cfg_size(source->cfg, "service");

    model->services = calloc((size_t)count + 1, sizeof(*model->services));
    if (!model->services)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++)
        convert_service(source, cfg_getnsec(source->cfg, "service", i), &model->services[model->service_count++]);
    return 0;
}

static int read_checks(const struct source *source, struct model *model)
{
    unsigned count = cfg_size(source->cfg, "check");

    model->checks = calloc((size_t)count + 1, sizeof(*model->checks));
    if (!model->checks)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++)
        convert_check(source, cfg_getnsec(source->cfg, "check", i), &model->checks[model->check_count++]);
    return 0;
}

static int read_agents(const struct source *source, struct model *model)
{
    unsigned count = cfg_size(source->cfg, "fencing");

    model->fencings = calloc((size_t)count + 1, sizeof(*model->fencings));
    if (!model->fencings)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++) {
        cfg_t *section = cfg_getnsec(source->cfg, "fencing", i);
        struct fencing *fencing = &model->fencings[model->fencing_count++];

        convert_name(source, section, fencing->node_name);
        if (convert_agent(source, section, NULL, &fencing->agent))
            return -ENOMEM;
    }
    return convert_agent(source, cfg_getsec(source->cfg, "webserver"), "ocf:heartbeat:nginx", &model->webserver);
}

static int read_storage(const struct source *source, struct model *model)
{
    unsigned count = cfg_size(source->cfg, "storage");

    for (unsigned i = 1; i < count; i++) {
        cfg_t *section = cfg_getnsec(source->cfg, "storage", i);

        problem_error(source->problems, source_section_line(source, section),
                      "storage \"%.64s\": there may be one storage only, as a server runs one NFS server; "
                      "put more directories on its device",
                      cfg_title(section));
    }
    if (count > 0)
        convert_storage(source, cfg_getnsec(source->cfg, "storage", 0), &model->storage);
    model->storage_count = count;
    return 0;
}

static void resolve(struct model *model)
{
    for (size_t i = 0; i < model->service_count; i++)
        model->services[i].cvip = model_cvip(model, model->services[i].cvip_name);
    for (size_t i = 0; i < model->fencing_count; i++)
        model->fencings[i].node = model_node(model, model->fencings[i].node_name);
    if (model->storage_count > 0)
        storage_resolve(model);
}

static int read_model(const struct source *source, struct model *model)
{
    static int (*const readers[])(const struct source *, struct model *) = {
        read_networks, read_nodes, read_cvips, read_services, read_checks, read_agents, read_storage};
    int result = 0;

    read_settings(source, model);
    model->has_redundancy = source_section_line(source, cfg_getsec(source->cfg, "redundancy")) != 0;
    read_ports(source, model);
    for (size_t i = 0; i < sizeof(readers) / sizeof(*readers) && result == 0; i++)
        result = readers[i](source, model);
    resolve(model);
    return result;
}

int load_text(const char *text, struct model *model, struct problems *problems)
{
    struct source source;
    int result;

    memset(model, 0, sizeof(*model));
    result = source_open(&source, text, problems);
    if (result == 0)
        result = read_model(&source, model);
    source_close(&source);
    if (result == 0 && problems->errors == 0)
        validate(model, problems);
    if (result == 0 && problems->errors > 0)
        result = -EINVAL;
    if (result == -ENOMEM)
        problem_error(problems, 0, "there is not enough memory");
    if (result != 0)
        model_free(model);
    return result;
}

int load_file(const char *path, struct model *model, struct problems *problems)
{
    char *text;
    size_t length;
    int result;

    problems_init(problems, path);
    memset(model, 0, sizeof(*model));
    result = file_read(path, HAS_CONF_MAX, &text, &length);
    if (result != 0) {
        problem_error(problems, 0, "%s", strerror(-result));
        return result;
    }
    if (strlen(text) != length)
        problem_error(problems, 0, "there is a zero byte in it; has.conf is a text file");
    result = problems->errors ? -EINVAL : load_text(text, model, problems);
    free(text);
    return result;
}
