/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "convert_storage.h"

#include "convert.h"
#include "convert_values.h"
#include "storage.h"

#include <stdio.h>
#include <string.h>

/* What is published as a copy is only read, and nothing is exported while none is mounted; all else is written, and
 * what was acknowledged is on disk. */
#define EXPORT_WRITABLE "rw,sync,no_subtree_check"
#define EXPORT_READ_ONLY "ro,no_subtree_check,mp"

/* Without 4.0, whose clients never say that they have reclaimed all, so that the grace period cannot end early. */
#define VERSIONS_DEFAULT (NFS_V3 | NFS_V4_1 | NFS_V4_2)

static void convert_options(const struct source *source, cfg_t *section, struct storage *storage)
{
    for (size_t i = 0; i < STORAGE_OPTION_COUNT; i++) {
        const char *text = source_text(section, storage_options[i].name);

        if (!text)
            text = storage_options[i].fallback;
        if (!text && i == STORAGE_EXPORT)
            text = storage_kind(storage) == STORAGE_COPIES ? EXPORT_READ_ONLY : EXPORT_WRITABLE;
        if (text)
            convert_setting(&storage_options[i], text, source_line(source, section, storage_options[i].name),
                            &storage->options[i], source->problems);
    }
    if (!storage->options[STORAGE_KIND].text)
        problem_error(source->problems, storage->line,
                      "storage \"%s\": say which kind: drbd, shared or copies; docs/nfs.md tells which one to choose",
                      storage->name);
}

static void convert_servers(const struct source *source, cfg_t *section, struct storage *storage)
{
    unsigned given = cfg_size(section, "servers");

    storage->servers_line = source_line(source, section, "servers");
    if (given > MODEL_STORAGE_SERVERS_MAX)
        problem_error(source->problems, storage->servers_line, "storage \"%s\": more than %d servers", storage->name,
                      MODEL_STORAGE_SERVERS_MAX);
    for (unsigned i = 0; i < given && i < MODEL_STORAGE_SERVERS_MAX; i++)
        snprintf(storage->server_names[storage->server_count++], MODEL_NAME_MAX, "%s",
                 cfg_getnstr(section, "servers", i));
}

static unsigned version_bit(const char *text)
{
    for (unsigned i = 0; storage_version_names[i]; i++)
        if (strcmp(storage_version_names[i], text) == 0)
            return 1U << i;
    return strcmp(text, "4") == 0 ? NFS_V4 : 0;
}

static void convert_versions(const struct source *source, cfg_t *section, struct storage *storage)
{
    unsigned given = cfg_size(section, "versions");

    storage->versions_line = source_line(source, section, "versions");
    storage->versions = given > 0 ? 0 : VERSIONS_DEFAULT;
    for (unsigned i = 0; i < given; i++) {
        const char *text = cfg_getnstr(section, "versions", i);

        if (version_bit(text) == 0)
            problem_error(source->problems, storage->versions_line,
                          "storage \"%s\": versions: \"%.64s\" is no version of NFS; 3, 4.0, 4.1 and 4.2 are, "
                          "and 4 for all of 4",
                          storage->name, text);
        storage->versions |= version_bit(text);
    }
}

void convert_storage(const struct source *source, cfg_t *section, struct storage *storage)
{
    storage->line = source_section_line(source, section);
    convert_name(source, section, storage->name);
    convert_options(source, section, storage);
    convert_servers(source, section, storage);
    convert_versions(source, section, storage);
    storage->clients_line = source_line(source, section, "clients");
    storage->client_count = option_prefixes(source, section, "clients", storage->clients, MODEL_STORAGE_CLIENTS_MAX);
}
