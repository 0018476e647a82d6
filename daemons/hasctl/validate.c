/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "validate.h"

#include "redundancy_settings.h"
#include "validate_ports.h"
#include "validate_redundancy.h"
#include "validate_services.h"
#include "validate_storage.h"

#include <string.h>

static const char *role_word(const struct node *node)
{
    return node->role == ROLE_MASTER ? "master" : "traffic";
}

static void check_presence(const struct model *model, struct problems *problems)
{
    if (!model->settings[SETTING_CLUSTER_NAME].text)
        problem_error(problems, 0, "the cluster has no name: write cluster { name = \"…\" }");
    if (model->network_count == 0)
        problem_error(problems, 0, "there is no network: write network \"lan1\" { ipv4 = \"…/24\" }");
    if (model_count_role(model, ROLE_MASTER) == 0)
        problem_error(problems, 0, "there is no master node: write master \"m1\" { addresses = { \"…\" } }");
    else if (model_count_role(model, ROLE_MASTER) == 1)
        problem_warning(problems, 0, "there is only one master node: nothing takes over when it fails");
    else if (model_count_role(model, ROLE_MASTER) > MODEL_MASTERS_MAX)
        problem_error(problems, 0, "there may be at most %d master nodes", MODEL_MASTERS_MAX);
    if (model_count_role(model, ROLE_ACTIVE) == 0)
        problem_error(problems, 0, "there is no active traffic node: write traffic \"t1\" { addresses = { \"…\" } }");
    if (model->cvip_count == 0)
        problem_error(problems, 0, "there is no cluster virtual IP: write cvip \"main\" { addresses = { \"…\" } }");
    if (model->service_count == 0)
        problem_error(problems, 0, "there is no service: write service \"web\" { cvip = \"main\" port = 80 }");
}

static void check_networks(const struct model *model, struct problems *problems)
{
    size_t links = 0;
    bool doubled = false; /* the link has a second port of its own */

    for (size_t i = 0; i < model->network_count; i++) {
        const struct network *network = &model->networks[i];

        if (network->ipv4.address.family == AF_UNSPEC && network->ipv6.address.family == AF_UNSPEC)
            problem_error(problems, network->line, "network \"%s\": give it ipv4, ipv6 or both", network->name);
        links += network->link;
        doubled = doubled || (network->link && network->twin[0]);
    }
    if (links == 0 && model->network_count > 0)
        problem_error(problems, 0, "no network is left for Corosync: each says corosync = off");
    else if (links == 1 && !doubled)
        problem_warning(problems, 0,
                        "Corosync has one network only: a fault there divides the cluster; "
                        "add a second one, or a second port by twin = \"…\"");
}

static bool in_any_network(const struct model *model, const struct addr *address)
{
    for (size_t i = 0; i < model->network_count; i++)
        if (network_contains(&model->networks[i], address))
            return true;
    return false;
}

static void check_node_links(const struct model *model, const struct node *node, struct problems *problems)
{
    for (size_t i = 0; i < model->network_count; i++) {
        const struct network *network = &model->networks[i];
        sa_family_t family = network_link_family(network);

        if (network->link && model_is_member(model, node) && !node_address_in(node, network, family))
            problem_error(problems, node->line,
                          "%s \"%s\": it has no %s address in network \"%s\", which Corosync uses; "
                          "give it one, or say corosync = off in the network",
                          role_word(node), node->name, family == AF_INET ? "IPv4" : "IPv6", network->name);
    }
}

/* The names that the CIB uses for its resources; Pacemaker Remote nodes are resources, too. */
static bool is_reserved_name(const char *name)
{
    static const char *const reserved[] = {"webserver", "realserver", "tcd", "tmd", "cvip", "erd", "storage"};

    for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
        if (strcmp(name, reserved[i]) == 0)
            return true;
    return strncmp(name, "cvip-", 5) == 0 || strncmp(name, "fence-", 6) == 0 || strncmp(name, "nfs-", 4) == 0 ||
           strncmp(name, "storage-", 8) == 0;
}

static void check_nodes(const struct model *model, struct problems *problems)
{
    char text[ADDR_TEXT_MAX];

    for (size_t i = 0; i < model->node_count; i++) {
        const struct node *node = &model->nodes[i];

        if (model_node(model, node->name) != node)
            problem_error(problems, node->line, "%s \"%s\": another node has this name", role_word(node), node->name);
        if (is_reserved_name(node->name))
            problem_error(problems, node->line, "%s \"%s\": this name is taken by a resource of the cluster",
                          role_word(node), node->name);
        if (node->address_count == 0)
            problem_error(problems, node->line, "%s \"%s\": it has no addresses", role_word(node), node->name);
        for (size_t j = 0; j < node->address_count; j++)
            if (!in_any_network(model, &node->addresses[j]))
                problem_error(problems, node->line, "%s \"%s\": %s is in none of the networks", role_word(node),
                              node->name, addr_format(&node->addresses[j], text));
        if (node->address_count > 0)
            check_node_links(model, node, problems);
    }
}

struct owner {
    const char *kind;
    const char *name;
    const struct addr *address;
    unsigned line;
};

static void check_owner(const struct model *model, const struct owner *owner, size_t nth, struct problems *problems);

/* Calls check_owner for each address of nodes and CVIPs; with other, looks for the first one equal to it. */
static size_t walk_addresses(const struct model *model, const struct owner *other, struct owner *found,
                             struct problems *problems)
{
    size_t nth = 0;

    for (size_t i = 0; i < model->node_count + model->cvip_count; i++) {
        bool is_node = i < model->node_count;
        const struct node *node = is_node ? &model->nodes[i] : NULL;
        const struct cvip *cvip = is_node ? NULL : &model->cvips[i - model->node_count];
        size_t count = is_node ? node->address_count : cvip->address_count;

        for (size_t j = 0; j < count; j++, nth++) {
            struct owner owner = {is_node ? role_word(node) : "cvip", is_node ? node->name : cvip->name,
                                  is_node ? &node->addresses[j] : &cvip->addresses[j],
                                  is_node ? node->line : cvip->line};

            if (!other) {
                check_owner(model, &owner, nth, problems);
            } else if (addr_equal(owner.address, other->address)) {
                *found = owner;
                return nth;
            }
        }
    }
    return nth;
}

static void check_owner(const struct model *model, const struct owner *owner, size_t nth, struct problems *problems)
{
    struct owner first = {0};
    char text[ADDR_TEXT_MAX];

    if (walk_addresses(model, owner, &first, problems) != nth)
        problem_error(problems, owner->line, "%s \"%s\": %s is also an address of %s \"%s\"", owner->kind, owner->name,
                      addr_format(owner->address, text), first.kind, first.name);
}

static void check_cvips(const struct model *model, struct problems *problems)
{
    char text[ADDR_TEXT_MAX];

    for (size_t i = 0; i < model->cvip_count; i++) {
        const struct cvip *cvip = &model->cvips[i];

        if (cvip->address_count == 0)
            problem_error(problems, cvip->line, "cvip \"%s\": it has no addresses", cvip->name);
        for (size_t j = 0; j < cvip->address_count && model->network_count > 0; j++)
            if (!network_contains(&model->networks[0], &cvip->addresses[j]))
                problem_error(problems, cvip->line, "cvip \"%s\": %s is not in the first network, \"%s\"", cvip->name,
                              addr_format(&cvip->addresses[j], text), model->networks[0].name);
    }
}

static void check_timing(const struct model *model, struct problems *problems)
{
    const struct value *values = model->settings;
    long updates = values[SETTING_UPDATES].number;
    long timeout = values[SETTING_TIMEOUT].number;

    if (timeout <= updates)
        problem_error(problems,
                      values[SETTING_TIMEOUT].line ? values[SETTING_TIMEOUT].line : values[SETTING_UPDATES].line,
                      "timing: timeout (%ld ms) must be longer than updates (%ld ms), "
                      "or every node is taken out between two reports",
                      timeout, updates);
    else if (timeout < 3 * updates)
        problem_warning(problems, values[SETTING_TIMEOUT].line,
                        "timing: timeout (%ld ms) is less than three updates (%ld ms each): "
                        "two lost datagrams take a node out",
                        timeout, updates);
    if (values[SETTING_WEIGHT_MIN].number > values[SETTING_WEIGHT_MAX].number)
        problem_error(problems, values[SETTING_WEIGHT_MIN].line, "policy: weight_min (%ld) is above weight_max (%ld)",
                      values[SETTING_WEIGHT_MIN].number, values[SETTING_WEIGHT_MAX].number);
}

static void check_fencing_sections(const struct model *model, struct problems *problems)
{
    for (size_t i = 0; i < model->fencing_count; i++) {
        const struct fencing *fencing = &model->fencings[i];

        if (!fencing->node)
            problem_error(problems, fencing->agent.line, "fencing \"%s\": there is no node of this name",
                          fencing->node_name);
        if (!fencing->agent.name)
            problem_error(problems, fencing->agent.line, "fencing \"%s\": say which agent, such as \"fence_ipmilan\"",
                          fencing->node_name);
    }
}

static void check_fencing(const struct model *model, struct problems *problems)
{
    if (model->settings[SETTING_FENCING].number == 0) {
        problem_warning(problems, model->settings[SETTING_FENCING].line, "%s",
                        redundancy_by_cvipd(model)
                            ? "fencing is off: of two masters that do not hear each other both serve; "
                              "nobody makes sure that one ends"
                            : "fencing is off: a master that only seems dead may keep the cluster virtual IP, "
                              "and then two answer for it");
        return;
    }
    check_fencing_sections(model, problems);
    for (size_t i = 0; i < model->node_count; i++)
        if (!model_fencing(model, &model->nodes[i]))
            problem_error(problems, model->nodes[i].line,
                          "%s \"%s\": nothing can fence it; write fencing \"%s\" { agent = \"…\" }, "
                          "or cluster { fencing = off } and live with the risk",
                          role_word(&model->nodes[i]), model->nodes[i].name, model->nodes[i].name);
}

void validate(const struct model *model, struct problems *problems)
{
    check_presence(model, problems);
    check_networks(model, problems);
    check_nodes(model, problems);
    check_cvips(model, problems);
    walk_addresses(model, NULL, NULL, problems);
    check_timing(model, problems);
    check_fencing(model, problems);
    validate_ports(model, problems);
    validate_redundancy(model, problems);
    validate_services(model, problems);
    validate_storage(model, problems);
}
