/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redundancy_settings.h"
#include "render.h"

static const struct value *setting(const struct model *model, enum setting which)
{
    return &model->settings[which];
}

static void print_mode(const struct model *model, FILE *out)
{
    long active = setting(model, SETTING_REDUNDANCY_ACTIVE)->number;

    switch ((enum redundancy_model)setting(model, SETTING_REDUNDANCY_MODEL)->number) {
    case MODEL_ACTIVE_STANDBY:
        fputs("mode standby\n", out);
        break;
    case MODEL_ACTIVE_ACTIVE:
    case MODEL_N_WAY:
        fputs("mode split\n", out);
        break;
    case MODEL_N_PLUS_M:
        fprintf(out, active == 1 ? "mode standby\n" : "mode %ld\n", active);
        break;
    }
}

static void print_mac(const struct model *model, FILE *out)
{
    uint8_t mac[REDUNDANCY_MAC_BYTES];

    if (redundancy_mac(model, mac) == MAC_SHARED)
        fprintf(out, "mac shared %02x:%02x:%02x:%02x:%02x:%02x\n", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    else
        fputs("mac own\n", out);
}

static void print_addresses(const struct model *model, FILE *out)
{
    char text[ADDR_TEXT_MAX];

    for (size_t i = 0; i < model->cvip_count; i++)
        for (size_t j = 0; j < model->cvips[i].address_count; j++)
            fprintf(out, "address %s\n", addr_format(&model->cvips[i].addresses[j], text));
}

/* The members' ids are Corosync's node ids, which count the nodes from 1 in has.conf's order: masters come first, so
 * they have the lowest ones with either kind of membership. */
static void print_members(const struct model *model, FILE *out)
{
    const struct network *lans[REDUNDANCY_LANS_MAX];
    size_t lan_count = redundancy_lans(model, lans);
    char text[ADDR_TEXT_MAX];
    unsigned id = 0;

    for (size_t i = 0; i < model->node_count; i++) {
        const struct node *node = &model->nodes[i];

        if (node->role != ROLE_MASTER)
            continue;
        fprintf(out, "member %u %s", ++id, node->name);
        for (size_t j = 0; j < lan_count; j++)
            fprintf(out, " %s", addr_format(node_address_in(node, lans[j], network_link_family(lans[j])), text));
        fprintf(out, " weight=%ld\n", node->weight);
    }
}

static void print_sync(const struct model *model, FILE *out)
{
    const struct network *network = redundancy_sync(model);

    if (!network) {
        fputs("sync off\n", out);
        return;
    }
    fprintf(out, "sync %s id=%s", network->interface, setting(model, SETTING_REDUNDANCY_SYNC_ID)->text);
    if (network->twin[0])
        fprintf(out, " twin=%s", network->twin);
    fputc('\n', out);
}

static void print_threshold(const struct model *model, FILE *out)
{
    if (setting(model, SETTING_REDUNDANCY_THRESHOLD_UP)->text)
        fprintf(out, "threshold up=%s down=%s seconds=%s\n", setting(model, SETTING_REDUNDANCY_THRESHOLD_UP)->text,
                setting(model, SETTING_REDUNDANCY_THRESHOLD_DOWN)->text,
                setting(model, SETTING_REDUNDANCY_THRESHOLD_SECONDS)->text);
}

void render_cvipd(const struct model *model, const struct node *node, FILE *out)
{
    fprintf(out, "%s\n# The cluster virtual IP on %s; apart from the name the same on every master: cvipd.conf(5)\n",
            RENDER_NOTICE, node->name);
    fprintf(out, "name %s\ninterface %s", node->name, model->networks[0].interface);
    if (model->networks[0].twin[0])
        fprintf(out, " twin=%s", model->networks[0].twin);
    fputc('\n', out);
    print_addresses(model, out);
    print_mode(model, out);
    print_mac(model, out);
    fprintf(out, "seed %u\n", redundancy_seed(model));
    print_members(model, out);
    render_settings(model, FILE_CVIPD, out);
    fputs("corosync yes\n", out);
    print_sync(model, out);
    fprintf(out, "behind ipvs\ntraffic_port %s\nmanager has-tmd\n", setting(model, SETTING_PORT)->text);
    print_threshold(model, out);
}
