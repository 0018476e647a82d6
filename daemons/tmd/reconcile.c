/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconcile.h"

#include "drains.h"
#include "ipvs_table.h"
#include "wanted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reconcile_memory {
    size_t managed_count;
    struct ipvs_service *managed; /* services that are ours: once wanted, and not yet deleted */
    struct drains drains;
};

/* One run. */
struct plan {
    const struct reconcile_input *input;
    const struct drains *before; /* drains as the last run left them */
    struct drains drains;        /* drains found in this run */
    struct reconcile_changes *changes;
    int error;
};

/* One service in a run. What takes servers away and what gives servers are two passes. */
struct plan_service {
    struct plan *plan;
    const struct ipvs_service *service;
    const struct ipvs_table_entry *kernel;
    const struct ipvs_table_entry *expected;
    bool taking;
    size_t deletes;
};

static void emit(struct plan *plan, enum reconcile_kind kind, const struct ipvs_service *service,
                 const struct ipvs_server *server, bool repair)
{
    struct reconcile_changes *changes = plan->changes;
    struct reconcile_change change = {.kind = kind, .repair = repair, .service = *service};

    if (changes->count == changes->capacity) {
        size_t capacity = changes->capacity == 0 ? 16 : changes->capacity * 2;
        struct reconcile_change *items = reallocarray(changes->items, capacity, sizeof(*items));

        if (items == NULL) {
            plan->error = -ENOMEM;
            return;
        }
        changes->items = items;
        changes->capacity = capacity;
    }
    if (server != NULL) {
        change.server = *server;
    }
    changes->items[changes->count++] = change;
}

static void emit_server(struct plan_service *context, enum reconcile_kind kind, const struct ipvs_server *server,
                        bool repair)
{
    bool takes = kind == RECONCILE_SERVER_DELETE || (kind == RECONCILE_SERVER_CHANGE && server->weight == 0);

    if (takes == context->taking) {
        context->deletes += kind == RECONCILE_SERVER_DELETE;
        emit(context->plan, kind, context->service, server, repair);
    }
}

/* Since when the server is draining: since now, if the last run did not know it. Notes it for the next run. */
static uint64_t drain_since(struct plan_service *context, const struct ipvs_server *server)
{
    struct plan *plan = context->plan;
    uint64_t since_ms = drains_since(plan->before, context->service, server, plan->input->now_ms);

    if (context->taking && drains_add(&plan->drains, context->service, server, since_ms) != 0) {
        plan->error = -ENOMEM;
    }
    return since_ms;
}

/* Whether the kernel shows something else than what we left there. server: as the kernel has it, or as we want it
 * when the kernel has none. */
static bool changed_by_others(const struct plan_service *context, const struct ipvs_server *server, bool in_kernel)
{
    const struct ipvs_server *left;

    if (context->plan->input->expected == NULL || context->expected == NULL) {
        return false;
    }
    left = ipvs_table_find_server(context->expected, server);
    if (left == NULL || !in_kernel) {
        return (left != NULL) != in_kernel;
    }
    return left->weight != server->weight || left->forward != server->forward;
}

/* A server in the kernel that nobody wants: no new connections, and away when the old ones ended. */
static void retire_server(struct plan_service *context, const struct ipvs_server *server)
{
    const struct reconcile_input *input = context->plan->input;
    uint64_t since_ms = drain_since(context, server);
    bool expired = input->now_ms - since_ms >= input->settings.drain_timeout_ms;
    /* With a weight it may have got a connection since it was read. */
    bool ended = input->fresh && server->weight == 0 && server->active == 0 && server->inactive == 0;

    if (expired || ended) {
        emit_server(context, RECONCILE_SERVER_DELETE, server, false);
    } else if (server->weight != 0) {
        struct ipvs_server quiesced = *server;

        quiesced.weight = 0;
        emit_server(context, RECONCILE_SERVER_CHANGE, &quiesced, changed_by_others(context, server, true));
    }
}

/* The server of a dead node. Deleting it ends its connections, which a node that was only late still has. */
static void abandon_server(struct plan_service *context, const struct ipvs_server *server)
{
    const struct reconcile_input *input = context->plan->input;
    struct ipvs_server quiesced = *server;

    quiesced.weight = 0;
    if (input->now_ms - drain_since(context, server) >= input->settings.silent_timeout_ms) {
        emit_server(context, RECONCILE_SERVER_DELETE, server, false);
    } else if (server->weight != 0) {
        emit_server(context, RECONCILE_SERVER_CHANGE, &quiesced, false);
    }
}

static void keep_server(struct plan_service *context, const struct executor_wanted_server *wanted,
                        const struct ipvs_server *kernel)
{
    struct ipvs_server server = wanted_as_server(wanted);

    if (wanted->remove_now) {
        abandon_server(context, kernel);
    } else if (wanted->forward != kernel->forward || wanted->weight != kernel->weight) {
        emit_server(context, RECONCILE_SERVER_CHANGE, &server, changed_by_others(context, kernel, true));
    }
}

static void add_server(struct plan_service *context, const struct executor_wanted_server *wanted)
{
    struct ipvs_server server = wanted_as_server(wanted);

    if (!wanted->remove_now) {
        emit_server(context, RECONCILE_SERVER_ADD, &server, changed_by_others(context, &server, false));
    }
}

/* Walks the wanted and the kernel's servers side by side. */
static void pair_servers(struct plan_service *context, const struct executor_wanted_server **wanted, size_t count)
{
    const struct ipvs_table_entry *kernel = context->kernel;
    size_t kernel_count = kernel == NULL ? 0 : kernel->server_count;
    size_t k = 0;

    for (size_t w = 0; w < count || k < kernel_count;) {
        int order = 1; /* below 0: wanted only, above 0: in the kernel only */

        if (w < count) {
            struct ipvs_server server = wanted_as_server(wanted[w]);

            order = k < kernel_count ? ipvs_server_compare(&server, &kernel->servers[k]) : -1;
        }
        if (order < 0) {
            add_server(context, wanted[w++]);
        } else if (order > 0) {
            retire_server(context, &kernel->servers[k++]);
        } else {
            keep_server(context, wanted[w++], &kernel->servers[k++]);
        }
    }
}

/* Whether a server that takes connections now will go on doing so. */
static bool somebody_stays(const struct plan_service *context, const struct executor_wanted_server **wanted,
                           size_t count)
{
    for (size_t i = 0; context->kernel != NULL && i < count; i++) {
        struct ipvs_server server = wanted_as_server(wanted[i]);
        const struct ipvs_server *kernel = ipvs_table_find_server(context->kernel, &server);

        if (kernel != NULL && kernel->weight > 0 && server.weight > 0 && !wanted[i]->remove_now) {
            return true;
        }
    }
    return false;
}

static void plan_settings(struct plan_service *context)
{
    const struct ipvs_table_entry *kernel = context->kernel;
    const struct ipvs_table_entry *expected = context->expected;

    if (kernel == NULL) {
        emit(context->plan, RECONCILE_SERVICE_ADD, context->service, NULL, expected != NULL);
    } else if (!ipvs_service_same_settings(context->service, &kernel->service)) {
        bool repair = expected != NULL && !ipvs_service_same_settings(&expected->service, &kernel->service);

        emit(context->plan, RECONCILE_SERVICE_CHANGE, context->service, NULL, repair);
    }
}

static struct plan_service service_context(struct plan *plan, const struct ipvs_service *service)
{
    const struct ipvs_table *expected = plan->input->expected;

    return (struct plan_service){
        .plan = plan,
        .service = service,
        .kernel = ipvs_table_find(plan->input->kernel, service),
        .expected = expected == NULL ? NULL : ipvs_table_find(expected, service),
        .taking = true,
    };
}

static void plan_wanted(struct plan *plan, const struct executor_wanted_service *wanted)
{
    struct plan_service context = service_context(plan, &wanted->service);
    size_t count = 0;
    const struct executor_wanted_server **servers = wanted_sort(wanted, &count);

    if (servers == NULL) {
        plan->error = -ENOMEM;
        return;
    }
    plan_settings(&context);
    /* A dead server goes first, unless nobody would be there to serve until the others are written. */
    context.taking = somebody_stays(&context, servers, count);
    pair_servers(&context, servers, count);
    context.taking = !context.taking;
    pair_servers(&context, servers, count);
    free(servers);
}

/* A service that is ours and no longer wanted: its servers drain, then it goes. */
static void plan_dropped(struct plan *plan, const struct ipvs_service *service)
{
    struct plan_service context = service_context(plan, service);
    const struct executor_wanted_server *nothing = NULL;

    pair_servers(&context, &nothing, 0);
    if (context.deletes == context.kernel->server_count) {
        emit(plan, RECONCILE_SERVICE_DELETE, service, NULL, false);
    }
}

static bool is_wanted(const struct executor_wanted *wanted, const struct ipvs_service *service)
{
    for (size_t i = 0; i < wanted->count; i++) {
        if (ipvs_service_compare(&wanted->services[i].service, service) == 0) {
            return true;
        }
    }
    return false;
}

/* Takes the wanted services into the memory, and those out that are neither wanted nor in the kernel. */
static int update_managed(struct reconcile_memory *memory, const struct reconcile_input *input)
{
    size_t most = memory->managed_count + input->wanted->count;
    struct ipvs_service *managed = calloc(most + 1, sizeof(*managed));
    size_t count = 0;

    if (managed == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < input->wanted->count; i++) {
        managed[count++] = input->wanted->services[i].service;
    }
    for (size_t i = 0; i < memory->managed_count; i++) {
        if (!is_wanted(input->wanted, &memory->managed[i]) &&
            ipvs_table_find(input->kernel, &memory->managed[i]) != NULL) {
            managed[count++] = memory->managed[i];
        }
    }
    free(memory->managed);
    memory->managed = managed;
    memory->managed_count = count;
    return 0;
}

int reconcile(struct reconcile_memory *memory, const struct reconcile_input *input, struct reconcile_changes *changes)
{
    struct plan plan = {.input = input, .before = &memory->drains, .changes = changes};

    plan.error = update_managed(memory, input);
    for (size_t i = 0; plan.error == 0 && i < input->wanted->count; i++) {
        plan_wanted(&plan, &input->wanted->services[i]);
    }
    for (size_t i = input->wanted->count; plan.error == 0 && i < memory->managed_count; i++) {
        plan_dropped(&plan, &memory->managed[i]);
    }
    if (plan.error != 0) {
        drains_free(&plan.drains);
        return plan.error;
    }
    drains_sort(&plan.drains);
    drains_free(&memory->drains);
    memory->drains = plan.drains;
    return 0;
}

void reconcile_changes_free(struct reconcile_changes *changes)
{
    free(changes->items);
    memset(changes, 0, sizeof(*changes));
}

struct reconcile_memory *reconcile_memory_new(void)
{
    return calloc(1, sizeof(struct reconcile_memory));
}

void reconcile_memory_free(struct reconcile_memory *memory)
{
    if (memory != NULL) {
        free(memory->managed);
        drains_free(&memory->drains);
        free(memory);
    }
}
