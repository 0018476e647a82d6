/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#define SYNTAX "write s1,s2:/path (IPv6 addresses in brackets: [fd00::1],[fd00::2]:/path)"

static int refuse(struct conf_error *error, const char *what, size_t length, const char *text)
{
    snprintf(error->text, sizeof(error->text), "%s%s%.*s%s: %s", what, length > 0 ? " \"" : "",
             (int)(length < 200 ? length : 200), text, length > 0 ? "\"" : "", SYNTAX);
    return -EINVAL;
}

/* Where the list of servers ends: at the first colon outside of brackets. NULL when there is none. */
static const char *list_end(const char *text)
{
    bool inside = false;
    for (; *text != '\0'; text++) {
        if (*text == '[')
            inside = true;
        else if (*text == ']')
            inside = false;
        else if (*text == ':' && !inside)
            return text;
    }
    return NULL;
}

bool source_is_list(const char *text)
{
    const char *colon = list_end(text), *comma = strchr(text, ',');
    return comma != NULL && (colon == NULL || comma < colon);
}

static bool is_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && (i == 0 || strchr("-._", text[i]) == NULL))
            return false;
    return true;
}

/* One server of the list, [text, text + length). */
static int parse_server(const char *text, size_t length, struct source_server *out, struct conf_error *error)
{
    const char *shown = text;
    size_t shown_length = length;
    bool brackets = length >= 2 && text[0] == '[' && text[length - 1] == ']';
    struct addr address;

    if (length == 0)
        return refuse(error, "a server's name is missing in the list", 0, "");
    if (brackets) {
        text++;
        length -= 2;
    }
    if (length >= SOURCE_NAME_MAX)
        return refuse(error, "a server's name is too long:", shown_length, shown);
    memcpy(out->name, text, length);
    out->name[length] = '\0';
    if (brackets && (strchr(out->name, ':') == NULL || addr_parse(out->name, &address) != 0))
        return refuse(error,
                      "no IPv6 address in the brackets (a link's address with its % cannot be used):", shown_length,
                      shown);
    if (!brackets && !is_name(text, length))
        return refuse(error, "no name of a host and no address:", shown_length, shown);
    return 0;
}

static int parse_path(const char *path, struct source *out, struct conf_error *error)
{
    size_t length = strlen(path);
    if (path[0] != '/')
        return refuse(error, "the path must begin with a slash, not", length, path);
    if (length >= sizeof(out->path))
        return refuse(error, "the path is too long:", length, path);
    for (size_t i = 0; i < length; i++)
        if (iscntrl((unsigned char)path[i]))
            return refuse(error, "the path has a control character", 0, "");
    memcpy(out->path, path, length + 1);
    return 0;
}

/* Mistakes that are made often get a hint of their own. */
static int look_for_mistakes(const char *text, const char *colon, struct conf_error *error)
{
    size_t blank = strcspn(text, " \t\n\r\v\f");
    if (text[blank] != '\0' && (colon == NULL || text + blank < colon)) {
        snprintf(error->text, sizeof(error->text), "leave the space out of the list of servers: " SYNTAX);
        return -EINVAL;
    }
    if (colon == NULL)
        return refuse(error, "no \":/path\" behind the servers", 0, "");
    if (colon[1] != '/' && (strchr(colon + 1, ':') != NULL))
        return refuse(error, "an IPv6 address needs brackets:", strlen(text), text);
    const char *second = strstr(colon, ":/");
    if (second != NULL && (second = strstr(second + 1, ":/")) != NULL && memchr(colon, ',', (size_t)(second - colon)))
        return refuse(error, "the path is written once, behind the last server, not in", strlen(text), text);
    return 0;
}

int source_parse(const char *text, struct source *out, struct conf_error *error)
{
    const char *colon = list_end(text);
    int result = look_for_mistakes(text, colon, error);

    if (result != 0)
        return result;
    memset(out, 0, sizeof(*out));
    for (const char *at = text; at <= colon; at++) {
        size_t length = strcspn(at, ",");
        if (length > (size_t)(colon - at))
            length = (size_t)(colon - at);
        if (out->count == SOURCE_SERVERS_MAX) {
            snprintf(error->text, sizeof(error->text), "more than %d servers", SOURCE_SERVERS_MAX);
            return -EINVAL;
        }
        result = parse_server(at, length, &out->servers[out->count++], error);
        if (result != 0)
            return result;
        at += length;
    }
    return parse_path(colon + 1, out, error);
}

static int resolve(struct source_server *server, struct conf_error *error)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    uint16_t port;

    int result = getaddrinfo(server->name, NULL, &hints, &found);
    if (result != 0) {
        int reason = errno;
        snprintf(error->text, sizeof(error->text), "%s: no address found: %s", server->name,
                 result == EAI_SYSTEM ? strerror(reason) : gai_strerror(result));
        return result == EAI_AGAIN ? -EAGAIN : -ENOENT;
    }
    /* a name with addresses of both families means the IPv4 one: the kernels' own dstaddr takes no other (nfs-ha(7)) */
    const struct addrinfo *chosen = found;
    for (const struct addrinfo *one = found; one != NULL; one = one->ai_next)
        if (one->ai_family == AF_INET) {
            chosen = one;
            break;
        }
    if (chosen != NULL)
        memcpy(&address, chosen->ai_addr,
               chosen->ai_addrlen < sizeof(address) ? (size_t)chosen->ai_addrlen : sizeof(address));
    freeaddrinfo(found);
    if (addr_from_sockaddr(&address, &server->address, &port) == 0)
        return 0;
    snprintf(error->text, sizeof(error->text), "%s: its address is neither IPv4 nor IPv6", server->name);
    return -EAFNOSUPPORT;
}

int source_resolve(struct source *source, struct conf_error *error)
{
    for (size_t i = 0; i < source->count; i++) {
        struct source_server *server = &source->servers[i];
        int result = resolve(server, error);
        if (result != 0)
            return result;
        for (size_t j = 0; j < i; j++)
            if (addr_equal(&server->address, &source->servers[j].address)) {
                char text[ADDR_TEXT_MAX];
                snprintf(error->text, sizeof(error->text),
                         "%s and %s are one server: both have the address %s (see /etc/hosts)", source->servers[j].name,
                         server->name, addr_format(&server->address, text));
                return -EINVAL;
            }
    }
    return 0;
}

const char *source_format(const struct source *source, char out[SOURCE_TEXT_MAX])
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < source->count; i++) {
        const char *name = source->servers[i].name;
        bool brackets = strchr(name, ':') != NULL;
        at += (size_t)snprintf(out + at, SOURCE_TEXT_MAX - at, "%s%s%s%s", i > 0 ? "," : "", brackets ? "[" : "", name,
                               brackets ? "]" : "");
    }
    snprintf(out + at, SOURCE_TEXT_MAX - at, ":%s", source->path);
    return out;
}
