/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "realserver_state.h"

#include "conf.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The directory must be our own: we are root, and whoever may write to it could put links in our way. */
static int check_owner(int directory)
{
    struct stat status;

    if (fstat(directory, &status) != 0) {
        return -errno;
    }
    return status.st_uid == geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0 ? 0 : -EPERM;
}

static int open_directory(const char *path)
{
    int fd;
    int error;

    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
        return -errno;
    }
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    error = check_owner(fd);
    if (error != 0) {
        close(fd);
        return error;
    }
    return fd;
}

int realserver_state_lock(const char *directory)
{
    int parent = open_directory(directory);
    int fd;

    if (parent < 0) {
        return parent;
    }
    fd = openat(parent, "realserver.lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        int error = -errno;

        close(parent);
        return error;
    }
    close(parent);
    if (flock(fd, LOCK_EX) != 0) {
        int error = -errno;

        close(fd);
        return error;
    }
    return fd;
}

static int read_arp_ignore(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct realserver_state *state = context;
    long value = -1;
    int result = conf_number(line, 1, 0, 8, &value, error);

    state->arp_before.ignore = (int)value;
    return result;
}

static int read_arp_announce(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct realserver_state *state = context;
    long value = -1;
    int result = conf_number(line, 1, 0, 2, &value, error);

    state->arp_before.announce = (int)value;
    return result;
}

static int read_device(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct realserver_state *state = context;

    return conf_string(line, 1, state->device, sizeof(state->device), error);
}

static int read_address(void *context, const struct conf_line *line, struct conf_error *error)
{
    struct addr address;
    int result = conf_address(line, 1, &address, error);

    return result != 0 ? result : realserver_state_add(context, &address);
}

static const struct conf_keyword keywords[] = {
    {"arp_ignore", 1, 1, read_arp_ignore},
    {"arp_announce", 1, 1, read_arp_announce},
    {"device", 1, 1, read_device},
    {"address", 1, 1, read_address},
    {NULL, 0, 0, NULL},
};

static void empty(struct realserver_state *state)
{
    memset(state, 0, sizeof(*state));
    state->arp_before = (struct realserver_arp){-1, -1};
}

int realserver_state_load(const char *path, struct realserver_state *state)
{
    static const struct conf_grammar grammar = {.keywords = keywords};
    struct conf_error error = {""};
    int result;

    empty(state);
    result = conf_read(path, &grammar, state, &error);
    if (result == -ENOENT) {
        return 0;
    }
    if (result != 0) {
        fprintf(stderr, "%s\n", error.text);
        empty(state);
    }
    return result;
}

int realserver_state_save(const char *path, const struct realserver_state *state)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out;
    int result;

    if (state->address_count == 0) {
        return unlink(path) != 0 && errno != ENOENT ? -errno : 0;
    }
    out = open_memstream(&text, &length);
    if (out == NULL) {
        return -ENOMEM;
    }
    fprintf(out, "# hasctl realserver: what to set back when the last of these addresses is removed\n");
    if (state->arp_before.ignore >= 0) {
        fprintf(out, "arp_ignore %d\narp_announce %d\n", state->arp_before.ignore, state->arp_before.announce);
    }
    if (state->device[0] != '\0') {
        fprintf(out, "device %s\n", state->device);
    }
    for (size_t i = 0; i < state->address_count; i++) {
        char address[ADDR_TEXT_MAX];

        fprintf(out, "address %s\n", addr_format(&state->addresses[i], address));
    }
    result = fclose(out) != 0 ? -ENOMEM : file_write(path, text, length, 0644, 0);
    free(text);
    return result;
}

static size_t position(const struct realserver_state *state, const struct addr *address)
{
    size_t i = 0;

    while (i < state->address_count && !addr_equal(&state->addresses[i], address)) {
        i++;
    }
    return i;
}

int realserver_state_add(struct realserver_state *state, const struct addr *address)
{
    size_t at = position(state, address);

    if (at < state->address_count) {
        return 0;
    }
    if (at == REALSERVER_ADDRESSES_MAX) {
        return -ENOSPC;
    }
    state->addresses[state->address_count++] = *address;
    return 0;
}

void realserver_state_remove(struct realserver_state *state, const struct addr *address)
{
    size_t at = position(state, address);

    if (at < state->address_count) {
        state->addresses[at] = state->addresses[--state->address_count];
    }
}
