/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconstruct.h"

#include "clock.h"
#include "inject.h"
#include "ipvs.h"
#include "log.h"
#include "reconstruct_socket.h"
#include "reconstruct_state.h"
#include "reconstruct_table.h"
#include "wake.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Connections a second that a node may send. All together may send more than inject.c enters, which keeps the rest: so
 * those who have many need not wait for those who have few. A datagram of a node comes each 10 ms at least. */
#define RATE_ALL 560000
#define RATE_MIN 20000
#define RATE_MAX 140000

struct reconstruct {
    struct reconstruct_settings settings;
    const struct keyring *ring;
    void (*done)(void *context, const struct reconstruct_result *result);
    void *context;
    struct ipvs *ipvs;
    struct ipvs_table table; /* as it was at the start of the reconstruction under way */
    struct inject *inject;
    struct reconstruct_socket *socket;
    struct reconstruct_state state;
    struct wake wake;
    bool running, finishing;
    struct reconstruct_result result;
    uint64_t failed_before; /* inject_failed at the start */
    uint64_t began_ms;
};

static uint32_t rate_of_each(size_t nodes)
{
    uint32_t rate = RATE_ALL / (uint32_t)nodes;
    return rate < RATE_MIN ? RATE_MIN : rate > RATE_MAX ? RATE_MAX : rate;
}

static void ask(struct reconstruct *r, const struct reconstruct_node *node)
{
    struct wire_message message = {.type = WIRE_CONNECTIONS_REQUEST};
    message.connections_request =
        (struct wire_connections_request){.request = node->request, .rate = rate_of_each(r->state.count)};
    reconstruct_socket_send(r->socket, &node->address, r->settings.port, &message);
}

/* Asks those whose time has come; when nobody is left to be waited for, lets the rest flow out. */
static void advance(void *context)
{
    struct reconstruct *r = context;
    struct reconstruct_node *node;
    uint64_t request, now_ms = clock_ms();
    if (!r->running || r->finishing)
        return;
    randombytes_buf(&request, sizeof request);
    while ((node = reconstruct_state_next(&r->state, now_ms, request)) != NULL) {
        ask(r, node);
        randombytes_buf(&request, sizeof request);
    }
    if (reconstruct_state_is_done(&r->state)) {
        r->finishing = true;
        inject_flush(r->inject);
        return;
    }
    wake_in(&r->wake, (reconstruct_state_wait_ms(&r->state, now_ms) + 1) * 1000);
}

static void finished(void *context)
{
    struct reconstruct *r = context;
    if (!r->running || !r->finishing)
        return;
    r->running = r->finishing = false;
    r->result.nodes_complete = reconstruct_state_complete(&r->state);
    r->result.connections = reconstruct_state_connections(&r->state);
    r->result.failed += inject_failed(r->inject) - r->failed_before;
    r->result.complete =
        r->result.nodes_asked > 0 && r->result.nodes_complete == r->result.nodes_asked && r->result.failed == 0;
    r->result.took_ms = clock_ms() - r->began_ms;
    for (size_t i = 0; i < r->state.count; i++)
        if (!r->state.nodes[i].complete) {
            char text[ADDR_TEXT_MAX];
            log_warning("%s did not tell all its connections: those that are not synchronised are lost when they "
                        "speak next",
                        addr_format(&r->state.nodes[i].address, text));
        }
    if (r->result.failed > 0)
        log_warning("%llu connections could not be entered into the IPVS table", (unsigned long long)r->result.failed);
    struct reconstruct_result result = r->result;
    r->done(r->context, &result);
}

static void enter(struct reconstruct *r, const struct wire_connections *part, struct reconstruct_node *node)
{
    const struct ipvs_service *service;
    const struct ipvs_server *server =
        reconstruct_table_server(&r->table, &part->virtual_address, part->virtual_port, &node->address, &service);
    if (server == NULL)
        return; /* a service that we do not have (any more) */
    for (size_t i = 0; i < part->count; i++) {
        struct sync_connection connection;
        reconstruct_table_connection(service, server, part->virtual_port, &part->connections[i], &connection);
        bool taken = inject_add(r->inject, &connection) == 0;
        node->connections += taken;
        r->result.failed += !taken;
        if (reconstruct_table_template(service, server, &part->connections[i], &connection))
            r->result.failed += inject_add(r->inject, &connection) != 0;
    }
}

static void received(void *context, const struct addr *from, const struct wire_connections *part)
{
    struct reconstruct *r = context;
    struct reconstruct_node *node = NULL;
    if (r->running)
        node = reconstruct_state_part(&r->state, &part->node, from, part->request, part->part,
                                      part->flags & WIRE_CONNECTIONS_LAST, clock_ms());
    if (node == NULL)
        return;
    enter(r, part, node);
    if (reconstruct_state_is_done(&r->state))
        advance(r);
}

bool reconstruct_has_servers(struct reconstruct *r)
{
    struct ipvs_table table = {0};
    bool has = ipvs_read(r->ipvs, &table) == 0 &&
               reconstruct_table_has_servers(&table, r->settings.addresses, r->settings.address_count);
    ipvs_table_free(&table);
    return has;
}

int reconstruct_start(struct reconstruct *r, uint64_t epoch)
{
    struct ipvs_table table = {0};
    int rc = ipvs_read(r->ipvs, &table);
    r->running = false; /* what was under way is replaced, even if this fails */
    if (rc != 0)
        return rc;
    ipvs_table_free(&r->table);
    r->table = table;
    reconstruct_state_clear(&r->state);
    rc = reconstruct_table_nodes(&r->table, r->settings.addresses, r->settings.address_count, &r->state);
    if (rc != 0)
        return rc;
    r->running = true;
    r->finishing = false;
    r->began_ms = clock_ms();
    r->result = (struct reconstruct_result){.epoch = epoch, .nodes_asked = (unsigned)r->state.count};
    r->failed_before = inject_failed(r->inject);
    advance(r);
    return 0;
}

int reconstruct_open(qb_loop_t *loop, const struct reconstruct_settings *settings, const struct keyring *ring,
                     void (*done)(void *context, const struct reconstruct_result *result), void *context,
                     struct reconstruct **out)
{
    struct reconstruct *r = calloc(1, sizeof *r);
    if (r == NULL)
        return -ENOMEM;
    *r = (struct reconstruct){.settings = *settings, .ring = ring, .done = done, .context = context};
    r->wake.fd = -1;
    int rc = wake_open(&r->wake, loop, QB_LOOP_MED, advance, r);
    if (rc == 0)
        rc = ipvs_open(&r->ipvs);
    if (rc == 0)
        rc = inject_open(loop, settings->sync_interface, settings->sync_id, finished, r, &r->inject);
    if (rc == 0)
        rc = reconstruct_socket_open(loop, ring, received, r, &r->socket);
    if (rc != 0) {
        reconstruct_close(r);
        return rc;
    }
    *out = r;
    return 0;
}

int reconstruct_move(struct reconstruct *r, const char *interface)
{
    return inject_move(r->inject, interface);
}

void reconstruct_close(struct reconstruct *r)
{
    wake_close(&r->wake);
    if (r->socket != NULL)
        reconstruct_socket_close(r->socket);
    if (r->inject != NULL)
        inject_close(r->inject);
    if (r->ipvs != NULL)
        ipvs_close(r->ipvs);
    ipvs_table_free(&r->table);
    reconstruct_state_clear(&r->state);
    free(r);
}
