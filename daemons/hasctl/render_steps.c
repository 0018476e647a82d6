/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "storage.h"

static void print_servers(const struct model *model, FILE *out)
{
    for (size_t i = 0; i < model->storage.server_count; i++)
        fprintf(out, "%s%s", i > 0 ? " and " : "", model->storage.servers[i]->name);
}

static void print_units(const struct model *model, FILE *out)
{
    fputs("On ", out);
    print_servers(model, out);
    fputs(": Pacemaker starts the NFS server, nobody else may.\n\n"
          "    systemctl disable --now nfs-server nfsdcld rpc-statd    # where systemd runs\n",
          out);
    if (model->storage.versions & NFS_V3)
        fputs("    systemctl enable --now rpcbind                          # for NFSv3\n", out);
}

static void print_drbd(const struct model *model, FILE *out)
{
    const char *name = model->storage.name;
    const char *first = model->storage.servers[0]->name;

    fprintf(out,
            "    systemctl disable --now drbd\n    modprobe drbd\n"
            "    drbdadm create-md %s        # %s: whatever is on it is lost\n    drbdadm up %s\n\n",
            name, storage_text(model, STORAGE_DEVICE), name);
    fprintf(out,
            "On %s only, once both say Connected (drbdadm status %s):\n\n"
            "    drbdadm primary --force %s  # the first synchronisation begins: %s's disk is copied\n"
            "    mkfs.%s /dev/drbd%ld\n    drbdadm secondary %s\n\n",
            first, name, name, first, storage_text(model, STORAGE_FILESYSTEM), storage_number(model, STORAGE_MINOR),
            name);
    fprintf(out,
            "Disks that are both empty and of the same size need not be copied: instead of --force,\n"
            "    drbdadm new-current-uuid --clear-bitmap %s/0     # on %s, while both are secondary\n"
            "    drbdadm primary %s\n\nOn both:\n\n    drbdadm down %s\n",
            name, first, name, name);
}

static void print_shared(const struct model *model, FILE *out)
{
    fprintf(out,
            "\nOn %s only, if the device has no file system yet:\n\n    mkfs.%s %s\n\n"
            "Nothing may mount it at boot: no line for it in /etc/fstab, on any machine.\n",
            model->storage.servers[0]->name, storage_text(model, STORAGE_FILESYSTEM),
            storage_text(model, STORAGE_DEVICE));
}

static void print_copies(const struct model *model, FILE *out)
{
    const char *publisher = storage_publisher(model)->name;

    fputs("\nKeys, so that each may send to the others and nothing else: has-nfs-publish(8), \"KEYS\".\n", out);
    fprintf(out,
            "\nOn %s, put the content into %s. Then:\n\n    has-nfs-publish init       # on the others as well\n"
            "    has-nfs-publish publish\n    has-nfs-publish status     # until all say the same version\n\n"
            "On all servers:\n\n    systemctl enable --now has-nfs-publish\n",
            publisher, storage_text(model, STORAGE_SOURCE));
}

void render_storage_steps(const struct model *model, FILE *out)
{
    fprintf(out, "%s\n# What an administrator does once, before the cluster gets its CIB. docs/nfs.md explains it.\n\n",
            RENDER_NOTICE);
    print_units(model, out);
    switch (storage_kind(&model->storage)) {
    case STORAGE_DRBD:
        print_drbd(model, out);
        break;
    case STORAGE_SHARED:
        print_shared(model, out);
        break;
    case STORAGE_COPIES:
        print_copies(model, out);
        break;
    }
    fputs("\nOn all of them:\n\n", out);
    fprintf(out, "    mkdir -p %s\n\n", storage_text(model, STORAGE_DIRECTORY));
    fputs("Then load the CIB. hasctl nfs shows the state of it all.\n", out);
}
