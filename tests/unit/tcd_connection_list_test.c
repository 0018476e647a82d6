/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers to masters that ask for the node's connections: real connections on loopback, read from the real kernel.
 */
#include "unit.h"

#include "clock.h"
#include "connection_list.h"
#include "timer.h"
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sodium.h>
#include <sys/socket.h>

#define DEADLINE_MS 20000
#define MASTER_PORT 40000
#define MANY 450 /* three datagrams */
#define CLIENTS_MAX 512
#define PARTS_MAX 64

struct bench {
    qb_loop_t *loop;
    struct tcd_config *config;
    struct keyring keys;
    struct connection_list *list;
    struct timer patience;
    int listener;
    uint16_t service_port;
    size_t client_count;
    int clients[CLIENTS_MAX];
    size_t part_count;
    struct wire_connections parts[PARTS_MAX];
    struct addr to; /* who got them */
    int send_error; /* the next datagram is refused with that, once */
};

static struct bench bench;

static struct addr address(const char *text)
{
    struct addr result;

    assert_int_equal(addr_parse(text, &result), 0);
    return result;
}

static void out_of_patience(void *data)
{
    qb_loop_stop(data);
}

static int take(void *context, const struct addr *to, uint16_t port, const uint8_t *data, size_t length)
{
    struct wire_message message;
    int error = bench.send_error;

    (void)context;
    bench.send_error = 0;
    if (error != 0)
        return error;
    assert_int_equal(port, MASTER_PORT);
    assert_int_equal(wire_decode(data, length, &bench.keys, &message), WIRE_OK);
    assert_int_equal(message.type, WIRE_CONNECTIONS);
    assert_true(bench.part_count < PARTS_MAX);
    bench.to = *to;
    bench.parts[bench.part_count++] = message.connections;
    if (message.connections.flags & WIRE_CONNECTIONS_LAST)
        qb_loop_stop(bench.loop);
    return 0;
}

/* An IPv6 socket that takes IPv4 too, as many servers have it. */
static void listen_dual(void)
{
    struct sockaddr_in6 local = {.sin6_family = AF_INET6};
    socklen_t length = sizeof(local);
    const int off = 0;

    bench.listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bench.listener < 0)
        return;
    setsockopt(bench.listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    assert_int_equal(bind(bench.listener, (struct sockaddr *)&local, sizeof(local)), 0);
    assert_int_equal(listen(bench.listener, 4096), 0);
    assert_int_equal(getsockname(bench.listener, (struct sockaddr *)&local, &length), 0);
    bench.service_port = ntohs(local.sin6_port);
}

static int make(void **state)
{
    char lines[512], line[128];
    struct conf_error error = {""};

    (void)state;
    memset(&bench, 0, sizeof(bench));
    if (sodium_init() < 0)
        return -1;
    listen_dual();
    snprintf(lines, sizeof(lines),
             "master1 127.0.0.1 ::1\nmaster2 127.0.0.2\naddress 127.0.0.9\n"
             "service web tcp 127.0.0.1 %u\nservice web tcp 127.0.0.8 %u\nservice web tcp ::1 %u\n"
             "service dns udp 127.0.0.1 53\n",
             bench.service_port, bench.service_port, bench.service_port);
    if (tcd_config_load_text("test", lines, strlen(lines), &bench.config, &error) != 0)
        fail_msg("%s", error.text);
    key_generate_line(1, line, sizeof(line));
    assert_int_equal(key_load_text("keys", line, strlen(line), &bench.keys, &error), 0);
    bench.loop = qb_loop_create();
    assert_int_equal(timer_init(&bench.patience, bench.loop, out_of_patience, bench.loop), 0);
    assert_int_equal(connection_list_open(bench.loop, bench.config, &bench.keys, take, NULL, &bench.list), 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    connection_list_close(bench.list);
    timer_close(&bench.patience);
    for (size_t i = 0; i < bench.client_count; i++)
        close(bench.clients[i]);
    if (bench.listener >= 0)
        close(bench.listener);
    qb_loop_destroy(bench.loop);
    tcd_config_free(bench.config);
    return 0;
}

/* Connects from one address to another; returns the client's port. */
static uint16_t connect_from(const char *source, const char *ours)
{
    struct addr from = address(source), to = address(ours);
    struct sockaddr_storage local, peer;
    socklen_t local_length = addr_to_sockaddr(&from, 0, &local);
    socklen_t peer_length = addr_to_sockaddr(&to, bench.service_port, &peer);
    int fd = socket(from.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint16_t port;

    assert_true(fd >= 0 && bench.client_count < CLIENTS_MAX);
    assert_int_equal(bind(fd, (struct sockaddr *)&local, local_length), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&peer, peer_length), 0);
    local_length = sizeof(local);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&local, &local_length), 0);
    bench.clients[bench.client_count++] = fd;
    assert_int_equal(addr_from_sockaddr(&local, &from, &port), 0);
    return port;
}

static int request(const char *master, uint64_t number, uint32_t rate)
{
    const struct wire_connections_request request = {.request = number, .rate = rate};
    struct addr from = address(master);

    return connection_list_request(bench.list, &from, MASTER_PORT, &request);
}

static void await_last(void)
{
    bench.part_count = 0;
    timer_set(&bench.patience, DEADLINE_MS);
    qb_loop_run(bench.loop);
    assert_true(bench.part_count > 0);
    assert_true(bench.parts[bench.part_count - 1].flags & WIRE_CONNECTIONS_LAST);
}

/* In how many of the parts that client is told of, as connected to that address of ours. */
static unsigned told(const char *client, uint16_t port, const char *ours)
{
    struct addr a = address(client), b = address(ours);
    unsigned count = 0;

    for (size_t i = 0; i < bench.part_count; i++) {
        const struct wire_connections *part = &bench.parts[i];

        for (size_t j = 0; j < part->count; j++)
            count += addr_equal(&part->connections[j].client, &a) && part->connections[j].port == port &&
                     addr_equal(&part->virtual_address, &b) && part->virtual_port == bench.service_port;
    }
    return count;
}

static void only_masters_are_answered(void **state)
{
    (void)state;
    assert_int_equal(request("127.0.0.3", 1, 1000), -EPERM);
    assert_int_equal(request("::2", 1, 1000), -EPERM);
    assert_int_equal(request("127.0.0.2", 1, 1000), 0);
    assert_int_equal(request("127.0.0.2", 2, 1000), -EBUSY); /* too soon */
    assert_int_equal(request("127.0.0.1", 3, 1000), 0);      /* another master */
}

static void without_connections_an_answer_is_one_empty_part(void **state)
{
    struct addr node = address("127.0.0.9"), master = address("127.0.0.2");

    (void)state;
    assert_int_equal(request("127.0.0.2", 77, 1000), 0);
    await_last();
    assert_int_equal(bench.part_count, 1);
    assert_int_equal(bench.parts[0].part, 0);
    assert_int_equal(bench.parts[0].count, 0);
    assert_int_equal(bench.parts[0].request, 77);
    assert_true(addr_equal(&bench.parts[0].node, &node));
    assert_true(addr_equal(&bench.to, &master));
}

static void connections_are_told_by_family(void **state)
{
    (void)state;
    if (bench.listener < 0)
        skip();
    uint16_t one = connect_from("127.0.0.3", "127.0.0.1"); /* listed among IPv6's sockets: the listener takes both */
    uint16_t other = connect_from("127.0.0.4", "127.0.0.8");
    uint16_t self = connect_from("127.0.0.1", "127.0.0.1");
    uint16_t unserved = connect_from("127.0.0.3", "127.0.0.7");
    assert_int_equal(request("127.0.0.1", 1, 1000), 0);
    await_last();
    assert_int_equal(bench.part_count, 2); /* one for each address */
    assert_int_equal(bench.parts[0].part, 0);
    assert_int_equal(bench.parts[1].part, 1);
    assert_int_equal(bench.parts[0].flags, 0);
    assert_int_equal(told("127.0.0.3", one, "127.0.0.1"), 1);
    assert_int_equal(told("127.0.0.4", other, "127.0.0.8"), 1);
    assert_int_equal(told("127.0.0.1", self, "127.0.0.1"), 0);
    assert_int_equal(told("127.0.0.3", unserved, "127.0.0.7"), 0);

    /* IPv6 has no second address on loopback: the node's own connection is none. */
    struct addr node = address("::1");
    connect_from("::1", "::1");
    assert_int_equal(request("::1", 2, 1000), 0);
    await_last();
    assert_int_equal(bench.part_count, 1);
    assert_int_equal(bench.parts[0].count, 0);
    assert_true(addr_equal(&bench.parts[0].node, &node)); /* not configured: that by which the master is reached */
}

/* The client has acknowledged that we have nothing more to say. */
static void await_half_closed(int server)
{
    struct tcp_info info = {0};
    uint64_t until_ms = clock_ms() + DEADLINE_MS;

    do {
        socklen_t length = sizeof(info);
        assert_int_equal(getsockopt(server, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
        sched_yield();
    } while (info.tcpi_state != TCP_FIN_WAIT2 && clock_ms() < until_ms);
    assert_int_equal(info.tcpi_state, TCP_FIN_WAIT2);
}

static void half_closed_connections_go_on(void **state)
{
    (void)state;
    if (bench.listener < 0)
        skip();
    uint16_t port = connect_from("127.0.0.3", "127.0.0.1");
    int server = accept(bench.listener, NULL, NULL);
    assert_true(server >= 0);
    assert_int_equal(shutdown(server, SHUT_WR), 0); /* it still reads */
    await_half_closed(server);
    assert_int_equal(request("127.0.0.1", 1, 1000), 0);
    await_last();
    assert_int_equal(told("127.0.0.3", port, "127.0.0.1"), 1);
    close(server); /* now nobody does */
    assert_int_equal(request("127.0.0.2", 2, 1000), 0);
    await_last();
    assert_int_equal(told("127.0.0.3", port, "127.0.0.1"), 0);
}

static void many_connections_take_many_parts(void **state)
{
    uint16_t ports[MANY];

    (void)state;
    if (bench.listener < 0)
        skip();
    for (size_t i = 0; i < MANY; i++)
        ports[i] = connect_from("127.0.0.3", "127.0.0.1");
    bench.send_error = -EAGAIN; /* a socket that is full loses nothing */
    assert_int_equal(request("127.0.0.1", 9, 1000000), 0);
    await_last();
    assert_int_equal(bench.part_count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(bench.parts[i].part, i);
        assert_int_equal(bench.parts[i].request, 9);
    }
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(told("127.0.0.3", ports[i], "127.0.0.1"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_masters_are_answered, make, end),
        cmocka_unit_test_setup_teardown(without_connections_an_answer_is_one_empty_part, make, end),
        cmocka_unit_test_setup_teardown(connections_are_told_by_family, make, end),
        cmocka_unit_test_setup_teardown(half_closed_connections_go_on, make, end),
        cmocka_unit_test_setup_teardown(many_connections_take_many_parts, make, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
