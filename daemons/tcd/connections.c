/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connections.h"

#include "sockets.h"

#include <errno.h>
#include <stdlib.h>

struct connections {
    struct sockets *sockets;
    void (*counted)(void *context, uint32_t count);
    void *context;
    bool running;
    uint32_t count;
};

static void count_one(void *context, const struct sockets_connection *connection)
{
    struct connections *c = context;
    (void)connection;
    if (c->count < UINT32_MAX)
        c->count++;
}

static void finish(void *context, bool complete)
{
    struct connections *c = context;
    (void)complete; /* a report goes out all the same */
    c->running = false;
    c->counted(c->context, c->count);
}

void connections_count(struct connections *c)
{
    if (c->running)
        return;
    c->running = true;
    c->count = 0;
    sockets_list(c->sockets);
}

int connections_open(qb_loop_t *loop, const struct tcd_config *config, void (*counted)(void *context, uint32_t count),
                     void *context, struct connections **out)
{
    struct connections *c = calloc(1, sizeof(*c));
    if (!c)
        return -ENOMEM;
    c->counted = counted;
    c->context = context;
    struct sockets_reader reader = {.each = count_one, .done = finish, .context = c};
    int result = sockets_open(loop, config, &reader, &c->sockets);
    if (result) {
        free(c);
        return result;
    }
    *out = c;
    return 0;
}

void connections_close(struct connections *c)
{
    if (!c)
        return;
    sockets_close(c->sockets);
    free(c);
}
