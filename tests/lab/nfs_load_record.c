/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "nfs_load_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "nfsload"

_Static_assert(sizeof(struct nfs_load_record) == NFS_LOAD_RECORD, "a record fills its place");

static uint64_t hash(const void *bytes, size_t length) /* FNV-1a, over words of 8 bytes where it can */
{
    const uint8_t *byte = bytes;
    uint64_t sum = 0xcbf29ce484222325u, word;
    size_t at = 0;

    for (; at + sizeof(word) <= length; at += sizeof(word)) {
        memcpy(&word, byte + at, sizeof(word));
        sum = (sum ^ word) * 0x100000001b3u;
        sum ^= sum >> 32;
    }
    for (; at < length; at++)
        sum = (sum ^ byte[at]) * 0x100000001b3u;
    return sum;
}

uint64_t nfs_load_record_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;

    return hash(name, strlen(name));
}

/* The rest follows from the head: a record that is half of one write and half of another cannot be good. */
static void fill(uint8_t *bytes, size_t length, uint64_t seed)
{
    for (size_t at = 0; at < length; at++)
        bytes[at] = (uint8_t)(seed >> (at % 8 * 8));
}

void nfs_load_record_make(struct nfs_load_record *record, uint64_t file, uint64_t slot, uint64_t sequence)
{
    *record = (struct nfs_load_record){.magic = MAGIC, .file = file, .slot = slot, .sequence = sequence};
    fill(record->rest, sizeof(record->rest), hash(record, offsetof(struct nfs_load_record, checksum)));
    record->checksum = hash(record, sizeof(*record));
}

bool nfs_load_record_good(const struct nfs_load_record *record, uint64_t file, uint64_t slot)
{
    struct nfs_load_record copy = *record;

    copy.checksum = 0;
    return memcmp(record->magic, MAGIC, sizeof(record->magic)) == 0 && record->file == file && record->slot == slot &&
           record->checksum == hash(&copy, sizeof(copy));
}

struct nfs_load_record *nfs_load_record_new(void)
{
    void *record = NULL;

    if (posix_memalign(&record, NFS_LOAD_RECORD, NFS_LOAD_RECORD) != 0) {
        fputs("nfs_load: no memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    memset(record, 0, NFS_LOAD_RECORD);
    return record;
}
