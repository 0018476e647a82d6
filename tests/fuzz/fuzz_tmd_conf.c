/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tmd.conf: any text is read or refused with a message; what is read keeps its bounds. */
#include "configuration.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_bounds(const struct config *config)
{
    require(config->port >= 1024);
    require(config->timeout_ms >= 50 && config->timeout_ms <= 600000);
    require(config->repair_ms >= 100);
    require(config->policy.weight_min >= 1 && config->policy.weight_min <= config->policy.weight_max);
    require(config->policy.weight_max <= POLICY_WEIGHT_LIMIT);
    require(config->policy.minimum_pool <= 100 && config->policy.quiesce_below < 100);
    require(config->service_count <= CONFIG_SERVICES_MAX && config->master_count <= CONFIG_MASTERS_MAX);
    require(config->node_count > 0 || config->join_any);
    for (size_t i = 0; i < config->node_count; i++) {
        const struct config_node *node = &config->nodes[i];
        require(node->name[0] != '\0' && strnlen(node->name, sizeof node->name) < sizeof node->name);
        require(node->address.family == AF_INET || node->address.family == AF_INET6);
        require(node->address6.family != node->address.family);
    }
    for (size_t i = 0; i < config->service_count; i++) {
        const struct config_service *service = &config->services[i];
        require((service->service.fwmark != 0) == (service->service.protocol == 0));
        require(!service->sorry.set || service->sorry.address.family == service->service.family);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *config = NULL;
    struct conf_error error = {""};
    int rc = config_read_text("fuzz", (const char *)data, size, &config, &error);
    require((rc == 0) == (config != NULL));
    require((rc == 0) == (error.text[0] == '\0'));
    if (config != NULL)
        check_bounds(config);
    config_free(config);
    return 0;
}
