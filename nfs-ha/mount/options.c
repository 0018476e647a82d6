/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One option: [name, name + name_length), and its value where there is a '='. */
struct option {
    const char *name;
    size_t name_length;
    const char *value; /* NULL: none */
    size_t value_length;
    bool first;
};

__attribute__((format(printf, 2, 3))) static int refuse(struct conf_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
    return -EINVAL;
}

static bool is(const struct option *option, const char *name)
{
    return strlen(name) == option->name_length && strncmp(option->name, name, option->name_length) == 0;
}

static bool begins(const struct option *option, const char *prefix)
{
    size_t length = strlen(prefix);
    return option->name_length >= length && strncmp(option->name, prefix, length) == 0;
}

static bool value_is(const struct option *option, const char *value)
{
    return option->value != NULL && strlen(value) == option->value_length &&
           strncmp(option->value, value, option->value_length) == 0;
}

static bool value_begins(const struct option *option, const char *prefix)
{
    size_t length = strlen(prefix);
    return option->value != NULL && option->value_length >= length && strncmp(option->value, prefix, length) == 0;
}

/* The position of the value among the choices (NULL ends them), or -1 with the error. */
static int choose(const struct option *option, const char *const *choices, struct conf_error *error)
{
    char list[128] = "";
    for (int i = 0; choices[i] != NULL; i++) {
        if (value_is(option, choices[i]))
            return i;
        snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i > 0 ? ", " : "", choices[i]);
    }
    refuse(error, "option %.*s: it is one of %s", (int)option->name_length, option->name, list);
    return -1;
}

/* Ours. Returns 1 when it was one, 0 when not, or -EINVAL. */
static int take_ours(const struct option *option, struct mount_options *out, struct conf_error *error)
{
    static const char *const replications[] = {"standby", "copies", "shared", NULL};
    static const char *const mismatches[] = {"refuse", "remount", NULL};
    static const char *const failovers[] = {"auto", "daemon", "kernel", "none", NULL};
    static const char *const answers[] = {"yes", "no", NULL};
    int choice;

    if (is(option, "replication")) {
        if ((choice = choose(option, replications, error)) >= 0)
            out->replication = (enum replication)choice;
    } else if (is(option, "mismatch")) {
        if ((choice = choose(option, mismatches, error)) >= 0)
            out->mismatch = (enum mismatch)choice;
    } else if (is(option, "failover")) {
        if ((choice = choose(option, failovers, error)) >= 0)
            out->failover = (enum mount_failover)choice;
    } else if (is(option, "compare")) {
        if ((choice = choose(option, answers, error)) >= 0)
            out->compare = choice == 0;
    } else {
        return 0;
    }
    return choice >= 0 ? 1 : -EINVAL;
}

/* What has done its work in mount(8), systemd or fstab(5) before us. */
static bool is_for_others(const struct option *option)
{
    static const char *const names[] = {"_netdev", "auto", "noauto", "nofail", "defaults", "comment"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (is(option, names[i]))
            return true;
    return begins(option, "x-") || begins(option, "X-");
}

/* What cannot work with more than one server. */
static int look_for_conflicts(const struct option *option, const struct mount_options *out, struct conf_error *error)
{
    int length = (int)option->name_length;
    if (is(option, "udp") || is(option, "rdma") ||
        (is(option, "proto") && !value_is(option, "tcp") && !value_is(option, "tcp6")))
        return refuse(error, "option %.*s: a mount can be moved to another server over TCP only", length, option->name);
    if (is(option, "port") && !value_is(option, "2049"))
        return refuse(error, "option port: the servers are watched at port 2049 only");
    if (is(option, "replicas"))
        return refuse(error, "option replicas: it is made from the list of servers; write failover=kernel");
    if (is(option, "mountaddr") || is(option, "mounthost"))
        return refuse(error, "option %.*s: it names one server, here each has its own", length, option->name);
    if (is(option, "bg"))
        return refuse(error, "option bg: not here; write nofail,x-systemd.automount in fstab(5) instead");
    if (is(option, "sec") && value_begins(option, "krb5") && out->compare)
        return refuse(error, "option sec: the exports of servers with Kerberos cannot be compared; when you know that "
                             "file handles are equal on all of them, write compare=no");
    return 0;
}

static void note_version(const struct option *option, struct mount_options *out)
{
    if (is(option, "v3") || ((is(option, "vers") || is(option, "nfsvers")) && value_is(option, "3")))
        out->version = 3;
    else if (begins(option, "v4") || ((is(option, "vers") || is(option, "nfsvers")) && value_begins(option, "4")))
        out->version = 4;
}

static int pass(const struct option *option, struct mount_options *out, struct conf_error *error)
{
    size_t at = strlen(out->passed);
    size_t length = option->name_length + (option->value != NULL ? 1 + option->value_length : 0);
    if (at + 1 + length >= sizeof(out->passed))
        return refuse(error, "the options are too long, more than %zu characters", sizeof(out->passed) - 1);
    if (at > 0)
        out->passed[at++] = ',';
    memcpy(out->passed + at, option->name, length);
    out->passed[at + length] = '\0';
    return 0;
}

static int take(const struct option *option, struct mount_options *out, bool *writing, struct conf_error *error)
{
    int result = take_ours(option, out, error);
    if (result != 0)
        return result < 0 ? result : 0;
    if (is_for_others(option))
        return 0;
    if ((is(option, "rw") || is(option, "ro")) && option->value == NULL) {
        out->readonly = is(option, "ro");
        *writing = !out->readonly && !option->first;
        return 0; /* it is put to the others at the end */
    }
    if (is(option, "remount"))
        out->remount = true;
    if (is(option, "soft") || is(option, "softerr"))
        out->soft = true;
    note_version(option, out);
    return pass(option, out, error);
}

/* Cuts the option at *at, with its comma; commas between double quotes are part of it. */
static struct option next(const char **at)
{
    struct option option = {.name = *at};
    bool quoted = false;
    const char *c = *at;

    for (; *c != '\0' && (*c != ',' || quoted); c++) {
        quoted ^= *c == '"';
        if (*c == '=' && option.value == NULL) {
            option.name_length = (size_t)(c - option.name);
            option.value = c + 1;
        }
    }
    if (option.value != NULL)
        option.value_length = (size_t)(c - option.value);
    else
        option.name_length = (size_t)(c - option.name);
    *at = *c == ',' ? c + 1 : c;
    return option;
}

static bool has_open_quote(const char *text)
{
    bool open = false;
    for (; *text != '\0'; text++)
        open ^= *text == '"';
    return open;
}

static int walk(const char *text, struct mount_options *out, bool *writing, struct conf_error *error)
{
    if (has_open_quote(text))
        return refuse(error, "the options have an odd number of double quotes");
    for (const char *at = text; *at != '\0';) {
        bool first = at == text;
        struct option option = next(&at);
        option.first = first;
        int result = option.name_length == 0 ? 0 : take(&option, out, writing, error);
        if (result != 0)
            return result;
    }
    return 0;
}

static int check_conflicts(const char *text, const struct mount_options *out, struct conf_error *error)
{
    for (const char *at = text; *at != '\0';) {
        struct option option = next(&at);
        int result = look_for_conflicts(&option, out, error);
        if (result != 0)
            return result;
    }
    return 0;
}

int mount_options_parse(const char *text, struct mount_options *out, struct conf_error *error)
{
    bool writing = false;

    memset(out, 0, sizeof(*out));
    out->compare = true;
    int result = walk(text, out, &writing, error);
    if (result == 0)
        result = check_conflicts(text, out, error);
    if (result != 0)
        return result;
    if (out->replication == REPLICATION_COPIES && writing)
        return refuse(error, "option rw: with replication=copies each server has its own copy, which can only be read; "
                             "leave rw out");
    if (out->replication == REPLICATION_COPIES)
        out->readonly = true;
    return mount_options_add(out, out->readonly ? "ro" : "rw", NULL, error);
}

int mount_options_add(struct mount_options *options, const char *name, const char *value, struct conf_error *error)
{
    size_t at = strlen(options->passed);
    int written = snprintf(options->passed + at, sizeof(options->passed) - at, "%s%s%s%s", at > 0 ? "," : "", name,
                           value != NULL ? "=" : "", value != NULL ? value : "");
    if ((size_t)written < sizeof(options->passed) - at)
        return 0;
    options->passed[at] = '\0';
    refuse(error, "the options are too long, more than %zu characters", sizeof(options->passed) - 1);
    return -E2BIG;
}

bool mount_options_has(const struct mount_options *options, const char *name)
{
    for (const char *at = options->passed; *at != '\0';) {
        struct option option = next(&at);
        if (is(&option, name))
            return true;
    }
    return false;
}
