/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "helper.h"

#include "arguments.h"
#include "check.h"
#include "daemon_nfshad.h"
#include "message.h"
#include "present.h"
#include "start.h"
#include "wrapper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

struct helper {
    const struct mount_paths *paths;
    struct mount_arguments arguments;
    struct mount_options options;
    struct source source;
    char directory[SOURCE_PATH_MAX];
    bool daemon; /* nfshad has to move it */
};

static void note(const struct helper *helper, const char *what)
{
    char text[SOURCE_TEXT_MAX];
    if (helper->arguments.verbose)
        message("%s: %s", source_format(&helper->source, text), what);
}

static int find_directory(struct helper *helper)
{
    struct stat status;
    char *directory = realpath(helper->arguments.directory, NULL);
    int result = MOUNT_FAILED;

    if (directory == NULL || stat(directory, &status) != 0)
        message("mount point %s: %s", helper->arguments.directory, strerror(errno));
    else if (!S_ISDIR(status.st_mode))
        message("mount point %s: it is not a directory", directory);
    else if (strlen(directory) >= sizeof(helper->directory))
        message("mount point %s: its name is too long", directory);
    else
        result = MOUNT_OK;
    if (result == MOUNT_OK)
        memcpy(helper->directory, directory, strlen(directory) + 1);
    free(directory);
    return result;
}

/* Everything that the command line alone tells. */
static int parse(struct helper *helper)
{
    struct conf_error error = {""};

    if (mount_options_parse(helper->arguments.options, &helper->options, &error) != 0 ||
        source_parse(helper->arguments.source, &helper->source, &error) != 0) {
        message("%s", error.text);
        return MOUNT_USAGE;
    }
    if (geteuid() != 0) {
        message("only root can mount with more than one server (fstab's option user works with mount.nfs alone)");
        return MOUNT_USAGE;
    }
    return find_directory(helper);
}

/* Gives the kernel the list, where it knows what to do with it, and decides about nfshad. */
static int choose_failover(struct helper *helper, size_t first)
{
    enum mount_failover failover = helper->options.failover;
    bool series = access(helper->paths->series, F_OK) == 0;
    char list[SOURCE_SERVERS_MAX * (ADDR_TEXT_MAX + 1)] = "", text[ADDR_TEXT_MAX];
    struct conf_error error;

    helper->daemon = failover == MOUNT_FAILOVER_AUTO || failover == MOUNT_FAILOVER_DAEMON;
    if (failover == MOUNT_FAILOVER_KERNEL && !series) {
        message("failover=kernel: this kernel's NFS client cannot (%s is missing); see the manual nfs-ha(7)",
                helper->paths->series);
        return MOUNT_FAILED;
    }
    if (!series || failover == MOUNT_FAILOVER_DAEMON || failover == MOUNT_FAILOVER_NONE)
        return MOUNT_OK;
    for (size_t i = 0; i < helper->source.count; i++) {
        size_t server = (first + i) % helper->source.count, at = strlen(list);
        snprintf(list + at, sizeof(list) - at, "%s%s", i > 0 ? "+" : "",
                 addr_format(&helper->source.servers[server].address, text));
    }
    if (mount_options_add(&helper->options, "replicas", list, &error) == 0)
        return MOUNT_OK;
    message("%s", error.text);
    return MOUNT_USAGE;
}

/* Notes the mount for nfshad. */
static int enter(const struct helper *helper, const struct present *present)
{
    const struct mountinfo_entry *entry = present_at(present, helper->directory);
    struct registry_mount mount = {.source = helper->source,
                                   .version = entry != NULL ? entry->version : helper->options.version,
                                   .replication = helper->options.replication,
                                   .mismatch = helper->options.mismatch,
                                   .compare = helper->options.compare,
                                   .readonly = helper->options.readonly};

    if (entry != NULL)
        mount.first = present_server(&helper->source, &entry->address);
    if (mount.first == helper->source.count)
        mount.first = 0;
    memcpy(mount.directory, helper->directory, sizeof(mount.directory));
    memcpy(mount.options, helper->options.passed, sizeof(mount.options));
    int result = registry_write(helper->paths->registry, &mount);
    if (result != 0)
        message("%s: the mount cannot be noted: %s", helper->paths->registry, strerror(-result));
    return result;
}

/* "mount -o remount" may name the one server that the kernel shows: what was noted holds, then. */
static bool stays_noted(const struct helper *helper, const struct present *present)
{
    return helper->options.remount && helper->source.count == 1 && present_is_noted(present, helper->directory);
}

/* After mount.nfs: the mount is noted, and nfshad learns of it. fresh: it was not there before us; then it does not
 * stay without a note. */
static int finish(const struct helper *helper, bool fresh)
{
    struct present present;

    if (helper->options.failover == MOUNT_FAILOVER_NONE)
        return MOUNT_OK;
    if (present_read(helper->paths, &present) != 0 ||
        (!stays_noted(helper, &present) && enter(helper, &present) != 0)) {
        present_free(&present);
        if (fresh && umount2(helper->directory, UMOUNT_NOFOLLOW) != 0)
            message("umount %s: %s", helper->directory, strerror(errno));
        return MOUNT_SYSTEM;
    }
    present_free(&present);
    int result = nfshad_tell(helper->paths);
    if (result != 0 && helper->daemon)
        message("warning: nfshad could not be told of %s: %s; it looks by itself when it starts", helper->directory,
                strerror(-result));
    if (present_read(helper->paths, &present) == 0)
        present_warn_foreign(&present, &helper->source);
    present_free(&present);
    return MOUNT_OK;
}

/* Without a comparison a server that answers may not serve it: then the next one is tried. */
static int mount_one(struct helper *helper, const struct check *check)
{
    /* What an earlier mount left there is not to be taken for this one's, before it has a note of its own. */
    (void)registry_remove(helper->paths->registry, helper->directory);
    int status = start_mount(helper->paths, &helper->arguments, helper->directory, &helper->source, check->first,
                             &helper->options);
    for (size_t i = 0; i < helper->source.count && status == MOUNT_FAILED && !helper->options.compare; i++)
        if (i != check->first && check->servers[i].result == 0)
            status =
                start_mount(helper->paths, &helper->arguments, helper->directory, &helper->source, i, &helper->options);
    return status;
}

static int prepare(struct helper *helper, const struct check *check)
{
    struct conf_error error;
    int status = choose_failover(helper, check->first);

    /* mount.nfs would try for two minutes, while another server may serve it */
    if (status == MOUNT_OK && !mount_options_has(&helper->options, "retry") &&
        mount_options_add(&helper->options, "retry", "0", &error) != 0) {
        message("%s", error.text);
        status = MOUNT_USAGE;
    }
    if (helper->options.soft)
        message("warning: option soft: programs get errors when a failover takes longer than timeo and retrans allow");
    if (status != MOUNT_OK || helper->arguments.fake)
        return status;
    return helper->daemon && nfshad_ensure(helper->paths) != 0 ? MOUNT_SYSTEM : MOUNT_OK;
}

static int mount_checked(struct helper *helper)
{
    struct check check;
    size_t preferred = nfshad_current(helper->paths, &helper->source);
    int status = MOUNT_FAILED;

    if (check_servers(&helper->source, &helper->options, preferred, &check) == 0) {
        status = prepare(helper, &check);
        if (status == MOUNT_OK && helper->arguments.fake)
            note(helper, "could be mounted");
        else if (status == MOUNT_OK && (status = mount_one(helper, &check)) == MOUNT_OK)
            status = finish(helper, true);
    }
    check_free(&check);
    return status;
}

/* fstab and "mount -a": what is there already is no error; what is missing of it is put right. */
static int is_there(const struct helper *helper)
{
    char text[SOURCE_TEXT_MAX];
    message("%s is mounted on %s already", source_format(&helper->source, text), helper->directory);
    if (helper->arguments.fake)
        return MOUNT_OK;
    if (helper->options.failover == MOUNT_FAILOVER_AUTO || helper->options.failover == MOUNT_FAILOVER_DAEMON) {
        if (nfshad_ensure(helper->paths) != 0)
            return MOUNT_SYSTEM;
    }
    return finish(helper, false);
}

/* "mount -o remount,ro DIR": for the mount as it is, whatever server that was made from. */
static int mount_again(struct helper *helper, const struct present *present)
{
    const struct mountinfo_entry *entry = present_at(present, helper->directory);

    if (entry == NULL) {
        message("%s: no NFS is mounted there", helper->directory);
        return MOUNT_FAILED;
    }
    if (helper->arguments.fake)
        return MOUNT_OK;
    int status =
        start_mount_text(helper->paths, &helper->arguments, helper->directory, entry->source, &helper->options);
    return status == MOUNT_OK ? finish(helper, false) : status;
}

static int mount_present(struct helper *helper, const struct present *present)
{
    if (helper->options.remount)
        return mount_again(helper, present);
    if (present_has(present, helper->directory, &helper->source))
        return is_there(helper);
    const struct registry_mount *conflict = present_conflict(present, &helper->source);
    if (conflict == NULL)
        return mount_checked(helper);
    char text[SOURCE_TEXT_MAX];
    message(
        "%s has some of these servers, and others (mounted on %s): what is mounted from a server moves together, so "
        "the lists must have the same servers, or none in common",
        source_format(&conflict->source, text), conflict->directory);
    return MOUNT_FAILED;
}

static int mount_list(struct helper *helper)
{
    struct conf_error error = {""};
    struct present present;
    int status = parse(helper);

    if (status != MOUNT_OK)
        return status;
    if (source_resolve(&helper->source, &error) != 0) {
        message("%s", error.text);
        return MOUNT_FAILED;
    }
    if (present_read(helper->paths, &present) != 0)
        return MOUNT_SYSTEM;
    status = mount_present(helper, &present);
    present_free(&present);
    return status;
}

int helper_run(int argc, char **argv, const struct mount_paths *paths)
{
    struct helper *helper = calloc(1, sizeof(*helper));
    struct wrapper wrapper = wrapper_role(argv[0]);
    int status;

    if (helper == NULL)
        return MOUNT_SYSTEM;
    helper->paths = paths;
    if (wrapper.wraps && !wrapper_has_list(argc, argv))
        status = wrapper_become(argv, paths);
    else if ((status = mount_arguments_parse(argc, argv, &helper->arguments)) < 0)
        status = wrapper_version(&wrapper, &helper->arguments) ? mount_list(helper) : MOUNT_USAGE;
    free(helper);
    return status;
}
