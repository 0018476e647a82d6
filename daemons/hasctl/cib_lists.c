/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cib_lists.h"

#include "cib_storage.h"
#include "cib_values.h"
#include "redundancy_settings.h"

#include <stdio.h>
#include <string.h>

long cib_count_traffic(const struct model *model)
{
    return (long)(model->node_count - model_count_role(model, ROLE_MASTER));
}

static bool cvip_reaches_nodes(const struct model *model, const struct cvip *cvip)
{
    for (size_t i = 0; i < model->service_count; i++)
        if (model->services[i].cvip == cvip && model->services[i].forward != FORWARD_NAT)
            return true;
    return false;
}

void cib_realserver_addresses(const struct model *model, char list[CIB_ADDRESS_LIST_MAX])
{
    char text[ADDR_TEXT_MAX];
    size_t used = 0;

    list[0] = '\0';
    for (size_t i = 0; i < model->cvip_count; i++) {
        const struct cvip *cvip = &model->cvips[i];

        for (size_t j = 0; j < cvip->address_count && cvip_reaches_nodes(model, cvip); j++)
            if (used + ADDR_TEXT_MAX + 2 < CIB_ADDRESS_LIST_MAX)
                used += (size_t)snprintf(list + used, CIB_ADDRESS_LIST_MAX - used, "%s%s", used ? " " : "",
                                         addr_format(&cvip->addresses[j], text));
    }
}

static const struct node *nth_traffic(const struct model *model, size_t item)
{
    for (size_t i = 0; i < model->node_count; i++)
        if (model->nodes[i].role != ROLE_MASTER && item-- == 0)
            return &model->nodes[i];
    return NULL;
}

long cib_count(void *context, const char *list)
{
    const struct cib_cursor *cursor = context;

    if (strcmp(list, "traffic") == 0)
        return cib_count_traffic(cursor->model);
    if (strcmp(list, "fenced") == 0)
        return (long)cursor->model->fencing_count;
    if (strcmp(list, "cvips") == 0)
        return (long)cursor->model->cvip_count;
    if (strcmp(list, "cvip_addresses") == 0 && cursor->cvip)
        return (long)cursor->cvip->address_count;
    if (strcmp(list, "storage_clients") == 0)
        return (long)cursor->model->storage.client_count;
    return -1;
}

void cib_select(void *context, const char *list, size_t item)
{
    struct cib_cursor *cursor = context;

    if (strcmp(list, "traffic") == 0) {
        cursor->node = nth_traffic(cursor->model, item);
    } else if (strcmp(list, "fenced") == 0) {
        cursor->fencing = &cursor->model->fencings[item];
        cursor->node = cursor->fencing->node;
    } else if (strcmp(list, "cvips") == 0) {
        cursor->cvip = &cursor->model->cvips[item];
    } else {
        cursor->address = item;
    }
}

int cib_condition(void *context, const char *name)
{
    const struct cib_cursor *cursor = context;
    const struct model *model = cursor->model;
    char list[CIB_ADDRESS_LIST_MAX];

    if (strcmp(name, "remote") == 0)
        return !model_full(model);
    if (strcmp(name, "fencing") == 0)
        return model->settings[SETTING_FENCING].number != 0;
    if (strcmp(name, "cvipd") == 0)
        return redundancy_by_cvipd(model);
    if (strcmp(name, "twin") == 0)
        return model_has_twin(model);
    if (strcmp(name, "realserver") == 0) {
        cib_realserver_addresses(model, list);
        return list[0] != '\0';
    }
    if (strcmp(name, "node_member") == 0 && cursor->node)
        return model_is_member(model, cursor->node);
    if (strcmp(name, "webserver_parameters") == 0)
        return model->webserver.parameter_count > 0;
    return cib_storage_condition(model, name);
}
