/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agentcheck.h"

#include "pressure.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BACKLOG 64

struct agentcheck {
    qb_loop_t *loop;
    int fd;
    size_t (*line)(void *context, char out[AGENTCHECK_LINE_MAX]);
    void *context;
};

size_t agentcheck_line(enum health health, bool draining, uint16_t free_share, char out[AGENTCHECK_LINE_MAX])
{
    unsigned percent = free_share / (PRESSURE_FREE / 100);
    if (percent < 1)
        percent = 1;
    if (percent > 100)
        percent = 100;
    if (draining)
        return (size_t)snprintf(out, AGENTCHECK_LINE_MAX, "drain\n");
    if (health == HEALTH_GOOD)
        return (size_t)snprintf(out, AGENTCHECK_LINE_MAX, "up ready %u%%\n", percent);
    return (size_t)snprintf(out, AGENTCHECK_LINE_MAX, "down\n");
}

/* The line fits into any socket's buffer, so it is sent at once; a peer that is gone is no error. */
static void answer(const struct agentcheck *agent, int fd)
{
    char text[AGENTCHECK_LINE_MAX];
    size_t length = agent->line(agent->context, text);
    ssize_t sent = send(fd, text, length, MSG_NOSIGNAL);
    (void)sent;
    shutdown(fd, SHUT_WR);
    while (recv(fd, text, sizeof(text), 0) > 0)
        ; /* what agent-send sent: unread data would turn the close into a reset */
    close(fd);
}

static int32_t ready(int32_t fd, int32_t events, void *data)
{
    (void)events;
    int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (peer >= 0)
        answer(data, peer);
    return 0;
}

static int listen_on(const struct addr *address, uint16_t port)
{
    struct sockaddr_storage local;
    socklen_t length = addr_to_sockaddr(address, port, &local);
    int on = 1;
    int off = 0;
    int fd = socket(address->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address->family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, (struct sockaddr *)&local, length) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

/* Without address: everywhere, on a kernel without IPv6 too. */
static int open_listener(const struct tcd_config *config)
{
    const struct addr any4 = {.family = AF_INET};
    const struct addr any6 = {.family = AF_INET6};
    if (config->agent_check_address.family != AF_UNSPEC)
        return listen_on(&config->agent_check_address, config->agent_check_port);
    int fd = listen_on(&any6, config->agent_check_port);
    return fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL ? listen_on(&any4, config->agent_check_port) : fd;
}

int agentcheck_open(qb_loop_t *loop, const struct tcd_config *config,
                    size_t (*line)(void *context, char out[AGENTCHECK_LINE_MAX]), void *context,
                    struct agentcheck **out)
{
    *out = NULL;
    if (config->agent_check_port == 0)
        return 0;
    struct agentcheck *agent = calloc(1, sizeof(*agent));
    if (!agent)
        return -ENOMEM;
    *agent = (struct agentcheck){.loop = loop, .line = line, .context = context};
    agent->fd = open_listener(config);
    int result = agent->fd < 0 ? agent->fd : qb_loop_poll_add(loop, QB_LOOP_MED, agent->fd, POLLIN, agent, ready);
    if (result < 0) {
        if (agent->fd >= 0)
            close(agent->fd);
        free(agent);
        return result;
    }
    *out = agent;
    return 0;
}

void agentcheck_close(struct agentcheck *agent)
{
    if (!agent)
        return;
    qb_loop_poll_del(agent->loop, agent->fd);
    close(agent->fd);
    free(agent);
}
