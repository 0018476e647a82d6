/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconstruct_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct reconstruct_node *find(const struct reconstruct_state *state, const struct addr *address)
{
    for (size_t i = 0; i < state->count; i++)
        if (addr_equal(&state->nodes[i].address, address))
            return &state->nodes[i];
    return NULL;
}

int reconstruct_state_add(struct reconstruct_state *state, const struct addr *address)
{
    if (find(state, address) != NULL)
        return 0;
    if (state->count == RECONSTRUCT_NODES_MAX)
        return -ENOSPC;
    struct reconstruct_node *more = reallocarray(state->nodes, state->count + 1, sizeof *more);
    if (more == NULL)
        return -ENOMEM;
    state->nodes = more;
    memset(&more[state->count], 0, sizeof *more);
    more[state->count++].address = *address;
    return 0;
}

void reconstruct_state_clear(struct reconstruct_state *state)
{
    free(state->nodes);
    *state = (struct reconstruct_state){0};
}

static bool is_open(const struct reconstruct_node *node)
{
    return !node->complete && !node->given_up;
}

struct reconstruct_node *reconstruct_state_next(struct reconstruct_state *state, uint64_t now_ms, uint64_t request)
{
    for (size_t i = 0; i < state->count; i++) {
        struct reconstruct_node *node = &state->nodes[i];
        if (!is_open(node) || (node->round > 0 && now_ms < node->news_ms + RECONSTRUCT_SILENT_MS))
            continue;
        if (node->round == RECONSTRUCT_ROUNDS) {
            node->given_up = true;
            continue;
        }
        node->round++;
        node->request = request;
        node->news_ms = now_ms;
        node->parts = node->last = 0;
        node->connections = 0;
        memset(node->seen, 0, sizeof node->seen);
        return node;
    }
    return NULL;
}

uint64_t reconstruct_state_wait_ms(const struct reconstruct_state *state, uint64_t now_ms)
{
    uint64_t wait = RECONSTRUCT_SILENT_MS;
    for (size_t i = 0; i < state->count; i++) {
        const struct reconstruct_node *node = &state->nodes[i];
        uint64_t due = node->news_ms + RECONSTRUCT_SILENT_MS;
        if (is_open(node) && (due <= now_ms || due - now_ms < wait))
            wait = due <= now_ms ? 0 : due - now_ms;
    }
    return wait;
}

/* The node that was asked with that number. */
static struct reconstruct_node *asked(const struct reconstruct_state *state, const struct addr *address,
                                      uint64_t request)
{
    struct reconstruct_node *node = find(state, address);
    return node != NULL && is_open(node) && node->round > 0 && node->request == request ? node : NULL;
}

struct reconstruct_node *reconstruct_state_part(struct reconstruct_state *state, const struct addr *address,
                                                const struct addr *from, uint64_t request, uint32_t part, bool last,
                                                uint64_t now_ms)
{
    struct reconstruct_node *node = asked(state, address, request);
    if (node == NULL)
        node = asked(state, from, request);
    if (node == NULL || part >= RECONSTRUCT_PARTS_MAX)
        return NULL;
    uint8_t bit = (uint8_t)(1U << (part % 8));
    if (node->seen[part / 8] & bit)
        return NULL;
    node->seen[part / 8] |= bit;
    node->parts++;
    node->news_ms = now_ms;
    if (last)
        node->last = part + 1;
    node->complete = node->last != 0 && node->parts == node->last;
    return node;
}

bool reconstruct_state_is_done(const struct reconstruct_state *state)
{
    for (size_t i = 0; i < state->count; i++)
        if (is_open(&state->nodes[i]))
            return false;
    return true;
}

unsigned reconstruct_state_complete(const struct reconstruct_state *state)
{
    unsigned count = 0;
    for (size_t i = 0; i < state->count; i++)
        count += state->nodes[i].complete;
    return count;
}

uint64_t reconstruct_state_connections(const struct reconstruct_state *state)
{
    uint64_t connections = 0;
    for (size_t i = 0; i < state->count; i++)
        connections += state->nodes[i].connections;
    return connections;
}
