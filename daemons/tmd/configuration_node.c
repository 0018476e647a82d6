/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of tmd.conf that name nodes: masters, active and standby traffic nodes. */
#include "configuration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int config_master_line(struct config *config, const struct conf_line *line, struct conf_error *error)
{
    if (config->master_count == CONFIG_MASTERS_MAX)
        return conf_fail(error, line, "more than %d masters", CONFIG_MASTERS_MAX);
    for (size_t i = 0; i < config->master_count; i++)
        if (strcasecmp(config->masters[i].name, line->words[0]) == 0)
            return conf_fail(error, line, "%s is there already; give each master its own number", line->words[0]);
    struct config_master master = {.address_count = (size_t)(line->count - 1)};
    int rc = conf_string(line, 0, master.name, sizeof master.name, error);
    for (int i = 1; i < line->count && rc == 0; i++)
        rc = conf_address(line, i, &master.addresses[i - 1], error);
    if (rc == 0)
        config->masters[config->master_count++] = master;
    return rc;
}

static bool has_address(const struct config_node *node, const struct addr *address)
{
    return address->family != AF_UNSPEC &&
           (addr_equal(&node->address, address) || addr_equal(&node->address6, address));
}

/* No two nodes may share a name or an address. */
static int check_unique(const struct config *config, const struct config_node *node, const struct conf_line *line,
                        struct conf_error *error)
{
    for (size_t i = 0; i < config->node_count; i++) {
        const struct config_node *other = &config->nodes[i];
        if (strcasecmp(other->name, node->name) == 0)
            return conf_fail(error, line, "the name \"%s\" is taken by another traffic node; choose another",
                             node->name);
        if (has_address(other, &node->address) || has_address(other, &node->address6))
            return conf_fail(error, line, "traffic node \"%s\" already has this address; a node stands in one line",
                             other->name);
    }
    return 0;
}

static int append(struct config *config, const struct config_node *node, const struct conf_line *line,
                  struct conf_error *error)
{
    if (config->node_count == CONFIG_NODES_MAX)
        return conf_fail(error, line, "more than %d traffic nodes", CONFIG_NODES_MAX);
    if (config->node_count % 64 == 0) {
        struct config_node *larger = realloc(config->nodes, (config->node_count + 64) * sizeof *larger);
        if (larger == NULL)
            return -ENOMEM;
        config->nodes = larger;
    }
    config->nodes[config->node_count++] = *node;
    return 0;
}

/* One word after the first address: the second address, name= or weight=. */
static int node_word(struct config_node *node, const struct conf_line *line, int index, struct conf_error *error)
{
    const char *word = line->words[index];
    const char *value;
    if (conf_option(word, "name", &value)) {
        size_t length = strlen(value);
        if (length == 0 || length >= sizeof node->name)
            return conf_fail(error, line, "name= needs 1 to %zu characters", sizeof node->name - 1);
        memcpy(node->name, value, length + 1);
        return 0;
    }
    if (conf_option(word, "weight", &value)) {
        long weight;
        int rc = conf_option_number(line, "weight", value, 1, POLICY_WEIGHT_LIMIT, &weight, error);
        if (rc == 0)
            node->weight = (uint32_t)weight;
        return rc;
    }
    if (strchr(word, '=') != NULL)
        return conf_fail(error, line, "unknown option \"%s\"; a traffic node has name= and weight=", word);
    if (node->address6.family != AF_UNSPEC)
        return conf_fail(error, line, "a third address, \"%s\"; a traffic node has one of each family", word);
    int rc = conf_address(line, index, &node->address6, error);
    if (rc == 0 && node->address6.family == node->address.family)
        return conf_fail(error, line, "both addresses are of one family; a traffic node has one of each");
    return rc;
}

static int node_line(struct config *config, struct config_node *node, const struct conf_line *line, int first,
                     struct conf_error *error)
{
    int rc = conf_address(line, first, &node->address, error);
    for (int i = first + 1; i < line->count && rc == 0; i++)
        rc = node_word(node, line, i, error);
    if (rc == 0)
        rc = check_unique(config, node, line, error);
    return rc == 0 ? append(config, node, line, error) : rc;
}

int config_traffic_line(struct config *config, const struct conf_line *line, struct conf_error *error)
{
    struct config_node node = {0};
    int rc = conf_string(line, 0, node.name, sizeof node.name, error);
    return rc == 0 ? node_line(config, &node, line, 1, error) : rc;
}

int config_standby_line(struct config *config, const struct conf_line *line, struct conf_error *error)
{
    struct config_node node = {.standby = true};
    int rc = conf_string(line, 0, node.name, sizeof node.name, error);
    return rc == 0 ? node_line(config, &node, line, 0, error) : rc;
}
