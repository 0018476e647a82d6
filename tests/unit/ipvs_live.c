/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/ipvs and the executor against a real kernel, in a network namespace of its own, so that the machine's table is
 * not touched. Needs root and IPVS; else it is skipped (77). ipvs_live.sh runs it in a UML kernel. */
#include "executor.h"
#include "ipvs_table.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SKIPPED 77
#define MANY 1000

static struct ipvs *ipvs;

static struct addr address(const char *text)
{
    struct addr result;

    assert_int_equal(addr_parse(text, &result), 0);
    return result;
}

static struct ipvs_service tcp_service(const char *text, uint16_t port)
{
    struct addr a = address(text);

    return (struct ipvs_service){
        .family = a.family, .protocol = IPPROTO_TCP, .address = a, .port = port, .scheduler = "wrr"};
}

static struct ipvs_server server_of(const char *text, uint16_t port, enum ipvs_forward forward, uint32_t weight)
{
    return (struct ipvs_server){.address = address(text), .port = port, .forward = forward, .weight = weight};
}

static int empty(void **state)
{
    (void)state;
    return system("ipvsadm -C");
}

static void read_table(struct ipvs_table *table)
{
    assert_int_equal(ipvs_read(ipvs, table), 0);
    ipvs_table_sort(table);
}

/* ipvsadm's own reading of the table must hold each line. */
static void assert_ipvsadm_shows(const char *const *lines)
{
    char text[8192];
    FILE *pipe = popen("ipvsadm -S -n", "r");
    size_t length;

    assert_non_null(pipe);
    length = fread(text, 1, sizeof(text) - 1, pipe);
    text[length] = '\0';
    assert_int_equal(pclose(pipe), 0);
    for (; *lines != NULL; lines++) {
        if (strstr(text, *lines) == NULL) {
            fail_msg("ipvsadm does not show \"%s\" but:\n%s", *lines, text);
        }
    }
}

static void services_come_back_as_they_were_written(void **state)
{
    struct ipvs_service all[] = {
        tcp_service("10.1.0.100", 80),
        tcp_service("fd00:1::100", 80),
        tcp_service("10.1.0.100", 443),
        tcp_service("fd00:1::100", 443),
        tcp_service("10.1.0.100", 53),
        {.family = AF_INET, .fwmark = 7, .scheduler = "rr"},
        {.family = AF_INET6, .fwmark = 7, .scheduler = "wlc", .persistence = 60},
    };
    static const char *const lines[] = {
        "-A -t 10.1.0.100:80 -s wrr",
        "-A -t [fd00:1::100]:80 -s wrr",
        "-A -t 10.1.0.100:443 -s wrr -p 300 -M 255.255.255.0",
        "-A -t [fd00:1::100]:443 -s wrr -p 600 -M 64",
        "-A -u 10.1.0.100:53 -s wrr",
        "-A -f 7 -s rr",
        "-A -f 7 -6 -s wlc -p 60",
        NULL,
    };
    struct ipvs_table table;

    (void)state;
    all[2].persistence = 300;
    all[2].netmask = 24;
    all[3].persistence = 600;
    all[3].netmask = 64;
    all[4].protocol = IPPROTO_UDP;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        assert_int_equal(ipvs_service_add(ipvs, &all[i]), 0);
    }
    read_table(&table);
    assert_int_equal(table.count, sizeof(all) / sizeof(all[0]));
    for (size_t i = 0; i < table.count; i++) {
        const struct ipvs_table_entry *entry = ipvs_table_find(&table, &all[i]);

        assert_non_null(entry);
        assert_true(ipvs_service_same_settings(&entry->service, &all[i]));
    }
    ipvs_table_free(&table);
    assert_ipvsadm_shows(lines);
}

static void a_service_changes(void **state)
{
    struct ipvs_service service = tcp_service("10.1.0.100", 80);
    struct ipvs_table table;

    (void)state;
    assert_int_equal(ipvs_service_add(ipvs, &service), 0);
    strcpy(service.scheduler, "wlc");
    service.persistence = 120;
    assert_int_equal(ipvs_service_change(ipvs, &service), 0);
    read_table(&table);
    assert_true(ipvs_service_same_settings(&table.entries[0].service, &service));
    ipvs_table_free(&table);
    service.persistence = 0; /* the flag must go too */
    assert_int_equal(ipvs_service_change(ipvs, &service), 0);
    read_table(&table);
    assert_int_equal(table.entries[0].service.persistence, 0);
    ipvs_table_free(&table);
    assert_int_equal(ipvs_service_delete(ipvs, &service), 0);
    read_table(&table);
    assert_int_equal(table.count, 0);
}

static void servers_come_back_as_they_were_written(void **state)
{
    struct ipvs_service v4 = tcp_service("10.1.0.100", 80);
    struct ipvs_service v6 = tcp_service("fd00:1::100", 80);
    struct ipvs_server all[] = {
        server_of("10.1.0.11", 80, IPVS_DIRECT, 65535), server_of("10.1.0.12", 8080, IPVS_NAT, 1),
        server_of("10.1.0.13", 80, IPVS_TUNNEL, 0),     server_of("127.0.0.1", 80, IPVS_LOCAL, 3),
        server_of("fd00:1::14", 80, IPVS_TUNNEL, 4), /* a tunnel to the other family */
    };
    struct ipvs_server six = server_of("fd00:1::11", 80, IPVS_DIRECT, 9);
    static const char *const lines[] = {
        "-a -t 10.1.0.100:80 -r 10.1.0.11:80 -g -w 65535", "-a -t 10.1.0.100:80 -r 10.1.0.12:8080 -m -w 1",
        "-a -t 10.1.0.100:80 -r 10.1.0.13:80 -i -w 0",     "-a -t [fd00:1::100]:80 -r [fd00:1::11]:80 -g -w 9",
        "-a -t 10.1.0.100:80 -r [fd00:1::14]:80 -i -w 4",  NULL,
    };
    struct ipvs_table table;
    struct ipvs_table_entry *entry;

    (void)state;
    assert_int_equal(ipvs_service_add(ipvs, &v4), 0);
    assert_int_equal(ipvs_service_add(ipvs, &v6), 0);
    assert_int_equal(ipvs_server_add(ipvs, &v6, &six), 0);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        assert_int_equal(ipvs_server_add(ipvs, &v4, &all[i]), 0);
    }
    assert_ipvsadm_shows(lines);
    read_table(&table);
    entry = ipvs_table_find(&table, &v4);
    assert_int_equal(entry->server_count, sizeof(all) / sizeof(all[0]));
    for (size_t i = 0; i < entry->server_count; i++) {
        const struct ipvs_server *server = ipvs_table_find_server(entry, &all[i]);

        assert_non_null(server);
        assert_int_equal(server->weight, all[i].weight);
        assert_int_equal(server->forward, all[i].forward);
    }
    assert_int_equal(ipvs_table_find(&table, &v6)->server_count, 1);
    ipvs_table_free(&table);

    all[0].weight = 5;
    all[0].forward = IPVS_TUNNEL;
    assert_int_equal(ipvs_server_change(ipvs, &v4, &all[0]), 0);
    assert_int_equal(ipvs_server_delete(ipvs, &v4, &all[4]), 0);
    read_table(&table);
    entry = ipvs_table_find(&table, &v4);
    assert_null(ipvs_table_find_server(entry, &all[4]));
    assert_int_equal(ipvs_table_find_server(entry, &all[0])->forward, IPVS_TUNNEL);
    assert_int_equal(ipvs_table_find_server(entry, &all[0])->weight, 5);
    ipvs_table_free(&table);
}

static void refusals_have_their_errno(void **state)
{
    struct ipvs_service service = tcp_service("10.1.0.100", 80);
    struct ipvs_service nonsense = tcp_service("10.1.0.100", 81);
    struct ipvs_server server = server_of("10.1.0.11", 80, IPVS_DIRECT, 1);

    (void)state;
    strcpy(nonsense.scheduler, "nonsense");
    assert_int_equal(ipvs_service_add(ipvs, &nonsense), -ENOENT);
    assert_int_equal(ipvs_service_change(ipvs, &service), -ESRCH);
    assert_int_equal(ipvs_service_delete(ipvs, &service), -ESRCH);
    assert_int_equal(ipvs_server_add(ipvs, &service, &server), -ESRCH);
    assert_int_equal(ipvs_service_add(ipvs, &service), 0);
    assert_int_equal(ipvs_service_add(ipvs, &service), -EEXIST);
    assert_int_equal(ipvs_server_change(ipvs, &service, &server), -ENOENT);
    assert_int_equal(ipvs_server_delete(ipvs, &service, &server), -ENOENT);
    assert_int_equal(ipvs_server_add(ipvs, &service, &server), 0);
    assert_int_equal(ipvs_server_add(ipvs, &service, &server), -EEXIST);
}

static struct executor_wanted_server many[MANY];

static void the_executor_keeps_a_thousand_servers(void **state)
{
    struct executor_settings settings = {.drain_timeout_ms = 1000};
    struct executor_wanted_service service = {
        .service = tcp_service("10.1.0.100", 80), .server_count = MANY, .servers = many};
    struct executor_wanted wanted = {.count = 1, .services = &service};
    struct executor_stats stats;
    struct executor *executor;

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        char text[32];

        snprintf(text, sizeof(text), "10.1.%u.%u", 1 + i / 200, 1 + i % 200);
        many[i] = (struct executor_wanted_server){.address = address(text), .port = 80, .weight = 100};
    }
    assert_int_equal(executor_open(&executor, &settings), 0);
    assert_int_equal(executor_apply(executor, &wanted, false, 1), 0);
    assert_int_equal(executor_apply(executor, &wanted, true, 2), 0);
    executor_stats(executor, &stats);
    assert_int_equal(stats.writes, MANY + 1);
    assert_int_equal(executor_table(executor)->entries[0].server_count, MANY);

    /* Somebody else empties the table, and changes one weight. */
    assert_int_equal(empty(NULL), 0);
    assert_int_equal(executor_apply(executor, &wanted, true, 3), 0);
    assert_int_equal(system("ipvsadm -e -t 10.1.0.100:80 -r 10.1.1.1:80 -g -w 101"), 0);
    assert_int_equal(executor_apply(executor, &wanted, true, 4), 0);
    executor_stats(executor, &stats);
    assert_int_equal(stats.repairs, MANY + 2);
    assert_int_equal(stats.errors, 0);

    service.server_count = 1; /* the others drain: weight 0, then, having no connections, away */
    assert_int_equal(executor_apply(executor, &wanted, true, 5), 0);
    assert_int_equal(executor_apply(executor, &wanted, true, 6), 0);
    assert_int_equal(executor_table(executor)->entries[0].server_count, 1);
    wanted.count = 0;
    assert_int_equal(executor_apply(executor, &wanted, true, 7), 0);
    assert_int_equal(executor_apply(executor, &wanted, true, 8), 0);
    assert_int_equal(executor_table(executor)->count, 0);
    executor_close(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(services_come_back_as_they_were_written, empty),
    cmocka_unit_test_setup(a_service_changes, empty),
    cmocka_unit_test_setup(servers_come_back_as_they_were_written, empty),
    cmocka_unit_test_setup(refusals_have_their_errno, empty),
    cmocka_unit_test_setup(the_executor_keeps_a_thousand_servers, empty),
};

int main(void)
{
    int result = unshare(CLONE_NEWNET) != 0 ? -errno : ipvs_open(&ipvs);

    if (result != 0) {
        fprintf(stderr, "skipped: %s\n",
                result == -ENOENT ? "this kernel has no IPVS" : "needs root for a network namespace with IPVS");
        return SKIPPED;
    }
    /* IPVS looks servers up in the local routing table, which comes with the first address. */
    result = system("ip link set lo up");
    result |= cmocka_run_group_tests(tests, NULL, NULL);
    ipvs_close(ipvs);
    return result;
}
