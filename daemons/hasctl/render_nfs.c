/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "storage.h"

/* The same on all servers and known to firewalls; a client that has locked a file by NFSv3 keeps lockd's port. */
#define MOUNTD_PORT 20048
#define STATD_PORT 32765
#define LOCKD_PORT 32803

static void print_versions(const struct model *model, FILE *out)
{
    unsigned versions = model->storage.versions;

    fprintf(out, "vers3=%s\nvers4=%s\n", versions & NFS_V3 ? "y" : "n", versions & NFS_V4 ? "y" : "n");
    for (unsigned i = 1; storage_version_names[i]; i++)
        fprintf(out, "vers%s=%s\n", storage_version_names[i], versions & (1U << i) ? "y" : "n");
}

void render_nfs_conf(const struct model *model, FILE *out)
{
    const char *directory = storage_text(model, STORAGE_DIRECTORY);

    fprintf(out, "%s\n# The NFS server of storage \"%s\": nfs.conf(5)\n", RENDER_NOTICE, model->storage.name);
    /* The grace time is the agent's: rpc.nfsd would give it to lockd, too. */
    fprintf(out, "[nfsd]\nthreads=%ld\nlease-time=%ld\n", storage_number(model, STORAGE_THREADS),
            storage_number(model, STORAGE_LEASE));
    fputs("tcp=y\nudp=n\n", out);
    print_versions(model, out);
    fprintf(out, "[mountd]\nport=%d\n", MOUNTD_PORT);
    fprintf(out, "[lockd]\nport=%d\nudp-port=%d\n", LOCKD_PORT, LOCKD_PORT);
    fprintf(out, "[statd]\nport=%d\noutgoing-port=%d\n", STATD_PORT, STATD_PORT + 1);
    if (storage_kind(&model->storage) == STORAGE_COPIES)
        return;
    fprintf(out, "# what the server knows of its clients moves with the data\n");
    fprintf(out, "state-directory-path=%s/" STORAGE_STATE "/statd\n", directory);
    fprintf(out, "[nfsdcld]\nstoragedir=%s/" STORAGE_STATE "/nfsdcld\n", directory);
}

void render_publish(const struct model *model, const struct node *node, FILE *out)
{
    const struct network *link = storage_network(model);
    char text[ADDR_TEXT_MAX];

    fprintf(out, "%s\n# The published copies of storage \"%s\": has-nfs-publish(8)\n", RENDER_NOTICE,
            model->storage.name);
    fprintf(out, "name %s\nmode image\ndirectory %s\n", node->name, storage_text(model, STORAGE_DIRECTORY));
    if (node == storage_publisher(model))
        fprintf(out, "source %s\n", storage_text(model, STORAGE_SOURCE));
    for (size_t i = 0; i < model->storage.server_count; i++) {
        const struct node *peer = model->storage.servers[i];
        const struct addr *address = node_address_in(peer, link, network_link_family(link));

        if (peer != node)
            fprintf(out, "peer %s %s\n", peer->name, addr_format(address, text));
    }
}

void render_nfshad(const struct model *model, FILE *out)
{
    fprintf(out, "%s\n# The failover daemon of storage \"%s\": nfshad.conf(5)\n", RENDER_NOTICE, model->storage.name);
    render_settings(model, FILE_NFSHAD, out);
    fprintf(out, "probe %ld timeout=%ld fall=%ld rise=%ld\n", storage_number(model, STORAGE_PROBE),
            storage_number(model, STORAGE_TIMEOUT), storage_number(model, STORAGE_FALL),
            storage_number(model, STORAGE_RISE));
    if (storage_number(model, STORAGE_RETURN) == SETTING_OFF)
        fputs("return no\n", out);
    else
        fprintf(out, "return %ld\n", storage_number(model, STORAGE_RETURN));
}
