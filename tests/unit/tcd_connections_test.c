/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The count of connections, asked of the real kernel about connections on loopback. */
#include "unit.h"

#include "connections.h"
#include "timer.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#define DEADLINE_MS 20000

struct bench {
    qb_loop_t *loop;
    struct connections *connections;
    int64_t count;
};

static void counted(void *context, uint32_t count)
{
    struct bench *bench = context;
    bench->count = count;
    qb_loop_stop(bench->loop);
}

static void out_of_patience(void *data)
{
    qb_loop_stop(data);
}

static void count_now(void *data)
{
    connections_count(((struct bench *)data)->connections);
}

static uint32_t count(const char *lines)
{
    struct bench bench = {.loop = qb_loop_create(), .count = -1};
    struct tcd_config *config = NULL;
    struct conf_error error = {""};
    struct timer patience;
    struct timer begin;
    if (tcd_config_load_text("test", lines, strlen(lines), &config, &error) != 0)
        fail_msg("%s", error.text);
    assert_int_equal(connections_open(bench.loop, config, counted, &bench, &bench.connections), 0);
    assert_int_equal(timer_init(&patience, bench.loop, out_of_patience, bench.loop), 0);
    assert_int_equal(timer_init(&begin, bench.loop, count_now, &bench), 0);
    timer_set(&patience, DEADLINE_MS);
    timer_set(&begin, 0);
    qb_loop_run(bench.loop);
    timer_close(&patience);
    timer_close(&begin);
    connections_close(bench.connections);
    tcd_config_free(config);
    qb_loop_destroy(bench.loop);
    assert_true(bench.count >= 0);
    return (uint32_t)bench.count;
}

static struct sockaddr_in6 loopback(const char *text, uint16_t port)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    assert_int_equal(inet_pton(AF_INET6, text, &address.sin6_addr), 1);
    return address;
}

/* An IPv6 socket that takes IPv4 too, as many servers have it. Returns -1 where there is no IPv6. */
static int listen_dual(uint16_t *port)
{
    struct sockaddr_in6 local = loopback("::", 0);
    socklen_t length = sizeof(local);
    int off = 0;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    assert_int_equal(bind(fd, (struct sockaddr *)&local, sizeof(local)), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&local, &length), 0);
    *port = ntohs(local.sin6_port);
    return fd;
}

static int connect_from(const char *source, uint16_t port)
{
    struct sockaddr_in local = {.sin_family = AF_INET};
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    inet_pton(AF_INET, source, &local.sin_addr);
    inet_pton(AF_INET, "127.0.0.1", &peer.sin_addr);
    assert_int_equal(bind(fd, (struct sockaddr *)&local, sizeof(local)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&peer, sizeof(peer)), 0);
    return fd;
}

static void without_services_there_is_nothing_to_count(void **state)
{
    (void)state;
    assert_int_equal(count("master1 10.1.0.1\n"), 0);
    assert_int_equal(count("master1 10.1.0.1\nservice dns udp 127.0.0.1 53\n"), 0);
}

static void connections_of_clients_are_counted(void **state)
{
    uint16_t port = 0;
    char lines[256];
    char others[256];
    int clients[3];
    int listener = listen_dual(&port);
    (void)state;
    if (listener < 0)
        skip();
    snprintf(lines, sizeof(lines), "master1 10.1.0.1\nservice web tcp 127.0.0.1 %u\nservice web tcp ::1 %u\n", port,
             port);
    snprintf(others, sizeof(others), "master1 10.1.0.1\nservice web tcp 127.0.0.9 %u\n", port);
    assert_int_equal(count(lines), 0);
    clients[0] = connect_from("127.0.0.3", port);
    clients[1] = connect_from("127.0.0.4", port);
    clients[2] = connect_from("127.0.0.1", port); /* the node itself: a check */
    assert_int_equal(count(lines), 2);
    assert_int_equal(count(others), 0); /* another address of this node */
    int accepted = accept(listener, NULL, NULL);
    assert_true(accepted >= 0);
    close(clients[0]); /* the client is gone, but the server has not closed yet */
    assert_int_equal(count(lines), 2);
    close(accepted);
    assert_int_equal(count(lines), 1);
    close(clients[1]);
    close(clients[2]);
    close(listener);
    assert_int_equal(count(lines), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_services_there_is_nothing_to_count),
        cmocka_unit_test(connections_of_clients_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
