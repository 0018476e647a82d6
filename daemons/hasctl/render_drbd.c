/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "storage.h"

#define HANDLERS "/usr/lib/drbd/"

static bool is_9(const struct model *model)
{
    return storage_number(model, STORAGE_DRBD_VERSION) == 1;
}

/* The resource is fenced by a constraint in the CIB, not only the node by a fence device: where only the replication
 * link is lost, the peer's data is old from then on and it must not be promoted even if this server dies later. I/O
 * stands still until the constraint is there or the peer is known to be off. */
static void print_fencing(const struct model *model, FILE *out)
{
    const char *edition = is_9(model) ? ".9" : "";

    fprintf(out, "    handlers {\n");
    fprintf(out, "        fence-peer \"" HANDLERS "crm-fence-peer%s.sh --timeout %ld --dc-timeout %ld\";\n", edition,
            model->settings[SETTING_FENCING_TIMEOUT].number, model->settings[SETTING_FENCING_TIMEOUT].number + 30);
    fprintf(out, "        %s \"" HANDLERS "crm-unfence-peer%s.sh\";\n",
            is_9(model) ? "unfence-peer" : "after-resync-target", edition);
    fprintf(out, "        split-brain \"" HANDLERS "notify-split-brain.sh root\";\n    }\n");
}

static void print_net(const struct model *model, bool fencing, FILE *out)
{
    fprintf(out, "    net {\n        protocol C; # a write is acknowledged when both servers have it on disk\n");
    if (is_9(model))
        fprintf(out, "        fencing %s;\n", fencing ? "resource-and-stonith" : "dont-care");
    if (storage_text(model, STORAGE_SECRET)[0])
        fprintf(out, "        cram-hmac-alg sha256;\n        shared-secret \"%s\";\n",
                storage_text(model, STORAGE_SECRET));
    fputs("        timeout 20;     # 0.1 s: writes wait so long for a peer that fell silent\n"
          "        ping-int 5;     # s, while nothing is written\n"
          "        ping-timeout 5; # 0.1 s\n"
          "        connect-int 5;  # s\n"
          "        # Split brain is reported and never solved silently: one side's writes would be thrown away.\n"
          "        after-sb-0pri disconnect;\n"
          "        after-sb-1pri disconnect;\n"
          "        after-sb-2pri disconnect;\n"
          "        rr-conflict disconnect;\n"
          "    }\n",
          out);
}

static void print_server(const struct model *model, size_t nth, FILE *out)
{
    const struct network *link = storage_network(model);
    const struct node *server = model->storage.servers[nth];
    const struct addr *address = node_address_in(server, link, network_link_family(link));
    char text[ADDR_TEXT_MAX];
    bool ipv6 = address->family == AF_INET6;

    fprintf(out, "    on %s {\n", server->name);
    if (is_9(model))
        fprintf(out, "        node-id %zu;\n", nth);
    fprintf(out, "        address %s%s%s%s:%ld;\n    }\n", ipv6 ? "ipv6 " : "", ipv6 ? "[" : "",
            addr_format(address, text), ipv6 ? "]" : "", storage_number(model, STORAGE_PORT));
}

void render_drbd(const struct model *model, FILE *out)
{
    bool fencing = model->settings[SETTING_FENCING].number != 0;

    fprintf(out, "%s\n# The replicated disk of storage \"%s\": drbd.conf(5), docs/nfs.md\n", RENDER_NOTICE,
            model->storage.name);
    fprintf(out, "resource %s {\n    device /dev/drbd%ld minor %ld;\n    disk %s;\n    meta-disk internal;\n",
            model->storage.name, storage_number(model, STORAGE_MINOR), storage_number(model, STORAGE_MINOR),
            storage_text(model, STORAGE_DEVICE));
    print_net(model, fencing, out);
    fputs("    disk {\n        on-io-error detach; # the peer's disk serves\n"
          "        # While clients write, DRBD's own minimum of 250 KiB/s would leave one copy only for hours.\n"
          "        c-min-rate 20M;\n        resync-rate 20M;\n",
          out);
    if (!is_9(model))
        fprintf(out, "        fencing %s;\n", fencing ? "resource-and-stonith" : "dont-care");
    fputs("    }\n", out);
    if (fencing)
        print_fencing(model, out);
    for (size_t i = 0; i < model->storage.server_count; i++)
        print_server(model, i, out);
    fputs("}\n", out);
}
