/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which groups there are: the mounts that mount.nfsha noted and that the kernel still has. */
#include "nfshad.h"

#include "clock.h"
#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOUNTINFO_MAX (16 * 1024 * 1024)

struct nfshad_group *nfshad_groups_find(const struct nfshad *nfshad, unsigned id)
{
    for (size_t i = 0; i < nfshad->group_count; i++)
        if (nfshad->groups[i]->id == id)
            return nfshad->groups[i];
    return NULL;
}

static bool has_server(const struct source *source, const struct addr *address)
{
    for (size_t i = 0; i < source->count; i++)
        if (addr_equal(&source->servers[i].address, address))
            return true;
    return false;
}

static bool has_same_servers(const struct source *one, const struct source *other)
{
    if (one->count != other->count)
        return false;
    for (size_t i = 0; i < one->count; i++)
        if (!has_server(other, &one->servers[i].address))
            return false;
    return true;
}

struct failover_settings nfshad_groups_settings(const struct nfshad_group *group)
{
    const struct nfshad_config *config = &group->nfshad->config;
    struct failover_settings settings = {.fall = config->fall,
                                         .rise = config->rise,
                                         .compare_ms = config->compare_s * 1000,
                                         .compare_soon_ms = config->interval_ms,
                                         .return_ms = config->return_s * 1000};
    bool first = true;
    settings.compare = true;
    for (size_t i = 0; i < group->mount_count; i++) {
        const struct registry_mount *mount = &group->mounts[i].ours;
        settings.writable |= !mount->readonly;
        if (group->mounts[i].foreign)
            continue;
        settings.compare &= mount->compare;
        if (first || mount->replication < settings.replication) /* the most careful of them */
            settings.replication = mount->replication;
        if (first || mount->mismatch < settings.mismatch)
            settings.mismatch = mount->mismatch;
        first = false;
    }
    if (!config->remount)
        settings.mismatch = MISMATCH_REFUSE;
    return settings;
}

static void on_probe(void *context, bool answered, int error)
{
    struct nfshad_probed *probed = context;
    struct nfshad_group *group = probed->group;
    uint64_t now = clock_ms();
    uint64_t swallowed;
    if (answered) {
        failover_answered(&group->failover, probed->server, now);
    } else {
        if (log_allowed(&probed->limit, now, &swallowed))
            log_debug("%s does not answer: %s", group->source.servers[probed->server].name, strerror(-error));
        failover_missed(&group->failover, probed->server, now);
    }
    nfshad_act(group);
}

static void on_due(void *context)
{
    nfshad_act(context);
}

static struct probe_settings probe_settings(const struct nfshad_group *group)
{
    const struct nfshad_config *config = &group->nfshad->config;
    return (struct probe_settings){.interval_ms = config->interval_ms,
                                   .timeout_ms = config->timeout_ms,
                                   .version = group->export_count > 0 ? group->exports[0].version : 4,
                                   .port = NFS_PORT};
}

static int open_probes(struct nfshad_group *group)
{
    struct probe_settings settings = probe_settings(group);
    int rc = wake_open(&group->due, group->nfshad->loop, QB_LOOP_HIGH, on_due, group);
    if (rc == 0)
        rc = wake_open(&group->sweep, group->nfshad->loop, QB_LOOP_MED, nfshad_move_sweep, group);
    for (size_t i = 0; i < group->source.count && rc == 0; i++) {
        group->probed[i] = (struct nfshad_probed){.group = group, .server = i};
        rc = probe_open(group->nfshad->loop, &group->source.servers[i].address, &settings, on_probe, &group->probed[i],
                        &group->probed[i].probe);
    }
    return rc;
}

static void close_group(struct nfshad_group *group)
{
    for (size_t i = 0; i < group->source.count; i++)
        if (group->probed[i].probe != NULL)
            probe_close(group->probed[i].probe);
    wake_close(&group->due);
    wake_close(&group->sweep);
    nfshad_mounts_forget(group);
    free(group);
}

static void remove_group(struct nfshad *nfshad, size_t place)
{
    struct nfshad_group *group = nfshad->groups[place];
    char text[SOURCE_TEXT_MAX];
    log_notice("nothing is mounted from %s any more", source_format(&group->source, text));
    for (size_t i = 0; i < group->export_count; i++)
        nfshad_reference_forget(group, &group->exports[i]);
    close_group(group);
    nfshad->groups[place] = nfshad->groups[--nfshad->group_count];
}

static struct nfshad_group *find_group(const struct nfshad *nfshad, const struct source *source)
{
    for (size_t i = 0; i < nfshad->group_count; i++)
        if (has_same_servers(&nfshad->groups[i]->source, source))
            return nfshad->groups[i];
    return NULL;
}

static struct nfshad_group *add_group(struct nfshad *nfshad, const struct registry_mount *mount)
{
    struct nfshad_group *group = nfshad->group_count < NFSHAD_GROUPS_MAX ? calloc(1, sizeof *group) : NULL;
    if (group == NULL) {
        log_error("%s is not watched: there are %d groups of servers already, or no memory is left", mount->directory,
                  NFSHAD_GROUPS_MAX);
        return NULL;
    }
    group->nfshad = nfshad;
    group->id = ++nfshad->last_id;
    group->due.fd = group->sweep.fd = -1;
    group->source = mount->source;
    nfshad->groups[nfshad->group_count++] = group;
    return group;
}

/* The note tells which server was mounted; the mounts may have moved since, while another nfshad ran. */
static size_t server_in_use(const struct nfshad_group *group, const struct registry_mount *first)
{
    for (size_t i = 0; i < group->mount_count; i++)
        if (!group->mounts[i].foreign)
            return group->mounts[i].server;
    return nfshad_mounts_place(group, &first->source.servers[first->first].address);
}

/* Did mount.nfsha give the kernel the list of servers? An nfshad before us may have taken it away. */
static bool has_list(const struct nfshad_group *group)
{
    for (size_t i = 0; i < group->mount_count; i++)
        if (strstr(group->mounts[i].ours.options, "replicas=") != NULL)
            return true;
    return false;
}

/* After its mounts are known. Transports to other servers may be what a remount by another nfshad left. */
static void start_group(struct nfshad_group *group, const struct registry_mount *first)
{
    char text[SOURCE_TEXT_MAX];
    struct failover_settings settings = nfshad_groups_settings(group);
    size_t current = server_in_use(group, first);
    failover_start(&group->failover, &settings, group->source.count, current, clock_ms());
    for (size_t i = 0; i < group->source.count; i++)
        group->left[i] = i != current && settings.mismatch == MISMATCH_REMOUNT;
    for (size_t i = 0; i < group->source.count; i++)
        failover_name(&group->failover, i, group->source.servers[i].name);
    group->held = has_list(group);
    int rc = open_probes(group);
    if (rc != 0)
        log_error("cannot probe the servers of %s: %s", first->directory, strerror(-rc));
    else
        log_notice("watching %s: replication=%s", source_format(&group->source, text),
                   replication_name(settings.replication));
}

/* more: a path was mounted of which nothing is known yet. */
static void change_group(struct nfshad_group *group, bool more)
{
    struct failover_settings settings = nfshad_groups_settings(group);
    failover_change(&group->failover, &settings);
    group->held &= has_list(group);
    if (more)
        failover_forget(&group->failover);
}

static bool is_mounted(const struct registry_mount *mount, const struct mountinfo_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(entries[i].directory, mount->directory) == 0 && has_server(&mount->source, &entries[i].address))
            return true;
    return false;
}

/* Our own thread is at it: what was mounted is not, for a moment. */
static bool is_remounting(const struct nfshad_group *group)
{
    return group->failover.state == FAILOVER_MOVING && group->failover.remounting;
}

/* The group that had it mounted, or NULL. */
static const struct nfshad_group *group_of(const struct nfshad *nfshad, const char *directory)
{
    for (size_t i = 0; i < nfshad->group_count; i++)
        for (size_t k = 0; k < nfshad->groups[i]->mount_count; k++)
            if (strcmp(nfshad->groups[i]->mounts[k].ours.directory, directory) == 0)
                return nfshad->groups[i];
    return NULL;
}

/* Keeps those of the list that are mounted; the note of one that was unmounted is thrown away. (One that is not mounted
 * yet is just being mounted.) */
static size_t keep_mounted(const struct nfshad *nfshad, struct registry_mount *ours, size_t count,
                           const struct mountinfo_entry *entries, size_t entry_count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct nfshad_group *group = group_of(nfshad, ours[i].directory);
        if (is_mounted(&ours[i], entries, entry_count) || (group != NULL && is_remounting(group)))
            ours[kept++] = ours[i];
        else if (group != NULL)
            (void)registry_remove(nfshad->registry, ours[i].directory);
    }
    return kept;
}

static void fit_groups(struct nfshad *nfshad, const struct registry_mount *ours, size_t count,
                       const struct mountinfo_entry *entries, size_t entry_count)
{
    for (size_t i = 0; i < nfshad->group_count; i++)
        nfshad->groups[i]->wanted = false;
    for (size_t i = 0; i < count; i++) {
        struct nfshad_group *group = find_group(nfshad, &ours[i].source);
        bool fresh = group == NULL;
        if (fresh)
            group = add_group(nfshad, &ours[i]);
        if (group == NULL || group->wanted)
            continue;
        group->wanted = true;
        if (is_remounting(group))
            continue; /* read again at its end */
        bool more = nfshad_mounts_take(group, ours, count, entries, entry_count);
        if (fresh)
            start_group(group, &ours[i]);
        else
            change_group(group, more);
    }
    for (size_t i = nfshad->group_count; i > 0; i--)
        if (!nfshad->groups[i - 1]->wanted)
            remove_group(nfshad, i - 1);
}

static int read_mounts(const char *path, struct mountinfo_entry **entries, size_t *count)
{
    char *text;
    size_t length;
    int rc = file_read(path, MOUNTINFO_MAX, &text, &length);
    if (rc != 0)
        return rc;
    rc = mountinfo_parse(text, entries, count);
    free(text);
    return rc;
}

void nfshad_groups_read(struct nfshad *nfshad)
{
    struct registry_mount *ours = NULL;
    struct mountinfo_entry *entries = NULL;
    size_t count = 0, entry_count = 0;
    int rc = registry_read(nfshad->registry, &ours, &count);
    if (rc == 0)
        rc = read_mounts(nfshad->mounts, &entries, &entry_count);
    if (rc != 0) {
        log_error("cannot read which mounts there are: %s", strerror(-rc));
    } else {
        count = keep_mounted(nfshad, ours, count, entries, entry_count);
        fit_groups(nfshad, ours, count, entries, entry_count);
    }
    free(ours);
    free(entries);
    for (size_t i = 0; i < nfshad->group_count; i++) {
        struct probe_settings settings = probe_settings(nfshad->groups[i]);
        for (size_t k = 0; k < nfshad->groups[i]->source.count; k++)
            if (nfshad->groups[i]->probed[k].probe != NULL)
                probe_change(nfshad->groups[i]->probed[k].probe, &settings);
        nfshad_act(nfshad->groups[i]);
    }
}

void nfshad_groups_close(struct nfshad *nfshad)
{
    while (nfshad->group_count > 0)
        close_group(nfshad->groups[--nfshad->group_count]);
}
