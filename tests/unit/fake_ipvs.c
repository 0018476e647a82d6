/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_ipvs.h"

#include "ipvs_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_ipvs fake_ipvs;

void fake_ipvs_reset(void)
{
    ipvs_table_free(&fake_ipvs.table);
    memset(&fake_ipvs, 0, sizeof(fake_ipvs));
}

void fake_ipvs_clear(void)
{
    fake_ipvs.journal[0] = '\0';
}

static void note_service(const char *sign)
{
    size_t used = strlen(fake_ipvs.journal);

    fake_ipvs.writes++;
    snprintf(fake_ipvs.journal + used, sizeof(fake_ipvs.journal) - used, "%ssvc ", sign);
}

static void note_server(const char *sign, const struct ipvs_server *server)
{
    size_t used = strlen(fake_ipvs.journal);
    char text[ADDR_TEXT_MAX];
    char weight[16] = "";

    fake_ipvs.writes++;
    if (sign[0] != '-') {
        snprintf(weight, sizeof(weight), "=%u", server->weight);
    }
    snprintf(fake_ipvs.journal + used, sizeof(fake_ipvs.journal) - used, "%s%s%s ", sign,
             addr_format(&server->address, text), weight);
}

int ipvs_open(struct ipvs **out)
{
    if (fake_ipvs.open_error == 0) {
        *out = (struct ipvs *)&fake_ipvs;
    }
    return fake_ipvs.open_error;
}

void ipvs_close(struct ipvs *ipvs)
{
    (void)ipvs;
}

int ipvs_read(struct ipvs *ipvs, struct ipvs_table *table)
{
    (void)ipvs;
    memset(table, 0, sizeof(*table));
    if (fake_ipvs.read_error != 0) {
        return fake_ipvs.read_error;
    }
    fake_ipvs.reads++;
    for (size_t i = 0; i < fake_ipvs.table.count; i++) {
        const struct ipvs_table_entry *entry = &fake_ipvs.table.entries[i];

        ipvs_table_put(table, &entry->service);
        for (size_t j = 0; j < entry->server_count; j++) {
            ipvs_table_put_server(table, &entry->service, &entry->servers[j]);
        }
    }
    return 0;
}

/* Looks the service and the server up, and says what the kernel would. wants: it must be there, or must not. */
static int check(const struct ipvs_service *service, const struct ipvs_server *server, int wants)
{
    struct ipvs_table_entry *entry = ipvs_table_find(&fake_ipvs.table, service);
    int there = entry != NULL;

    if (fake_ipvs.write_error != 0) {
        return fake_ipvs.write_error;
    }
    if (server != NULL) {
        if (entry == NULL) {
            return -ESRCH;
        }
        there = ipvs_table_find_server(entry, server) != NULL;
    }
    if (there == wants) {
        return 0;
    }
    if (there) {
        return -EEXIST;
    }
    return server == NULL ? -ESRCH : -ENOENT;
}

int ipvs_service_add(struct ipvs *ipvs, const struct ipvs_service *service)
{
    int result = check(service, NULL, 0);

    (void)ipvs;
    if (result == 0 && strcmp(service->scheduler, "nonsense") == 0) {
        return -ENOENT;
    }
    if (result == 0) {
        note_service("+");
        ipvs_table_put(&fake_ipvs.table, service);
    }
    return result;
}

int ipvs_service_change(struct ipvs *ipvs, const struct ipvs_service *service)
{
    int result = check(service, NULL, 1);

    (void)ipvs;
    if (result == 0) {
        note_service("~");
        ipvs_table_put(&fake_ipvs.table, service);
    }
    return result;
}

int ipvs_service_delete(struct ipvs *ipvs, const struct ipvs_service *service)
{
    int result = check(service, NULL, 1);

    (void)ipvs;
    if (result == 0) {
        note_service("-");
        ipvs_table_remove(&fake_ipvs.table, service);
    }
    return result;
}

int ipvs_server_add(struct ipvs *ipvs, const struct ipvs_service *service, const struct ipvs_server *server)
{
    int result = check(service, server, 0);

    (void)ipvs;
    if (result == 0) {
        note_server("+", server);
        ipvs_table_put_server(&fake_ipvs.table, service, server);
    }
    return result;
}

int ipvs_server_change(struct ipvs *ipvs, const struct ipvs_service *service, const struct ipvs_server *server)
{
    int result = check(service, server, 1);

    (void)ipvs;
    if (result == 0) {
        note_server("~", server);
        ipvs_table_put_server(&fake_ipvs.table, service, server);
    }
    return result;
}

int ipvs_server_delete(struct ipvs *ipvs, const struct ipvs_service *service, const struct ipvs_server *server)
{
    int result = check(service, server, 1);

    (void)ipvs;
    if (result == 0) {
        note_server("-", server);
        ipvs_table_remove_server(&fake_ipvs.table, service, server);
    }
    return result;
}
