/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remount.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ANY_PORT 2049

/* What mount.nfs(8) and mount(8) keep for themselves, and what is given anew. replicas: the kernel would move the mount
 * to servers with other handles. */
static bool is_for_mount_only(const char *key)
{
    static const char *const names[] = {
        "_netdev",  "addr",          "atime",  "auto",  "bg",           "clientaddr", "comment",   "defaults", "dev",
        "diratime", "exec",          "fg",     "group", "minorversion", "mountaddr",  "mounthost", "nfsvers",  "noauto",
        "nofail",   "nostrictatime", "nouser", "owner", "relatime",     "remount",    "replicas",  "retry",    "rw",
        "suid",     "user",          "users",  "vers"};
    if (strncmp(key, "x-", 2) == 0)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(key, names[i]) == 0)
            return true;
    return false;
}

static unsigned attribute_of(const char *key)
{
    static const struct {
        const char *name;
        unsigned attribute;
    } attributes[] = {{"ro", MOUNT_ATTR_RDONLY},
                      {"nosuid", MOUNT_ATTR_NOSUID},
                      {"nodev", MOUNT_ATTR_NODEV},
                      {"noexec", MOUNT_ATTR_NOEXEC},
                      {"noatime", MOUNT_ATTR_NOATIME},
                      {"nodiratime", MOUNT_ATTR_NODIRATIME},
                      {"strictatime", MOUNT_ATTR_STRICTATIME}};
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        if (strcmp(key, attributes[i].name) == 0)
            return attributes[i].attribute;
    return 0;
}

static int put(struct remount_options *out, const char *key, size_t key_length, const char *value, size_t value_length)
{
    if (out->count == REMOUNT_OPTIONS_MAX || key_length >= REMOUNT_WORD_MAX || value_length >= REMOUNT_WORD_MAX)
        return -E2BIG;
    struct remount_option *option = &out->options[out->count++];
    memcpy(option->key, key, key_length);
    option->key[key_length] = '\0';
    memcpy(option->value, value, value_length);
    option->value[value_length] = '\0';
    return 0;
}

static int put_text(struct remount_options *out, const char *key, const char *value)
{
    return put(out, key, strlen(key), value, strlen(value));
}

/* One of the administrator's options, which may not be the kernel's to know. */
static int take(struct remount_options *out, const char *key, size_t key_length, const char *value, size_t value_length)
{
    int rc = put(out, key, key_length, value, value_length);
    if (rc != 0)
        return rc;
    const char *name = out->options[out->count - 1].key;
    unsigned attribute = attribute_of(name);
    out->attributes |= attribute;
    if (name[0] == '\0' || is_for_mount_only(name) || (attribute != 0 && attribute != MOUNT_ATTR_RDONLY))
        out->count--;
    return 0;
}

int remount_options(const char *text, struct remount_options *out)
{
    *out = (struct remount_options){0};
    while (*text != '\0') {
        size_t length = strcspn(text, ",");
        size_t key = strcspn(text, ",=");
        int rc = key < length ? take(out, text, key, text + key + 1, length - key - 1) : take(out, text, key, "", 0);
        if (rc != 0)
            return rc;
        text += length;
        text += *text == ',';
    }
    return 0;
}

/* The address that we have towards a server: version 4.0 is called back at it. */
static int own_address(const struct addr *server, char text[ADDR_TEXT_MAX])
{
    struct sockaddr_storage name;
    struct addr own;
    uint16_t port;
    socklen_t length = addr_to_sockaddr(server, ANY_PORT, &name);
    int fd = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int rc = connect(fd, (struct sockaddr *)&name, length) == 0 ? 0 : -errno;
    length = sizeof name;
    if (rc == 0 && getsockname(fd, (struct sockaddr *)&name, &length) != 0)
        rc = -errno;
    close(fd);
    if (rc == 0)
        rc = addr_from_sockaddr(&name, &own, &port);
    if (rc == 0)
        addr_format(&own, text);
    return rc;
}

static int set_option(int context, const struct remount_option *option, uint8_t level)
{
    bool flag = option->value[0] == '\0';
    long rc = syscall(SYS_fsconfig, context, flag ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING, option->key,
                      flag ? NULL : option->value, 0);
    if (rc == 0)
        return 0;
    rc = -errno;
    qb_log(level, "the kernel does not take the mount option %s%s%s", option->key, flag ? "" : "=", option->value);
    return (int)rc;
}

/* Everything that the kernel is told of the new mount. */
static int all_options(const struct registry_mount *mount, const char *version, const struct source_server *server,
                       struct remount_options *options)
{
    char address[ADDR_TEXT_MAX];
    char own[ADDR_TEXT_MAX];
    char text[SOURCE_TEXT_MAX];
    struct source one = {.count = 1, .servers = {*server}};
    bool third = mount->version == 3;
    memcpy(one.path, mount->source.path, sizeof one.path);
    addr_format(&server->address, address);
    int rc = remount_options(mount->options, options);
    if (rc == 0)
        rc = own_address(&server->address, own);
    if (rc == 0)
        rc = put_text(options, "source", source_format(&one, text));
    if (rc == 0)
        rc = put_text(options, "vers", version);
    if (rc == 0)
        rc = put_text(options, "addr", address);
    if (rc == 0)
        rc = put_text(options, third ? "mountaddr" : "clientaddr", third ? address : own);
    return rc;
}

/* Returns a mount that is nowhere yet, or a negative errno. */
static int make(const struct registry_mount *mount, const struct remount_options *options, uint8_t level)
{
    int context = (int)syscall(SYS_fsopen, mount->version == 3 ? "nfs" : "nfs4", FSOPEN_CLOEXEC);
    if (context < 0)
        return -errno;
    int rc = 0;
    for (size_t i = 0; i < options->count && rc == 0; i++)
        rc = set_option(context, &options->options[i], level);
    if (rc == 0 && syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
        rc = -errno;
    if (rc == 0) {
        rc = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, options->attributes);
        rc = rc < 0 ? -errno : rc;
    }
    close(context);
    return rc;
}

int remount(const struct registry_mount *mount, const char *version, const struct source_server *server, bool quiet)
{
    struct remount_options options;
    uint8_t level = quiet ? LOG_DEBUG : LOG_ERR;
    int rc = all_options(mount, version, server, &options);
    int made = rc == 0 ? make(mount, &options, level) : rc;
    if (made < 0) {
        qb_log(level, "cannot mount %s:%s in the place of %s: %s", server->name, mount->source.path, mount->directory,
               strerror(-made));
        return made;
    }
    /* Open files keep the old mount; nobody has to wait for its server here. */
    if (umount2(mount->directory, MNT_DETACH) != 0 ||
        syscall(SYS_move_mount, made, "", AT_FDCWD, mount->directory, MOVE_MOUNT_F_EMPTY_PATH) != 0) {
        rc = -errno;
        log_error("cannot put %s:%s at %s: %s", server->name, mount->source.path, mount->directory, strerror(-rc));
    } else {
        log_notice("%s:%s is mounted at %s now; files that were open wait for their server", server->name,
                   mount->source.path, mount->directory);
    }
    close(made);
    return rc;
}
