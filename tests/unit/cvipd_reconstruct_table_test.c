/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom to ask according to the IPVS table, and what the answers become. */
#include "unit.h"

#include "ipvs_table.h"
#include "reconstruct_table.h"

static struct addr address(const char *text)
{
    struct addr result;

    assert_int_equal(addr_parse(text, &result), 0);
    return result;
}

enum { WEB, WEB6, PERSISTENT, DNS, FOREIGN, MARKED, EVERY_PORT, SERVICES };

static struct ipvs_server servers[SERVICES][4];
static struct ipvs_table_entry entries[SERVICES];
static const struct ipvs_table table = {.count = SERVICES, .entries = entries};
static struct addr ours[2];

static void set(unsigned which, const char *ours_text, uint16_t port, uint8_t protocol)
{
    struct addr a = address(ours_text);

    entries[which] = (struct ipvs_table_entry){
        .service = {.family = a.family, .protocol = protocol, .address = a, .port = port, .scheduler = "wrr"},
        .servers = servers[which]};
}

static void serve(unsigned which, const char *text, enum ipvs_forward forward, uint16_t port, uint32_t weight)
{
    servers[which][entries[which].server_count++] =
        (struct ipvs_server){.address = address(text), .port = port, .forward = forward, .weight = weight};
}

static int make(void **state)
{
    (void)state;
    ours[0] = address("10.1.0.100");
    ours[1] = address("fd00:1::100");
    set(WEB, "10.1.0.100", 80, IPPROTO_TCP);
    serve(WEB, "10.1.0.11", IPVS_DIRECT, 80, 100);
    serve(WEB, "10.1.0.12", IPVS_TUNNEL, 80, 0);
    serve(WEB, "10.1.0.13", IPVS_NAT, 8080, 100);
    serve(WEB, "127.0.0.1", IPVS_LOCAL, 80, 0);
    set(WEB6, "fd00:1::100", 80, IPPROTO_TCP);
    serve(WEB6, "fd00:1::11", IPVS_DIRECT, 80, 100);
    serve(WEB6, "10.1.0.14", IPVS_TUNNEL, 80, 100);
    set(PERSISTENT, "10.1.0.100", 443, IPPROTO_TCP);
    serve(PERSISTENT, "10.1.0.11", IPVS_DIRECT, 443, 100);
    entries[PERSISTENT].service.persistence = 300;
    entries[PERSISTENT].service.netmask = 22;
    set(DNS, "10.1.0.100", 53, IPPROTO_UDP);
    serve(DNS, "10.1.0.15", IPVS_DIRECT, 53, 100);
    set(FOREIGN, "10.1.0.200", 80, IPPROTO_TCP);
    serve(FOREIGN, "10.1.0.16", IPVS_DIRECT, 80, 100);
    set(MARKED, "0.0.0.0", 0, 0);
    serve(MARKED, "10.1.0.17", IPVS_DIRECT, 0, 0);
    entries[MARKED].service.fwmark = 7;
    set(EVERY_PORT, "10.1.0.101", 0, IPPROTO_TCP);
    serve(EVERY_PORT, "10.1.0.18", IPVS_DIRECT, 0, 100);
    entries[EVERY_PORT].service.persistence = 60;
    return 0;
}

static void servers_of_our_services_are_asked(void **state)
{
    static const char *const expected[] = {"10.1.0.11", "10.1.0.12", "fd00:1::11"};
    struct reconstruct_state nodes = {0};

    (void)state;
    assert_int_equal(reconstruct_table_nodes(&table, ours, 2, &nodes), 0);
    assert_int_equal(nodes.count, 3);
    for (size_t i = 0; i < 3; i++) {
        struct addr node = address(expected[i]);

        assert_true(addr_equal(&nodes.nodes[i].address, &node));
    }
    reconstruct_state_clear(&nodes);
}

static void a_server_needs_a_weight_to_count(void **state)
{
    struct addr other = address("10.1.0.111");

    (void)state;
    assert_true(reconstruct_table_has_servers(&table, ours, 2));
    assert_true(reconstruct_table_has_servers(&table, &ours[1], 1));
    assert_false(reconstruct_table_has_servers(&table, &other, 1));
    servers[MARKED][0].weight = 1; /* such a service may be on any address */
    assert_true(reconstruct_table_has_servers(&table, &other, 1));
}

static const struct ipvs_server *find(const char *ours_text, uint16_t port, const char *node,
                                      const struct ipvs_service **service)
{
    struct addr a = address(ours_text), b = address(node);

    return reconstruct_table_server(&table, &a, port, &b, service);
}

static void a_connection_goes_to_its_server(void **state)
{
    const struct wire_connection from = {.client = address("192.0.2.9"), .port = 4000};
    const struct ipvs_service *service;
    struct sync_connection out;

    (void)state;
    const struct ipvs_server *server = find("10.1.0.100", 80, "10.1.0.12", &service);
    assert_ptr_equal(server, &servers[WEB][1]);
    reconstruct_table_connection(service, server, 80, &from, &out);
    assert_true(addr_equal(&out.client, &from.client));
    assert_true(addr_equal(&out.virtual_address, &ours[0]));
    assert_true(addr_equal(&out.server, &server->address));
    assert_int_equal(out.client_port, 4000);
    assert_int_equal(out.virtual_port, 80);
    assert_int_equal(out.server_port, 80);
    assert_int_equal(out.flags, 2); /* IP_VS_CONN_F_TUNNEL */
    assert_int_equal(out.state, 1);
    assert_int_equal(out.timeout, 900);
    assert_int_equal(out.protocol, IPPROTO_TCP);
    assert_false(reconstruct_table_template(service, server, &from, &out));
}

static void who_does_not_serve_has_no_connections(void **state)
{
    const struct ipvs_service *service;

    (void)state;
    assert_null(find("10.1.0.100", 80, "10.1.0.15", &service));
    assert_null(find("10.1.0.100", 81, "10.1.0.11", &service));
    assert_null(find("10.1.0.100", 53, "10.1.0.15", &service));
    assert_null(find("10.1.0.100", 80, "10.1.0.13", &service)); /* with NAT it has them to its own address */
    assert_null(find("fd00:1::100", 80, "10.1.0.11", &service));
}

static void who_comes_into_the_table_is_noticed(void **state)
{
    struct ipvs_server pair[] = {{.address = address("10.1.0.11"), .port = 80, .weight = 100},
                                 {.address = address("10.1.0.12"), .port = 80, .weight = 0}};
    struct ipvs_table_entry web = {.service = entries[WEB].service, .server_count = 2, .servers = pair};
    struct ipvs_table_entry fewer = {.service = entries[WEB].service, .server_count = 1, .servers = pair};
    struct ipvs_table_entry dns = {.service = entries[DNS].service, .server_count = 1, .servers = pair};
    const struct ipvs_table none = {0};
    const struct ipvs_table two = {.count = 1, .entries = &web};
    const struct ipvs_table one = {.count = 1, .entries = &fewer};
    const struct ipvs_table other = {.count = 1, .entries = &dns};

    (void)state;
    assert_false(reconstruct_table_newcomer(&none, &none));
    assert_false(reconstruct_table_newcomer(&two, &two));
    assert_false(reconstruct_table_newcomer(&two, &one)); /* one went */
    assert_false(reconstruct_table_newcomer(&two, &none));
    assert_true(reconstruct_table_newcomer(&one, &two));
    assert_true(reconstruct_table_newcomer(&none, &one));
    assert_true(reconstruct_table_newcomer(&one, &other)); /* the same server of another service */
}

static void assert_template(const char *client, const char *expected, unsigned which)
{
    const struct wire_connection from = {.client = address(client), .port = 4000};
    struct addr masked = address(expected);
    struct sync_connection out;

    assert_true(reconstruct_table_template(&entries[which].service, &servers[which][0], &from, &out));
    assert_true(addr_equal(&out.client, &masked));
    assert_int_equal(out.client_port, 0);
    assert_int_equal(out.virtual_port, entries[which].service.port);
    assert_int_equal(out.server_port, servers[which][0].port);
    assert_int_equal(out.flags, 0x1003);
    assert_int_equal(out.state, 0);
    assert_int_equal(out.timeout, entries[which].service.persistence);
}

static void a_persistent_service_has_templates(void **state)
{
    const struct ipvs_service *service;

    (void)state;
    assert_template("192.0.2.129", "192.0.0.0", PERSISTENT);
    entries[PERSISTENT].service.netmask = 32;
    assert_template("192.0.2.129", "192.0.2.129", PERSISTENT);
    entries[PERSISTENT].service.netmask = 0;
    assert_template("192.0.2.129", "192.0.2.129", PERSISTENT);
    entries[PERSISTENT].service.netmask = 25;
    assert_template("192.0.2.129", "192.0.2.128", PERSISTENT);

    entries[WEB6].service.persistence = 60;
    entries[WEB6].service.netmask = 60;
    assert_template("2001:db8:1:ff::9", "2001:db8:1:f0::", WEB6);

    /* A service of all ports: the connection has its own, the template none. */
    struct sync_connection out;
    const struct wire_connection from = {.client = address("192.0.2.9"), .port = 4000};
    const struct ipvs_server *server = find("10.1.0.101", 8443, "10.1.0.18", &service);
    assert_non_null(server);
    reconstruct_table_connection(service, server, 8443, &from, &out);
    assert_int_equal(out.virtual_port, 8443);
    assert_int_equal(out.server_port, 8443);
    assert_template("192.0.2.9", "192.0.2.9", EVERY_PORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(servers_of_our_services_are_asked, make),
        cmocka_unit_test_setup(a_server_needs_a_weight_to_count, make),
        cmocka_unit_test_setup(a_connection_goes_to_its_server, make),
        cmocka_unit_test_setup(who_does_not_serve_has_no_connections, make),
        cmocka_unit_test_setup(who_comes_into_the_table_is_noticed, make),
        cmocka_unit_test_setup(a_persistent_service_has_templates, make),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
