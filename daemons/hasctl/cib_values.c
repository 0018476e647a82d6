/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cib_values.h"

#include "cib_cvip.h"
#include "cib_lists.h"
#include "cib_storage.h"
#include "redundancy_settings.h"
#include "template.h"

#include <string.h>

static const struct value *setting(const struct cib_cursor *cursor, enum setting which)
{
    return &cursor->model->settings[which];
}

static void put_number(long number, FILE *out)
{
    fprintf(out, "%ld", number);
}

/* An agent's own time, or the general one. */
static void put_time(const struct cib_cursor *cursor, long own, enum setting general, FILE *out)
{
    put_number(own ? own : setting(cursor, general)->number, out);
}

static void put_stonith_enabled(const struct cib_cursor *cursor, FILE *out)
{
    fputs(setting(cursor, SETTING_FENCING)->number ? "true" : "false", out);
}

/* A partition without quorum stops, unless traffic nodes vote: then losing many of them must not stop the masters. */
static void put_no_quorum_policy(const struct cib_cursor *cursor, FILE *out)
{
    const char *given = setting(cursor, SETTING_NO_QUORUM_POLICY)->text;

    fputs(given ? given : model_full(cursor->model) ? "freeze" : "stop", out);
}

/* Two halves of the same size fence each other; an odd number has no such halves. */
static bool may_halve(const struct cib_cursor *cursor)
{
    return setting(cursor, SETTING_FENCING)->number && model_count_members(cursor->model) % 2 == 0;
}

/* Which half survives: by the priority of what runs there, or the first master. cvipd runs on all masters alike; there
 * the storage decides, and without one that moves the fence device of the first master is the slow one. */
static bool is_by_priority(const struct cib_cursor *cursor)
{
    return !redundancy_by_cvipd(cursor->model) || cib_storage_moves(cursor->model);
}

static void put_fencing_delay(const struct cib_cursor *cursor, FILE *out)
{
    bool by_priority = may_halve(cursor) && is_by_priority(cursor);

    put_number(by_priority ? setting(cursor, SETTING_FENCING_DELAY)->number : 0, out);
}

static bool has_own_delay(const struct agent *agent)
{
    for (size_t i = 0; i < agent->parameter_count; i++)
        if (strncmp(agent->parameters[i].name, "pcmk_delay", strlen("pcmk_delay")) == 0)
            return true;
    return false;
}

/* Waiting costs nothing here: cvipd has taken over long before. */
static bool is_fenced_late(const struct cib_cursor *cursor)
{
    return may_halve(cursor) && !is_by_priority(cursor) && cursor->node == &cursor->model->nodes[0] &&
           setting(cursor, SETTING_FENCING_DELAY)->number > 0 && !has_own_delay(&cursor->fencing->agent);
}

static void put_node(const struct cib_cursor *cursor, FILE *out)
{
    template_quote(cursor->node->name, out);
}

static void put_node_server(const struct cib_cursor *cursor, FILE *out)
{
    const struct addr *address = model_server_address(cursor->model, cursor->node, AF_INET);
    char text[ADDR_TEXT_MAX];

    if (!address)
        address = model_server_address(cursor->model, cursor->node, AF_INET6);
    template_quote(addr_format(address, text), out);
}

static void put_fence(const struct cib_cursor *cursor, FILE *out)
{
    fprintf(out, "fence-%s", cursor->node->name);
}

static const char *fence_agent_name(const struct cib_cursor *cursor)
{
    const char *name = cursor->fencing->agent.name;

    return strncmp(name, "stonith:", strlen("stonith:")) == 0 ? name + strlen("stonith:") : name;
}

static void put_fence_agent(const struct cib_cursor *cursor, FILE *out)
{
    fputs("stonith:", out);
    template_quote(fence_agent_name(cursor), out);
}

static void put_fence_agent_name(const struct cib_cursor *cursor, FILE *out)
{
    template_quote(fence_agent_name(cursor), out);
}

static void put_parameters(const struct agent *agent, FILE *out)
{
    for (size_t i = 0; i < agent->parameter_count; i++) {
        fprintf(out, " %s=", agent->parameters[i].name);
        template_quote(agent->parameters[i].value, out);
    }
}

static void put_fence_parameters(const struct cib_cursor *cursor, FILE *out)
{
    if (is_fenced_late(cursor))
        fprintf(out, " pcmk_delay_base=%lds", setting(cursor, SETTING_FENCING_DELAY)->number);
    put_parameters(&cursor->fencing->agent, out);
}

static void put_fence_start(const struct cib_cursor *cursor, FILE *out)
{
    put_time(cursor, cursor->fencing->agent.start, SETTING_OPERATION_TIMEOUT, out);
}

static void put_fence_stop(const struct cib_cursor *cursor, FILE *out)
{
    put_time(cursor, cursor->fencing->agent.stop, SETTING_OPERATION_TIMEOUT, out);
}

/* A fence device is asked seldom: each monitor logs in to somebody's management board. */
static void put_fence_monitor(const struct cib_cursor *cursor, FILE *out)
{
    put_number(cursor->fencing->agent.monitor ? cursor->fencing->agent.monitor : 60, out);
}

static void put_fence_timeout(const struct cib_cursor *cursor, FILE *out)
{
    put_time(cursor, cursor->fencing->agent.timeout, SETTING_OPERATION_TIMEOUT, out);
}

static void put_webserver_agent(const struct cib_cursor *cursor, FILE *out)
{
    template_quote(cursor->model->webserver.name, out);
}

static void put_webserver_parameters(const struct cib_cursor *cursor, FILE *out)
{
    put_parameters(&cursor->model->webserver, out);
}

static void put_webserver_start(const struct cib_cursor *cursor, FILE *out)
{
    put_number(cursor->model->webserver.start ? cursor->model->webserver.start : 60, out);
}

static void put_webserver_stop(const struct cib_cursor *cursor, FILE *out)
{
    put_number(cursor->model->webserver.stop ? cursor->model->webserver.stop : 60, out);
}

static void put_webserver_monitor(const struct cib_cursor *cursor, FILE *out)
{
    put_time(cursor, cursor->model->webserver.monitor, SETTING_MONITOR, out);
}

static void put_webserver_timeout(const struct cib_cursor *cursor, FILE *out)
{
    put_time(cursor, cursor->model->webserver.timeout, SETTING_OPERATION_TIMEOUT, out);
}

static void put_traffic_count(const struct cib_cursor *cursor, FILE *out)
{
    put_number(cib_count_traffic(cursor->model), out);
}

static void put_master_count(const struct cib_cursor *cursor, FILE *out)
{
    put_number((long)model_count_role(cursor->model, ROLE_MASTER), out);
}

static void put_node_count(const struct cib_cursor *cursor, FILE *out)
{
    put_number((long)cursor->model->node_count, out);
}

static void put_erd_conf(const struct cib_cursor *cursor, FILE *out)
{
    (void)cursor;
    template_quote(HAS_SYSCONFDIR "/erd.conf", out);
}

static void put_realserver_addresses(const struct cib_cursor *cursor, FILE *out)
{
    char list[CIB_ADDRESS_LIST_MAX];

    cib_realserver_addresses(cursor->model, list);
    template_quote(list, out);
}

static void put_tcd_conf(const struct cib_cursor *cursor, FILE *out)
{
    (void)cursor;
    template_quote(HAS_CONFDIR "/tcd.conf", out);
}

static void put_tmd_conf(const struct cib_cursor *cursor, FILE *out)
{
    (void)cursor;
    template_quote(HAS_CONFDIR "/tmd.conf", out);
}

/* tcd stops when its connections ended or its own deadline passed; Pacemaker must wait longer than that. The agent
 * kills at 80 % of the timeout, and that must not be before the deadline: hence five quarters. */
static void put_tcd_stop(const struct cib_cursor *cursor, FILE *out)
{
    long leave = (setting(cursor, SETTING_LEAVE)->number * 5 / 4 + 999) / 1000;

    put_number(leave + setting(cursor, SETTING_OPERATION_TIMEOUT)->number, out);
}

/* A rule over the masters' names. Names, not attributes: it holds before any node has joined. */
static void put_masters_rule(const struct cib_cursor *cursor, const char *compare, const char *junction, FILE *out)
{
    bool first = true;

    for (size_t i = 0; i < cursor->model->node_count; i++) {
        if (cursor->model->nodes[i].role != ROLE_MASTER)
            continue;
        fprintf(out, "%s'#uname' %s %s", first ? "" : junction, compare, cursor->model->nodes[i].name);
        first = false;
    }
}

static void put_is_master(const struct cib_cursor *cursor, FILE *out)
{
    put_masters_rule(cursor, "eq", " or ", out);
}

static void put_is_not_master(const struct cib_cursor *cursor, FILE *out)
{
    put_masters_rule(cursor, "ne", " and ", out);
}

static const struct {
    const char *name;
    void (*put)(const struct cib_cursor *cursor, FILE *out);
} values[] = {
    {"stonith_enabled", put_stonith_enabled},
    {"no_quorum_policy", put_no_quorum_policy},
    {"fencing_delay", put_fencing_delay},
    {"node", put_node},
    {"node_server", put_node_server},
    {"fence", put_fence},
    {"fence_agent", put_fence_agent},
    {"fence_agent_name", put_fence_agent_name},
    {"fence_parameters", put_fence_parameters},
    {"fence_start", put_fence_start},
    {"fence_stop", put_fence_stop},
    {"fence_monitor", put_fence_monitor},
    {"fence_timeout", put_fence_timeout},
    {"webserver_agent", put_webserver_agent},
    {"webserver_parameters", put_webserver_parameters},
    {"webserver_start", put_webserver_start},
    {"webserver_stop", put_webserver_stop},
    {"webserver_monitor", put_webserver_monitor},
    {"webserver_timeout", put_webserver_timeout},
    {"traffic_count", put_traffic_count},
    {"master_count", put_master_count},
    {"node_count", put_node_count},
    {"erd_conf", put_erd_conf},
    {"realserver_addresses", put_realserver_addresses},
    {"tcd_conf", put_tcd_conf},
    {"tmd_conf", put_tmd_conf},
    {"tcd_stop", put_tcd_stop},
    {"cvipd_conf", cib_put_cvipd_conf},
    {"cvipd_stop", cib_put_cvipd_stop},
    {"fenced_alert", cib_put_fenced_alert},
    {"is_master", put_is_master},
    {"is_not_master", put_is_not_master},
    {"cvip", cib_put_cvip},
    {"cvip_members", cib_put_cvip_members},
    {"cvip_address_id", cib_put_cvip_address_id},
    {"cvip_address", cib_put_cvip_address},
    {"cvip_address_length", cib_put_cvip_address_length},
    {"cvip_address_parameters", cib_put_cvip_address_parameters},
};

/* SECTION_OPTION, for the options that have a value. */
static bool put_setting(const struct cib_cursor *cursor, const char *name, FILE *out)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        size_t length = strlen(settings[i].section);

        if (length == 0 || strncmp(name, settings[i].section, length) != 0 || name[length] != '_' ||
            strcmp(name + length + 1, settings[i].name) != 0 || !cursor->model->settings[i].text)
            continue;
        template_quote(cursor->model->settings[i].text, out);
        return true;
    }
    return false;
}

bool cib_value(void *context, const char *name, FILE *out)
{
    const struct cib_cursor *cursor = context;
    bool known_place = true;

    /* A template may ask for a node's value outside of its list. */
    if (strncmp(name, "node", 4) == 0 && strcmp(name, "node_count") != 0)
        known_place = cursor->node != NULL;
    else if (strncmp(name, "fence_", 6) == 0 || strcmp(name, "fence") == 0)
        known_place = cursor->fencing != NULL;
    else if (strncmp(name, "cvip", 4) == 0 && strncmp(name, "cvipd", 5) != 0)
        known_place = cursor->cvip != NULL;
    for (size_t i = 0; i < sizeof(values) / sizeof(*values) && known_place; i++) {
        if (strcmp(values[i].name, name) != 0)
            continue;
        values[i].put(cursor, out);
        return true;
    }
    return known_place && (cib_storage_value(cursor, name, out) || put_setting(cursor, name, out));
}
