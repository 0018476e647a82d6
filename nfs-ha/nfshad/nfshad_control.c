/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control service "has-nfs": what hasctl nfs shows and orders. docs/control.md describes the objects. */
#include "config.h"

#include "nfshad.h"

#include "clock.h"

#include <string.h>

/* Texts of servers and names of files may be cut within a character, or be no UTF-8 at all. */
static json_t *plain(const char *text)
{
    char shown[FAILOVER_REASON_MAX];
    json_t *string = json_string(text);
    if (string != NULL)
        return string;
    snprintf(shown, sizeof shown, "%s", text);
    for (char *c = shown; *c != '\0'; c++)
        if ((unsigned char)*c > 0x7e)
            *c = '?';
    return json_string(shown);
}

static json_t *show_server(const struct nfshad_group *group, size_t place)
{
    const struct failover_server *server = &group->failover.servers[place];
    char address[ADDR_TEXT_MAX];
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:I}", "name", group->source.servers[place].name, "address",
                     addr_format(&group->source.servers[place].address, address), "health",
                     failover_health_name(server->health), "identity", failover_identity_name(server->identity), "why",
                     plain(server->why), "answers", (json_int_t)server->answers, "misses", (json_int_t)server->misses,
                     "since_ms", (json_int_t)(clock_ms() - server->since_ms));
}

static json_t *show_mount(const struct nfshad_group *group, const struct nfshad_mount *mount)
{
    char source[SOURCE_TEXT_MAX];
    char version[16];
    struct source shown = group->source;
    memcpy(shown.path, mount->ours.source.path, sizeof shown.path);
    snprintf(version, sizeof version, mount->ours.version == 3 ? "3" : "4.%u", mount->minor);
    return json_pack("{s:s, s:s, s:s, s:b, s:b}", "directory", mount->ours.directory, "source",
                     source_format(&shown, source), "version", version, "readonly", mount->ours.readonly, "foreign",
                     mount->foreign);
}

/* How many of the kernel's transports use the server in use, and whether they know the series. */
static size_t count_transports(const struct nfshad_group *group, const struct transport_list *list, bool *series)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        *series |= list->transports[i].series;
        count += addr_equal(&list->transports[i].server, &group->source.servers[group->failover.current].address);
    }
    return count;
}

static json_t *milliseconds_or_null(bool known, uint64_t ms)
{
    return known ? json_integer((json_int_t)ms) : json_null();
}

static json_t *show_group(const struct nfshad_group *group, const struct transport_list *list, bool *series)
{
    const struct failover *failover = &group->failover;
    json_t *servers = json_array();
    json_t *mounts = json_array();
    for (size_t i = 0; i < group->source.count; i++)
        json_array_append_new(servers, show_server(group, i));
    for (size_t i = 0; i < group->mount_count; i++)
        json_array_append_new(mounts, show_mount(group, &group->mounts[i]));
    return json_pack("{s:o, s:s, s:s, s:o, s:s, s:b, s:I, s:o, s:o, s:I, s:I, s:o}", "servers", servers, "current",
                     group->source.servers[failover->current].name, "state", failover_state_name(failover->state),
                     "reason", plain(failover->reason), "replication", replication_name(failover->settings.replication),
                     "own_copies", failover->own_copies, "moves", (json_int_t)failover->moves, "moved_ms_ago",
                     milliseconds_or_null(failover->moved_ms != 0, clock_ms() - failover->moved_ms), "last_gap_ms",
                     milliseconds_or_null(failover->moves != 0, group->last_gap_ms), "last_move_us",
                     (json_int_t)group->last_move.duration_us, "transports",
                     (json_int_t)count_transports(group, list, series), "mounts", mounts);
}

static json_t *status(const struct nfshad *nfshad)
{
    struct transport_list list;
    bool series = false;
    json_t *groups = json_array();
    if (transport_read(nfshad->transports, &list) != 0)
        list.count = 0;
    for (size_t i = 0; i < nfshad->group_count; i++)
        json_array_append_new(groups, show_group(nfshad->groups[i], &list, &series));
    return json_pack("{s:b, s:b, s:o}", "ok", 1, "series", series, "groups", groups);
}

static json_t *ping(const struct nfshad *nfshad)
{
    return json_pack("{s:b, s:s, s:s, s:I}", "ok", 1, "daemon", "nfshad", "version", PACKAGE_VERSION, "uptime_ms",
                     (json_int_t)(clock_ms() - nfshad->started_ms));
}

static size_t find_server(const struct nfshad_group *group, const char *name)
{
    struct addr address;
    bool number = addr_parse(name, &address) == 0;
    for (size_t i = 0; i < group->source.count; i++)
        if (strcmp(group->source.servers[i].name, name) == 0 ||
            (number && addr_equal(&group->source.servers[i].address, &address)))
            return i;
    return SOURCE_SERVERS_MAX;
}

static bool has_mount(const struct nfshad_group *group, const char *directory)
{
    for (size_t i = 0; i < group->mount_count; i++)
        if (directory == NULL || strcmp(group->mounts[i].ours.directory, directory) == 0)
            return true;
    return false;
}

/* {"to": NAME or address, "directory": one of the mounts; without it, of all groups that have such a server} */
static json_t *switch_server(struct nfshad *nfshad, const json_t *request)
{
    const char *to = json_string_value(json_object_get(request, "to"));
    const char *directory = json_string_value(json_object_get(request, "directory"));
    char why[FAILOVER_REASON_MAX] = "";
    size_t switched = 0;
    if (to == NULL)
        return ctl_error("switch: name the server that is to be used");
    for (size_t i = 0; i < nfshad->group_count; i++) {
        struct nfshad_group *group = nfshad->groups[i];
        size_t place = find_server(group, to);
        if (place == SOURCE_SERVERS_MAX || !has_mount(group, directory))
            continue;
        int rc = failover_switch(&group->failover, place, clock_ms(), why);
        if (rc != 0)
            return ctl_error("not moved to %s: %s", to, why);
        switched++;
        nfshad_act(group);
    }
    if (switched == 0 && directory != NULL)
        return ctl_error("%s is not mounted from a server %s", directory, to);
    if (switched == 0)
        return ctl_error("no mount has a server %s", to);
    return json_pack("{s:b, s:I}", "ok", 1, "groups", (json_int_t)switched);
}

json_t *nfshad_control(void *context, const char *command, const json_t *request)
{
    struct nfshad *nfshad = context;
    if (strcmp(command, "ping") == 0)
        return ping(nfshad);
    if (strcmp(command, "status") == 0)
        return status(nfshad);
    if (strcmp(command, "switch") == 0)
        return switch_server(nfshad, request);
    if (strcmp(command, "reload") == 0) {
        nfshad_reload(nfshad);
        return json_pack("{s:b}", "ok", 1);
    }
    return ctl_error("nfshad knows no command \"%s\"", command);
}
