/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sync daemons, the injection and the reconstruction against a real kernel, with traffic nodes that make their
 * connections up. Needs root and IPVS; else it is skipped (77). ipvs_live.sh runs it in the lab's kernel. */
#include "cvipd_connections_world.h"

#include "ipvs_sync.h"
#include "procsys.h"
#include "sync.h"

#include <errno.h>
#include <netinet/in.h>

#define SKIPPED 77
#define FEW 6        /* connections of a node and family */
#define MANY 25000   /* likewise */
#define LATER_PORT 4 /* above the ports of the FEW */

static const char *program;
static struct world world;
static const struct sync_settings sync_settings = {.interface = "sync0", .id = 1};

static int make(void **state)
{
    (void)state;
    return world_make(&world, program);
}

static int end(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static const struct ipvs_sync_daemon *find_daemon(const struct ipvs_sync_daemon *daemons, int count,
                                                  enum ipvs_sync_role role)
{
    for (int i = 0; i < count; i++)
        if (daemons[i].role == role)
            return &daemons[i];
    return NULL;
}

static void assert_setting(const char *name, const char *expected)
{
    char value[PROCSYS_VALUE_MAX];

    assert_int_equal(procsys_read(PROCSYS_ROOT, name, value), 0);
    assert_string_equal(value, expected);
}

static void both_daemons_run_until_the_end(void **state)
{
    struct ipvs_sync_daemon daemons[2];
    struct sync *sync;

    (void)state;
    assert_int_equal(ipvs_sync_read(world.ipvs, daemons), 0);
    assert_int_equal(sync_open(&sync_settings, &sync), 0);
    assert_int_equal(ipvs_sync_read(world.ipvs, daemons), 2);
    for (enum ipvs_sync_role role = IPVS_SYNC_MASTER; role <= IPVS_SYNC_BACKUP; role++) {
        const struct ipvs_sync_daemon *daemon = find_daemon(daemons, 2, role);

        assert_non_null(daemon);
        assert_string_equal(daemon->interface, "sync0");
        assert_int_equal(daemon->id, 1);
    }
    assert_int_equal(find_daemon(daemons, 2, IPVS_SYNC_MASTER)->maxlen, 64);
    assert_setting("net/ipv4/vs/sync_threshold", "0\t1");
    assert_setting("net/ipv4/vs/sync_refresh_period", "10");
    sync_close(sync);
    assert_int_equal(ipvs_sync_read(world.ipvs, daemons), 0);
    assert_setting("net/ipv4/vs/sync_threshold", "3\t50");
    assert_setting("net/ipv4/vs/sync_refresh_period", "0");
}

static void other_daemons_make_room_and_come_back(void **state)
{
    const struct ipvs_sync_daemon other = {.role = IPVS_SYNC_MASTER, .interface = "lan0", .id = 9, .maxlen = 600};
    struct ipvs_sync_daemon daemons[2];
    struct sync *sync;

    (void)state;
    assert_int_equal(ipvs_sync_start(world.ipvs, &other), 0);
    assert_int_equal(ipvs_sync_start(world.ipvs, &other), -EEXIST);
    assert_int_equal(sync_open(&sync_settings, &sync), 0);
    assert_int_equal(ipvs_sync_read(world.ipvs, daemons), 2);
    assert_int_equal(find_daemon(daemons, 2, IPVS_SYNC_MASTER)->id, 1);
    sync_close(sync);
    assert_int_equal(ipvs_sync_read(world.ipvs, daemons), 1);
    assert_int_equal(daemons[0].role, IPVS_SYNC_MASTER);
    assert_int_equal(daemons[0].id, 9);
    assert_int_equal(daemons[0].maxlen, 600);
    assert_string_equal(daemons[0].interface, "lan0");
}

/* A backup daemon reads no more than its length: one that is too small for our messages will not do. */
static void a_backup_that_reads_too_little_is_replaced(void **state)
{
    const struct ipvs_sync_daemon small = {.role = IPVS_SYNC_BACKUP, .interface = "sync0", .id = 1, .maxlen = 64};
    struct ipvs_sync_daemon daemons[2];
    struct sync *sync;

    (void)state;
    assert_int_equal(ipvs_sync_start(world.ipvs, &small), 0);
    assert_int_equal(sync_open(&sync_settings, &sync), 0);
    assert_int_equal(ipvs_sync_read(world.ipvs, daemons), 2);
    assert_true(find_daemon(daemons, 2, IPVS_SYNC_BACKUP)->maxlen >= 1400);
    sync_close(sync);
}

static void it_is_seen_when_somebody_stops_a_daemon_or_makes_the_interface_anew(void **state)
{
    const struct ipvs_sync_daemon ours = {.role = IPVS_SYNC_MASTER, .interface = "sync0", .id = 1};
    struct sync *sync;

    (void)state;
    assert_int_equal(sync_open(&sync_settings, &sync), 0);
    assert_true(sync_is_well(sync));
    assert_int_equal(ipvs_sync_stop(world.ipvs, &ours), 0);
    assert_false(sync_is_well(sync));
    sync_close(sync);
    assert_int_equal(sync_open(&sync_settings, &sync), 0);
    assert_true(sync_is_well(sync));
    assert_int_equal(system("ip link set sync0 name old0 && ip link add sync0 type dummy"), 0);
    assert_false(sync_is_well(sync));
    assert_int_equal(system("ip link del sync0"), 0);
    sync_close(sync);
}

static void only_our_own_daemons_are_cleaned_away(void **state)
{
    const struct ipvs_sync_daemon other = {.role = IPVS_SYNC_MASTER, .interface = "sync0", .id = 9};
    const struct ipvs_sync_daemon ours = {.role = IPVS_SYNC_BACKUP, .interface = "sync0", .id = 1};
    struct ipvs_sync_daemon daemons[2];

    (void)state;
    assert_int_equal(ipvs_sync_start(world.ipvs, &other), 0);
    assert_int_equal(ipvs_sync_start(world.ipvs, &ours), 0);
    assert_int_equal(sync_clean(&sync_settings), 0);
    assert_int_equal(ipvs_sync_read(world.ipvs, daemons), 1);
    assert_int_equal(daemons[0].id, 9);
    assert_int_equal(ipvs_sync_stop(world.ipvs, &other), 0);
    assert_int_equal(sync_clean(&sync_settings), 0);
}

static void without_the_interface_there_is_no_synchronisation(void **state)
{
    const struct sync_settings nowhere = {.interface = "nowhere", .id = 1};
    struct sync *sync;

    (void)state;
    assert_int_equal(sync_open(&nowhere, &sync), -ENODEV);
}

static void make_few(void)
{
    for (unsigned family = 0; family < WORLD_FAMILIES; family++)
        for (unsigned i = 0; i < WORLD_NODES; i++)
            world_node(&world, family, i, FEW);
}

/* Whether exactly one of the connections leads that client's port to that server. */
static bool leads_to(const struct world_connection *all, size_t count, const struct addr *client, unsigned port,
                     const struct addr *server)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        found += addr_equal(&all[i].client, client) && all[i].client_port == port &&
                 addr_equal(&all[i].server, server) && strcmp(all[i].state, "ESTABLISHED") == 0 &&
                 all[i].virtual_port == OUR_PORT && all[i].server_port == OUR_PORT && all[i].expires > 850;
    return found == 1;
}

static void assert_few_are_there(void)
{
    static struct world_connection all[100];
    size_t count = world_table(all, 100);

    for (unsigned family = 0; family < WORLD_FAMILIES; family++)
        for (unsigned i = 0; i < WORLD_NODES; i++) {
            struct addr client = world_client(family, i), server = world_server(family, i);

            for (unsigned port = WORLD_FIRST_PORT; port < WORLD_FIRST_PORT + FEW; port++)
                assert_true(leads_to(all, count, &client, port, &server));
        }
}

/* Established connections that the kernel counts for every server of that family. */
static void assert_active(unsigned family, uint32_t expected)
{
    struct ipvs_table table;

    assert_int_equal(ipvs_read(world.ipvs, &table), 0);
    for (size_t i = 0; i < table.count; i++)
        for (size_t j = 0; j < table.entries[i].server_count; j++)
            if (table.entries[i].service.family == (family == 0 ? AF_INET : AF_INET6))
                assert_int_equal(table.entries[i].servers[j].active, expected);
    ipvs_table_free(&table);
}

static void connections_of_both_families_come_back_and_go_on(void **state)
{
    struct sync *sync;

    (void)state;
    world_services(&world, 0, 0, 0);
    make_few();
    assert_int_equal(sync_open(&sync_settings, &sync), 0);
    assert_false(world_forwards(&world, 0, WORLD_FIRST_PORT, TCP_ACK));
    world_reconstruct(&world);
    assert_int_equal(world.result.nodes_asked, 8);
    assert_int_equal(world.result.nodes_complete, 8);
    assert_int_equal(world.result.connections, 8 * FEW);
    assert_int_equal(world_wait_for(&world, 8 * FEW), 8 * FEW);
    assert_int_equal(world_leaked(&world), 0);
    assert_few_are_there();
    for (unsigned family = 0; family < WORLD_FAMILIES; family++) {
        assert_active(family, FEW);
        assert_true(world_forwards(&world, family, WORLD_FIRST_PORT, TCP_ACK));
        assert_true(world_forwards(&world, family, WORLD_FIRST_PORT + FEW - 1, TCP_ACK));
        assert_false(world_forwards(&world, family, WORLD_FIRST_PORT + FEW, TCP_ACK));
        assert_true(world_tells_others(&world, family)); /* an entry of IPv6 is longer than the message's length */
    }

    /* Once more, over connections that are in use: nothing changes. */
    world_reconstruct(&world);
    assert_int_equal(world.result.connections, 8 * FEW);
    assert_int_equal(world_wait_for(&world, 8 * FEW), 8 * FEW);
    assert_few_are_there();
    assert_active(0, FEW);
    assert_active(1, FEW);
    sync_close(sync);
}

/* The private LAN may be what failed: the way into our own table needs its interface, but no carrier. */
static void without_a_carrier_connections_come_back_too(void **state)
{
    struct sync *sync;

    (void)state;
    world_services(&world, 0, 0, 0);
    make_few();
    assert_int_equal(sync_open(&sync_settings, &sync), 0);
    assert_int_equal(system("ip link set sync1 down"), 0);
    world_reconstruct(&world);
    assert_int_equal(world_wait_for(&world, 8 * FEW), 8 * FEW);
    assert_few_are_there();
    sync_close(sync);
}

/* With a netmask of 24 and a prefix of 112 bits the nodes' clients are of different networks. */
static void clients_of_persistent_services_stay_where_they_are(void **state)
{
    static struct world_connection all[100];
    struct sync *sync;

    (void)state;
    world_services(&world, 300, 24, 112);
    make_few();
    assert_int_equal(sync_open(&sync_settings, &sync), 0);
    world_reconstruct(&world);
    assert_int_equal(world.result.connections, 8 * FEW);
    assert_int_equal(world_wait_for(&world, 8 * FEW + 8), 8 * FEW + 8); /* a template for each client */
    for (unsigned family = 0; family < WORLD_FAMILIES; family++) {
        struct addr client = world_client(family, 0), server = world_server(family, 0);

        for (unsigned later = 0; later < LATER_PORT; later++) {
            unsigned port = WORLD_FIRST_PORT + 1000 + later;
            bool found = false;

            assert_true(world_forwards(&world, family, (uint16_t)port, TCP_SYN));
            size_t count = world_table(all, 100);
            for (size_t i = 0; i < count; i++)
                found = found || (addr_equal(&all[i].client, &client) && all[i].client_port == port &&
                                  addr_equal(&all[i].server, &server));
            assert_true(found);
        }
    }
    sync_close(sync);
}

static void silent_nodes_are_given_up(void **state)
{
    struct sync *sync;

    (void)state;
    world_services(&world, 0, 0, 0);
    for (unsigned i = 1; i < WORLD_NODES; i++)
        world_node(&world, 0, i, FEW);
    assert_int_equal(sync_open(&sync_settings, &sync), 0);
    world_reconstruct(&world);
    assert_int_equal(world.result.nodes_asked, 8);
    assert_int_equal(world.result.nodes_complete, 3);
    assert_int_equal(world.result.connections, 3 * FEW);
    sync_close(sync);
}

static void many_connections_arrive_all(void **state)
{
    struct sync *sync;

    (void)state;
    world_services(&world, 0, 0, 0);
    for (unsigned i = 0; i < WORLD_NODES; i++) {
        world_node(&world, 0, i, MANY);
        world_node(&world, 1, i, 0);
    }
    assert_int_equal(sync_open(&sync_settings, &sync), 0);
    world_reconstruct(&world);
    assert_int_equal(world.result.connections, WORLD_NODES * MANY);
    assert_int_equal(world_wait_for(&world, WORLD_NODES * MANY), WORLD_NODES * MANY);
    assert_active(0, MANY);
    assert_int_equal(world_leaked(&world), 0);
    printf("%d connections of 4 traffic nodes in %llu ms\n", WORLD_NODES * MANY,
           (unsigned long long)world.result.took_ms);
    sync_close(sync);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(both_daemons_run_until_the_end, make, end),
    cmocka_unit_test_setup_teardown(other_daemons_make_room_and_come_back, make, end),
    cmocka_unit_test_setup_teardown(a_backup_that_reads_too_little_is_replaced, make, end),
    cmocka_unit_test_setup_teardown(it_is_seen_when_somebody_stops_a_daemon_or_makes_the_interface_anew, make, end),
    cmocka_unit_test_setup_teardown(only_our_own_daemons_are_cleaned_away, make, end),
    cmocka_unit_test_setup_teardown(without_the_interface_there_is_no_synchronisation, make, end),
    cmocka_unit_test_setup_teardown(connections_of_both_families_come_back_and_go_on, make, end),
    cmocka_unit_test_setup_teardown(without_a_carrier_connections_come_back_too, make, end),
    cmocka_unit_test_setup_teardown(clients_of_persistent_services_stay_where_they_are, make, end),
    cmocka_unit_test_setup_teardown(silent_nodes_are_given_up, make, end),
    cmocka_unit_test_setup_teardown(many_connections_arrive_all, make, end),
};

int main(int argc, char **argv)
{
    (void)argc;
    program = argv[0];
    if (world_make(&world, program) != 0) {
        fputs("skipped: needs root, network namespaces and IPVS\n", stderr);
        return SKIPPED;
    }
    world_end(&world);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
