/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"

static size_t count_links(const struct model *model)
{
    size_t links = 0;

    for (size_t i = 0; i < model->network_count; i++)
        links += model->networks[i].link;
    return links;
}

static void print_totem(const struct model *model, FILE *out)
{
    fprintf(out,
            "totem {\n"
            "    version: 2\n"
            "    cluster_name: %s\n"
            "    transport: knet\n",
            model->settings[SETTING_CLUSTER_NAME].text);
    if (count_links(model) > 1)
        fputs("    # All networks carry heartbeats all the time; the first one that works carries the messages.\n"
              "    link_mode: passive\n",
              out);
    fprintf(out,
            "    # ms without the token after which a node is lost; consensus follows it (corosync.conf(5)).\n"
            "    token: %s\n"
            "    # The key is /etc/corosync/authkey, made by corosync-keygen.\n"
            "    crypto_cipher: aes256\n"
            "    crypto_hash: sha256\n"
            "}\n\n",
            model->settings[SETTING_TOKEN].text);
}

static void print_links(const struct model *model, const struct node *node, FILE *out)
{
    char text[ADDR_TEXT_MAX];
    unsigned link = 0;

    for (size_t i = 0; i < model->network_count; i++) {
        const struct network *network = &model->networks[i];

        if (network->link)
            fprintf(out, "        ring%u_addr: %s\n", link++,
                    addr_format(node_address_in(node, network, network_link_family(network)), text));
    }
}

static void print_nodes(const struct model *model, FILE *out)
{
    unsigned id = 0;

    fputs("nodelist {\n", out);
    for (size_t i = 0; i < model->node_count; i++) {
        const struct node *node = &model->nodes[i];

        if (!model_is_member(model, node))
            continue;
        fprintf(out, "    node {\n        name: %s\n        nodeid: %u\n", node->name, ++id);
        print_links(model, node, out);
        fputs("    }\n", out);
    }
    fputs("}\n\n", out);
}

static void print_quorum(const struct model *model, FILE *out)
{
    size_t members = model_count_members(model);

    fputs("quorum {\n    provider: corosync_votequorum\n", out);
    if (members == 2)
        fputs("    # Two nodes cannot have a majority: the survivor goes on, and fencing decides who that is.\n"
              "    two_node: 1\n",
              out);
    if (members >= 2 && model->settings[SETTING_WAIT_FOR_ALL].number)
        fputs("    # After a cold start nobody acts before everybody was seen once: no fencing of a node that boots.\n"
              "    wait_for_all: 1\n",
              out);
    else if (members == 2)
        fputs("    wait_for_all: 0\n", out); /* two_node would switch it on */
    fputs("}\n\n", out);
}

void render_corosync(const struct model *model, FILE *out)
{
    fprintf(out, "%s\n# The same on every member: corosync.conf(5)\n", RENDER_NOTICE);
    print_totem(model, out);
    print_nodes(model, out);
    print_quorum(model, out);
    fputs("logging {\n"
          "    to_syslog: yes\n"
          "    to_stderr: no\n"
          "    timestamp: hires\n"
          "}\n",
          out);
}
