/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "nfs_load_verify.h"

#include "nfs_load_record.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

struct found {
    uint64_t acknowledged, places, lost, corrupt;
};

int nfs_load_log_open(const char *path)
{
    int fd;

    if (!path)
        return -1;
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) {
        fprintf(stderr, "nfs_load: %s: %m\n", path);
        exit(EX_CANTCREAT);
    }
    return fd;
}

void nfs_load_log_add(int fd, uint64_t slot, uint64_t sequence)
{
    if (fd >= 0 && dprintf(fd, "%" PRIu64 " %" PRIu64 "\n", slot, sequence) < 0) {
        fprintf(stderr, "nfs_load: the log: %m\n");
        exit(EX_IOERR);
    }
}

/* Room for this place, with zeros; false when the machine has no memory left. */
static bool make_room(uint64_t **last, uint64_t *room, uint64_t slot)
{
    uint64_t wanted = slot * 2 + 1024, *more;

    if (slot < *room)
        return true;
    more = reallocarray(*last, wanted, sizeof(*more));
    if (!more)
        return false;
    for (uint64_t i = *room; i < wanted; i++)
        more[i] = 0;
    *last = more;
    *room = wanted;
    return true;
}

/* The last acknowledged sequence of each place, in memory of the caller's to free; NULL after a message. */
static uint64_t *read_log(const struct nfs_load_options *options, uint64_t *places, struct found *found)
{
    FILE *log = fopen(options->log, "re");
    uint64_t *last = NULL, room = 0, slot, sequence;

    *places = 0;
    if (!log) {
        fprintf(stderr, "nfs_load: %s: %m\n", options->log);
        return NULL;
    }
    while (fscanf(log, "%" SCNu64 " %" SCNu64, &slot, &sequence) == 2 && slot < UINT32_MAX) {
        if (!make_room(&last, &room, slot)) {
            free(last);
            last = NULL;
            break;
        }
        found->acknowledged++;
        found->places += last[slot] == 0;
        last[slot] = sequence > last[slot] ? sequence : last[slot];
        *places = slot >= *places ? slot + 1 : *places;
    }
    fclose(log);
    return last || found->acknowledged ? last : calloc(1, sizeof(*last));
}

static void check(int fd, const uint64_t *last, uint64_t places, uint64_t file, struct found *found)
{
    struct nfs_load_record *record = nfs_load_record_new();

    for (uint64_t slot = 0; slot < places; slot++) {
        ssize_t length;

        if (last[slot] == 0)
            continue;
        length = pread(fd, record, sizeof(*record), (off_t)(slot * NFS_LOAD_RECORD));
        /* a short one: the file ends before it, or it cannot be read */
        bool whole = length == (ssize_t)sizeof(*record);
        if (whole && !nfs_load_record_good(record, file, slot))
            found->corrupt++;
        else if (!whole || record->sequence < last[slot])
            found->lost++;
        else
            continue;
        fprintf(stderr, "nfs_load: place %" PRIu64 ": write %" PRIu64 " was acknowledged; there is %" PRIu64 "\n", slot,
                last[slot], whole ? record->sequence : 0);
    }
    free(record);
}

int nfs_load_verify(const struct nfs_load_options *options)
{
    struct found found = {0};
    uint64_t places;
    uint64_t *last = read_log(options, &places, &found);
    int fd = open(options->file, O_RDONLY | O_DIRECT | O_CLOEXEC);

    if (fd < 0)
        fd = open(options->file, O_RDONLY | O_CLOEXEC); /* tmpfs and others know no O_DIRECT */
    if (fd < 0)
        fprintf(stderr, "nfs_load: %s: %m\n", options->file);
    if (fd < 0 || !last) {
        free(last);
        return EX_NOINPUT;
    }
    check(fd, last, places, nfs_load_record_file(options->file), &found);
    printf("{\"acknowledged\": %" PRIu64 ", \"places\": %" PRIu64 ", \"lost\": %" PRIu64 ", \"corrupt\": %" PRIu64
           "}\n",
           found.acknowledged, found.places, found.lost, found.corrupt);
    close(fd);
    free(last);
    return found.lost || found.corrupt ? EXIT_FAILURE : EXIT_SUCCESS;
}
