/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "validate_ports.h"

#include <string.h>

static bool is_port_of(const struct network *network, const char *name)
{
    return name[0] && (strcmp(network->interface, name) == 0 || strcmp(network->twin, name) == 0);
}

static bool is_same_pair(const struct network *one, const struct network *two)
{
    return strcmp(one->interface, two->interface) == 0 && strcmp(one->twin, two->twin) == 0;
}

/* Two networks may share a pair as a whole; a port of a pair is nothing else besides. */
static void check_other_networks(const struct model *model, const struct network *network, struct problems *problems)
{
    for (size_t i = 0; i < model->network_count; i++) {
        const struct network *other = &model->networks[i];
        bool shares_twin = is_port_of(other, network->twin);

        if (other == network || is_same_pair(network, other) || (other->twin[0] && other < network))
            continue;
        if (shares_twin || is_port_of(other, network->interface))
            problem_error(problems, network->twin_line,
                          "network \"%s\": its port %s is a port of network \"%s\", too: erd uses both ports of a pair "
                          "for one network; name other ports, or the same pair in both networks",
                          network->name, shares_twin ? network->twin : network->interface, other->name);
    }
}

static void check_twins(const struct model *model, struct problems *problems)
{
    for (size_t i = 0; i < model->network_count; i++) {
        const struct network *network = &model->networks[i];

        if (!network->twin[0])
            continue;
        if (!network->interface[0])
            problem_error(problems, network->twin_line,
                          "network \"%s\": twin = \"%s\" needs interface = \"…\", the first port of the pair",
                          network->name, network->twin);
        else if (strcmp(network->interface, network->twin) == 0)
            problem_error(problems, network->twin_line,
                          "network \"%s\": twin = \"%s\" is its interface: name the second port", network->name,
                          network->twin);
        else
            check_other_networks(model, network, problems);
    }
}

static bool is_in_pair(const struct model *model, const struct node *node)
{
    for (size_t i = 0; i < model->network_count; i++)
        if (model->networks[i].twin[0] && node_is_in(node, &model->networks[i]))
            return true;
    return false;
}

static void check_nodes(const struct model *model, struct problems *problems)
{
    for (size_t i = 0; i < model->node_count; i++) {
        const struct node *node = &model->nodes[i];

        if (node->address_count > 0 && !is_in_pair(model, node))
            problem_error(problems, node->line,
                          "%s \"%s\": it has no address in a network with a twin, and erd, which runs on every node, "
                          "would have nothing to do there; give it one",
                          node->role == ROLE_MASTER ? "master" : "traffic", node->name);
    }
}

static bool is_cvip(const struct model *model, const struct addr *address)
{
    for (size_t i = 0; i < model->cvip_count; i++)
        for (size_t j = 0; j < model->cvips[i].address_count; j++)
            if (addr_equal(&model->cvips[i].addresses[j], address))
                return true;
    return false;
}

static void check_target(const struct model *model, size_t nth, struct problems *problems)
{
    const struct addr *target = &model->targets[nth];
    char text[ADDR_TEXT_MAX];
    bool reached = false;

    for (size_t i = 0; i < nth; i++)
        if (addr_equal(&model->targets[i], target))
            problem_error(problems, model->targets_line, "ports: targets: %s stands there twice",
                          addr_format(target, text));
    addr_format(target, text);
    for (size_t i = 0; i < model->network_count; i++)
        reached = reached || (model->networks[i].twin[0] && network_contains(&model->networks[i], target));
    if (!reached)
        problem_error(problems, model->targets_line,
                      "ports: targets: %s is in no network with a twin, so that no probe reaches it", text);
    else if (is_cvip(model, target))
        problem_error(problems, model->targets_line,
                      "ports: targets: %s is a cluster virtual IP, which the nodes have themselves: "
                      "name a router, a switch or other nodes",
                      text);
}

static void check_settings(const struct model *model, struct problems *problems)
{
    const struct value *failback = &model->settings[SETTING_PORTS_FAILBACK];
    const struct value *most = &model->settings[SETTING_PORTS_FAILBACK_MAX];

    if (most->line && failback->number > most->number)
        problem_error(problems, most->line, "ports: failback (%ld s) is above failback_max (%ld s)", failback->number,
                      most->number);
    if (failback->number == SETTING_OFF && most->line)
        problem_warning(problems, most->line, "ports: failback_max is of no use with failback = no; take it out");
    if (model->settings[SETTING_PORTS_PROBE].number == SETTING_OFF && model->targets_line)
        problem_warning(problems, model->targets_line, "ports: targets are of no use with probe = off; take them out");
}

void validate_ports(const struct model *model, struct problems *problems)
{
    if (!model_has_twin(model)) {
        if (model->ports_line)
            problem_warning(problems, model->ports_line,
                            "ports: no network has a second port, so that this section is of no use: "
                            "write twin = \"…\" in a network, or take it out");
        return;
    }
    check_twins(model, problems);
    check_nodes(model, problems);
    for (size_t i = 0; i < model->target_count; i++)
        check_target(model, i, problems);
    check_settings(model, problems);
}
