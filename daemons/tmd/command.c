/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control service "has-tmd": what hasctl shows and orders. docs/control.md describes the objects. */
#include "config.h"

#include "manager.h"

#include "clock.h"
#include "view.h"

#include <errno.h>
#include <string.h>

static json_t *ping(const struct manager *manager)
{
    return json_pack("{s:b, s:s, s:s, s:I}", "ok", 1, "daemon", "tmd", "version", PACKAGE_VERSION, "uptime_ms",
                     (json_int_t)(clock_ms() - manager->started_ms));
}

/* The node that a request names, by its name or an address, or NULL and *error. */
static struct pool_node *find_node(const struct manager *manager, const json_t *request, json_t **error)
{
    const char *text = json_string_value(json_object_get(request, "node"));
    struct addr address;
    if (text == NULL) {
        *error = ctl_error("which node? Give its name or address");
        return NULL;
    }
    struct pool_node *node = pool_find_name(manager->pool, text);
    if (node == NULL && addr_parse(text, &address) == 0)
        node = pool_find(manager->pool, &address);
    if (node == NULL)
        *error = ctl_error("no traffic node \"%s\"; see: hasctl nodes", text);
    return node;
}

/* The answer to an order. One that a crash would undo is not simply done. */
static json_t *done(const struct manager *manager, int rc)
{
    if (rc != 0)
        return ctl_error("cannot keep the order: %s", strerror(-rc));
    if (manager->overrides_unsaved == 0)
        return json_pack("{s:b}", "ok", 1);
    json_t *warning = json_sprintf("in force, but not kept on disk: %s: %s", manager->config->state,
                                   strerror(-manager->overrides_unsaved));
    return json_pack("{s:b, s:o}", "ok", 1, "warning", warning);
}

static json_t *drain(struct manager *manager, const json_t *request)
{
    json_t *error = NULL;
    struct pool_node *node = find_node(manager, request, &error);
    return node != NULL ? done(manager, orders_give(manager, node, WIRE_OVERRIDE_DRAIN, 0)) : error;
}

static json_t *undrain(struct manager *manager, const json_t *request)
{
    json_t *error = NULL;
    struct pool_node *node = find_node(manager, request, &error);
    if (node == NULL)
        return error;
    if (node->override_kind != WIRE_OVERRIDE_DRAIN)
        return ctl_error("node %s is not drained", node->name);
    return done(manager, orders_give(manager, node, WIRE_OVERRIDE_NONE, 0));
}

static json_t *weight(struct manager *manager, const json_t *request)
{
    json_t *error = NULL;
    struct pool_node *node = find_node(manager, request, &error);
    if (node == NULL)
        return error;
    const json_t *value = json_object_get(request, "value");
    if (node->override_kind == WIRE_OVERRIDE_DRAIN)
        return ctl_error("node %s is drained; undrain it first", node->name);
    if (json_is_null(value)) {
        if (node->override_kind != WIRE_OVERRIDE_WEIGHT)
            return ctl_error("node %s has no fixed weight", node->name);
        return done(manager, orders_give(manager, node, WIRE_OVERRIDE_NONE, 0));
    }
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || number > POLICY_WEIGHT_LIMIT)
        return ctl_error("a weight is a number from 0 to %d, or null to lift it", POLICY_WEIGHT_LIMIT);
    return done(manager, orders_give(manager, node, WIRE_OVERRIDE_WEIGHT, (uint32_t)number));
}

json_t *command_handle(void *context, const char *command, const json_t *request)
{
    struct manager *manager = context;
    static const struct {
        const char *name;
        json_t *(*order)(struct manager *manager, const json_t *request);
    } orders[] = {{"drain", drain}, {"undrain", undrain}, {"weight", weight}};
    if (strcmp(command, "ping") == 0)
        return ping(manager);
    if (strcmp(command, "status") == 0)
        return view_status(manager);
    if (strcmp(command, "nodes") == 0)
        return view_nodes(manager);
    if (strcmp(command, "services") == 0)
        return view_services(manager);
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        if (strcmp(command, orders[i].name) == 0)
            return orders[i].order(manager, request);
    }
    return ctl_error("unknown command \"%s\"", command);
}
