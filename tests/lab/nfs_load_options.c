/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "nfs_load_options.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char usage[] =
    "usage: nfs_load reader|writer|database|locker|opener --file PATH [--seconds N] [--interval-us 1000]\n"
    "                [--records 1024] [--log ACKFILE] [--state FILE] [--gap-ms 50]\n"
    "       nfs_load fill --file PATH [--records 1024]    makes the file of a reader or an opener\n"
    "       nfs_load locked --file PATH                   does anybody hold a lock on it?\n"
    "       nfs_load verify --file PATH --log ACKFILE     is each acknowledged write there?\n"
    "Reads or writes records of 4 KiB with sequence numbers and checksums, one an interval, until SIGTERM, and prints\n"
    "a summary as JSON. reader: one file, kept open, past the cache. writer: one record after the other, each on the\n"
    "disk before the next. database: records in random places, fsync, read again. locker: as the writer, under a "
    "lock.\n"
    "opener: open, read, fstat, close. FILE says every 100 ms how it stands.\n";

static const char *const names[NFS_LOAD_MODES] = {
    [NFS_LOAD_READER] = "reader", [NFS_LOAD_WRITER] = "writer", [NFS_LOAD_DATABASE] = "database",
    [NFS_LOAD_LOCKER] = "locker", [NFS_LOAD_OPENER] = "opener", [NFS_LOAD_FILL] = "fill",
    [NFS_LOAD_LOCKED] = "locked", [NFS_LOAD_VERIFY] = "verify"};

const char *nfs_load_mode_name(enum nfs_load_mode mode)
{
    return names[mode];
}

static bool set_number(double *number, const char *text, double low, double high)
{
    char *end;

    *number = strtod(text, &end);
    return end != text && *end == '\0' && *number >= low && *number <= high;
}

static bool set_option(struct nfs_load_options *options, int option, const char *value)
{
    double number = 0;
    bool good = true;

    switch (option) {
    case 'f':
        options->file = value;
        break;
    case 'l':
        options->log = value;
        break;
    case 'S':
        options->state = value;
        break;
    case 's':
        good = set_number(&options->seconds, value, 0, 1e6);
        break;
    case 'i':
        good = set_number(&number, value, 0, 1e9);
        options->interval_us = (long)number;
        break;
    case 'g':
        good = set_number(&options->gap_ms, value, 0, 1e6);
        break;
    case 'r':
        good = set_number(&number, value, 1, 1e9);
        options->records = (uint64_t)number;
        break;
    default:
        good = false;
    }
    return good;
}

static bool set_mode(struct nfs_load_options *options, const char *name)
{
    for (int mode = 0; mode < NFS_LOAD_MODES; mode++) {
        options->mode = (enum nfs_load_mode)mode;
        if (strcmp(names[mode], name) == 0)
            return true;
    }
    return false;
}

int nfs_load_options_parse(struct nfs_load_options *options, int argc, char *argv[])
{
    static const struct option longs[] = {{"file", required_argument, NULL, 'f'},
                                          {"log", required_argument, NULL, 'l'},
                                          {"state", required_argument, NULL, 'S'},
                                          {"seconds", required_argument, NULL, 's'},
                                          {"interval-us", required_argument, NULL, 'i'},
                                          {"records", required_argument, NULL, 'r'},
                                          {"gap-ms", required_argument, NULL, 'g'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    bool good = true;
    int option;

    *options = (struct nfs_load_options){.interval_us = 1000, .records = 1024, .gap_ms = 50};
    while (good && (option = getopt_long(argc, argv, "f:l:S:s:i:r:g:h", longs, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return EXIT_SUCCESS + 1;
        }
        good = set_option(options, option, optarg);
    }
    if (good && optind == argc - 1 && set_mode(options, argv[optind]) && options->file &&
        (options->log || options->mode != NFS_LOAD_VERIFY))
        return 0;
    fputs(usage, stderr);
    return EX_USAGE + 1;
}
