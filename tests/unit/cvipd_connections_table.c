/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's connection table, as the tests of the connections see it. */
#include "clock.h"
#include "cvipd_connections_world.h"

#include <arpa/inet.h>
#include <time.h>

#define WAIT_MS 3000
#define LINE_MAX_BYTES 512

/* IPv4 as eight hexadecimal digits, IPv6 as usual. */
static struct addr read_table_address(const char *text)
{
    struct addr address = {.family = AF_INET};

    if (strchr(text, ':') != NULL) {
        assert_int_equal(addr_parse(text, &address), 0);
        return address;
    }
    address.v4.s_addr = htonl((uint32_t)strtoul(text, NULL, 16));
    return address;
}

size_t world_table(struct world_connection *out, size_t max)
{
    FILE *file = fopen("/proc/net/ip_vs_conn", "r");
    char line[LINE_MAX_BYTES];
    size_t count = 0;

    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        struct world_connection c = {0};
        char client[64], ours[64], server[64];

        if (sscanf(line, "%*s %63s %x %63s %x %63s %x %15s %u", client, &c.client_port, ours, &c.virtual_port, server,
                   &c.server_port, c.state, &c.expires) != 8 ||
            strcmp(client, "FromIP") == 0)
            continue;
        if (count < max) {
            c.client = read_table_address(client);
            c.virtual_address = read_table_address(ours);
            c.server = read_table_address(server);
            out[count] = c;
        }
        count++;
    }
    fclose(file);
    return count;
}

static size_t counted(struct world *world)
{
    struct ipvs_table table;
    size_t count = 0;

    assert_int_equal(ipvs_read(world->ipvs, &table), 0);
    for (size_t i = 0; i < table.count; i++)
        for (size_t j = 0; j < table.entries[i].server_count; j++) {
            const struct ipvs_server *server = &table.entries[i].servers[j];

            count += server->active + server->inactive + server->persistent;
        }
    ipvs_table_free(&table);
    return count;
}

size_t world_wait_for(struct world *world, size_t connections)
{
    uint64_t until_ms = clock_ms() + WAIT_MS;
    struct timespec pause = {.tv_nsec = 5000000};
    size_t found;

    while ((found = counted(world)) != connections && clock_ms() < until_ms)
        nanosleep(&pause, NULL);
    return found;
}
