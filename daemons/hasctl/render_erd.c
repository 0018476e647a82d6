/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"

#include <string.h>

static long number(const struct model *model, enum setting which)
{
    return model->settings[which].number;
}

static void print_timing(const struct model *model, FILE *out)
{
    long probe = number(model, SETTING_PORTS_PROBE);
    long failback = number(model, SETTING_PORTS_FAILBACK);
    long longest = number(model, SETTING_PORTS_FAILBACK_MAX);
    long poll = number(model, SETTING_PORTS_POLL);

    fprintf(out, "poll %ld\n", poll == SETTING_OFF ? 0 : poll);
    if (probe == SETTING_OFF)
        fputs("probe off\n", out);
    else
        fprintf(out, "probe %ld missed=%ld\n", probe, number(model, SETTING_PORTS_MISSED));
    if (failback == SETTING_OFF)
        fputs("failback no\n", out);
    else /* who says nothing of the longest wait means no shorter one */
        fprintf(out, "failback %ld max=%ld\n", failback, failback > longest ? failback : longest);
    fprintf(out, "announce %ld interval=%ld\n", number(model, SETTING_PORTS_ANNOUNCE),
            number(model, SETTING_PORTS_ANNOUNCE_INTERVAL));
}

static bool is_own(const struct node *node, const struct addr *address)
{
    for (size_t i = 0; i < node->address_count; i++)
        if (addr_equal(&node->addresses[i], address))
            return true;
    return false;
}

/* Whether the address lies in a network of this pair of ports. */
static bool is_behind(const struct model *model, const struct network *pair, const struct addr *address)
{
    for (size_t i = 0; i < model->network_count; i++)
        if (strcmp(model->networks[i].twin, pair->twin) == 0 && network_contains(&model->networks[i], address))
            return true;
    return false;
}

static bool has_pair(const struct model *model, const struct node *node, const struct network *pair)
{
    for (size_t i = 0; i < node->address_count; i++)
        if (is_behind(model, pair, &node->addresses[i]))
            return true;
    return false;
}

static void print_pair(const struct model *model, const struct node *node, const struct network *pair, FILE *out)
{
    char text[ADDR_TEXT_MAX];

    fprintf(out, "pair %s %s\n", pair->interface, pair->twin);
    for (size_t i = 0; i < model->target_count; i++)
        if (is_behind(model, pair, &model->targets[i]) && !is_own(node, &model->targets[i]))
            fprintf(out, "target %s\n", addr_format(&model->targets[i], text));
}

void render_erd(const struct model *model, const struct node *node, FILE *out)
{
    fprintf(out, "%s\n# Port pairs of %s: erd.conf(5)\n", RENDER_NOTICE, node->name);
    render_settings(model, FILE_ERD, out);
    print_timing(model, out);
    for (size_t i = 0; i < model->network_count; i++)
        if (model_begins_pair(model, &model->networks[i]) && has_pair(model, node, &model->networks[i]))
            print_pair(model, node, &model->networks[i], out);
}
