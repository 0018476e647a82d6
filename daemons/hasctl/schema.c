/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "schema.h"

#include "model.h"
#include "storage.h"

#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 32

#define TEXT(option)                                                                                                   \
    {                                                                                                                  \
        .name = (option), .type = CFGT_STR, .flags = CFGF_NODEFAULT                                                    \
    }
#define LIST(option)                                                                                                   \
    {                                                                                                                  \
        .name = (option), .type = CFGT_STR, .flags = CFGF_LIST | CFGF_NODEFAULT                                        \
    }
#define SECTION(option, content, flag)                                                                                 \
    {                                                                                                                  \
        .name = (option), .type = CFGT_SEC, .flags = (flag), .subopts = (content)                                      \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        .name = NULL                                                                                                   \
    }

#define TITLED (CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)
#define OPTIONAL (CFGF_NODEFAULT)

struct table {
    cfg_opt_t options[OPTIONS_MAX];
};

struct schema {
    struct table top, network, master, traffic, cvip, service, sorry, check, webserver, fencing, storage, parameters;
    struct table settings[12]; /* one for each of setting_sections */
};

static const struct table network_table = {
    {TEXT("ipv4"), TEXT("ipv6"), TEXT("interface"), TEXT("twin"), TEXT("corosync"), END}};
static const struct table master_table = {{LIST("addresses"), TEXT("weight"), END}};
static const struct table traffic_table = {{LIST("addresses"), TEXT("role"), TEXT("weight"), END}};
static const struct table cvip_table = {{LIST("addresses"), END}};
static const struct table sorry_table = {{LIST("addresses"), TEXT("port"), TEXT("forward"), END}};
static const struct table service_table = {{TEXT("cvip"), TEXT("protocol"), TEXT("port"), TEXT("fwmark"),
                                            TEXT("scheduler"), TEXT("persistence"), TEXT("netmask"), TEXT("forward"),
                                            TEXT("server_port"), END}};
static const struct table agent_table = {
    {TEXT("agent"), TEXT("start"), TEXT("stop"), TEXT("monitor"), TEXT("timeout"), END}};

static const struct table storage_table = {{LIST("servers"), LIST("clients"), LIST("versions"), END}};

static void append(struct table *table, cfg_opt_t option)
{
    size_t used = 0;

    while (table->options[used].name)
        used++;
    if (used + 1 < OPTIONS_MAX)
        table->options[used] = option;
}

static void append_settings(struct table *table, const char *section)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (strcmp(settings[i].section, section) == 0)
            append(table, (cfg_opt_t)TEXT(settings[i].name));
}

static void set_seen(struct table *table, schema_seen seen)
{
    for (size_t i = 0; table->options[i].name; i++)
        table->options[i].validcb = seen;
}

static void build_sections(struct schema *schema)
{
    schema->network = network_table;
    schema->master = master_table;
    schema->traffic = traffic_table;
    schema->cvip = cvip_table;
    schema->service = service_table;
    schema->sorry = sorry_table;
    schema->webserver = agent_table;
    schema->fencing = agent_table;
    append(&schema->check, (cfg_opt_t)TEXT("kind"));
    for (size_t i = 0; check_option_names[i]; i++)
        append(&schema->check, (cfg_opt_t)TEXT(check_option_names[i]));
    append(&schema->webserver, (cfg_opt_t)SECTION("parameters", schema->parameters.options, CFGF_KEYSTRVAL));
    append(&schema->fencing, (cfg_opt_t)SECTION("parameters", schema->parameters.options, CFGF_KEYSTRVAL));
    append(&schema->service, (cfg_opt_t)SECTION("sorry", schema->sorry.options, CFGF_NONE));
    append(&schema->service, (cfg_opt_t)SECTION("check", schema->check.options, CFGF_MULTI));
    schema->storage = storage_table;
    for (size_t i = 0; i < STORAGE_OPTION_COUNT; i++)
        append(&schema->storage, (cfg_opt_t)TEXT(storage_options[i].name));
}

static void build_top(struct schema *schema)
{
    struct table *top = &schema->top;

    append_settings(top, "");
    for (size_t i = 0; setting_sections[i]; i++) {
        append_settings(&schema->settings[i], setting_sections[i]);
        if (strcmp(setting_sections[i], "ports") == 0)
            append(&schema->settings[i], (cfg_opt_t)LIST("targets"));
        append(top, (cfg_opt_t)SECTION(setting_sections[i], schema->settings[i].options, CFGF_NONE));
    }
    append(top, (cfg_opt_t)SECTION("network", schema->network.options, TITLED));
    append(top, (cfg_opt_t)SECTION("master", schema->master.options, TITLED));
    append(top, (cfg_opt_t)SECTION("traffic", schema->traffic.options, TITLED));
    append(top, (cfg_opt_t)SECTION("cvip", schema->cvip.options, TITLED));
    append(top, (cfg_opt_t)SECTION("service", schema->service.options, TITLED));
    append(top, (cfg_opt_t)SECTION("check", schema->check.options, TITLED));
    append(top, (cfg_opt_t)SECTION("webserver", schema->webserver.options, CFGF_NONE));
    append(top, (cfg_opt_t)SECTION("fencing", schema->fencing.options, TITLED));
    append(top, (cfg_opt_t)SECTION("storage", schema->storage.options, TITLED));
}

struct schema *schema_new(schema_seen seen)
{
    struct schema *schema = calloc(1, sizeof(*schema));

    if (!schema)
        return NULL;
    build_sections(schema);
    build_top(schema);
    for (struct table *table = &schema->top; table < &schema->parameters; table++)
        set_seen(table, seen);
    for (size_t i = 0; setting_sections[i]; i++)
        set_seen(&schema->settings[i], seen);
    return schema;
}

cfg_opt_t *schema_options(struct schema *schema)
{
    return schema->top.options;
}

void schema_free(struct schema *schema)
{
    free(schema);
}
