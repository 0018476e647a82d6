/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What real servers serve, for nfsha_mount_live.sh.
 *   nfsha_export_tool read ADDRESS PATH VERSION             prints what export_read() finds
 *   nfsha_export_tool compare ADDRESS ADDRESS PATH VERSION  reads at the first, compares with the second
 * Exit status: 0; compare: 0 the same, 1 different; 2 with the error. */
#include "clock.h"
#include "export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 2000

static int fail(int result, const struct conf_error *error)
{
    printf("error %s: %s\n", strerror(-result), error->text);
    return 2;
}

static void print_handle(const struct export_handle *handle)
{
    for (size_t i = 0; i < handle->length; i++)
        printf("%02x", handle->bytes[i]);
}

static int show(const struct addr *server, const char *path, unsigned version)
{
    struct export_identity *identity;
    struct conf_error error;
    int result = export_read(server, path, version, TIMEOUT_MS, &identity, &error);

    if (result != 0)
        return fail(result, &error);
    printf("version %u fsid %" PRIx64 ":%" PRIx64 " fileid %" PRIu64 " writable %d root ", identity->version,
           identity->fsid_major, identity->fsid_minor, identity->root_fileid, identity->writable);
    print_handle(&identity->root);
    for (size_t i = 0; i < identity->count; i++) {
        printf("\n%s %u %" PRIu64 " ", identity->entries[i].path, identity->entries[i].type,
               identity->entries[i].fileid);
        print_handle(&identity->entries[i].handle);
    }
    printf("\n%zu names\n", identity->count);
    export_free(identity);
    return 0;
}

static int compare(const struct addr servers[2], const char *path, unsigned version)
{
    struct export_identity *identity;
    struct conf_error error;
    enum export_verdict verdict;
    int result = export_read(&servers[0], path, version, TIMEOUT_MS, &identity, &error);

    if (result != 0)
        return fail(result, &error);
    uint64_t begin = clock_us();
    result = export_compare(&servers[1], path, identity, TIMEOUT_MS, &verdict, &error);
    uint64_t took = clock_us() - begin;
    size_t count = identity->count;
    export_free(identity);
    if (result != 0)
        return fail(result, &error);
    printf("%s of %zu names in %" PRIu64 " us%s%s\n", verdict == EXPORT_SAME ? "the same" : "different", count, took,
           error.text[0] != '\0' ? ": " : "", error.text);
    return verdict == EXPORT_SAME ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct addr servers[2];

    if (argc == 5 && strcmp(argv[1], "read") == 0 && addr_parse(argv[2], &servers[0]) == 0)
        return show(&servers[0], argv[3], (unsigned)strtoul(argv[4], NULL, 10));
    if (argc == 6 && strcmp(argv[1], "compare") == 0 && addr_parse(argv[2], &servers[0]) == 0 &&
        addr_parse(argv[3], &servers[1]) == 0)
        return compare(servers, argv[4], (unsigned)strtoul(argv[5], NULL, 10));
    fprintf(stderr, "usage: %s read ADDRESS PATH VERSION | compare ADDRESS ADDRESS PATH VERSION\n", argv[0]);
    return 64;
}
