/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must be written so that the kernel's IPVS table becomes the wanted one. Pure: no kernel, no clock. */
#ifndef TMD_RECONCILE_H
#define TMD_RECONCILE_H

#include "ipvs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct executor_wanted_server {
    struct addr address;
    uint16_t port; /* host byte order */
    enum ipvs_forward forward;
    uint32_t weight; /* 0: quiesced, takes no new connections */
    bool remove_now; /* no new connections at once, and soon deleted with its old ones: the node is dead */
};

struct executor_wanted_service {
    struct ipvs_service service;
    size_t server_count;
    struct executor_wanted_server *servers; /* any order; sorted by address, then port, is the cheapest */
};

/* Everything that shall be in the kernel. A server that is not in here is drained and then deleted. */
struct executor_wanted {
    size_t count;
    struct executor_wanted_service *services;
};

struct executor_settings {
    uint64_t drain_timeout_ms;  /* a drained server is deleted at the latest after this */
    uint64_t silent_timeout_ms; /* a dead one after this: a node that was only late keeps its connections */
};

enum reconcile_kind {
    RECONCILE_SERVICE_ADD,
    RECONCILE_SERVICE_CHANGE,
    RECONCILE_SERVICE_DELETE,
    RECONCILE_SERVER_ADD,
    RECONCILE_SERVER_CHANGE,
    RECONCILE_SERVER_DELETE,
};

struct reconcile_change {
    enum reconcile_kind kind;
    bool repair; /* undoes what somebody else did to the table */
    struct ipvs_service service;
    struct ipvs_server server; /* with the RECONCILE_SERVER_ kinds */
};

/* In the order in which they must be carried out. */
struct reconcile_changes {
    size_t count;
    size_t capacity;
    struct reconcile_change *items;
};

struct reconcile_input {
    const struct executor_wanted *wanted;
    const struct ipvs_table *kernel;   /* sorted, lib/ipvs_table.h */
    const struct ipvs_table *expected; /* sorted; what we last left there, NULL: we do not know */
    bool fresh;                        /* kernel was read just now, so its connection counts hold */
    struct executor_settings settings;
    uint64_t now_ms;
};

/* What is remembered between two calls: the services that are ours, and since when servers are draining. */
struct reconcile_memory;

struct reconcile_memory *reconcile_memory_new(void); /* NULL: out of memory */
void reconcile_memory_free(struct reconcile_memory *memory);

/* Compares and fills *changes, which starts zeroed and is freed by reconcile_changes_free. Services that were never
 * wanted are not looked at. Returns 0 or -ENOMEM; then nothing may be carried out. */
int reconcile(struct reconcile_memory *memory, const struct reconcile_input *input, struct reconcile_changes *changes);
void reconcile_changes_free(struct reconcile_changes *changes);

#endif
