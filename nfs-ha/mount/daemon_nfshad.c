/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon_nfshad.h"

#include "clock.h"
#include "ctl.h"
#include "message.h"
#include "present.h"
#include "program.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define ASK_MS 3000    /* a busy machine is no reason to complain */
#define READY_MS 10000 /* the longest that it may take to come up */
#define AGAIN_MS 20

static int ask(const struct mount_paths *paths, const char *command, json_t **answer)
{
    json_t *request = json_pack("{s:s}", "command", command);
    int result = request != NULL ? ctl_request(paths->control, request, ASK_MS, answer) : -ENOMEM;
    json_decref(request);
    if (result == 0 && !json_is_true(json_object_get(*answer, "ok"))) {
        json_decref(*answer);
        *answer = NULL;
        result = -EREMOTEIO;
    }
    return result;
}

/* The address of a server in the daemon's answer. */
static bool take_address(const json_t *server, struct addr *out)
{
    const char *text = json_string_value(json_object_get(server, "address"));
    return text != NULL && addr_parse(text, out) == 0;
}

/* The server in use of one of the daemon's groups, when that has our servers. */
static size_t current_of(const json_t *group, const struct source *source)
{
    const json_t *servers = json_object_get(group, "servers");
    const char *current = json_string_value(json_object_get(group, "current"));
    size_t found = source->count;

    if (json_array_size(servers) != source->count || current == NULL)
        return source->count;
    for (size_t i = 0; i < source->count; i++) {
        const json_t *server = json_array_get(servers, i);
        const char *name = json_string_value(json_object_get(server, "name"));
        struct addr address;
        if (!take_address(server, &address) || present_server(source, &address) == source->count)
            return source->count;
        if (name != NULL && strcmp(name, current) == 0)
            found = present_server(source, &address);
    }
    return found;
}

size_t nfshad_current(const struct mount_paths *paths, const struct source *source)
{
    json_t *answer = NULL;
    size_t current = source->count;

    if (ask(paths, "status", &answer) != 0)
        return current;
    const json_t *groups = json_object_get(answer, "groups");
    for (size_t i = 0; i < json_array_size(groups) && current == source->count; i++)
        current = current_of(json_array_get(groups, i), source);
    json_decref(answer);
    return current;
}

static int ping(const struct mount_paths *paths)
{
    json_t *answer = NULL;
    int result = ask(paths, "ping", &answer);
    json_decref(answer);
    return result;
}

int nfshad_tell(const struct mount_paths *paths)
{
    json_t *answer = NULL;
    int result = ask(paths, "reload", &answer);
    json_decref(answer);
    return result;
}

static int start(const struct mount_paths *paths)
{
    if (access(paths->systemd, F_OK) == 0 && access(paths->unit, F_OK) == 0) {
        char *const argv[] = {(char *)(uintptr_t)paths->systemctl, (char *)(uintptr_t) "start",
                              (char *)(uintptr_t) "nfshad.service", NULL};
        if (program_run(paths->systemctl, argv) == 0)
            return 0;
    }
    char *const argv[] = {(char *)(uintptr_t)paths->nfshad, (char *)(uintptr_t) "-b", NULL};
    int status = program_run(paths->nfshad, argv);
    if (status == 0)
        return 0;
    if (status < 0)
        message("nfshad cannot be started: %s: %s", paths->nfshad, strerror(-status));
    else
        message("nfshad did not start: it ended with status %d; \"%s -t\" checks its configuration", status,
                paths->nfshad);
    return status < 0 ? status : -ECHILD;
}

int nfshad_ensure(const struct mount_paths *paths)
{
    uint64_t deadline = clock_ms() + READY_MS;

    if (ping(paths) == 0)
        return 0;
    int result = start(paths);
    if (result != 0 && ping(paths) != 0) /* another mount.nfsha may have been faster */
        return result;
    while ((result = ping(paths)) != 0 && clock_ms() < deadline)
        usleep(AGAIN_MS * 1000);
    if (result != 0)
        message("nfshad does not answer: %s", strerror(-result));
    return result;
}
