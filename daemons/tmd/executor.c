/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "executor.h"

#include "ipvs_table.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVICE_TEXT_MAX (ADDR_TEXT_MAX + 32)

struct executor {
    struct ipvs *ipvs;
    struct executor_settings settings;
    struct reconcile_memory *memory;
    struct ipvs_table table; /* the kernel's, as we remember it */
    bool known;              /* the table was read and is complete */
    bool refused;            /* the kernel refused writes also with a fresh table: wait for the next reread */
    struct executor_stats stats;
    struct log_limit error_limit;
    struct log_limit repair_limit;
};

static const char *const kind_text[] = {
    [RECONCILE_SERVICE_ADD] = "add service",       [RECONCILE_SERVICE_CHANGE] = "change service",
    [RECONCILE_SERVICE_DELETE] = "delete service", [RECONCILE_SERVER_ADD] = "add server",
    [RECONCILE_SERVER_CHANGE] = "change server",   [RECONCILE_SERVER_DELETE] = "delete server",
};

static bool is_about_server(enum reconcile_kind kind)
{
    return kind >= RECONCILE_SERVER_ADD;
}

static const char *service_text(const struct ipvs_service *service, char *out, size_t size)
{
    char address[ADDR_TEXT_MAX];

    if (service->fwmark != 0) {
        snprintf(out, size, "fwmark %u %s", service->fwmark, service->family == AF_INET6 ? "ipv6" : "ipv4");
    } else {
        snprintf(out, size, "%s %s port %u", service->protocol == IPPROTO_UDP ? "udp" : "tcp",
                 addr_format(&service->address, address), service->port);
    }
    return out;
}

static void change_text(const struct reconcile_change *change, char *out, size_t size)
{
    char service[SERVICE_TEXT_MAX];
    char server[ADDR_TEXT_MAX];

    service_text(&change->service, service, sizeof(service));
    if (is_about_server(change->kind)) {
        snprintf(out, size, "%s %s port %u weight %u of %s", kind_text[change->kind],
                 addr_format(&change->server.address, server), change->server.port, change->server.weight, service);
    } else {
        snprintf(out, size, "%s %s", kind_text[change->kind], service);
    }
}

static int write_to_kernel(struct ipvs *ipvs, const struct reconcile_change *change)
{
    switch (change->kind) {
    case RECONCILE_SERVICE_ADD:
        return ipvs_service_add(ipvs, &change->service);
    case RECONCILE_SERVICE_CHANGE:
        return ipvs_service_change(ipvs, &change->service);
    case RECONCILE_SERVICE_DELETE:
        return ipvs_service_delete(ipvs, &change->service);
    case RECONCILE_SERVER_ADD:
        return ipvs_server_add(ipvs, &change->service, &change->server);
    case RECONCILE_SERVER_CHANGE:
        return ipvs_server_change(ipvs, &change->service, &change->server);
    case RECONCILE_SERVER_DELETE:
        return ipvs_server_delete(ipvs, &change->service, &change->server);
    }
    return -EINVAL;
}

static int write_to_table(struct ipvs_table *table, const struct reconcile_change *change)
{
    switch (change->kind) {
    case RECONCILE_SERVICE_ADD:
    case RECONCILE_SERVICE_CHANGE:
        return ipvs_table_put(table, &change->service);
    case RECONCILE_SERVICE_DELETE:
        ipvs_table_remove(table, &change->service);
        return 0;
    case RECONCILE_SERVER_ADD:
    case RECONCILE_SERVER_CHANGE:
        return ipvs_table_put_server(table, &change->service, &change->server);
    case RECONCILE_SERVER_DELETE:
        ipvs_table_remove_server(table, &change->service, &change->server);
        return 0;
    }
    return -EINVAL;
}

/* The kernel's table is not as we remember it: somebody else wrote there too. */
static bool is_disagreement(int error)
{
    return error == -ENOENT || error == -ESRCH || error == -EEXIST;
}

static void report_error(struct executor *e, const char *what, int error, uint64_t now_ms)
{
    uint64_t suppressed = 0;

    e->stats.errors++;
    if (log_allowed(&e->error_limit, now_ms, &suppressed)) {
        log_error("IPVS: cannot %s: %s (%llu like messages suppressed)", what, strerror(-error),
                  (unsigned long long)suppressed);
    }
}

static void report_change(struct executor *e, const struct reconcile_change *change, uint64_t now_ms)
{
    uint64_t suppressed = 0;
    char text[256];

    e->stats.writes++;
    e->stats.repairs += change->repair;
    if (change->repair && log_allowed(&e->repair_limit, now_ms, &suppressed)) {
        change_text(change, text, sizeof(text));
        log_warning("IPVS: somebody else changed the table; repaired: %s (%llu like messages suppressed)", text,
                    (unsigned long long)suppressed);
    } else if (change->kind != RECONCILE_SERVER_CHANGE) {
        change_text(change, text, sizeof(text));
        log_info("IPVS: %s", text);
    }
}

/* Carries one change out in the kernel, then in our memory of it. */
static int carry_out(struct executor *e, const struct reconcile_change *change, bool fresh, uint64_t now_ms)
{
    int result = write_to_kernel(e->ipvs, change);
    char text[256];

    if (result == 0) {
        report_change(e, change, now_ms);
        if (write_to_table(&e->table, change) != 0) {
            e->known = false;
        }
    } else if (fresh || e->refused || !is_disagreement(result)) {
        change_text(change, text, sizeof(text));
        report_error(e, text, result, now_ms);
    }
    return result;
}

/* One failure does not keep the other changes from being written. Returns the first failure. */
static int carry_all_out(struct executor *e, const struct reconcile_changes *changes, bool fresh, uint64_t now_ms)
{
    const struct ipvs_service *failed = NULL;
    int first = 0;

    for (size_t i = 0; i < changes->count; i++) {
        const struct reconcile_change *change = &changes->items[i];
        int result;

        if (failed != NULL && ipvs_service_compare(failed, &change->service) == 0) {
            continue;
        }
        result = carry_out(e, change, fresh, now_ms);
        if (result != 0 && change->kind == RECONCILE_SERVICE_ADD) {
            failed = &change->service; /* nothing to add servers to */
        }
        first = first == 0 ? result : first;
    }
    return first;
}

/* One comparison and its writes; with the kernel's table read anew if fresh. */
static int run(struct executor *e, const struct executor_wanted *wanted, bool fresh, uint64_t now_ms)
{
    struct reconcile_changes changes = {0};
    struct ipvs_table before = {0};
    struct reconcile_input input = {
        .wanted = wanted, .kernel = &e->table, .fresh = fresh, .settings = e->settings, .now_ms = now_ms};
    int result;

    if (fresh) {
        struct ipvs_table now;

        result = ipvs_read(e->ipvs, &now);
        if (result != 0) {
            report_error(e, "read the kernel's table", result, now_ms);
            return result;
        }
        ipvs_table_sort(&now);
        before = e->table;
        e->table = now;
        input.expected = e->known ? &before : NULL;
        e->known = true;
    }
    result = reconcile(e->memory, &input, &changes);
    if (result == 0) {
        result = carry_all_out(e, &changes, fresh, now_ms);
    }
    reconcile_changes_free(&changes);
    ipvs_table_free(&before);
    return result;
}

int executor_apply(struct executor *e, const struct executor_wanted *wanted, bool reread, uint64_t now_ms)
{
    bool fresh = reread || !e->known;
    int result = run(e, wanted, fresh, now_ms);

    /* A fresh table may disagree too: somebody wrote between our reading and our writing. */
    if (is_disagreement(result) && (fresh || !e->refused)) {
        fresh = true;
        result = run(e, wanted, true, now_ms);
    }
    if (fresh) {
        e->refused = result != 0;
    }
    return result;
}

const struct ipvs_table *executor_table(const struct executor *e)
{
    return &e->table;
}

void executor_stats(const struct executor *e, struct executor_stats *out)
{
    *out = e->stats;
}

void executor_configure(struct executor *e, const struct executor_settings *settings)
{
    e->settings = *settings;
}

int executor_open(struct executor **out, const struct executor_settings *settings)
{
    struct executor *e = calloc(1, sizeof(*e));
    int result;

    if (e == NULL) {
        return -ENOMEM;
    }
    e->settings = *settings;
    e->memory = reconcile_memory_new();
    result = e->memory == NULL ? -ENOMEM : ipvs_open(&e->ipvs);
    if (result != 0) {
        executor_close(e);
        return result;
    }
    *out = e;
    return 0;
}

void executor_close(struct executor *e)
{
    if (e != NULL) {
        ipvs_close(e->ipvs);
        reconcile_memory_free(e->memory);
        ipvs_table_free(&e->table);
        free(e);
    }
}
