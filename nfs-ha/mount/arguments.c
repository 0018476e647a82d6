/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "arguments.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static void usage(FILE *out)
{
    fputs("usage: mount.nfsha SERVER,SERVER[,...]:/PATH DIRECTORY [-fhnrsvVw] [-o OPTIONS]\n"
          "  -f    check everything, mount nothing\n"
          "  -n    no entry in /etc/mtab\n"
          "  -o    options: replication=standby|copies|shared, mismatch=refuse|remount, compare=yes|no,\n"
          "        failover=auto|daemon|kernel|none, and those of nfs(5)\n"
          "  -r    read-only (ro), -w for writing (rw)\n"
          "  -s    options that mount.nfs does not know are no error\n"
          "  -v    tell what is done\n"
          "  -h    this help, -V the version\n",
          out);
}

static bool join(struct mount_arguments *out, const char *text)
{
    size_t at = strlen(out->options);
    int written = snprintf(out->options + at, sizeof(out->options) - at, "%s%s", at > 0 ? "," : "", text);
    return (size_t)written < sizeof(out->options) - at;
}

/* Returns -1 to go on, or an exit status. */
static int take(int option, struct mount_arguments *out)
{
    switch (option) {
    case 'f':
        out->fake = true;
        return -1;
    case 'n':
        out->no_mtab = true;
        return -1;
    case 's':
        out->sloppy = true;
        return -1;
    case 'v':
        out->verbose = true;
        return -1;
    case 'r':
        return join(out, "ro") ? -1 : MOUNT_USAGE;
    case 'w':
        /* never the first option, so that it counts as written by hand */
        return join(out, out->options[0] == '\0' ? ",rw" : "rw") ? -1 : MOUNT_USAGE;
    case 'o':
        if (join(out, optarg))
            return -1;
        fprintf(stderr, "mount.nfsha: the options are too long\n");
        return MOUNT_USAGE;
    case 'N': /* namespace and type: mount(8) has seen to them */
    case 't':
        return -1;
    case 'V':
        puts("mount.nfsha " PACKAGE_VERSION);
        return MOUNT_OK;
    case 'h':
        usage(stdout);
        return MOUNT_OK;
    default:
        usage(stderr);
        return MOUNT_USAGE;
    }
}

int mount_arguments_parse(int argc, char **argv, struct mount_arguments *out)
{
    static const struct option longs[] = {
        {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
    int option, status = -1;

    memset(out, 0, sizeof(*out));
    optind = 0; /* from the beginning: the tests parse more than once */
    while (status < 0 && (option = getopt_long(argc, argv, "fhnN:o:rst:vVw", longs, NULL)) != -1)
        status = take(option, out);
    if (status >= 0)
        return status;
    if (argc - optind != 2) {
        if (argc - optind == 3 && strcspn(argv[optind], ",") + 1 == strlen(argv[optind]))
            fprintf(stderr, "mount.nfsha: leave the space behind \"%s\" out of the list of servers\n", argv[optind]);
        usage(stderr);
        return MOUNT_USAGE;
    }
    out->source = argv[optind];
    out->directory = argv[optind + 1];
    return -1;
}
