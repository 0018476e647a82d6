/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REPLICAS_TEXT_MAX 512

/* One file of a transport, without its line end. Returns 0 or a negative errno. */
static int read_file(const char *directory, const char *name, char *out, size_t size)
{
    char path[TRANSPORT_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t length = read(fd, out, size - 1);
    int rc = length < 0 ? -errno : 0;
    close(fd);
    out[length > 0 ? length : 0] = '\0';
    if (strchr(out, '=') == NULL)
        out[strcspn(out, "\n")] = '\0';
    return rc;
}

static uint16_t port_of(const char *info, const char *key)
{
    const char *found = strstr(info, key);
    long port = found != NULL ? strtol(found + strlen(key), NULL, 10) : 0;
    return port > 0 && port <= UINT16_MAX ? (uint16_t)port : 0;
}

/* xprt_info tells the ports while there is a connection, "<closed>" else. */
static void read_ports(struct transport *transport)
{
    char info[1024];
    transport->port = transport->own_port = 0;
    if (read_file(transport->path, "xprt_info", info, sizeof info) != 0)
        return;
    transport->port = port_of(info, "dst_port=");
    transport->own_port = port_of(info, "src_port=");
}

static bool is_tcp(const char *name)
{
    size_t length = strlen(name);
    return strncmp(name, "xprt-", 5) == 0 && length > 4 && strcmp(name + length - 4, "-tcp") == 0;
}

static void take_transport(const char *directory, const char *name, struct transport_list *list)
{
    struct transport *transport = &list->transports[list->count];
    char address[ADDR_TEXT_MAX];
    char file[TRANSPORT_PATH_MAX + 32];
    int length = snprintf(transport->path, sizeof transport->path, "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof transport->path)
        return;
    if (read_file(transport->path, "dstaddr", address, sizeof address) != 0 ||
        addr_parse(address, &transport->server) != 0)
        return; /* it has just gone, or it is of a kind that has no address */
    read_ports(transport);
    snprintf(file, sizeof file, "%s/failover", transport->path);
    transport->series = access(file, F_OK) == 0;
    list->count++;
}

/* Calls take() for each name below a directory. */
static int each_name(const char *directory, const char *prefix, struct transport_list *list,
                     void (*take)(const char *directory, const char *name, struct transport_list *list))
{
    DIR *names = opendir(directory);
    if (names == NULL)
        return -errno;
    for (const struct dirent *entry = readdir(names); entry != NULL; entry = readdir(names))
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && list->count < TRANSPORTS_MAX)
            take(directory, entry->d_name, list);
    closedir(names);
    return 0;
}

static void take_if_tcp(const char *directory, const char *name, struct transport_list *list)
{
    if (is_tcp(name))
        take_transport(directory, name, list);
}

static void take_switch(const char *directory, const char *name, struct transport_list *list)
{
    char path[TRANSPORT_PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (length > 0 && (size_t)length < sizeof path)
        (void)each_name(path, "xprt-", list, take_if_tcp); /* it may have gone meanwhile */
}

int transport_read(const char *root, struct transport_list *list)
{
    list->count = 0;
    return each_name(root, "switch-", list, take_switch);
}

static int write_file(const char *directory, const char *name, const char *text)
{
    char path[TRANSPORT_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t written = write(fd, text, strlen(text));
    int rc = written < 0 ? -errno : 0;
    close(fd);
    return rc;
}

int transport_move(const struct transport *transport, const struct addr *to)
{
    char text[ADDR_TEXT_MAX + 1];
    char address[ADDR_TEXT_MAX];
    snprintf(text, sizeof text, "%s\n", addr_format(to, address));
    if (transport->series)
        return write_file(transport->path, "failover", text);
    /* rpc_sysfs_xprt_dstaddr_store() has room for an IPv4 address only: with another one it leaves the transport
     * without any address (seen in Linux 6.1 and 6.12). */
    if (to->family != AF_INET)
        return -EAFNOSUPPORT;
    return write_file(transport->path, "dstaddr", text);
}

int transport_set_replicas(const struct transport *transport, const struct addr *servers, size_t count)
{
    char text[REPLICAS_TEXT_MAX] = "";
    char address[ADDR_TEXT_MAX];
    size_t length = 0;
    for (size_t i = 0; i < count && length + ADDR_TEXT_MAX + 2 < sizeof text; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", i > 0 ? "+" : "",
                                   addr_format(&servers[i], address));
    snprintf(text + length, sizeof text - length, "\n");
    return write_file(transport->path, "replicas", text);
}

bool transport_has_replicas(const struct transport *transport)
{
    char text[REPLICAS_TEXT_MAX] = "";
    return read_file(transport->path, "replicas", text, sizeof text) == 0 && text[0] != '\0';
}
