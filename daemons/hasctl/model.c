/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model.h"

#include <stdlib.h>
#include <string.h>

const char *const check_kind_names[] = {"tcp", "http", "https", "program", NULL};
const char *const check_option_names[] = {"address",  "port",    "path",   "host",   "status", "match",
                                          "send",     "command", "verify", "cafile", "watch",  "source",
                                          "interval", "timeout", "rise",   "fall",   NULL};
const char *const protocol_names[] = {"tcp", "udp", "fwmark", NULL};
const char *const forward_names[] = {"direct", "nat", "tunnel", "local", NULL};

static void check_free(struct check *check)
{
    for (size_t i = 0; i < CHECK_OPTION_COUNT; i++)
        free(check->options[i].text);
}

static void agent_free(struct agent *agent)
{
    for (size_t i = 0; i < agent->parameter_count; i++) {
        free(agent->parameters[i].name);
        free(agent->parameters[i].value);
    }
    free(agent->parameters);
    free(agent->name);
}

void model_free(struct model *model)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        free(model->settings[i].text);
    for (size_t i = 0; i < model->service_count; i++)
        for (size_t j = 0; j < model->services[i].check_count; j++)
            check_free(&model->services[i].checks[j]);
    for (size_t i = 0; i < model->check_count; i++)
        check_free(&model->checks[i]);
    for (size_t i = 0; i < STORAGE_OPTION_COUNT; i++)
        free(model->storage.options[i].text);
    for (size_t i = 0; i < model->fencing_count; i++)
        agent_free(&model->fencings[i].agent);
    agent_free(&model->webserver);
    free(model->nodes);
    free(model->cvips);
    free(model->services);
    free(model->checks);
    free(model->fencings);
    memset(model, 0, sizeof(*model));
}

const struct node *model_node(const struct model *model, const char *name)
{
    for (size_t i = 0; i < model->node_count; i++)
        if (strcmp(model->nodes[i].name, name) == 0)
            return &model->nodes[i];
    return NULL;
}

const struct cvip *model_cvip(const struct model *model, const char *name)
{
    for (size_t i = 0; i < model->cvip_count; i++)
        if (strcmp(model->cvips[i].name, name) == 0)
            return &model->cvips[i];
    return NULL;
}

const struct fencing *model_fencing(const struct model *model, const struct node *node)
{
    for (size_t i = 0; i < model->fencing_count; i++)
        if (model->fencings[i].node == node)
            return &model->fencings[i];
    return NULL;
}

bool model_full(const struct model *model)
{
    return model->settings[SETTING_MEMBERSHIP].number == 1;
}

bool model_is_member(const struct model *model, const struct node *node)
{
    return node->role == ROLE_MASTER || model_full(model);
}

size_t model_count_role(const struct model *model, enum node_role role)
{
    size_t count = 0;

    for (size_t i = 0; i < model->node_count; i++)
        count += model->nodes[i].role == role;
    return count;
}

size_t model_count_members(const struct model *model)
{
    return model_full(model) ? model->node_count : model_count_role(model, ROLE_MASTER);
}

static bool prefix_contains(const struct prefix *prefix, const struct addr *address)
{
    unsigned whole = prefix->length / 8;
    unsigned rest = prefix->length % 8;

    if (prefix->address.family != address->family)
        return false;
    if (memcmp(prefix->address.bytes, address->bytes, whole) != 0)
        return false;
    return rest == 0 || (prefix->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

bool network_contains(const struct network *network, const struct addr *address)
{
    return address->family == AF_INET ? prefix_contains(&network->ipv4, address)
                                      : prefix_contains(&network->ipv6, address);
}

const struct addr *node_address_in(const struct node *node, const struct network *network, sa_family_t family)
{
    for (size_t i = 0; i < node->address_count; i++)
        if (node->addresses[i].family == family && network_contains(network, &node->addresses[i]))
            return &node->addresses[i];
    return NULL;
}

const struct addr *model_server_address(const struct model *model, const struct node *node, sa_family_t family)
{
    const struct addr *found = NULL;

    if (model->network_count > 0)
        found = node_address_in(node, &model->networks[0], family);
    for (size_t i = 0; i < node->address_count && !found; i++)
        if (node->addresses[i].family == family)
            found = &node->addresses[i];
    return found;
}

bool model_has_twin(const struct model *model)
{
    for (size_t i = 0; i < model->network_count; i++)
        if (model->networks[i].twin[0])
            return true;
    return false;
}

bool model_begins_pair(const struct model *model, const struct network *network)
{
    for (const struct network *before = model->networks; before < network; before++)
        if (strcmp(before->twin, network->twin) == 0)
            return false;
    return network->twin[0] != '\0';
}

bool node_is_in(const struct node *node, const struct network *network)
{
    return node_address_in(node, network, AF_INET) || node_address_in(node, network, AF_INET6);
}

sa_family_t network_link_family(const struct network *network)
{
    return network->ipv4.address.family == AF_INET ? AF_INET : AF_INET6;
}
