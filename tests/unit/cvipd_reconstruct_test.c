/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reconstruction over real UDP on loopback: with tcd's own reporter and real connections, and with a traffic node
 * that behaves badly. The IPVS table and the way into it are played. */
#include "unit.h"

#include "fake_inject.h"
#include "fake_ipvs.h"
#include "reconstruct.h"
#include "reporter.h"
#include "wake.h"
#include "wire.h"

#include <errno.h>
#include <sodium.h>
#include <sys/socket.h>

#define OURS "127.0.0.1"
#define GOOD_NODE "127.0.0.11" /* tcd */
#define BAD_NODE "127.0.0.12"
#define DEADLINE_US 20000000
#define CLIENTS 250 /* two datagrams */

struct bench {
    qb_loop_t *loop;
    struct keyring keys, foreign;
    uint16_t udp_port, service_port;
    struct reconstruct *reconstruct;
    struct reporter reporter;
    struct tcd_config *config;
    struct wake patience;
    int listener, bad_node;
    int clients[CLIENTS];
    size_t client_count;
    unsigned requests; /* that the bad node got */
    unsigned done;
    struct reconstruct_result result;
};

static struct bench bench;

/* The world. */

static struct addr address(const char *text)
{
    struct addr result;

    assert_int_equal(addr_parse(text, &result), 0);
    return result;
}

static int open_socket(const char *text, int type, uint16_t *port)
{
    struct addr a = address(text), bound;
    struct sockaddr_storage local;
    socklen_t length = addr_to_sockaddr(&a, *port, &local);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&local, length), 0);
    length = sizeof(local);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&local, &length), 0);
    assert_int_equal(addr_from_sockaddr(&local, &bound, port), 0);
    return fd;
}

static uint16_t connect_from(const char *source)
{
    struct addr to = address(OURS);
    struct sockaddr_storage peer;
    socklen_t length = addr_to_sockaddr(&to, bench.service_port, &peer);
    uint16_t port = 0;
    int fd = open_socket(source, SOCK_STREAM, &port);

    assert_int_equal(connect(fd, (struct sockaddr *)&peer, length), 0);
    bench.clients[bench.client_count++] = fd;
    return port;
}

static void make_key(uint32_t id, struct keyring *ring)
{
    struct conf_error error;
    char line[128];

    key_generate_line(id, line, sizeof(line));
    assert_int_equal(key_load_text("keys", line, strlen(line), ring, &error), 0);
}

static void fill(void *context, struct wire_report *report)
{
    (void)context, (void)report;
}

static void start_tcd(void)
{
    struct conf_error error = {""};
    char lines[256];

    snprintf(lines, sizeof(lines),
             "master1 " OURS "\nport %u\naddress " GOOD_NODE "\nbind " GOOD_NODE "\nservice web tcp " OURS " %u\n",
             bench.udp_port, bench.service_port);
    if (tcd_config_load_text("test", lines, strlen(lines), &bench.config, &error) != 0)
        fail_msg("%s", error.text);
    assert_int_equal(reporter_open(&bench.reporter, bench.loop, bench.config, &bench.keys, fill, NULL), 0);
}

static void add_service(void)
{
    struct ipvs_service service = {
        .family = AF_INET, .protocol = IPPROTO_TCP, .address = address(OURS), .port = bench.service_port};
    struct ipvs_server server = {.port = bench.service_port, .forward = IPVS_DIRECT, .weight = 1};

    assert_int_equal(ipvs_service_add((struct ipvs *)&fake_ipvs, &service), 0);
    server.address = address(GOOD_NODE);
    assert_int_equal(ipvs_server_add((struct ipvs *)&fake_ipvs, &service, &server), 0);
    server.address = address(BAD_NODE);
    server.weight = 0;
    assert_int_equal(ipvs_server_add((struct ipvs *)&fake_ipvs, &service, &server), 0);
}

static void done(void *context, const struct reconstruct_result *result)
{
    (void)context;
    bench.done++;
    bench.result = *result;
    qb_loop_stop(bench.loop);
}

static void out_of_patience(void *context)
{
    (void)context;
    qb_loop_stop(bench.loop);
}

static int make(void **state)
{
    struct reconstruct_settings settings = {
        .sync_interface = "lo", .sync_id = 5, .address_count = 1, .addresses = {address(OURS)}};

    (void)state;
    memset(&bench, 0, sizeof(bench));
    if (sodium_init() < 0)
        return -1;
    make_key(1, &bench.keys);
    make_key(1, &bench.foreign);
    bench.loop = qb_loop_create();
    bench.bad_node = open_socket(BAD_NODE, SOCK_DGRAM, &bench.udp_port);
    bench.listener = open_socket(OURS, SOCK_STREAM, &bench.service_port);
    assert_int_equal(listen(bench.listener, 4096), 0);
    start_tcd();
    settings.port = bench.udp_port;
    fake_ipvs_reset();
    fake_inject = (struct fake_inject){.refuses = false};
    assert_int_equal(wake_open(&bench.patience, bench.loop, QB_LOOP_MED, out_of_patience, NULL), 0);
    assert_int_equal(reconstruct_open(bench.loop, &settings, &bench.keys, done, NULL, &bench.reconstruct), 0);
    assert_string_equal(fake_inject.interface, "lo");
    assert_int_equal(fake_inject.id, 5);
    return 0;
}

static int end(void **state)
{
    (void)state;
    reconstruct_close(bench.reconstruct);
    reporter_close(&bench.reporter);
    wake_close(&bench.patience);
    (void)qb_loop_poll_del(bench.loop, bench.bad_node);
    for (size_t i = 0; i < bench.client_count; i++)
        close(bench.clients[i]);
    close(bench.bad_node);
    close(bench.listener);
    qb_loop_destroy(bench.loop);
    tcd_config_free(bench.config);
    fake_ipvs_reset();
    return 0;
}

static void await_done(void)
{
    wake_in(&bench.patience, DEADLINE_US);
    qb_loop_run(bench.loop);
    assert_int_equal(bench.done, 1);
}

/* How often that client was entered, with that server. */
static unsigned entered(const char *client, uint16_t port, const char *server)
{
    struct addr a = address(client), b = address(server), ours = address(OURS);
    unsigned count = 0;

    for (size_t i = 0; i < fake_inject.count; i++) {
        const struct sync_connection *c = &fake_inject.connections[i];

        count += addr_equal(&c->client, &a) && c->client_port == port && addr_equal(&c->server, &b) &&
                 c->server_port == bench.service_port && addr_equal(&c->virtual_address, &ours) &&
                 c->virtual_port == bench.service_port;
    }
    return count;
}

/* The node that behaves badly. */

static void say(const struct sockaddr_storage *to, const struct keyring *ring, uint64_t request, uint32_t part,
                bool last, uint16_t virtual_port)
{
    struct wire_message message = {.type = WIRE_CONNECTIONS};
    uint8_t datagram[WIRE_DATAGRAM_MAX];

    message.connections = (struct wire_connections){.flags = last ? WIRE_CONNECTIONS_LAST : 0,
                                                    .request = request,
                                                    .node = address(BAD_NODE),
                                                    .part = part,
                                                    .virtual_address = address(OURS),
                                                    .virtual_port = virtual_port,
                                                    .count = 1};
    message.connections.connections[0] =
        (struct wire_connection){.client = address("192.0.2.9"), .port = (uint16_t)(1000 + part)};
    int length = wire_encode(&message, &ring->keys[0], datagram);
    assert_true(length > 0);
    assert_int_equal(sendto(bench.bad_node, datagram, (size_t)length, 0, (const struct sockaddr *)to, sizeof(*to)),
                     length);
}

/* Four parts, backwards, each twice; among them forged ones, of other requests, and of a service that is not ours. In
 * the first round part 1 is lost. */
static int32_t behave_badly(int32_t fd, int32_t events, void *data)
{
    struct wire_message message;
    struct sockaddr_storage from = {0};
    socklen_t length = sizeof(from);
    uint8_t datagram[WIRE_DATAGRAM_MAX];
    ssize_t size = recvfrom(fd, datagram, sizeof(datagram), 0, (struct sockaddr *)&from, &length);

    (void)events, (void)data;
    if (size < 0 || wire_decode(datagram, (size_t)size, &bench.keys, &message) != WIRE_OK)
        return 0;
    uint64_t request = message.connections_request.request;
    bench.requests++;
    say(&from, &bench.foreign, request, 0, false, bench.service_port);
    say(&from, &bench.keys, request ^ 1, 0, false, bench.service_port);
    for (unsigned part = 4; part-- > 0;)
        for (unsigned twice = 0; twice < 2 && !(part == 1 && bench.requests == 1); twice++)
            say(&from, &bench.keys, request, part, part == 3,
                part == 2 ? (uint16_t)(bench.service_port + 1) : bench.service_port);
    return 0;
}

static void without_services_there_is_nobody_to_ask(void **state)
{
    (void)state;
    assert_false(reconstruct_has_servers(bench.reconstruct));
    assert_int_equal(reconstruct_start(bench.reconstruct, 3), 0);
    await_done();
    assert_int_equal(bench.result.epoch, 3);
    assert_int_equal(bench.result.nodes_asked, 0);
    assert_int_equal(bench.result.connections, 0);
    assert_false(bench.result.complete);
}

static void a_node_that_is_silent_is_given_up_and_the_other_is_heard(void **state)
{
    uint16_t ports[CLIENTS];

    (void)state;
    for (unsigned i = 0; i < CLIENTS; i++)
        ports[i] = connect_from("127.0.0.3");
    add_service();
    assert_true(reconstruct_has_servers(bench.reconstruct));
    assert_int_equal(reconstruct_start(bench.reconstruct, 4), 0);
    await_done();
    assert_int_equal(bench.result.nodes_asked, 2);
    assert_int_equal(bench.result.nodes_complete, 1);
    assert_false(bench.result.complete);
    assert_int_equal(bench.result.connections, CLIENTS);
    for (unsigned i = 0; i < CLIENTS; i++)
        assert_int_equal(entered("127.0.0.3", ports[i], GOOD_NODE), 1);
    assert_int_equal(bench.reporter.lists, 1);
}

static void losses_doubles_and_forgeries_do_no_harm(void **state)
{
    (void)state;
    uint16_t port = connect_from("127.0.0.3");
    add_service();
    assert_int_equal(qb_loop_poll_add(bench.loop, QB_LOOP_MED, bench.bad_node, POLLIN, NULL, behave_badly), 0);
    assert_int_equal(reconstruct_start(bench.reconstruct, 5), 0);
    await_done();
    assert_int_equal(bench.requests, 2);
    assert_int_equal(bench.result.nodes_complete, 2);
    assert_true(bench.result.complete);
    assert_int_equal(bench.result.failed, 0);
    assert_int_equal(bench.result.connections, 1 + 3);
    assert_int_equal(entered("127.0.0.3", port, GOOD_NODE), 1);
    assert_int_equal(entered("192.0.2.9", 1000, BAD_NODE), 2); /* in each round */
    assert_int_equal(entered("192.0.2.9", 1001, BAD_NODE), 1);
    assert_int_equal(entered("192.0.2.9", 1002, BAD_NODE), 0);
    assert_int_equal(entered("192.0.2.9", 1003, BAD_NODE), 2);
    assert_int_equal(fake_inject.count, 1 + 5);
}

/* Who told everything is of no use when it could not be entered. */
static void what_cannot_be_entered_makes_it_incomplete(void **state)
{
    (void)state;
    connect_from("127.0.0.3");
    add_service();
    assert_int_equal(qb_loop_poll_add(bench.loop, QB_LOOP_MED, bench.bad_node, POLLIN, NULL, behave_badly), 0);
    fake_inject.refuses = true;
    assert_int_equal(reconstruct_start(bench.reconstruct, 5), 0);
    await_done();
    assert_int_equal(bench.result.nodes_complete, 2);
    assert_true(bench.result.failed > 0);
    assert_false(bench.result.complete);
}

static void a_newer_one_replaces_the_one_under_way(void **state)
{
    (void)state;
    add_service();
    assert_int_equal(reconstruct_start(bench.reconstruct, 6), 0);
    assert_int_equal(reconstruct_start(bench.reconstruct, 7), 0);
    await_done();
    assert_int_equal(bench.result.epoch, 7);
    fake_ipvs.read_error = -EIO;
    assert_int_equal(reconstruct_start(bench.reconstruct, 8), -EIO);
    assert_false(reconstruct_has_servers(bench.reconstruct));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_services_there_is_nobody_to_ask, make, end),
        cmocka_unit_test_setup_teardown(a_node_that_is_silent_is_given_up_and_the_other_is_heard, make, end),
        cmocka_unit_test_setup_teardown(losses_doubles_and_forgeries_do_no_harm, make, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_entered_makes_it_incomplete, make, end),
        cmocka_unit_test_setup_teardown(a_newer_one_replaces_the_one_under_way, make, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
